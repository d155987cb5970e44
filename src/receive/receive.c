/* Routes, and the way of a request: admitted, queued, handled, answered. */
#include "receive/receive.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "receive/call.h"

#define REPLY_BODY ((size_t)27 << 20)  /* 20 MB of files in base64, and the rest */
#define AS4_BODY ((size_t)28 << 20)    /* 20 MB of parts and the header (src/as4/mode.h) */

#define BIT(role) (1u << ROLE_##role)
#define PARTIES (BIT(TERMINAL) | BIT(CARRIER) | BIT(BROKER) | BIT(SECURITY) | BIT(OFFICER) | BIT(AUDITOR) | BIT(ADMIN))
#define FILERS (BIT(TERMINAL) | BIT(CARRIER) | BIT(BROKER) | BIT(SECURITY) | BIT(ADMIN))
#define OPERATORS (BIT(SECURITY) | BIT(ADMIN))
#define ANYBODY (PARTIES | BIT(PROVIDER))

const struct route receive_routes[] = {
	{ "GET", "healthz", 0, health_get },
	{ "GET", "readyz", 0, ready_get },
	{ "GET", "openapi.json", 0, openapi_get },
	{ "GET", "metrics", BIT(ADMIN) | BIT(AUDITOR), metrics_get },
	{ "POST", "customs/*/notifications", 0, notification_post },
	{ "POST", "as4", 0, as4_post },
	{ "POST", "v1/events", BIT(PROVIDER), events_post },
	{ "GET", "v1/events", ANYBODY, list_get },
	{ "GET", "v1/events/*", ANYBODY, thing_get },
	{ "POST", "v1/providers/*/events", BIT(PROVIDER), events_of_provider },
	{ "PUT", "v1/journeys/*", FILERS, journey_put_one },
	{ "GET", "v1/journeys/*", PARTIES, journey_get },
	{ "GET", "v1/journeys", PARTIES, journeys_get },
	{ "POST", "v1/journeys", FILERS, journeys_post },
	{ "GET", "v1/containers/*", PARTIES, container_get },
	{ "POST", "v1/containers/*/seals", FILERS, seals_post },
	{ "POST", "v1/containers/*/reassess", OPERATORS, container_reassess },
	{ "POST", "v1/containers/*/messages", FILERS, container_order },
	{ "GET", "v1/findings", PARTIES, list_get },
	{ "GET", "v1/findings/*", PARTIES, thing_get },
	{ "GET", "v1/messages", PARTIES, list_get },
	{ "GET", "v1/messages/*", PARTIES, thing_get },
	{ "GET", "v1/messages/*/document", PARTIES, message_document },
	{ "GET", "v1/messages/*/signature", PARTIES, message_signature },
	{ "GET", "v1/messages/*/input", PARTIES, message_input },
	{ "GET", "v1/messages/*/explain", PARTIES, message_explain },
	{ "GET", "v1/messages/*/attempts", PARTIES, message_attempts },
	{ "GET", "v1/messages/*/sent", PARTIES, message_sent },
	{ "GET", "v1/messages/*/receipts/*", PARTIES, message_receipt },
	{ "GET", "v1/messages/*/parts", PARTIES, message_parts },
	{ "GET", "v1/messages/*/parts/*", PARTIES, message_part },
	{ "POST", "v1/messages/*/resend", OPERATORS, message_resend_now },
	{ "POST", "v1/messages/*/withdraw", OPERATORS, message_withdraw },
	{ "GET", "v1/documents", PARTIES, list_get },
	{ "GET", "v1/documents/*", PARTIES, thing_get },
	{ "GET", "v1/documents/*/content", PARTIES, document_content },
	{ "GET", "v1/documents/*/signature", PARTIES, document_signature },
	{ "GET", "v1/documents/*/parts", PARTIES, document_parts },
	{ "GET", "v1/documents/*/parts/*", PARTIES, document_part },
	{ "GET", "v1/notices", PARTIES, list_get },
	{ "GET", "v1/notices/*", PARTIES, thing_get },
	{ "POST", "v1/notices/*/acknowledge", PARTIES, notice_acknowledge },
	{ "POST", "v1/notices/*/reply", FILERS, reply_post },
	{ "GET", "v1/notices/*/reply", PARTIES, reply_get },
	{ "GET", "v1/notices/*/reply/files/*", PARTIES, reply_file },
	{ "POST", "v1/notices/*/reply/approve", FILERS, reply_approve_one },
	{ "GET", "v1/subscriptions", ANYBODY, subscriptions_get },
	{ "PUT", "v1/subscriptions/*", ANYBODY, subscription_put_one },
	{ "GET", "v1/subscriptions/*", ANYBODY, subscription_get },
	{ "DELETE", "v1/subscriptions/*", ANYBODY, subscription_delete_one },
	{ "POST", "v1/subscriptions/*/test", ANYBODY, subscription_test },
	{ "GET", "v1/deliveries", ANYBODY, deliveries_get },
	{ "POST", "v1/deliveries/*/redeliver", ANYBODY, delivery_redeliver },
	{ "GET", "v1/peers/*/authorization", BIT(ADMIN), authorization_get },
	{ "POST", "v1/peers/*/authorization", BIT(ADMIN), authorization_post },
	{ "POST", "v1/peers/*/ping", BIT(ADMIN), ping_post },
	{ "GET", "v1/stream", ANYBODY, stream_get },
	{ "POST", "v1/delivery/release", BIT(ADMIN), delivery_release },
	{ "GET", "v1/status", BIT(ADMIN) | BIT(AUDITOR), status_get },
	{ "GET", "v1/clock", ANYBODY, clock_get },
	{ "PUT", "v1/clock", BIT(ADMIN), clock_put },
};
const size_t receive_route_count = sizeof receive_routes / sizeof *receive_routes;

