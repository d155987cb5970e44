/* crowd: clients that a gateway must stand. See crowd.h, and the commands: crowd_load.c, crowd_idle.c, crowd_slow.c. Each writes its
 * figures as one JSON object on stdout; what they must be is said by the scripts. */
#include "component/crowd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

void crowd_fail(const char *format, ...)
{
	va_list list;
	va_start(list, format);
	fputs("crowd: ", stderr);
	vfprintf(stderr, format, list);
	fputc('\n', stderr);
	va_end(list);
	exit(2);
}

double crowd_seconds(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

long crowd_memory_kib(int pid, const char *line)
{
	char path[64], text[256];
	long kib = 0;
	snprintf(path, sizeof path, "/proc/%d/status", pid);
	FILE *file = fopen(path, "r");
	if (!file)
		crowd_fail("process %d is gone", pid);
	while (fgets(text, sizeof text, file))
		if (strncmp(text, line, strlen(line)) == 0)
			kib = atol(text + strlen(line));
	fclose(file);
	return kib;
}

void crowd_key(const char *folder, const char *party, char key[256])
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%s.key", folder, party);
	FILE *file = fopen(path, "r");
	if (!file || !fgets(key, 256, file))
		crowd_fail("no key in \"%s\"", path);
	fclose(file);
	key[strcspn(key, "\r\n")] = '\0';
}

/* ---- one client ---- */

bool client_connect(struct client *client, struct port port)
{
	struct sockaddr_in from = { .sin_family = AF_INET }, to = { .sin_family = AF_INET, .sin_port = htons(port.number) };
	from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + client->number / port.per_address);
	to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	client->asks = false;
	client->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (client->fd < 0)
		crowd_fail("no socket: %s", strerror(errno));
	/* The port is chosen when the other end is known: 28,000 in all would else do for every address together. */
	setsockopt(client->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &(int){ 1 }, sizeof(int));
	setsockopt(client->fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	if (bind(client->fd, (struct sockaddr *)&from, sizeof from) == 0 && connect(client->fd, (struct sockaddr *)&to, sizeof to) == 0)
		return true;
	client_close(client);
	return false;
}

void client_close(struct client *client)
{
	if (client->fd >= 0)
		close(client->fd);
	client->fd = -1;
	client->asks = false;
}

static void client_write(struct client *client)
{
	ssize_t n = send(client->fd, client->out + client->out_at, client->out_size - client->out_at, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		client->out_at += (size_t)n;
}

void client_ask(struct client *client)
{
	client->out_at = client->in_size = 0;
	client->asks = true;
	client->asked = crowd_seconds();
	client_write(client);
}

void client_get(struct client *client, const char *path, const char *key)
{
	int n = snprintf(client->out, sizeof client->out, "GET %s HTTP/1.1\r\nHost: localhost\r\n%s%s%s\r\n", path, key ? "Authorization: Bearer " : "",
	                 key ? key : "", key ? "\r\n" : "");
	client->out_size = (size_t)n;
}

/* True: the answer is whole. */
static bool answer_read(struct client *client, struct answer *answer_r)
{
	client->in[client->in_size] = '\0';
	const char *end = strstr(client->in, "\r\n\r\n"), *length = strcasestr(client->in, "\r\nContent-Length:"), *found;
	if (!end)
		return false;
	if (!length || length > end || sscanf(client->in, "HTTP/1.1 %d", &answer_r->status) != 1)
		crowd_fail("an answer that it cannot read: %.200s", client->in);
	size_t all = (size_t)(end - client->in) + 4 + strtoul(length + 17, NULL, 10);
	if (all >= ANSWER_SIZE)
		all = ANSWER_SIZE - 1;  /* its end is not kept: see client_go_on */
	if (client->in_size < all)
		return false;
	found = strcasestr(client->in, "\r\nRetry-After:");
	answer_r->retry_after = found && found < end && atoi(found + 14) > 0;
	found = strcasestr(client->in, "\r\nConnection: close");
	answer_r->closes = found && found < end;
	return true;
}

bool client_go_on(struct client *client, struct answer *answer_r)
{
	*answer_r = (struct answer){ 0 };
	if (client->out_at < client->out_size)
		client_write(client);
	ssize_t n = recv(client->fd, client->in + client->in_size, ANSWER_SIZE - 1 - client->in_size, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	if (n <= 0) {
		client_close(client);
		return true;
	}
	client->in_size += (size_t)n;
	if (!answer_read(client, answer_r))
		return false;
	client->asks = false;
	if (answer_r->closes || client->in_size == ANSWER_SIZE - 1)
		client_close(client);
	return true;
}

struct answer client_exchange(struct client *client, double seconds)
{
	struct answer answer = { 0 };
	client_ask(client);
	while (!client_go_on(client, &answer)) {
		double left = client->asked + seconds - crowd_seconds();
		struct pollfd wait = { .fd = client->fd, .events = (short)(POLLIN | (client->out_at < client->out_size ? POLLOUT : 0)) };
		if (left <= 0 || poll(&wait, 1, (int)(left * 1000) + 1) < 0) {
			client_close(client);
			return (struct answer){ 0 };
		}
	}
	return answer;
}

/* ---- a peer that lets one connect, and says nothing ever ---- */

int crowd_hang(int argc, char **argv)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	(void)argc, (void)argv;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 1024) < 0 ||
	    getsockname(fd, (struct sockaddr *)&address, &size) < 0)
		crowd_fail("cannot listen: %s", strerror(errno));
	printf("ready on https://localhost:%u\n", ntohs(address.sin_port));
	fflush(stdout);
	for (;;)
		pause();
}

/* As many files as the machine lets us open. */
static long files_allow(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		crowd_fail("no limit of files is known: %s", strerror(errno));
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max < 1000000 ? (long)limit.rlim_max : 1000000;
}

static int files(int argc, char **argv)
{
	(void)argc, (void)argv;
	printf("%ld\n", files_allow());
	return 0;
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		int arguments;
		int (*run)(int argc, char **argv);
		const char *usage;
	} commands[] = {
		{ "load", 6, crowd_load, "PORT KEYS PID FOLDER SECONDS CONNECTIONS" },
		{ "idle", 5, crowd_idle, "PORT PID COUNT PER-ADDRESS silent|asked" },
		{ "slow", 4, crowd_slow, "PORT KEYS COUNT PATIENCE" },
		{ "hang", 0, crowd_hang, "" },
		{ "files", 0, files, "" },
	};
	files_allow();
	for (size_t i = 0; argc > 1 && i < sizeof commands / sizeof *commands; i++)
		if (strcmp(argv[1], commands[i].name) == 0) {
			if (argc - 2 != commands[i].arguments)
				crowd_fail("%s %s", commands[i].name, commands[i].usage);
			return commands[i].run(argc - 2, argv + 2);
		}
	crowd_fail("load, idle, slow, hang or files");
}
