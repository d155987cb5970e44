/* Slow clients: one octet now and then, of a header or of a body, for as long as they are let. Beside them one that is not slow. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "component/crowd.h"

struct drip {
	int fd;
	bool body;
	size_t sent;
	double ended;   /* 0: not yet */
	int status;     /* that it was told before the end, 0: none */
};

#define DRIP_NS 200000000

static const char *const slow_header = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";

static void drip_open(struct drip *drip, unsigned number, bool body, struct port port, const char *key)
{
	struct client client = { .number = number };
	char text[512];
	if (!client_connect(&client, port))
		crowd_fail("connection %u was refused", number);
	*drip = (struct drip){ .fd = client.fd, .body = body };
	if (!body)
		return;
	int n = snprintf(text, sizeof text, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"
	                 "Content-Length: 100000\r\n\r\n", key);
	if (send(client.fd, text, (size_t)n, MSG_NOSIGNAL) != n)
		crowd_fail("a header could not be sent");
}

/* One more octet; then: has the gateway had enough? */
static void drip_go_on(struct drip *drip)
{
	char got[64] = "";
	const char *octet = drip->body ? " " : drip->sent < strlen(slow_header) ? slow_header + drip->sent : "x";
	if (send(drip->fd, octet, 1, MSG_NOSIGNAL | MSG_DONTWAIT) == 1)
		drip->sent++;
	ssize_t n = recv(drip->fd, got, sizeof got - 1, MSG_DONTWAIT);
	if (n > 0)
		sscanf(got, "HTTP/1.1 %d", &drip->status);
	else if (n == 0 || (errno != EAGAIN && errno != EINTR))
		drip->ended = crowd_seconds();
}

int crowd_slow(int argc, char **argv)
{
	(void)argc;
	struct port port = { (uint16_t)atoi(argv[0]), 200 };
	char key[256];
	unsigned count = (unsigned)atoi(argv[2]), left = 2 * count, asked = 0, served = 0, told = 0;
	double patience = atof(argv[3]), began = crowd_seconds(), last[2] = { 0 }, slowest = 0;
	struct drip *drips = calloc(2 * (size_t)count, sizeof *drips);
	struct client other = { .fd = -1, .number = 2 * count + 200 };
	crowd_key(argv[1], "provider-1", key);
	for (unsigned i = 0; i < 2 * count; i++)
		drip_open(&drips[i], i, i % 2 == 1, port, key);
	while (left && crowd_seconds() - began < patience) {
		for (unsigned i = 0; i < 2 * count; i++) {
			if (drips[i].ended != 0)
				continue;
			drip_go_on(&drips[i]);
			if (drips[i].ended == 0)
				continue;
			left--;
			told += drips[i].status != 0;
			last[drips[i].body] = drips[i].ended - began;
		}
		if (other.fd < 0 && !client_connect(&other, port))
			continue;
		client_get(&other, "/v1/events?limit=1", key);
		asked++;
		served += client_exchange(&other, 30).status == 200;
		double took = crowd_seconds() - other.asked;
		slowest = took > slowest ? took : slowest;
		nanosleep(&(struct timespec){ .tv_nsec = DRIP_NS }, NULL);
	}
	printf("{\"slow\":%u,\"left\":%u,\"told\":%u,\"header_seconds\":%.1f,\"body_seconds\":%.1f,\"asked\":%u,\"served\":%u,\"slowest_ms\":%.0f}\n", 2 * count, left,
	       told, last[0], last[1], asked, served, slowest * 1000);
	free(drips);
	return 0;
}
