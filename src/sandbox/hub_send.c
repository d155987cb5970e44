/* Messages of the hub: packed once, pushed in the same octets until there is a receipt that is good (AS4 3.2, ICS2 ICD 4.6.2). */
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

#define PUSHES_MOST 4   /* at once, to one peer */
#define SERVICE "eu_ics2_c2t"
#define SERVICE_TYPE "eu-customs-service-type"
#define AGAIN_MS 300    /* scenario push-twice */

int hub_prepare(const struct hub_intake *in, const struct hub_draft *draft, struct json **described_r, struct error *error)
{
	struct hub *hub = in->hub;
	struct arena *arena = in->arena;
	const struct hub_peer *peer = in->peer;
	BUFFER_AUTO out = { 0 };
	struct blob blob = blob_of_bytes(&draft->document);
	const char *name = ledger_name(hub->ledger, arena, peer->setup->name, draft->action);
	struct as4_payload payload = { .cid = arena_printf(arena, "%s@%s", draft->action, hub->setup->party.id), .mime_type = "application/xml",
		                       .character_set = "utf-8", .content = &blob };
	struct as4_header header;
	struct as4_packed packed;
	struct sink sink = sink_to_buffer(&out);
	as4_user_begin(&peer->mode, &header);
	header.message_id = as4_message_id(arena, hub->setup->party.id);
	header.ref_to = in->in->header.message_id;
	header.time = hub_time(hub);
	header.user.mpc = peer->pulls ? peer->setup->mpc : NULL;
	header.user.collaboration.service = SERVICE;
	header.user.collaboration.service_type = SERVICE_TYPE;
	header.user.collaboration.action = draft->action;
	header.user.collaboration.conversation = in->in->header.user.collaboration.conversation;
	TRY(as4_pack(arena, &peer->mode, &header, &payload, 1, &sink, &packed, error));
	TRY(ledger_put(hub->ledger, "out", name, ".mime", packed.content_type, buffer_bytes(&out), error));
	TRY(ledger_put(hub->ledger, "out", name, ".xml", NULL, draft->document, error));
	*described_r = json_new_object(arena);
	json_set_text(arena, *described_r, "name", name);
	json_set_text(arena, *described_r, "message", header.message_id);
	json_set_text(arena, *described_r, "action", draft->action);
	json_set_text(arena, *described_r, "about", draft->about);
	json_set_bool(arena, *described_r, "pulled", peer->pulls);
	json_set_integer(arena, *described_r, "in_ms", hub->sandbox->setup->answer_after_ms);
	json_set(*described_r, "references", ledger_references(arena, packed.references));
	return 0;
}

/* ---- what the peer says of one ---- */

static void line_about(const struct hub_intake *in, const struct outgoing *o, const char *what, const char *received)
{
	struct json *line = hub_line(in, what);
	json_set_text(in->arena, line, "message", o->message_id);
	json_set_text(in->arena, line, "signal", in->in ? in->in->header.message_id : NULL);
	json_set_text(in->arena, line, "action", o->action);
	json_set_text(in->arena, line, "received", received);
	ledger_note(in->hub->ledger, in->arena, line);
}

static bool receipt_take(struct hub_intake *in, struct outgoing *o)
{
	struct error error = { 0 };
	if (as4_receipt_check(&in->in->header, o->message_id, o->references, &in->code, &in->error) < 0) {
		in->rule = text_equal(in->in->header.ref_to, o->message_id) ? HUB_RECEIPT_DIGESTS : HUB_RECEIPT_OF;
		return false;
	}
	if (ledger_put(in->hub->ledger, "out", o->name, ".receipt.mime", in->content_type, in->octets, &error) < 0)
		log_error("as4", o->message_id, "a receipt could not be kept: %s", error.text);
	log_info("as4", o->message_id, "%s %s has its receipt from %s", o->action, o->message_id, o->peer);
	line_about(in, o, "receipt", in->in->algorithm);
	return true;
}

/* One that is not signed is a hint and ends nothing. */
static bool error_take(struct hub_intake *in, const struct outgoing *o)
{
	const struct as4_error *e = in->in->header.errors;
	const char *words = arena_printf(in->arena, "%s %s%s%s", e->code, e->text ? e->text : "", e->description ? ": " : "", e->description ? e->description : "");
	log_warning("as4", o->message_id, "%s answers %s %s with %s%s", o->peer, o->action, o->message_id, words, in->in->verified ? "" : " (not signed)");
	line_about(in, o, in->in->verified && text_equal(e->severity, "failure") ? "error" : "hint", words);
	return true;
}

