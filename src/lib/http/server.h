/* server: HTTP/1.1 in, on libmicrohttpd (epoll, a pool of threads). No other folder knows libmicrohttpd or GnuTLS.
 *
 * Life of a request:
 *
 *   1. The guard (guard.h) refuses what is ambiguous or malformed before any body is read, with a problem document
 *      and `Connection: close`. OPTIONS is answered here; methods other than GET, HEAD, POST, PUT, PATCH and DELETE
 *      are refused (405).
 *   2. `admit` is called: the headers are complete, the body is not read. It says who calls, may set the limit of
 *      the body, and may refuse; a caller that is refused costs us no body.
 *   3. The body is read within the limit (413), the deadline, and the memory for all bodies (503).
 *   4. `handler` is called, once, with the complete request. It answers, or calls http_request_defer() and someone
 *      answers later from any thread.
 *
 * `admit` and `handler` run on the threads of the pool: they must not wait for anything slow (disk, network, locks
 * held long); such work is deferred. A deferred request that nobody answers within `defer_ms` gets 504 from us; the
 * answer that comes after that is thrown away safely.
 *
 * Time: no client can hold a connection by being slow. Headers have `header_ms` in all, the whole request has
 * `request_ms`, the writing of an answer `answer_ms`, quiet connections `idle_ms`; then the connection is cut.
 * Streams (http_stream_open) have no deadline: a client that does not read is dropped when its buffer is full.
 */
#ifndef SEALGATE_LIB_HTTP_SERVER_H
#define SEALGATE_LIB_HTTP_SERVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/error.h"
#include "lib/base/stream.h"
#include "lib/http/header.h"

struct http_server;
struct http_stream;

/* A request as handler and admit see it. Everything lives in `arena` and is gone after the answer. Read only, but for
 * `user` and what is taken from `arena`. The request belongs to one thread at a time: the pool's, or the one that it
 * was deferred to. */
struct http_request {
	struct arena *arena;
	const char *id;                  /* UUIDv7, unique; also sent as X-Request-Id */
	const char *method;              /* "GET", "POST", ...; HEAD comes as "GET" with `head` set */
	bool head;
	bool tls;
	bool loopback;                   /* the peer is 127.0.0.0/8 or ::1 */
	const char *target;              /* path and query exactly as sent: "/v1/containers/MSKU%201?x=1" */
	const char *path;                /* the path exactly as sent, without the query */
	const char *const *segments;     /* of the path, percent-decoded, UTF-8, never "", "." or "..", no control characters;
	                                  * a slash at the end of the path adds none. A decoded "/" may be inside. */
	size_t n_segments;
	const struct http_parameter *parameters;  /* of the query, decoded ("+" is a blank), in order */
	size_t n_parameters;
	const struct http_header *headers;        /* in order */
	size_t n_headers;
	struct bytes body;               /* size 0 in admit; followed by a NUL that does not count */
	bool spools;                     /* for admit to set: the body is large, and goes to `spooled` instead of `body` */
	struct blob spooled;             /* until the request is answered */
	const char *peer;                /* "192.0.2.7", "2001:db8::1" (IPv4-mapped comes as IPv4) */
	uint16_t peer_port;
	const struct bytes *certificates;  /* X.509 in DER that the client showed, its own first, and proved to have the key of (TLS). Nobody
	                                    * has looked at them: whom they lead to, and whether they are in force, is for admit. */
	size_t n_certificates;           /* 0: none */
	int64_t received_ms;             /* clock_now_ms() when the request line had come */
	void *user;                      /* for admit to tell the handler who calls */
};

struct http_parameter {
	const char *name;
	const char *value;               /* "" where there is no "=" */
};

/* The first one of that name, or NULL. Header names compare without case. */
const char *http_request_header(const struct http_request *request, const char *name);
const char *http_request_parameter(const struct http_request *request, const char *name);
/* The media type of the body, lower case, without parameters ("application/json"); "" where none is said. */
const char *http_request_media_type(const struct http_request *request);
/* The method and the segments are these: http_request_is(r, "GET", "v1", "containers", "*", NULL); "*" is any one. */
bool http_request_is(const struct http_request *request, const char *method, ...) __attribute__((sentinel));

/* Headers are complete. 0: go on, with *body_limit (born as the server's) as the largest body for this request.
 * -1: refused; the error is answered as a problem document. It may also answer itself, and return 0. May not defer. */
typedef int http_admit_fn(void *context, struct http_request *request, size_t *body_limit, struct error *error);
/* Must answer or defer before it returns; else the caller gets a 500 and the log a line. */
typedef void http_handler_fn(void *context, struct http_request *request);

struct http_server_config {
	const char *address;             /* numeric IPv4 or IPv6; NULL: 127.0.0.1 */
	uint16_t port;                   /* 0: the kernel chooses */
	int listener;                    /* > 0: used instead of address and port (http_listener_open), and left open at the end */
	const char *certificate_file;    /* PEM chain, leaf first; NULL: plain HTTP. TLS 1.2 and 1.3 only */
	const char *key_file;            /* PEM */
	const char *client_ca_file;      /* PEM: clients are asked for a certificate, and told of these authorities; NULL: they are not. Needs TLS */
	unsigned threads;                /* 0: 2 */
	unsigned connections;            /* at once, 0: 1024 */
	unsigned connections_per_address;/* at once, 0: no limit of its own */
	size_t header_limit;             /* bytes of memory for request line and headers, 0: 32 KiB; more is 431 */
	size_t body_limit;               /* bytes, 0: 1 MiB; more is 413 */
	size_t body_memory;              /* bytes of all bodies held in memory at once, 0: 256 MiB; more is 503 */
	const char *spool_folder;        /* where large bodies lie meanwhile; NULL: see lib/base/spool.h */
	size_t stream_limit;             /* bytes waiting for one stream's client, 0: 256 KiB */
	int idle_ms;                     /* quiet connection, 0: 30 s; whole seconds, rounded up */
	int header_ms;                   /* from first byte (or connect) to the end of the headers, 0: 10 s */
	int request_ms;                  /* from the request line to the end of the body, 0: 60 s */
	int defer_ms;                    /* until a deferred request gets 504, 0: 60 s */
	int answer_ms;                   /* to write an answer, 0: 60 s (one with a source: ten times that) */
	int stop_ms;                     /* http_server_stop waits so long for deferred requests, 0: 10 s */
	http_admit_fn *admit;            /* NULL: everybody is admitted */
};

