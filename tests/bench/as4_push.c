#include "bench/as4_push.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "bench/as4_peer.h"
#include "bench/bench.h"
#include "lib/base/clock.h"
#include "lib/config/config.h"
#include "lib/http/server.h"
#include "msh/inside.h"

#define CONTAINER "CSQU3054383"
#define WAIT_S 30

struct hub {
	struct stage gateway, own;     /* `own` has the hub's keys and its side of the agreement; no program runs there */
	struct http_server *hook;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	size_t hooked;
	struct settings *settings;
	struct msh *msh;
	const struct peer *peer;
};

static void hooked(void *context, struct http_request *request)
{
	struct hub *h = context;
	pthread_mutex_lock(&h->lock);
	h->hooked++;
	pthread_cond_signal(&h->changed);
	pthread_mutex_unlock(&h->lock);
	http_answer(request, 204, NULL, (struct bytes){ 0 });
}

static void port_subscribes(struct hub *h)
{
	struct stage *g = &h->gateway;
	char from[CLOCK_TEXT_SIZE], until[CLOCK_TEXT_SIZE];
	int64_t now = clock_real_ms(), day = 86400000;
	struct http_server_config config = { .port = (uint16_t)g->hook_port, .certificate_file = stage_file(g, "tls/hook.pem"),
		                             .key_file = stage_file(g, "tls/hook.key") };
	bench_must(http_server_start(&config, hooked, h, &h->hook, error));
	const char *journey = arena_printf(g->arena, "{\"id\":\"J-1\",\"container\":\"" CONTAINER "\",\"from\":\"%s\",\"until\":\"%s\","
	                                   "\"consignments\":[{\"master\":\"COSU6301234567\",\"may_see\":[\"port-1\"]}]}",
	                                   clock_format(now - day, from), clock_format(now + 30 * day, until));
	stage_ask(g, "POST", "/v1/journeys", "carrier-1", "application/json", bytes_of_text(journey));
	const char *body = arena_printf(g->arena, "{\"url\":\"https://localhost:%d/hook\",\"types\":[\"notice.*\"]}", g->hook_port);
	stage_ask(g, "PUT", "/v1/subscriptions/bench", "port-1", "application/json", bytes_of_text(body));
}

static void hub_open_msh(struct hub *h)
{
	struct config_problems problems = { .arena = h->own.arena };
	h->settings = settings_load(stage_file(&h->own, "sealgate.yaml"), &problems);
	struct msh_config config = { .settings = h->settings, .host = "hub.example" };
	must(h->settings && h->settings->agreement_count == 1);
	bench_must(msh_open(&config, &h->msh, error));
	h->peer = peer_of(h->msh, h->settings->agreements);
}

/* An order that was never given before. */
static struct bytes order_pack(struct hub *h, struct arena *arena, size_t number, const char **type_r)
{
	char time[CLOCK_TEXT_SIZE];
	struct as4_packed packed;
	struct as4_mode mode = h->peer->mode;
	struct as4_header header = { 0 };
	BUFFER_AUTO octets = { 0 };
	struct bytes document = bytes_of_text(arena_printf(arena,
		"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<IE3Q01 xmlns=\"urn:wco:datamodel:eu:ics2:2\"><documentIssueDate><DateTime>%s</DateTime></documentIssueDate>"
		"<MRN>26NL000510%06zuL5</MRN><responsibleMemberState><country>NL</country></responsibleMemberState>"
		"<representative><identificationNumber>NL987654321</identificationNumber></representative>"
		"<transportDocument><documentNumber>COSU6301234567</documentNumber><type>N705</type></transportDocument>"
		"<carrier><identificationNumber>DK562078100</identificationNumber></carrier>"
		"<declarant><identificationNumber>NL123456789</identificationNumber></declarant><doNotLoadDetails>"
		"<transportDocument><documentNumber>SHAH26020417</documentNumber><type>N714</type></transportDocument><transportEquipment>"
		"<containerIdentificationNumber>" CONTAINER "</containerIdentificationNumber></transportEquipment></doNotLoadDetails></IE3Q01>\n",
		clock_format(clock_real_ms() / 1000 * 1000, time), number));
	struct blob blob = blob_of_bytes(&document);
	struct as4_payload payload = { .cid = arena_printf(arena, "order-%zu@hub", number), .mime_type = "application/xml", .character_set = "utf-8",
		                       .content = &blob };
	struct sink sink = sink_to_buffer(&octets);
	mode.collaboration.service = "eu_ics2_c2t";
	mode.collaboration.service_type = "eu-customs-service-type";
	mode.collaboration.action = "IE3Q01";
	as4_user_begin(&mode, &header);
	header.message_id = message_id_new(h->msh, h->peer, arena);
	header.time = clock_real_ms();
	header.user.collaboration.conversation = header.message_id;
	bench_must(as4_pack(arena, &mode, &header, &payload, 1, &sink, &packed, error));
	*type_r = packed.content_type;
	return arena_bytes(arena, buffer_bytes(&octets));
}

