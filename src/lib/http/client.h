/* client: HTTP/1.1 out, on libcurl: one multi loop in one thread of its own. No other folder knows libcurl.
 *
 * Calls are given from any thread and run side by side; `done` is called on the loop's thread when a call has ended,
 * exactly once per call, and must not wait for anything (hand the outcome on). A peer that is dead holds up its own
 * pool only.
 *
 * Every call: https alone, TLS 1.2 or newer, certificate and host name verified; no redirect is followed (a 3xx is an
 * answer like another); no proxy from the environment; no user name in the URL; no decompression; the answer's bytes
 * and headers are counted; and the address really connected to is checked, after DNS: loopback, private, link-local,
 * shared (100.64/10), multicast, documentation, benchmark and reserved ranges are refused, an IPv4 address mapped into
 * IPv6 counts as the IPv4 one, and NAT64, 6to4, Teredo and whatever else is not global unicast is refused. A host may be
 * excepted from these two rules (https, address) by its name only.
 *
 * libcurl sends a request again by itself where a connection that was kept breaks before any answer; here only a GET or
 * HEAD is, anything else ends as HTTP_UNKNOWN: whether to send twice is for the caller to say. A body is sent at once,
 * without Expect: 100-continue.
 */
#ifndef SEALGATE_LIB_HTTP_CLIENT_H
#define SEALGATE_LIB_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "lib/base/arena.h"
#include "lib/base/bytes.h"
#include "lib/base/error.h"
#include "lib/base/stream.h"
#include "lib/http/header.h"

struct http_client;

/* What became of a call (DESIGN section 3). */
enum http_fate {
	HTTP_NOT_SENT,  /* no byte of the request left: bad URL, queue full, resolve, connect or TLS failed, address refused */
	HTTP_UNKNOWN,   /* a byte of the request was (or, over TLS, may have been) written, and no complete answer came */
	HTTP_ANSWERED,  /* a complete answer: status, headers, body */
};

struct http_outcome {
	enum http_fate fate;
	int status;                        /* 100..599; with HTTP_UNKNOWN what came of it before it broke off, or 0 */
	const struct http_header *headers; /* of the final answer; HTTP_ANSWERED only */
	size_t n_headers;
	struct bytes body;                 /* HTTP_ANSWERED only; followed by a NUL that does not count */
	struct error error;                /* ERROR_NONE with HTTP_ANSWERED; else UNREACHABLE, TIMEOUT, BAD_CERTIFICATE, FORBIDDEN
	                                    * (address or scheme refused), TOO_LARGE, BAD_FIELD (URL), BAD_KEY (key, CA or
	                                    * certificate file), BUSY (queue full), STOPPING, PEER_ERROR (not HTTP) */
	const char *address;               /* connected to, "" where none */
	uint64_t bytes_out;                /* of the request, as far as counted */
	int64_t took_ms;                   /* from giving the call to its end */
};

/* The outcome and all in it are gone when `done` returns: take copies. */
typedef void http_done_fn(void *context, const struct http_outcome *outcome);

struct http_call {
	const char *method;                /* "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD" */
	const char *url;
	const struct http_header *headers; /* copied. Content-Length, Transfer-Encoding, Expect, Host, Connection are not taken */
	size_t n_headers;
	struct bytes body;                 /* borrowed until `done` returns. Sent with Content-Length; POST, PUT, PATCH always */
	const struct blob *source;         /* instead of body, too much for memory: read on the client's thread until `done` returns; NULL: none */
	const char *pool;                  /* whose connections may be used, e.g. the agreement's id; NULL: scheme, host and port */
	const char *const *private_hosts;  /* NULL-terminated names (as in the URL, without case) that may have a refused address */
	const char *const *plain_hosts;    /* NULL-terminated names that may be called with http:// */
	const char *ca_file;               /* PEM; NULL: the client's */
	const char *certificate_file;      /* PEM, our own; NULL: none */
	const char *key_file;              /* PEM */
	const char *pin;                   /* "sha256//<base64 of SHA-256 of the peer's SubjectPublicKeyInfo>"; NULL: none */
	size_t answer_limit;               /* bytes of body, 0: 1 MiB */
	int connect_ms;                    /* resolve, connect and TLS, 0: 10 s */
	int total_ms;                      /* 0: 30 s; time in the queue does not count */
	int slow_ms;                       /* less than 1 byte/s for so long ends it, 0: as total_ms; whole seconds, rounded up */
};

struct http_client_config {
	const char *ca_file;               /* NULL: the system's */
	unsigned queue_limit;              /* calls waiting or running, 0: 1024; more fail at once with BUSY */
	unsigned queue_per_pool;           /* of one pool, 0: a quarter of queue_limit: a dead peer must not fill the queue */
	unsigned calls_per_pool;           /* running at once, 0: 4; the others wait */
	unsigned calls;                    /* running at once in all, 0: 256 */
	int connection_life_ms;            /* a connection is not used again after that, 0: 5 min; whole seconds, rounded up */
	const char *user_agent;            /* NULL: "sealgate/<version>" */
};

int http_client_open(const struct http_client_config *config, struct http_client **client_r, struct error *error) must_use;
/* Ends every call (fate by what was sent, error STOPPING), calls their `done`, joins the thread. Other threads may still give
 * calls: they are refused with STOPPING. Who uses the client can then be stopped without a wait, and the client closed last. */
void http_client_stop(struct http_client *client);
void http_client_close(struct http_client **client);  /* stops it, where nobody has, and frees it */

/* Gives a call. 0: taken, `done` will be called. -1: not taken, and `done` is not called: BUSY, STOPPING, or BAD_FIELD,
 * FORBIDDEN for what can be seen at once (URL, scheme, header). From any thread, `done` included. */
int http_client_start(struct http_client *client, const struct http_call *call, http_done_fn *done, void *context,
		      struct error *error) must_use;

/* The same, waiting; not from `done`. The outcome is in the arena. Returns 0 only with HTTP_ANSWERED, whatever the status;
 * else -1, the error is outcome_r->error, and outcome_r->fate tells whether it may have been sent. */
int http_client_call(struct http_client *client, const struct http_call *call, struct arena *arena,
		     struct http_outcome *outcome_r, struct error *error) must_use;

struct http_client_counters {
	uint64_t started, answered, unknown, not_sent;  /* since the start */
	uint64_t refused_addresses;
	uint64_t connections;                           /* opened since the start */
	uint64_t waiting_now, running_now;
};
void http_client_count(struct http_client *client, struct http_client_counters *counters_r);

/* The address is one that a call must not reach unless its host is excepted by name (see above); also true for a family
 * that is neither IPv4 nor IPv6. */
bool http_address_is_private(const struct sockaddr *address, socklen_t size);

#endif
