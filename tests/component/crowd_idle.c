/* Connections that ask nothing more: what each costs, and whether others are still answered. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "component/crowd.h"

static bool is_open(const struct client *client)
{
	char octet;
	struct pollfd look = { .fd = client->fd, .events = POLLIN };
	return client->fd >= 0 && (poll(&look, 1, 0) == 0 || recv(client->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) != 0);
}

int crowd_idle(int argc, char **argv)
{
	(void)argc;
	struct port port = { (uint16_t)atoi(argv[0]), (unsigned)atoi(argv[3]) };
	int pid = atoi(argv[1]);
	unsigned count = (unsigned)atoi(argv[2]), open = 0, answered = 0;
	bool asks = strcmp(argv[4], "asked") == 0;
	/* One at a time is used whole: what is kept of each is its socket. */
	static struct client client;
	int *sockets = calloc(count, sizeof *sockets);
	long before = crowd_memory_kib(pid, "VmRSS:");
	double began = crowd_seconds();
	for (unsigned i = 0; i < count; i++) {
		client.number = i;
		bool there = client_connect(&client, port);
		client_get(&client, "/healthz", NULL);
		if (there && asks)
			answered += client_exchange(&client, 30).status == 200;
		sockets[i] = client.fd;
	}
	double opened = crowd_seconds() - began;
	client = (struct client){ .number = count };
	client_get(&client, "/healthz", NULL);
	int status = client_connect(&client, port) ? client_exchange(&client, 30).status : 0;
	long rss = crowd_memory_kib(pid, "VmRSS:");
	for (unsigned i = 0; i < count; i++)
		open += is_open(&(struct client){ .fd = sockets[i] });
	printf("{\"count\":%u,\"answered\":%u,\"open\":%u,\"seconds\":%.2f,\"rss_before_kib\":%ld,\"rss_kib\":%ld,\"status\":%d}\n", count, answered, open, opened,
	       before, rss, status);
	for (unsigned i = 0; i < count; i++)
		if (sockets[i] >= 0)
			close(sockets[i]);
	free(sockets);
	return 0;
}
