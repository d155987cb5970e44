/* sealgate: the command line of the gateway. */
#include <signal.h>

#include "lib/base/log.h"
#include "sealgate/command.h"

int main(int argc, char **argv)
{
	log_open_plain("sealgate", LOG_LEVEL_WARNING);
	const struct sigaction ignore = { .sa_handler = SIG_IGN };
	sigaction(SIGPIPE, &ignore, NULL);  /* a reader that has seen enough: the write says so */
	return program_run(argc, argv, stdout, stderr);
}
