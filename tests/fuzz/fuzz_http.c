/* Octets on a connection of the HTTP server. The handler's requests are looked for in what was sent, by a reader of its own: each begins
 * where the one before it ended by its declared length, and nothing is served behind an answer that closes, or a chunked body. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/http/server.h"

#define SERVED_MOST 64

static struct http_server *server;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct served {
	char method[32], target[4096], length[32];
	bool head, chunked;
} served[SERVED_MOST];
static size_t served_count;
static uint16_t talking;  /* from this port; what an earlier connection left behind does not count */

static void look_at(const struct http_request *request)
{
	property(request->path[0] == '/' && text_starts(request->target, request->path));
	for (size_t i = 0; i < request->n_segments; i++) {
		const char *s = request->segments[i];
		property(*s && !text_equal(s, ".") && !text_equal(s, "..") && text_utf8_check(bytes_of_text(s)) == strlen(s));
		for (; *s; s++)
			property((unsigned char)*s >= 0x20 && *s != 0x7f);
	}
	for (size_t i = 0; i < request->n_headers; i++)
		property(http_is_token(request->headers[i].name) && http_is_field_value(request->headers[i].value));
	const char *length = http_request_header(request, "Content-Length"), *coding = http_request_header(request, "Transfer-Encoding");
	property(!length || !coding);
	property(!length || (uint64_t)strtoull(length, NULL, 10) == request->body.size);
	property(length || coding || !request->body.size);
}

static void handle(void *context, struct http_request *request)
{
	(void)context;
	look_at(request);
	pthread_mutex_lock(&lock);
	if (request->peer_port == talking && served_count < SERVED_MOST) {
		struct served *s = &served[served_count++];
		const char *length = http_request_header(request, "Content-Length");
		snprintf(s->method, sizeof s->method, "%s", request->head ? "HEAD" : request->method);
		snprintf(s->target, sizeof s->target, "%s", request->target);
		snprintf(s->length, sizeof s->length, "%s", length ? length : "0");
		s->chunked = http_request_header(request, "Transfer-Encoding") != NULL;
	}
	pthread_mutex_unlock(&lock);
	http_answer(request, 200, "text/plain", bytes_of_text("ok"));
}

static void server_make(void)
{
	struct http_server_config config = { .threads = 1, .body_limit = 8192, .header_ms = 2000, .request_ms = 2000, .idle_ms = 2000 };
	if (server)
		return;
	log_open("fuzz", STDERR_FILENO, LOG_LEVEL_NONE);
	works(http_server_start(&config, handle, NULL, &server, error));
}

/* -1: the machine has no connection to give. */
static int dial(void)
{
	struct sockaddr_in from;
	socklen_t from_size = sizeof from;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(http_server_port(server)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct linger at_once = { 1, 0 };  /* no port is left waiting */
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	property(fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once) == 0);
	if (connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		property(errno == EINTR || errno == EADDRNOTAVAIL || errno == ETIMEDOUT);  /* nothing that the server does */
		close(fd);
		return -1;
	}
	property(getsockname(fd, (struct sockaddr *)&from, &from_size) == 0);
	pthread_mutex_lock(&lock);
	talking = ntohs(from.sin_port);
	served_count = 0;
	pthread_mutex_unlock(&lock);
	return fd;
}

/* Sends all, reads all that comes until the server closes or is quiet. */
static void talk(struct bytes in, struct buffer *out)
{
	int fd = dial();
	struct pollfd quiet = { .fd = fd, .events = POLLIN };
	char room[4096];
	size_t sent = 0;
	if (fd < 0)
		return;
	for (ssize_t n = 0; sent < in.size && n >= 0; sent += (size_t)(n > 0 ? n : 0))
		n = send(fd, in.data + sent, in.size - sent, MSG_NOSIGNAL);
	for (ssize_t n; poll(&quiet, 1, 4) == 1 && (n = recv(fd, room, sizeof room, 0)) > 0;)
		buffer_add(out, room, (size_t)n);
	close(fd);
}

static size_t answers_count(const struct buffer *out, const char *status)
{
	size_t count = 0;
	for (const char *at = buffer_text(out); (at = strstr(at, status)); at++)
		count++;
	return count;
}

/* Where the header section that begins at `at` ends: behind its empty line, in which a NUL or colon passes for a CR (see lib/http/guard.c).
 * 0: it does not. */
static size_t header_end(struct bytes in, size_t at)
{
	for (size_t i = at; i + 1 < in.size; i++) {
		if (in.data[i] != '\n')
			continue;
		if (in.data[i + 1] == '\n')
			return i + 2;
		if (i + 2 < in.size && memchr("\r\0:", in.data[i + 1], 3) && in.data[i + 2] == '\n')
			return i + 3;
	}
	return 0;
}

/* Empty lines in front of a request (RFC 9112 2.2); libmicrohttpd takes one that begins with a NUL for one. */
static size_t lines_skip(struct bytes in, size_t at)
{
	while (at < in.size && (in.data[at] == '\r' || in.data[at] == '\n' || !in.data[at])) {
		const uint8_t *end = in.data[at] ? in.data + at : memchr(in.data + at, '\n', in.size - at);
		at = end ? (size_t)(end - in.data) + 1 : in.size;
	}
	return at;
}

/* Does the request line at `at` ask for this? */
static bool asks_for(struct bytes in, size_t at, const struct served *s)
{
	size_t n = strlen(s->method);
	const void *end = memchr(in.data + at, '\n', in.size - at);
	return end && in.size - at > n && memcmp(in.data + at, s->method, n) == 0 && in.data[at + n] == ' ' &&
	       memmem(in.data + at, (size_t)((const uint8_t *)end - in.data) - at, s->target, strlen(s->target));
}

static void check_places(struct bytes in)
{
	size_t at = 0;
	for (size_t i = 0; i < served_count && i < SERVED_MOST;) {
		const struct served *s = &served[i];
		at = lines_skip(in, at);
		bool is_it = asks_for(in, at, s);
		at = header_end(in, at);
		property(at);
		if (!is_it)
			continue;  /* it was refused (405 lets the next one in), and had no body: else the connection were closed */
		property(!s->chunked || i + 1 == served_count);
		at += (size_t)strtoull(s->length, NULL, 10);
		property(at <= in.size);
		i++;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct bytes in = { (uint8_t *)data, size };
	BUFFER_AUTO out = { .ceiling = (size_t)4 << 20 };
	server_make();
	talk(in, &out);
	pthread_mutex_lock(&lock);
	talking = 0;
	property(!out.size || text_starts(buffer_text(&out), "HTTP/1."));
	property(answers_count(&out, "HTTP/1.1 200") + answers_count(&out, "HTTP/1.0 200") <= served_count);
	const char *last = strcasestr(buffer_text(&out), "\r\nConnection: close");
	property(!last || !strstr(last, "HTTP/1.1 200"));
	check_places(in);
	pthread_mutex_unlock(&lock);
	return 0;
}
