#include "sealgated/node.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "sign/sign.h"

/* ---- what is read and then stays as it is ---- */

static int set_load(struct node *g, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct map_problems problems = { 0 };
	if (map_set_load(g->settings->mappings, g->settings->schemas, arena, &problems, &g->set, error) == 0)
		return 0;
	for (size_t i = 0; i < problems.count; i++)
		log_error("mapping", NULL, "%s:%u: %s", problems.items[i].file, problems.items[i].line, problems.items[i].text);
	return -1;
}

static int signers_open(struct node *g, struct error *error)
{
	const struct settings *s = g->settings;
	g->signers = calloc(s->agreement_count + 1, sizeof *g->signers);
	if (!g->signers)
		die("out of memory");
	for (size_t i = 0; i < s->agreement_count; i++) {
		const struct agreement *a = &s->agreements[i];
		if (a->form != FORM_NONE && signer_open(a->key_file, a->certificate_file, false, &g->signers[i], error) < 0)
			return error_during(error, "agreement \"%s\"", a->name);
	}
	return 0;
}

static void signers_close(struct node *g)
{
	for (size_t i = 0; g->signers && i < g->settings->agreement_count; i++)
		signer_free(&g->signers[i]);
	free(g->signers);
	g->signers = NULL;
}

static int tools_open(struct node *g, struct error *error)
{
	TRY(set_load(g, error));
	TRY(validator_open(g->settings->schemas, &g->validator, error));
	TRY(signers_open(g, error));
	return admission_open(g->settings, &g->admission, error);
}

static void tools_close(struct node *g)
{
	admission_free(&g->admission);
	signers_close(g);
	validator_free(&g->validator);
	map_set_free(&g->set);
}

/* ---- the store, and the clock of a played voyage that it remembers ---- */

static int clock_find(struct db *db, void *context, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	const char *text;
	int64_t *ms = context;
	TRY(meta_find(db, arena, "clock", &text, error));
	return text ? clock_parse(text, ms, error) : 0;
}

static int clock_resume(struct node *g, struct error *error)
{
	int64_t ms = CLOCK_NONE;
	if (!g->play)
		return 0;
	TRY(store_read(g->store, clock_find, &ms, error));
	if (ms != CLOCK_NONE)
		clock_play(ms);
	return 0;
}

/* On the committer's thread. The stages start after the store and end before it: a hint goes to those that are there. */
static void sealed(void *context, int64_t last_number)
{
	struct node *g = context;
	(void)last_number;
	pthread_mutex_lock(&g->wires);
	if (g->flow)
		flow_wake(g->flow);
	if (g->courier)
		courier_wake(g->courier);
	if (g->notify)
		notify_wake(g->notify);
	pthread_mutex_unlock(&g->wires);
}

/* Puts a stage where hints find it, or takes it away (NULL). */
#define WIRE(g, stage, value)                           \
	do {                                            \
		pthread_mutex_lock(&(g)->wires);        \
		(g)->stage = (value);                   \
		pthread_mutex_unlock(&(g)->wires);      \
	} while (0)

static int store_start(struct node *g, struct error *error)
{
	TRY(file_make_folders(g->settings->store, 0700, error));
	TRY(map_set_keep(g->settings->kept_sets, g->set, error));
	TRY(store_open(g->settings->store, NULL, &g->store, error));
	store_on_sealed(g->store, sealed, g);
	return clock_resume(g, error);
}

/* ---- the stages ---- */

static int fetched(void *context, const struct fetched *f, struct error *error)
{
	struct node *g = context;
	ARENA_AUTO arena = arena_new();
	struct taken taken;
	struct arrived arrived = { .agreement = f->agreement, .body = f->body, .content_type = f->content_type, .conversation = f->conversation,
		                   .signature = f->signature };
	return answer_take(g->answer, &arrived, arena, &taken, error);
}

static int answer_start(struct node *g, struct error *error)
{
	struct answer_config config = { g->settings, g->store, g->set, g->validator };
	TRY(answer_open(&config, &g->answer, error));
	return node_msh_open(g, error);
}

static int flow_begin(struct node *g, struct error *error)
{
	struct flow_config config = { g->settings, g->store, g->set, g->validator, g->signers };
	struct flow *flow;
	TRY(flow_start(&config, &flow, error));
	WIRE(g, flow, flow);
	return 0;
}