static bool path_fits(const struct http_request *request, const char *pattern)
{
	size_t i = 0;
	for (const char *at = pattern; *at; i++) {
		size_t n = strcspn(at, "/");
		if (i >= request->n_segments)
			return false;
		const char *segment = request->segments[i];
		if (!(n == 1 && *at == '*') && (strlen(segment) != n || strncmp(segment, at, n) != 0))
			return false;
		at += n + (at[n] == '/');
	}
	return i == request->n_segments;
}

static int route_find(struct http_request *request, const struct route **route_r, struct error *error)
{
	BUFFER_AUTO allowed = { 0 };
	for (size_t i = 0; i < receive_route_count; i++) {
		if (!path_fits(request, receive_routes[i].path))
			continue;
		*route_r = &receive_routes[i];
		if (text_equal(receive_routes[i].method, request->method))
			return 0;
		const char *method = receive_routes[i].method;
		buffer_printf(&allowed, "%s%s%s", allowed.size ? ", " : "", method, text_equal(method, "GET") ? ", HEAD" : "");
	}
	if (allowed.size)
		http_answer_header(request, "Allow", buffer_text(&allowed));  /* RFC 9110 15.5.6 */
	if (allowed.size)
		FAIL(error, METHOD, "%s is not offered for \"%.100s\"; see /openapi.json", request->method, request->path);
	FAIL(error, NOT_FOUND, "there is no \"%.100s\"; see /openapi.json", request->path);
}

/* What admit tells the handler. */
struct ticket {
	const struct route *route;
	struct caller caller;
	void (*then)(void *context);   /* what is left to do; NULL: all of it */
	void *context;
};

static int refuse_role(struct arena *arena, const struct caller *caller, unsigned roles, struct error *error)
{
	const char *names = NULL;
	for (unsigned r = 0; r < ROLES; r++)
		if (roles & (1u << r))
			names = names ? arena_printf(arena, "%s or %s", names, role_name((enum role)r)) : role_name((enum role)r);
	FAIL(error, FORBIDDEN, "the key of party \"%s\" has not the role that this needs: %s", caller->party, names ? names : "none has it");
}

