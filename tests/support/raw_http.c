#include "support/raw_http.h"

#include <arpa/inet.h>
#include <errno.h>
#include <check.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"

int raw_connect(uint16_t port)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0)
		ck_abort_msg("cannot connect to port %u: %s", port, strerror(errno));
	return fd;
}

int raw_write(int fd, const void *data, size_t size)
{
	for (const char *at = data; size;) {
		ssize_t n = send(fd, at, size, MSG_NOSIGNAL);
		if (n <= 0)
			return -1;
		at += n;
		size -= (size_t)n;
	}
	return 0;
}

int raw_text(int fd, const char *text)
{
	return raw_write(fd, text, strlen(text));
}

char *raw_read(int fd, int ms, const char *until, bool *closed_r)
{
	size_t size = 0, room = 65536;
	char *text = malloc(room + 1);
	bool closed = false, found = false;
	text[0] = '\0';
	for (int64_t end = clock_mono_ms() + ms; !closed && !found;) {
		int64_t left = end - clock_mono_ms();
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		if (left <= 0 || poll(&ready, 1, (int)left) <= 0)
			break;
		if (size == room)
			text = realloc(text, (room *= 2) + 1);
		ssize_t n = recv(fd, text + size, room - size, 0);
		closed = n <= 0;
		for (ssize_t i = 0; i < n; i++)
			if (!text[size + (size_t)i])
				text[size + (size_t)i] = '?';
		/* only what is new is looked through: else a long stream is read so slowly that it is dropped */
		size_t known = until && size > strlen(until) ? size - strlen(until) : 0;
		size += n > 0 ? (size_t)n : 0;
		text[size] = '\0';
		found = until && strstr(text + known, until);
	}
	if (closed_r)
		*closed_r = closed;
	return text;
}

char *raw_exchange(uint16_t port, const void *data, size_t size, int ms)
{
	int fd = raw_connect(port);
	(void)raw_write(fd, data, size);
	char *reply = raw_read(fd, ms, NULL, NULL);
	close(fd);
	return reply;
}

int raw_status(const char *reply)
{
	return strncmp(reply, "HTTP/1.", 7) == 0 && strlen(reply) > 12 ? atoi(reply + 9) : 0;
}

size_t raw_count(const char *text, const char *piece)
{
	size_t n = 0;
	for (; (text = strstr(text, piece)); text += strlen(piece))
		n++;
	return n;
}

char *raw_read_request(int fd, int ms)
{
	size_t size = 0, room = 1 << 20, whole = 0;
	char *text = calloc(1, room + 1);
	for (int64_t end = clock_mono_ms() + ms; !whole || size < whole;) {
		int64_t left = end - clock_mono_ms();
		struct pollfd ready = { .fd = fd, .events = POLLIN };
		ssize_t n = left > 0 && size < room && poll(&ready, 1, (int)left) > 0 ? recv(fd, text + size, room - size, 0) : 0;
		if (n <= 0) {
			free(text);
			return NULL;
		}
		size += (size_t)n;
		text[size] = '\0';
		const char *head = strstr(text, "\r\n\r\n"), *length = strcasestr(text, "\r\nContent-Length:");
		if (!whole && head)
			whole = (size_t)(head - text) + 4 + (length && length < head ? (size_t)atol(length + 17) : 0);
	}
	return text;
}

static void *serve(void *context)
{
	struct raw_server *server = context;
	for (;;) {
		int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC);
		pthread_mutex_lock(&server->lock);
		bool ends = server->ends;
		int number = fd >= 0 && !ends ? server->accepted++ : 0;
		pthread_mutex_unlock(&server->lock);
		if (fd >= 0 && !ends)
			server->serve(fd, number, server->context);
		if (fd >= 0)
			close(fd);
		if (ends || fd < 0)
			return NULL;
	}
}

void raw_server_start(struct raw_server *server, void (*serve_it)(int fd, int number, void *context), void *context)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	*server = (struct raw_server){ .serve = serve_it, .context = context };
	pthread_mutex_init(&server->lock, NULL);
	server->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(server->fd, (struct sockaddr *)&address, size) == 0 && listen(server->fd, 64) == 0);
	ck_assert(getsockname(server->fd, (struct sockaddr *)&address, &size) == 0);
	server->port = ntohs(address.sin_port);
	ck_assert(pthread_create(&server->thread, NULL, serve, server) == 0);
}

int raw_server_accepted(struct raw_server *server)
{
	pthread_mutex_lock(&server->lock);
	int accepted = server->accepted;
	pthread_mutex_unlock(&server->lock);
	return accepted;
}

void raw_server_stop(struct raw_server *server)
{
	pthread_mutex_lock(&server->lock);
	server->ends = true;
	pthread_mutex_unlock(&server->lock);
	shutdown(server->fd, SHUT_RDWR);
	pthread_join(server->thread, NULL);
	close(server->fd);
	pthread_mutex_destroy(&server->lock);
}
