#include "bench/load.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bench/bench.h"

#define MOST 256

struct line {
	int fd;
	struct buffer out, in;
	size_t written;
	bool waits;                /* for an answer */
};

static void fail(const char *what, const char *more)
{
	fprintf(stderr, "bench: %s %.600s\n", what, more);
	exit(1);
}

static int line_open(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		fail("no connection", "");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
	return fd;
}

/* True: the whole answer is there. */
static bool answer_is_whole(const struct buffer *in)
{
	const char *text = buffer_text(in), *end = strstr(text, "\r\n\r\n"), *length;
	if (!end)
		return false;
	if (strncmp(text, "HTTP/1.1 2", 10) != 0)
		fail("answered", text);
	length = strcasestr(text, "\r\nContent-Length:");
	if (!length || length > end)
		fail("an answer without a length:", text);
	return in->size >= (size_t)(end - text) + 4 + strtoul(length + 17, NULL, 10);
}

static void line_write(struct line *l)
{
	ssize_t n = send(l->fd, l->out.data + l->written, l->out.size - l->written, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (n > 0)
		l->written += (size_t)n;
}

static bool line_read(struct line *l)
{
	char octets[65536];
	ssize_t n = recv(l->fd, octets, sizeof octets, MSG_DONTWAIT);
	if (n == 0)
		fail("the server closed the connection", "");
	if (n > 0)
		buffer_add(&l->in, octets, (size_t)n);
	return n > 0 && answer_is_whole(&l->in);
}

double load_rate(uint16_t port, unsigned connections, double seconds, void (*make)(void *context, struct buffer *out), void *context)
{
	struct line lines[MOST] = { 0 };
	struct pollfd polls[MOST];
	size_t done = 0, out = 0;
	must(connections <= MOST);
	for (unsigned i = 0; i < connections; i++)
		lines[i].fd = line_open(port);
	double start = bench_wall();
	for (bool over = false; !over || out;) {
		over = over || bench_wall() - start >= seconds;
		if (over && !out)
			break;
		for (unsigned i = 0; i < connections; i++) {
			struct line *l = &lines[i];
			if (!l->waits && !over) {
				buffer_reset(&l->out);
				buffer_reset(&l->in);
				make(context, &l->out);
				l->written = 0;
				l->waits = true;
				out++;
				line_write(l);
			}
			polls[i] = (struct pollfd){ .fd = l->waits ? l->fd : -1, .events = POLLIN | (l->written < l->out.size ? POLLOUT : 0) };
		}
		if (poll(polls, connections, 30000) == 0)
			fail("no answer for 30 s", "");
		for (unsigned i = 0; i < connections; i++) {
			struct line *l = &lines[i];
			if (polls[i].revents & POLLOUT)
				line_write(l);
			if ((polls[i].revents & ~POLLOUT) && line_read(l)) {
				l->waits = false;
				done++;
				out--;
			}
		}
	}
	double rate = (double)done / (bench_wall() - start);
	for (unsigned i = 0; i < connections; i++) {
		close(lines[i].fd);
		buffer_clear(&lines[i].out);
		buffer_clear(&lines[i].in);
	}
	return rate;
}
