/* sealgate: the command line of the gateway. */
#include <signal.h>

#include "lib/base/log.h"
#include "sealgate/command.h"

int main(int argc, char **argv)
{
	log_open_plain("sealgate", LOG_LEVEL_WARNING);
	signal(SIGPIPE, SIG_IGN);
	return program_run(argc, argv, stdout, stderr);
}
