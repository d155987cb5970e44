/* call: one request on its way through a handler. Private to receive. */
#ifndef SEALGATE_RECEIVE_CALL_H
#define SEALGATE_RECEIVE_CALL_H

#include "receive/receive.h"

struct receive {
	struct receive_config config;
	struct http_server *server;
	struct jobs *jobs;
	char *openapi;              /* JSON, made at start */
	size_t most_events;         /* requests with events that may wait at once, for a worker and then for the commit */
	_Atomic bool drains;
	_Atomic int in_store;       /* calls that the committer has; it may be slower than a stop */
	_Atomic int64_t refused[ERROR_CODES];  /* of the items of a list, by reason; those of requests are counted by the server */
	_Atomic int64_t probed_ms;  /* clock_mono_ms() when a write of /readyz reached the disk last; 0: never */
};

struct call {
	struct receive *receive;
	struct http_request *request;
	struct arena *arena;        /* the request's */
	const struct caller *caller;
	struct viewer viewer;
	struct error *error;

	/* what a handler hands to its own store functions */
	const char *id;
	struct json *in, *out;
	int status;
	bool found;
};

/* 0: answered or taken over; -1: the error becomes a problem document. */
typedef int call_fn(struct call *call);

/* What the interface offers; schemas/openapi.yaml describes the same, and a test holds the two together. */
struct route {
	const char *method, *path;  /* a "*" is any one segment */
	unsigned roles;             /* bits of those of which the key needs one; 0: no key is asked for */
	call_fn *run;
};
extern const struct route receive_routes[];
extern const size_t receive_route_count;

int answer_json(struct call *call, int status, const struct json *body);
int answer_not_found(struct call *call, const char *what) must_use;
int call_read(struct call *call, store_read_fn *read) must_use;   /* with the call as context */
int call_write(struct call *call, store_write_fn *write) must_use;
int call_parse(struct call *call, struct json **root_r) must_use; /* the body as JSON */
int call_parse_within(struct call *call, const struct json_limits *limits, struct json **root_r) must_use;
/* What is left of the call is done on a worker's thread: by `then`, once. For who is on the committer's. */
void call_later(struct call *call, void (*then)(void *context), void *context);
bool call_has(const struct call *call, enum role role);
/* The party may do what one of these roles may (bits); fails with FORBIDDEN. */
int call_needs(struct call *call, unsigned roles) must_use;
const char *call_segment(const struct call *call, size_t index);
const char *call_parameter(const struct call *call, const char *name);
struct json *problem_json(const struct call *call, const struct error *error);

/* jobs.c */
struct jobs *jobs_new(int threads, size_t queue, void (*run)(void *context, struct http_request *request), void *context);
bool jobs_add(struct jobs *jobs, struct http_request *request);  /* false: full, or stopping */
void jobs_free(struct jobs **jobs);                              /* runs what waits, then ends */
size_t jobs_waiting(struct jobs *jobs);

call_fn events_post, events_of_provider, journey_put_one, journeys_post, journey_get, journeys_get, seals_post, container_get, list_get, thing_get,
	message_document, message_signature, message_input, message_explain, message_attempts, message_sent, message_receipt, message_resend_now, message_withdraw, document_content, document_signature,
	notice_acknowledge, reply_post, reply_get, reply_file, reply_approve_one, message_parts, message_part, document_parts, document_part, container_order, subscription_put_one, subscription_get, subscriptions_get, subscription_delete_one, subscription_test,
	authorization_get, authorization_post, as4_post, ping_post, deliveries_get, delivery_redeliver, delivery_release, container_reassess, stream_get, notification_post, metrics_get, status_get, clock_put, clock_get, openapi_get, ready_get, health_get;

#endif