/* A socket that listens, and outlives servers: who comes between two of them waits in its queue. The caller closes it. Fails with
 * BAD_CONFIG (address), IO (port taken). */
int http_listener_open(const char *address, uint16_t port, int *listener_r, struct error *error) must_use;
/* The texts of the config are copied. Fails with BAD_CONFIG (address, certificate, key), IO (files, port taken). */
int http_server_start(const struct http_server_config *config, http_handler_fn *handler, void *context,
		      struct http_server **server_r, struct error *error) must_use;
uint16_t http_server_port(const struct http_server *server);
/* Takes no new connections, answers 503 to new requests, waits for the deferred ones (stop_ms; then 503), ends the
 * streams, stops the threads. Handles of streams and deferred requests that are still out may be used, and must be
 * closed or answered, afterwards: nothing comes of it. */
void http_server_stop(struct http_server **server);

/* Deferring: call it in the handler, hand the request to someone, return. From then on the request belongs to whom
 * it was handed to, who must answer it exactly once, from any thread, however late, and not touch it afterwards. */
void http_request_defer(struct http_request *request);
/* The client still waits for a deferred request (no time-out, no stop yet). A hint: it may change at once. */
bool http_request_waiting(const struct http_request *request);

/* Adds a header to the answer to come; by the owner of the request, before it answers. The value may have no control
 * characters (bug). Defaults that this replaces: Cache-Control, with a 401 WWW-Authenticate ("Bearer"). Always sent:
 * X-Content-Type-Options: nosniff, Date, X-Request-Id. */
void http_answer_header(struct http_request *request, const char *name, const char *value);
/* Answers end the owner's use of the request. `type`: Content-Type, NULL where there is no body. */
void http_answer(struct http_request *request, int status, const char *type, struct bytes body);        /* copied */
void http_answer_owned(struct http_request *request, int status, const char *type, struct buffer *body); /* taken, emptied */
/* RFC 9457: status by error_status(), type "urn:sealgate:problem:<slug>", title, detail, field, place, Retry-After. The
 * text of an error of ours (error_is_ours) goes to the log, not to the caller. */
void http_answer_problem(struct http_request *request, const struct error *error);
/* Ends the owner's use of the request without an answer: the connection is cut, and the client cannot tell what became of its
 * request. For a server that plays a broken one. */
void http_request_drop(struct http_request *request);
/* A large body, read piece by piece while it is sent: on a pool thread, so a piece must come quickly. `read` fills up
 * to `size` bytes at `out`, body offset `at`; returns how many, 0 at the end, -1: the connection is cut, which tells
 * the client. `size`: of the whole body, HTTP_SIZE_UNKNOWN: chunked. `free_it` (may be NULL) is called exactly once. */
#define HTTP_SIZE_UNKNOWN UINT64_MAX
typedef long http_source_fn(void *source, uint64_t at, char *out, size_t size);
void http_answer_source(struct http_request *request, int status, const char *type, uint64_t size, http_source_fn *read,
			void *source, void (*free_it)(void *source));

/* A stream: answers 200 and goes on for as long as both want (server-sent events). Ends the owner's use of the request.
 * The stream may be used by any one thread at a time, also where the client is long gone: write says so.
 * A client that goes away is noticed when something is written: write a comment line now and then. */
struct http_stream *http_stream_open(struct http_request *request, const char *type);
/* Queues the bytes (copied), all or none; never waits. Fails with UNREACHABLE: the client has gone, or the server
 * stops; TOO_MANY: the client reads too slowly, and has been dropped. */
int http_stream_write(struct http_stream *stream, struct bytes bytes, struct error *error) must_use;
bool http_stream_alive(const struct http_stream *stream);
/* Bytes that are queued and not yet taken for the client: who has much to say waits for it to sink. 0 where it has gone. */
size_t http_stream_waiting(const struct http_stream *stream);
void http_stream_close(struct http_stream **stream);  /* what is queued is still sent */

struct http_server_counters {
	uint64_t connections;            /* since the start */
	uint64_t requests;               /* since the start, refused ones included */
	uint64_t guarded;                /* refused by the guard */
	uint64_t not_admitted;           /* refused by admit */
	uint64_t cut;                    /* connections cut for being slow */
	uint64_t deferred_late;          /* deferred requests that got 504 or 503 from us */
	uint64_t streams_dropped;        /* slow readers */
	uint64_t answers[6];             /* by class of the status: [2] is 2xx */
	uint64_t refused[ERROR_CODES];   /* problem documents, by their code */
	uint64_t connections_now, deferred_now, streams_now, body_bytes_now;
};
void http_server_count(const struct http_server *server, struct http_server_counters *counters_r);

#endif