static void webhook_wait(struct hub *h, size_t wanted)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += WAIT_S;
	pthread_mutex_lock(&h->lock);
	while (h->hooked < wanted && pthread_cond_timedwait(&h->changed, &h->lock, &until) == 0)
		;
	bool here = h->hooked >= wanted;
	pthread_mutex_unlock(&h->lock);
	if (here)
		return;
	fprintf(stderr, "bench: no webhook for %d s; BENCH_KEEP=1 keeps the gateway's log\n", WAIT_S);
	exit(1);
}

static void push_one(struct hub *h, size_t number, double *receipt_r, double *webhook_r)
{
	static const char *const local[] = { "localhost", NULL };
	ARENA_AUTO arena = arena_new();
	const char *type;
	struct http_outcome outcome;
	struct bytes octets = order_pack(h, arena, number, &type);
	const struct http_header headers[] = { { "Content-Type", type } };
	struct http_call call = { .method = "POST", .url = stage_url(&h->gateway, "/as4"), .headers = headers, .n_headers = 1, .body = octets,
		                  .private_hosts = local, .plain_hosts = local, .ca_file = stage_file(&h->gateway, "tls/ca.pem") };
	double start = bench_wall();
	bench_must(http_client_call(h->gateway.client, &call, arena, &outcome, error));
	*receipt_r = (bench_wall() - start) * 1000;
	if (outcome.status != 200 || !strstr((const char *)outcome.body.data, "NonRepudiationInformation")) {
		fprintf(stderr, "bench: the push was answered %d %.2000s\n", outcome.status, (const char *)outcome.body.data);
		exit(1);
	}
	webhook_wait(h, number);
	*webhook_r = (bench_wall() - start) * 1000;
}

static int compare(const void *a, const void *b)
{
	const double *p = a, *q = b;
	return *p < *q ? -1 : *p > *q;
}

static void tell(const char *name, double *took, size_t count)
{
	qsort(took, count, sizeof *took, compare);
	const struct figure figure = { .name = name, .unit = "ms", .ours = &took[count / 2], .rounds = 1 };
	bench_tell(&figure);
}

void push_measure(size_t pushes)
{
	struct hub h = { .lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER };
	stage_make(&h.gateway, true);
	stage_make(&h.own, true);
	as4_pair(&h.own, &h.gateway, "p256");
	stage_start_gateway(&h.gateway);
	port_subscribes(&h);
	hub_open_msh(&h);
	double *receipts = arena_array(h.own.arena, pushes, sizeof *receipts), *webhooks = arena_array(h.own.arena, pushes, sizeof *webhooks);
	for (size_t i = 0; i < pushes; i++)
		push_one(&h, i + 1, &receipts[i], &webhooks[i]);
	tell("as4/hub's push to receipt", receipts, pushes);
	tell("as4/hub's push to webhook", webhooks, pushes);
	tell("as4/hub's push to webhook, p99", &webhooks[pushes * 99 / 100], 1);
	msh_close(&h.msh);
	settings_free(&h.settings);
	stage_stop(&h.gateway.gateway, SIGTERM);
	http_server_stop(&h.hook);
	stage_clear(&h.gateway);
	stage_clear(&h.own);
}