static int admit(void *context, struct http_request *request, size_t *body_limit, struct error *error)
{
	struct receive *receive = context;
	struct ticket *ticket = arena_alloc(request->arena, sizeof *ticket);
	const struct receive_hooks *hooks = &receive->config.hooks;
	if (hooks->connected)
		TRY(hooks->connected(hooks->context, request, error));
	TRY(route_find(request, &ticket->route, error));
	if (ticket->route->run == reply_post && *body_limit < REPLY_BODY)
		*body_limit = REPLY_BODY;
	if (ticket->route->run == as4_post) {
		*body_limit = AS4_BODY;
		request->spools = true;
	}
	request->user = ticket;
	if (!ticket->route->roles)
		return 0;
	TRY(hooks->identified(hooks->context, request, &ticket->caller, error));
	if (!(ticket->caller.roles & ticket->route->roles))
		return refuse_role(request->arena, &ticket->caller, ticket->route->roles, error);
	return 0;
}

static void run(void *context, struct http_request *request)
{
	struct receive *receive = context;
	struct ticket *ticket = request->user;
	struct error error = { 0 };
	if (ticket->then) {
		ticket->then(ticket->context);
		return;
	}
	struct call *call = arena_alloc(request->arena, sizeof *call);
	*call = (struct call){ .receive = receive, .request = request, .arena = request->arena, .caller = &ticket->caller, .error = &error,
		               .viewer = { receive->config.settings, ticket->caller.party ? ticket->caller.party : "", ticket->caller.roles } };
	if (ticket->route->run(call) < 0)
		http_answer_problem(request, &error);
}

/* Events (the routes that are providers' alone) wait twice, for a worker and for the commit, where they are most of what waits. */
static bool is_flooded(const struct receive *receive, const struct route *route)
{
	return route->roles == BIT(PROVIDER) &&
	       jobs_waiting(receive->jobs) + (size_t)store_numbers(receive->config.store).queued >= receive->most_events;
}

/* Answered by the thread that has it: nothing is read, nothing is written. */
static bool is_quick(const struct receive *receive, const struct route *route)
{
	return route->run == health_get || (route->run == ready_get && atomic_load(&receive->drains));
}

static void handle(void *context, struct http_request *request)
{
	struct receive *receive = context;
	const struct route *route = ((struct ticket *)request->user)->route;
	if (is_quick(receive, route)) {
		run(receive, request);
		return;
	}
	if (!is_flooded(receive, route)) {
		http_request_defer(request);
		if (jobs_add(receive->jobs, request))
			return;
	}
	struct error error = { 0 };
	error_set(&error, ERROR_BUSY, "too many requests wait: try again");
	error.retry_after = 1;
	http_answer_problem(request, &error);
}

#define QUEUE 512

/* The rest of the queue is for others; and so are half of the connections, since who waits holds one. */
static size_t events_most(const struct receive_config *config)
{
	size_t queue = config->queue ? config->queue : QUEUE, share = queue - queue / 4, half = config->settings->connections / 2;
	return half && half < share ? half : share;
}

int receive_start(const struct receive_config *config, struct receive **receive_r, struct error *error)
{
	const struct settings *s = config->settings;
	struct receive *receive = calloc(1, sizeof *receive);
	if (!receive)
		die("out of memory");
	receive->config = *config;
	ARENA_AUTO arena = arena_new();
	const char *openapi = NULL;
	if (config->openapi && config_yaml_to_json(config->openapi, arena, &openapi, error) < 0) {
		free(receive);
		return -1;
	}
	receive->openapi = openapi ? strdup(openapi) : NULL;
	receive->most_events = events_most(config);
	receive->jobs = jobs_new(config->threads ? config->threads : 16, config->queue ? config->queue : QUEUE, run, receive);
	struct http_server_config server = { .address = s->address, .port = s->port, .listener = config->listener,
		                             .certificate_file = s->certificate_file, .key_file = s->key_file, .client_ca_file = s->client_ca_file,
		                             .connections = s->connections, .connections_per_address = s->connections_per_address,
		                             .header_limit = (size_t)s->header_limit, .body_limit = (size_t)s->body_limit,
		                             .request_ms = (int)s->request_ms, .spool_folder = s->store, .admit = admit };
	*receive_r = receive;
	if (http_server_start(&server, handle, receive, &receive->server, error) < 0) {
		receive_stop(receive_r);
		return -1;
	}
	return 0;
}

