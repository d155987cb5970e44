/* inside: what the files of the server share. Not for other folders.
 *
 * One lock per server guards the state of all its connections, requests and streams. It is held for moments only, and
 * never while a library function is called that takes a response's own lock: libmicrohttpd calls our readers with that
 * one held. Order: a response's lock, ours, libmicrohttpd's list of connections (suspend, resume).
 *
 * A request has up to two owners: libmicrohttpd (from the request line until it says completed), and, once deferred,
 * whoever must answer. The last one frees it. A stream has two likewise: its user, and the response.
 */
#ifndef SEALGATE_LIB_HTTP_INSIDE_H
#define SEALGATE_LIB_HTTP_INSIDE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "lib/base/spool.h"
#include "lib/http/server.h"

#define LINGER_MAX 32

enum stage {
	STAGE_HEADERS,   /* request line is there */
	STAGE_BODY,      /* guard and admit have let it pass, or its answer waits for the end of the request */
	STAGE_HANDLING,  /* in the handler */
	STAGE_DEFERRED,  /* handed on, not yet suspended */
	STAGE_SUSPENDED, /* handed on; libmicrohttpd does not look at the connection */
	STAGE_ANSWERED,  /* an answer is ready */
	STAGE_SENDING,   /* ... and given to libmicrohttpd */
	STAGE_OVER,      /* libmicrohttpd has let go of it */
};

struct connection {
	struct connection *next, *previous;
	struct http_server *server;
	struct MHD_Connection *mhd;
	struct request *request;     /* the one that libmicrohttpd works on, or NULL */
	int fd;
	int64_t deadline_ms;         /* clock_mono_ms(); 0: none */
	bool cut;
	bool asked;                  /* a request came on it */
	bool linger;                 /* refused with a body on its way: see linger.c */
};

struct answer {
	struct MHD_Response *response;
	int status;
	int64_t time_ms;             /* to write it, 0: no limit */
};

struct request {
	struct http_request public;
	struct arena *arena;
	struct http_server *server;
	struct connection *connection;
	enum stage stage;            /* under the lock */
	bool deferred;               /* the handler deferred it; under the lock */
	bool given_up;               /* deferred, and answered by us instead; under the lock */
	bool answered;               /* owner's side: an answer was given */
	bool close;                  /* the connection ends with the answer */
	bool drop;                   /* ... and without one; under the lock */
	bool has_body;
	bool too_large, no_memory;
	uint64_t length;             /* Content-Length */
	struct http_stream *stream;  /* the answer is one; under the lock */
	atomic_int owners;
	int64_t defer_deadline_ms;
	struct answer answer;        /* under the lock */
	const char *raw_target;      /* where libmicrohttpd has it: compared as a pointer, never read later */
	struct buffer body;
	struct spool *spool;         /* instead, where admit said so */
	struct error spool_error;
	size_t body_limit;
	size_t dropped;
	struct extra_header { struct extra_header *next; const char *name, *value; } *extra;
	char id[40], peer[64];
};

struct http_stream {
	struct http_server *server;
	struct request *request;     /* NULL once libmicrohttpd has let go of it; under the lock, as the rest */
	struct connection *connection;
	struct buffer waiting;
	size_t sent;                 /* of `waiting`, already taken */
	bool suspended;
	bool closed;                 /* by its user */
	bool dead;                   /* by the client, by us for being slow, or by the stop */
	bool dropped;
	atomic_int owners;
};

struct http_server {
	struct http_server_config config;  /* defaults filled in; of the texts only spool_folder is kept */
	char *spool_folder;
	http_handler_fn *handler;
	void *context;
	struct MHD_Daemon *daemon;
	int listener;
	uint16_t port;
	bool tls;
	bool asks;                   /* clients for certificates */
	bool exact_lines;            /* this libmicrohttpd keeps the request line's pieces side by side */
	pthread_t watchdog;
	pthread_mutex_t lock;
	pthread_cond_t changed, watch;  /* a request ended; the watchdog should */
	bool stopping;               /* no new work */
	bool stopped;                /* nothing may be suspended any more */
	bool watchdog_ends;
	struct connection *connections;
	size_t requests_now;
	struct http_server_counters counters;  /* under the lock, but for: */
	atomic_uint_least64_t refused[ERROR_CODES];
	struct { int fd; int64_t until_ms; size_t read; } linger[LINGER_MAX];
	size_t n_linger;
	atomic_int owners;
};

static inline struct request *request_of(struct http_request *public)
{
	return (struct request *)public;
}

/* server.c */
void server_lock(struct http_server *server);
void server_unlock(struct http_server *server);
void server_release(struct http_server *server);

/* connection.c: libmicrohttpd's callbacks. */
void connection_notify(void *server, struct MHD_Connection *mhd, void **context, enum MHD_ConnectionNotificationCode code);
void *connection_target(void *server, const char *target, struct MHD_Connection *mhd);
enum MHD_Result connection_handle(void *server, struct MHD_Connection *mhd, const char *url, const char *method,
				  const char *version, const char *data, size_t *size, void **context);
void connection_completed(void *server, struct MHD_Connection *mhd, void **context, enum MHD_RequestTerminationCode code);
void connection_cut(struct connection *connection);  /* lock held */
void request_release(struct request *request);

/* guard.c: refuses what is ambiguous; fills in headers. */
int guard_check(struct request *request, struct MHD_Connection *mhd, const char *method, const char *version,
		struct error *error) must_use;

/* target.c: fills in path, segments, parameters of public.target. */
int target_read(struct http_request *request, struct error *error) must_use;

/* answer.c */
void answer_give(struct request *request, struct answer answer);
struct answer answer_problem(struct request *request, const char *id, const struct error *error, bool extra);
void answer_stream(struct request *request, const char *type, struct MHD_Response *response);
void answer_release(struct answer *answer);

/* stream.c */
void stream_over(struct http_stream *stream);  /* lock held: libmicrohttpd has let go of its request */
void stream_end(struct http_stream *stream);   /* lock held: what is queued is still sent, no more is taken */

/* watch.c: the thread that cuts what is too slow, gives up what is deferred too long, and lingers. */
void *watch_run(void *server);
int64_t watch_tick_ms(const struct http_server *server);
void watch_give_up(struct request *request, enum error_code code, const char *text);  /* lock held; drops and takes it */
void linger_add(struct http_server *server, int fd);  /* lock held; keeps a duplicate */

#endif
