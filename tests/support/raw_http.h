/* raw_http: HTTP by hand, on loopback, for tests: bytes out, bytes in, nothing understood on the way. */
#ifndef SEALGATE_TESTS_SUPPORT_RAW_HTTP_H
#define SEALGATE_TESTS_SUPPORT_RAW_HTTP_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A connected socket; aborts the test on failure. */
int raw_connect(uint16_t port);
/* 0, or -1 where the peer has closed. */
int raw_write(int fd, const void *data, size_t size);
int raw_text(int fd, const char *text);
/* Reads until the peer closes, `ms` pass in all, or `until` (may be NULL) has come. NUL-terminated (NULs inside become
 * '?'), to be freed. *closed_r (may be NULL): the peer has closed or reset. */
char *raw_read(int fd, int ms, const char *until, bool *closed_r);
/* Sends, reads until the peer closes or is quiet for `ms`, closes. */
char *raw_exchange(uint16_t port, const void *data, size_t size, int ms);
int raw_status(const char *reply);                    /* of the first answer, 0 where there is none */
size_t raw_count(const char *text, const char *piece);

/* A server of one thread: serves connections one after the other with `serve` (which must not close fd). */
struct raw_server {
	int fd;
	uint16_t port;
	void (*serve)(int fd, int number, void *context);  /* number of the connection, from 0 */
	void *context;
	pthread_t thread;
	pthread_mutex_t lock;
	int accepted;
	bool ends;
};
void raw_server_start(struct raw_server *server, void (*serve)(int fd, int number, void *context), void *context);
int raw_server_accepted(struct raw_server *server);
void raw_server_stop(struct raw_server *server);
/* Reads one request, headers and Content-Length body; to be freed, NULL where none came. */
char *raw_read_request(int fd, int ms);

#endif
