#include "sealgated/ready.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "lib/base/text.h"

void ready_tell(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (text_empty(path) || strlen(path) >= sizeof address.sun_path)
		return;
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	memcpy(address.sun_path, path, strlen(path));
	if (address.sun_path[0] == '@')  /* a name in the abstract space */
		address.sun_path[0] = '\0';
	ssize_t sent = sendto(fd, state, strlen(state), MSG_NOSIGNAL, (struct sockaddr *)&address,
	                      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path)));
	(void)sent;  /* nobody is left to tell */
	close(fd);
}

int64_t ready_watchdog_ms(void)
{
	const char *text = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
	int64_t microseconds, who;
	struct error error = { 0 };
	if (text_empty(text) || text_integer(text, 1000, INT64_C(3600000000), &microseconds, &error) < 0)
		return 0;
	if (!text_empty(pid) && (text_integer(pid, 1, INT32_MAX, &who, &error) < 0 || who != getpid()))
		return 0;
	return microseconds / 2000;
}