/* What is wrong on purpose has to be refused; that ends nothing. */
static void spoiled_ended(const struct hub_intake *in, const struct outgoing *o, const char *scenario, bool opened)
{
	const char *got = !opened ? "no AS4 signal" : in->in->header.kind == AS4_RECEIPT ? "a receipt" : in->in->header.errors->code;
	struct json *line = ledger_line(in->arena, "spoiled", o->peer);
	json_set_text(in->arena, line, "message", o->message_id);
	json_set_text(in->arena, line, "action", o->action);
	json_set_text(in->arena, line, "scenario", scenario);
	json_set_text(in->arena, line, "received", got);
	if (!opened || in->in->header.kind != AS4_ERROR) {
		json_set_text(in->arena, line, "rule", hub_rule_row(HUB_CAREFUL)->slug);
		json_set_text(in->arena, line, "text", arena_printf(in->arena, "%s: answered with %s", scenario, got));
	}
	log_info("scenario", o->message_id, "%s %s, wrong on purpose (%s), got %s", o->action, o->message_id, scenario, got);
	ledger_note(in->hub->ledger, in->arena, line);
}

bool hub_signal_take(struct hub_intake *in, struct outgoing *o)
{
	if (o->spoiled) {
		spoiled_ended(in, o, o->spoiled, true);
		o->spoiled = NULL;
		return true;
	}
	in->peer = hub_peer_find(in->hub, o->peer);
	if (!in->peer) {
		(void)hub_refuse(in, EBMS_OTHER, HUB_PARTY, "peer \"%s\" is not registered any more", o->peer);
		return false;
	}
	struct as4_mode mode = in->peer->mode;
	mode.errors_unsigned = true;
	if (as4_accept(in->in, &mode, hub_time(in->hub), &in->code, &in->error) < 0) {
		(void)hub_refuse_as(in, true);
		return false;
	}
	return in->in->header.kind == AS4_RECEIPT ? receipt_take(in, o) : error_take(in, o);
}

void hub_try_ended(struct hub *hub, struct outgoing *o, const char *peer)
{
	ARENA_AUTO arena = arena_new();
	if (o->state != OUTGOING_OPEN)
		return;
	o->due = clock_mono_ms() + hub->setup->retry_every_ms;
	if (o->tries < hub->setup->tries)
		return;
	struct json *line = ledger_line(arena, "failed", peer);
	json_set_text(arena, line, "message", o->message_id);
	json_set_text(arena, line, "action", o->action);
	json_set_text(arena, line, "code", ebms_row(EBMS_MISSING_RECEIPT)->code);
	json_set_text(arena, line, "rule", hub_rule_row(HUB_RECEIPT)->slug);
	json_set_text(arena, line, "text", arena_printf(arena, "no receipt after %d tries", o->tries));
	log_warning("as4", o->message_id, "%s %s has no receipt from %s after %d tries: EBMS:0301", o->action, o->message_id, peer, o->tries);
	ledger_note(hub->ledger, arena, line);
}

/* ---- a push and its end ---- */

struct pushed {
	struct hub *hub;
	struct outgoing *outgoing;
	struct arena *arena;              /* of the octets */
	enum scenario scenario;           /* that spoiled it; SCENARIO_GOOD: none */
	bool again;
	enum http_fate fate;
	int status;
	char *content_type;
	struct buffer body;
	struct error error;
};

static void nothing_came(struct pushed *p, struct hub_intake *in, const char *words)
{
	const struct outgoing *o = p->outgoing;
	in->peer = hub_peer_find(p->hub, o->peer);
	(void)hub_refuse(in, p->fate == HTTP_ANSWERED ? EBMS_MISSING_RECEIPT : EBMS_CONNECTION_FAILURE, HUB_ANSWER, "%.400s", words);
}

/* The response: false where it is no receipt or error for this message that counts. */
static void response_take(struct pushed *p, struct hub_intake *in)
{
	struct outgoing *o = p->outgoing;
	struct blob blob = blob_of_bytes(&in->octets);
	bool opened = p->fate == HTTP_ANSWERED && in->octets.size && as4_open(in->arena, in->content_type, &blob, NULL, &in->in, &in->code, &in->error) == 0 &&
	              (in->in->header.kind == AS4_RECEIPT || in->in->header.kind == AS4_ERROR);
	bool good = false;
	if (p->scenario != SCENARIO_GOOD) {
		spoiled_ended(in, o, scenario_name(p->scenario), opened);
		return;
	}
	if (opened)
		good = hub_signal_take(in, o);
	else if (p->fate != HTTP_ANSWERED)
		nothing_came(p, in, p->error.text);
	else
		nothing_came(p, in, arena_printf(in->arena, "status %d with %s, which is no AS4 signal", p->status,
		                                 in->octets.size ? in->content_type : "an empty body"));
	if (good)
		return;
	log_warning("as4", o->message_id, "%s %s has no good receipt from %s at try %d: %s", o->action, o->message_id, o->peer, o->tries, in->error.text);
	line_about(in, o, "bad-receipt", NULL);
}