static int deliver_start(struct node *g, struct error *error)
{
	struct http_client_config client = { .ca_file = g->settings->ca_file, .calls_per_pool = COURIER_CALLS };
	struct courier_config config = { .settings = g->settings, .store = g->store, .context = g, .answered = fetched };
	struct courier *courier;
	TRY(http_client_open(&client, &g->customs_client, error));
	config.client = g->customs_client;
	config.msh = g->msh;
	TRY(courier_start(&config, &courier, error));
	WIRE(g, courier, courier);
	return 0;
}

static int notify_begin(struct node *g, struct error *error)
{
	struct http_client_config client = { .ca_file = g->settings->ca_file, .calls_per_pool = NOTIFY_CALLS };
	struct notify *notify;
	TRY(http_client_open(&client, &g->webhook_client, error));
	struct notify_config config = { .settings = g->settings, .store = g->store, .client = g->webhook_client };
	TRY(notify_start(&config, &notify, error));
	WIRE(g, notify, notify);
	return 0;
}

static int receive_begin(struct node *g, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct receive_config config = { .settings = g->settings, .store = g->store, .set = g->set, .hooks = node_hooks(g),
		                         .openapi = file_path(arena, g->settings->schemas, "openapi.yaml"), .play = g->play,
		                         .listener = g->listener };
	return receive_start(&config, &g->receive, error);
}

int node_open(const struct node_options *options, struct node **node_r, struct error *error)
{
	struct node *g = calloc(1, sizeof *g);
	if (!g)
		die("out of memory");
	pthread_mutex_init(&g->wires, NULL);
	g->settings = options->settings;
	g->play = options->play;
	g->listener = options->listener;
	snprintf(g->note, sizeof g->note, "%s", options->note ? options->note : "");
	if (tools_open(g, error) == 0 && store_start(g, error) == 0 && answer_start(g, error) == 0 && flow_begin(g, error) == 0 &&
	    deliver_start(g, error) == 0 && notify_begin(g, error) == 0 && receive_begin(g, error) == 0) {
		*node_r = g;
		return 0;
	}
	node_close(&g);
	return -1;
}

void node_close(struct node **node)
{
	struct node *g = *node;
	if (!g)
		return;
	receive_stop(&g->receive);
	struct flow *flow = g->flow;
	struct courier *courier = g->courier;
	struct notify *notify = g->notify;
	WIRE(g, flow, NULL);
	WIRE(g, courier, NULL);
	WIRE(g, notify, NULL);
	flow_stop(&flow);
	if (g->customs_client)
		http_client_stop(g->customs_client);
	courier_stop(&courier);
	if (g->webhook_client)
		http_client_stop(g->webhook_client);
	notify_stop(&notify);
	http_client_close(&g->customs_client);
	http_client_close(&g->webhook_client);
	msh_close(&g->msh);
	answer_close(&g->answer);
	store_close(&g->store);
	tools_close(g);
	pthread_mutex_destroy(&g->wires);
	free(g);
	*node = NULL;
}

void node_drain(struct node *g)
{
	receive_drain(g->receive);
}

uint16_t node_port(const struct node *g)
{
	return receive_port(g->receive);
}

void node_note(struct node *g, const char *note)
{
	pthread_mutex_lock(&g->wires);
	snprintf(g->note, sizeof g->note, "%s", note);
	pthread_mutex_unlock(&g->wires);
}

static int look(struct db *db, void *context, struct error *error)
{
	return db_number(db, 0, context, error, "select count(*) from meta", "");
}

bool node_alive(struct node *g)
{
	int64_t rows;
	struct error error = { 0 };
	return store_read(g->store, look, &rows, &error) == 0;
}

void node_tick(struct node *g)
{
	struct error error = { 0 };
	admission_tick(g->admission, g->customs_client);
	if (answer_escalate(g->answer, &error) < 0)
		log_warning("escalate", NULL, "notices that nobody acknowledged cannot be looked at now: %s", error.text);
}

int node_try(const struct settings *settings, struct error *error)
{
	struct node g = { .settings = settings };
	int result = tools_open(&g, error);
	if (result == 0)
		result = node_msh_open(&g, error);
	msh_close(&g.msh);
	tools_close(&g);
	return result;
}