uint16_t receive_port(const struct receive *receive)
{
	return http_server_port(receive->server);
}

void receive_drain(struct receive *receive)
{
	atomic_store(&receive->drains, true);
}

void receive_stop(struct receive **receive)
{
	if (!*receive)
		return;
	if ((*receive)->server)
		http_server_stop(&(*receive)->server);
	while (atomic_load(&(*receive)->in_store))  /* a slow disk: the store is closed after this, and finishes them */
		nanosleep(&(struct timespec){ .tv_nsec = 1000000 }, NULL);
	jobs_free(&(*receive)->jobs);
	free((*receive)->openapi);
	free(*receive);
	*receive = NULL;
}

/* ---- call.h ---- */

int answer_json(struct call *call, int status, const struct json *body)
{
	BUFFER_AUTO out = { 0 };
	json_write(&out, body, JSON_COMPACT);
	buffer_add_char(&out, '\n');
	http_answer_owned(call->request, status, "application/json", &out);
	return 0;
}

int answer_not_found(struct call *call, const char *what)
{
	FAIL(call->error, NOT_FOUND, "there is no %s \"%.120s\", or it is not yours to see", what, call->id ? call->id : "");
}

int call_read(struct call *call, store_read_fn *read)
{
	return store_read(call->receive->config.store, read, call, call->error);
}

int call_write(struct call *call, store_write_fn *write)
{
	return store_write(call->receive->config.store, write, call, call->error);
}

void call_later(struct call *call, void (*then)(void *context), void *context)
{
	struct ticket *ticket = call->request->user;
	ticket->then = then;
	ticket->context = context;
	if (!jobs_add(call->receive->jobs, call->request))
		then(context);
}

int call_parse(struct call *call, struct json **root_r)
{
	const struct json_limits limits = { .bytes = call->request->body.size + 1 };
	return call_parse_within(call, &limits, root_r);
}

int call_parse_within(struct call *call, const struct json_limits *limits, struct json **root_r)
{
	const char *type = http_request_media_type(call->request);
	if (*type && !text_equal(type, "application/json") && !text_ends(type, "+json"))
		FAIL(call->error, MEDIA_TYPE, "Content-Type is \"%.60s\": application/json is taken", type);
	return json_parse(call->arena, call->request->body, limits, root_r, call->error);
}

bool call_has(const struct call *call, enum role role)
{
	return caller_has(call->caller, role);
}

int call_needs(struct call *call, unsigned roles)
{
	if (!(call->caller->roles & roles))
		return refuse_role(call->arena, call->caller, roles, call->error);
	return 0;
}

const char *call_segment(const struct call *call, size_t index)
{
	return call->request->segments[index];
}

const char *call_parameter(const struct call *call, const char *name)
{
	const char *value = http_request_parameter(call->request, name);
	return value && *value ? value : NULL;
}

/* As an answer of its own would say it (RFC 9457): what went wrong inside us is for the log. */
struct json *problem_json(const struct call *call, const struct error *error)
{
	struct arena *arena = call->arena;
	struct json *out = json_new_object(arena);
	bool ours = error_is_ours(error);
	atomic_fetch_add(&call->receive->refused[error->code], 1);
	if (ours)
		log_error("answer", call->request->id, "%s: %s [%s]", error_slug(error->code), error->text, error->place);
	json_set_text(arena, out, "type", arena_printf(arena, "urn:sealgate:problem:%s", error_slug(error->code)));
	json_set_text(arena, out, "title", error_title(error->code));
	json_set_integer(arena, out, "status", error_status(error));
	json_set_text(arena, out, "detail", ours ? "the gateway's log says more under this request's id" : error->text);
	if (!ours && *error->field)
		json_set_text(arena, out, "field", error->field);
	if (!ours && *error->place)
		json_set_text(arena, out, "place", error->place);
	return out;
}