static void push_ended(void *context, void *thing)
{
	struct hub *hub = context;
	struct pushed *p = thing;
	struct outgoing *o = p->outgoing;
	struct hub_peer *peer = hub_peer_find(hub, o->peer);
	ARENA_AUTO arena = arena_new();
	struct as4_incoming nothing = { 0 };
	struct hub_intake in = { .hub = hub, .arena = arena, .content_type = p->content_type ? p->content_type : "", .octets = buffer_bytes(&p->body),
		                 .in = &nothing };
	peer->pushing--;
	o->busy = false;
	bool stopped = hub_stopped(hub), was_open = o->state == OUTGOING_OPEN;
	if (!stopped || p->fate == HTTP_ANSWERED)
		response_take(p, &in);
	if (!stopped)
		hub_try_ended(hub, o, o->peer);
	if (was_open && o->state == OUTGOING_DONE && hub->sandbox->setup->scenarios.on[SCENARIO_PUSH_TWICE]) {
		o->again = true;
		o->due = clock_mono_ms() + AGAIN_MS;
	}
	arena_free(&p->arena);
	buffer_clear(&p->body);
	free(p->content_type);
	free(p);
	hub_look(hub, clock_mono_ms());
}

static void push_done(void *context, const struct http_outcome *outcome)
{
	struct pushed *p = context;
	const char *type = http_header_find(outcome->headers, outcome->n_headers, "Content-Type");
	p->fate = outcome->fate;
	p->status = outcome->status;
	p->error = outcome->error;
	p->content_type = type ? strdup(type) : NULL;
	buffer_add(&p->body, outcome->body.data, outcome->body.size);
	clerk_give(p->hub->sandbox->clerk, 0, push_ended, p->hub, p);
}

static int push_start(struct pushed *p, const struct hub_peer *peer, struct error *error)
{
	struct hub *hub = p->hub;
	struct outgoing *o = p->outgoing;
	const char *content_type;
	struct bytes octets;
	TRY(ledger_get(hub->ledger, p->arena, arena_printf(p->arena, "out/%s.mime", o->name), &content_type, &octets, error));
	if (p->scenario != SCENARIO_GOOD)
		TRY(hub_spoil(hub, p->arena, peer, o, p->scenario, &content_type, &octets, error));
	struct http_header headers[] = { { "Content-Type", content_type } };
	struct http_call call = { .method = "POST", .url = peer->setup->url, .headers = headers, .n_headers = 1, .body = octets, .pool = peer->setup->name,
		                  .private_hosts = peer->setup->private_hosts, .plain_hosts = peer->setup->private_hosts, .ca_file = peer->setup->ca,
		                  .total_ms = hub->setup->receipt_within_ms };
	return http_client_start(hub->sandbox->client, &call, push_done, p, error);
}

static void push(struct hub *hub, struct hub_peer *peer, struct outgoing *o)
{
	struct pushed *p = calloc(1, sizeof *p);
	ARENA_AUTO arena = arena_new();
	struct json *line = ledger_line(arena, o->again ? "again" : "sent", o->peer);
	if (!p)
		die("out of memory");
	*p = (struct pushed){ .hub = hub, .outgoing = o, .arena = arena_new(), .scenario = o->again ? SCENARIO_GOOD : hub_spoil_which(hub) };
	json_set_text(arena, line, "message", o->message_id);
	json_set_text(arena, line, "action", o->action);
	ledger_note(hub->ledger, arena, line);
	o->again = false;
	o->busy = true;
	peer->pushing++;
	if (push_start(p, peer, &p->error) < 0) {
		p->fate = HTTP_NOT_SENT;
		clerk_give(hub->sandbox->clerk, 0, push_ended, hub, p);
	}
}

/* ---- what is due ---- */

static void look(void *context, void *thing)
{
	struct hub *hub = context;
	int64_t now = clock_mono_ms(), next = INT64_MAX;
	(void)thing;
	hub->tick_at = 0;
	if (hub_stopped(hub))
		return;
	for (struct outgoing *o = ledger_first_outgoing(hub->ledger); o; o = o->next) {
		struct hub_peer *peer = hub_peer_find(hub, o->peer);
		if (!peer || o->busy || (o->state != OUTGOING_OPEN && !o->again) || (o->before && o->before->state == OUTGOING_OPEN))
			continue;
		if (o->pulled) {  /* state 2 or 5 of eDelivery AS4 1.15, 1.5.5.4 */
			if (o->tries >= hub->setup->tries && o->due <= now)
				hub_try_ended(hub, o, o->peer);
			else if (o->tries)
				next = o->due < next && o->due > now ? o->due : next;
			continue;
		}
		if (o->due > now || !peer->setup->url)
			next = o->due > now && o->due < next ? o->due : next;
		else if (peer->pushing < PUSHES_MOST)
			push(hub, peer, o);
	}
	if (next < INT64_MAX)
		hub_look(hub, next);
}

void hub_look(struct hub *hub, int64_t at)
{
	int64_t now = clock_mono_ms();
	if (hub_stopped(hub) || (hub->tick_at && hub->tick_at <= at))
		return;
	hub->tick_at = at;
	clerk_give(hub->sandbox->clerk, at > now ? (int)(at - now) : 0, look, hub, NULL);
}
