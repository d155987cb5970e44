/* Messages: claimed, started, and what became of the try. */
#include <string.h>

#include "deliver/lane.h"
#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "lib/xml/xml.h"
#include "sign/sign.h"
#include "store/body.h"

#define WRITE_AGAIN_MS 1000

/* ---- what a try came to ---- */

/* What the peer says in its own words: <errorResponse><code/><message/></errorResponse>, or a problem document. */
static const char *peer_words(struct arena *arena, const struct http_outcome *o, const char **code_r)
{
	struct error error = { 0 };
	struct xml_document *xml;
	struct json *json;
	*code_r = NULL;
	if (o->body.size && o->body.data[0] == '<' && xml_parse(arena, o->body, NULL, &xml, &error) == 0) {
		*code_r = xml_child_text(arena, xml->root, NULL, "code");
		return xml_child_text(arena, xml->root, NULL, "message");
	}
	if (o->body.size && o->body.data[0] == '{' && json_parse(arena, o->body, NULL, &json, &error) == 0) {
		*code_r = json_path_text(json, "code");
		return json_path_text(json, "message") ? json_path_text(json, "message") : json_path_text(json, "detail");
	}
	return NULL;
}

static struct verdict_of_try answered(struct lane *lane, struct exchange *e)
{
	const struct http_outcome *o = &e->outcome;
	const char *code, *words = peer_words(e->arena, o, &code);
	const char *said = arena_printf(e->arena, "the peer answered %d%s%.60s%s%.200s", o->status, code ? " " : "", code ? code : "", words ? ": " : "",
	                                words ? words : "");
	struct verdict_of_try v = { .outcome = "answered", .reason = said,
		                    .retry_after = http_retry_after(http_header_find(o->headers, o->n_headers, "Retry-After")) };
	if ((o->status >= 200 && o->status <= 299) || (o->status == 409 && code && strstr(code, "DUPLICATE"))) {
		v.to = MESSAGE_SENT;
		v.receipt = "accepted";
		v.reason = NULL;
	} else if (o->status == 401) {
		lane_token_drop(lane);
		v.to = e->row.attempts > 1 && e->row.reason && strstr(e->row.reason, " 401") ? MESSAGE_FAILED : MESSAGE_WAITING;
		v.again = v.soon = v.to == MESSAGE_WAITING;
		v.receipt = v.to == MESSAGE_FAILED ? "refused" : NULL;
	} else if (o->status == 429 || o->status == 503 || o->status == 408) {
		v.to = MESSAGE_WAITING;
		v.outcome = "not-sent";
		v.again = true;
		v.fault = o->status == 503;
	} else if (o->status == 502 || o->status == 504) {
		v.to = MESSAGE_UNKNOWN;
		v.outcome = "unknown";
		v.again = v.fault = true;
	} else if (o->status >= 500) {
		v.to = MESSAGE_WAITING;
		v.again = v.fault = true;
	} else if (o->status >= 300 && o->status < 400) {
		v.to = MESSAGE_HELD;
		v.reason = arena_printf(e->arena, "%s: redirects are not followed; correct the agreement's url", said);
	} else {
		v.to = MESSAGE_FAILED;
		v.receipt = "refused";
	}
	return v;
}

/* Of our own disk: no fault of the peer's. */
static bool is_of_the_store(enum error_code code)
{
	return code == ERROR_STORE || code == ERROR_STORE_FULL || code == ERROR_IO || code == ERROR_INTERNAL;
}

static struct verdict_of_try verdict(struct lane *lane, struct exchange *e)
{
	const struct http_outcome *o = &e->outcome;
	const char *text = arena_text(e->arena, o->error.text);
	if (o->fate == HTTP_ANSWERED)
		return lane->agreement->as4 ? as4_verdict(lane, e) : answered(lane, e);
	if (o->fate == HTTP_UNKNOWN)
		return (struct verdict_of_try){ .to = MESSAGE_UNKNOWN, .outcome = "unknown", .reason = text, .again = true,
		                                .fault = o->error.code != ERROR_STOPPING && !is_of_the_store(o->error.code) };
	switch (o->error.code) {
	case ERROR_FORBIDDEN:
	case ERROR_BAD_KEY:
	case ERROR_BAD_FIELD:
	case ERROR_TOO_LARGE:
		return (struct verdict_of_try){ .to = MESSAGE_HELD, .outcome = "not-sent", .reason = text };
	case ERROR_BUSY:
	case ERROR_STOPPING:
		return (struct verdict_of_try){ .to = MESSAGE_WAITING, .outcome = "not-sent", .reason = text, .again = true, .soon = true };
	default:
		return (struct verdict_of_try){ .to = MESSAGE_WAITING, .outcome = "not-sent", .reason = text, .again = true,
		                                .fault = !is_of_the_store(o->error.code) };
	}
}

/* ---- writing it down ---- */

struct ending {                      /* lives in the exchange's arena */
	struct exchange *exchange;
	struct verdict_of_try verdict;
	int64_t due;
};

static double chance(void)
{
	uint16_t random;
	entropy_fill(&random, sizeof random);
	return random / 65536.0;
}

static void due_find(struct ending *n, const struct agreement *a)
{
	const struct message_row *row = &n->exchange->row;
	struct backoff_plan plan = { a->retry.first_ms, a->retry.longest_ms, a->retry.budget_ms, 2, 0.2 };
	int64_t now = clock_real_ms();
	n->due = CLOCK_NONE;
	if (!n->verdict.again)
		return;
	n->due = n->verdict.soon ? now + 1000 : backoff_due_ms(&plan, row->first_try, now, row->attempts, n->verdict.retry_after, chance());
	if (n->due != -1)
		return;
	n->due = CLOCK_NONE;
	n->verdict.to = MESSAGE_FAILED;
	n->verdict.reason = arena_printf(n->exchange->arena, "%sno success in %lld tries over the agreed time; the last: %s",
	                                 a->as4 ? "EBMS:0301 MissingReceipt: " : "", (long long)row->attempts, n->verdict.reason);
}

static int end_write(struct db *db, struct exchange *e, struct error *error)
{
	const struct ending *n = e->ending;
	const struct http_outcome *o = &e->outcome;
	const char *conversation = o->fate == HTTP_ANSWERED && !e->lane->agreement->as4 ? http_header_find(o->headers, o->n_headers, "X-Conversation-ID") : NULL;
	bool moved;
	struct attempt_row attempt = { .message = e->row.id, .number = e->row.attempts, .ended = clock_real_ms(),
		                       .status = o->status ? o->status : CLOCK_NONE, .outcome = n->verdict.outcome,
		                       .detail = n->verdict.reason ? n->verdict.reason : "" };
	TRY(attempt_end(db, &attempt, error));
	if (conversation && strlen(conversation) <= 200)
		TRY(message_set_conversation(db, e->row.id, conversation, error));
	if (n->verdict.receipt) {
		struct receipt_row receipt = { .message = e->row.id, .kind = n->verdict.receipt, .received = clock_now_ms(), .conversation = conversation,
			                       .content = arena_printf(e->arena, "{\"status\":%d}", o->status) };
		if (o->body.size)
			TRY(body_put(db, e->arena, o->body, http_header_find(o->headers, o->n_headers, "Content-Type"), &receipt.body, error));
		TRY(receipt_add(db, e->arena, &receipt, error));
	}
	return message_move(db, e->row.id, n->verdict.to, n->due, n->verdict.reason, &moved, error);
}

static void breaker_hears(struct lane *lane, const struct verdict_of_try *v, const struct http_outcome *o)
{
	if (o->fate != HTTP_ANSWERED && !v->fault) {
		breaker_give_back(&lane->breaker);
		return;
	}
	if (breaker_note(&lane->breaker, !v->fault, clock_mono_ms()))
		log_warning("peer", lane->agreement->name, v->fault ? "left alone for a while: it failed again and again" : "answers again");
	if (v->retry_after)
		lane->quiet_until = clock_mono_ms() + v->retry_after * 1000LL;
}

static void unwritten_add(struct courier *courier, struct exchange *e)
{
	e->next = courier->unwritten;
	courier->unwritten = e;
	courier->unwritten_count++;
}

void lane_sent(struct lane *lane, struct exchange *e)
{
	struct ending *n = e->ending = arena_alloc(e->arena, sizeof *n);
	*n = (struct ending){ .exchange = e, .verdict = verdict(lane, e) };
	due_find(n, lane->agreement);
	breaker_hears(lane, &n->verdict, &e->outcome);
	lane->under_way--;
	lane->sent += n->verdict.to == MESSAGE_SENT;
	lane->failed += n->verdict.to == MESSAGE_FAILED;
	unwritten_add(lane->courier, e);
}

/* Until it is written the message is "sending", and its container's later ones wait: it is tried again. Should the process end
 * before, the next start makes it "unknown". Nothing is lost, and nothing is sent under another id. */
static void ending_over(struct courier *courier, const struct ending *n, const struct error *error)
{
	struct exchange *e = n->exchange;
	const struct verdict_of_try *v = &n->verdict;
	if (error->code) {
		log_error("message", e->row.id, "the outcome of a try cannot be written: %s", error->text);
		courier->write_at = clock_mono_ms() + WRITE_AGAIN_MS;
		unwritten_add(courier, e);
		return;
	}
	log_info("message", e->row.id, "%s, try %lld%s%s", message_state_name(v->to), (long long)e->row.attempts, v->reason ? ": " : "",
	         v->reason ? v->reason : "");
	exchange_free(&e);
}

/* ---- one commit for what is over and what begins ---- */

static int start_write(struct db *db, struct exchange *e, struct error *error)
{
	const char *owner = store_instance(e->lane->courier->config.store);
	TRY(message_start(db, &e->row, owner, clock_real_ms(), &e->started, error));
	return e->started && e->frame.is_new ? msh_frame_keep(db, &e->frame, error) : 0;
}

static int exchange_write(struct db *db, void *context, struct error *error)
{
	struct exchange *e = context;
	return e->ending ? end_write(db, e, error) : start_write(db, e, error);
}

static void start_one(struct lane *lane, struct exchange *e);

/* Where it cannot be written it is as it was, and due. */
static void started_over(struct exchange *e, const struct error *error)
{
	struct lane *lane = e->lane;
	if (error->code == ERROR_NONE && e->started) {
		start_one(lane, e);
		return;
	}
	if (error->code != ERROR_NONE && lane->quiet_until <= clock_mono_ms()) {
		log_error("peer", lane->agreement->name, "nothing can be sent: %s", error->text);
		lane->quiet_until = clock_mono_ms() + WRITE_AGAIN_MS;
	}
	breaker_give_back(&lane->breaker);
	if (lane->agreement->as4)
		msh_frame_drop(lane->courier->config.msh, &e->frame);
	exchange_free(&e);
}

bool courier_write(struct courier *courier)
{
	ARENA_AUTO arena = arena_new();
	size_t ended = clock_mono_ms() < courier->write_at ? 0 : courier->unwritten_count, count = ended + courier->starting_count, i = ended;
	void **exchanges = arena_array(arena, count + 1, sizeof *exchanges);
	struct error *errors = arena_array(arena, count + 1, sizeof *errors);
	if (!count)
		return false;
	if (ended) {
		for (struct exchange *e = courier->unwritten; e; e = e->next)  /* in the order in which they ended */
			exchanges[--i] = e;
		courier->unwritten = NULL;
		courier->unwritten_count = 0;
	}
	i = count;
	for (struct exchange *e = courier->starting; e; e = e->next)
		exchanges[--i] = e;
	courier->starting = NULL;
	courier->starting_count = 0;
	/* where the disk is full the small endings may go through alone: one commit is undone as a whole */
	size_t together = courier->write_at && ended ? ended : count;
	courier->write_at = ended ? 0 : courier->write_at;
	store_write_each(courier->config.store, exchange_write, exchanges, together, errors);
	if (together < count)
		store_write_each(courier->config.store, exchange_write, exchanges + together, count - together, errors + together);
	for (i = 0; i < ended; i++)
		ending_over(courier, ((struct exchange *)exchanges[i])->ending, &errors[i]);
	for (i = ended; i < count; i++)
		started_over(exchanges[i], &errors[i]);
	return count > 0 || (courier->unwritten_count > 0 && clock_mono_ms() >= courier->write_at);
}

/* ---- starting ---- */

struct sending {
	struct lane *lane;
	struct arena *arena;
	struct message_row *rows;
	size_t count;
	int64_t limit, due;
	struct exchange *exchange;
};

static int next_read(struct db *db, void *context, struct error *error)
{
	struct sending *s = context;
	return message_next_due(db, s->lane->agreement->name, &s->due, error);
}

static int due_read(struct db *db, void *context, struct error *error)
{
	struct sending *s = context;
	const struct agreement *a = s->lane->agreement;
	return message_due(db, s->arena, a->name, clock_real_ms(), a->held_blocks_ms, s->limit, &s->rows, &s->count, error);
}

static int bodies_read(struct db *db, void *context, struct error *error)
{
	struct sending *s = context;
	struct exchange *e = s->exchange;
	TRY(body_read(db, e->arena, e->row.document, &e->document, error));
	return e->row.signature ? body_read(db, e->arena, e->row.signature, &e->signature, error) : 0;
}

#define HEADERS 24

static size_t headers_write(struct exchange *e, struct http_header *headers)
{
	const struct agreement *a = e->lane->agreement;
	struct error error = { 0 };
	struct json *own;
	size_t n = 0;
	headers[n++] = (struct http_header){ "Accept", a->accept };
	headers[n++] = (struct http_header){ "Content-Type", e->row.content_type };
	headers[n++] = (struct http_header){ "Authorization", arena_printf(e->arena, "Bearer %s", e->lane->token) };
	if (a->badge)
		headers[n++] = (struct http_header){ "X-Badge-Identifier", a->badge };
	if (a->submitter)
		headers[n++] = (struct http_header){ "X-Submitter-Identifier", a->submitter };
	if (e->signature.size) {
		BUFFER_AUTO text = { 0 };
		text_base64(&text, e->signature);
		headers[n++] = (struct http_header){ SIGNATURE_HEADER, arena_text(e->arena, buffer_text(&text)) };
	}
	if (e->row.headers && json_parse(e->arena, bytes_of_text(e->row.headers), NULL, &own, &error) == 0)
		for (struct json_iter it = json_iter(own); n < HEADERS && json_next(&it);)
			if (json_text(it.value))
				headers[n++] = (struct http_header){ it.name, json_text(it.value) };
	return n;
}

static const char *path_of(const struct agreement *a, const char *kind)
{
	enum message_kind k = KIND_INTEGRITY_REPORT;
	return message_kind_find(kind, &k) && a->paths[k] ? a->paths[k] : a->paths[KIND_INTEGRITY_REPORT];
}

static int start(struct lane *lane, struct exchange *e, struct error *error)
{
	struct http_header headers[HEADERS];
	struct sending s = { .lane = lane, .exchange = e };
	const struct agreement *a = lane->agreement;
	if (a->as4)
		return as4_start(e, error);
	if (e->row.signer_until != CLOCK_NONE && e->row.signer_until < clock_real_ms())
		FAIL(error, BAD_KEY, "the certificate that signed it ended before this try; make a new report, or resend it if the peer agrees");
	TRY(store_read(lane->courier->config.store, bodies_read, &s, error));
	struct http_call call = { .method = "POST", .url = arena_printf(e->arena, "%s%s", a->url, path_of(a, e->row.kind)), .headers = headers,
		                  .n_headers = headers_write(e, headers), .body = e->document };
	return exchange_start(e, &call, error);
}

static struct exchange *exchange_of(struct lane *lane, const struct message_row *row)
{
	struct exchange *e = exchange_new(lane, EXCHANGE_MESSAGE);
	const char *const *texts[] = { &row->id, &row->kind, &row->journey, &row->document, &row->signature, &row->content_type, &row->headers, &row->input, &row->reason };
	const char **own[] = { &e->row.id, &e->row.kind, &e->row.journey, &e->row.document, &e->row.signature, &e->row.content_type, &e->row.headers, &e->row.input, &e->row.reason };
	e->row = *row;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		*own[i] = arena_text(e->arena, *texts[i]);
	return e;
}

static void start_one(struct lane *lane, struct exchange *e)
{
	struct error error = { 0 };
	lane->under_way++;
	lane->tries++;
	if (start(lane, e, &error) == 0)
		return;
	e->outcome = (struct http_outcome){ .fate = HTTP_NOT_SENT, .error = error };
	lane_sent(lane, e);
}

void lane_send(struct lane *lane)
{
	ARENA_AUTO arena = arena_new();
	struct error error = { 0 };
	struct courier *courier = lane->courier;
	struct store *store = courier->config.store;
	int64_t mono = clock_mono_ms();
	struct sending s = { .lane = lane, .arena = arena, .limit = LANE_CALLS - lane->under_way };
	if (s.limit <= 0 || mono < lane->quiet_until || store_delivery_held(store) || store_read(store, next_read, &s, &error) < 0 ||
	    s.due == CLOCK_NONE || s.due > clock_real_ms() || !(lane->agreement->as4 || lane_authorized(lane)) || !breaker_allows(&lane->breaker, mono))
		return;
	if (lane->breaker.state == BREAKER_HALF_OPEN)
		s.limit = 1;
	if (store_read(store, due_read, &s, &error) < 0) {
		log_error("peer", lane->agreement->name, "what is due cannot be read: %s", error.text);
		lane->quiet_until = mono + WRITE_AGAIN_MS;
	}
	size_t begun = 0;
	for (bool goes_on = true; goes_on && begun < s.count; begun++) {
		struct exchange *e = exchange_of(lane, &s.rows[begun]);
		if (lane->agreement->as4)
			as4_frame(e);
		if (is_of_the_store(e->unmade.code) || e->unmade.code == ERROR_BUSY) {  /* no try yet: it stays due */
			log_error("message", e->row.id, "it cannot be framed now: %s", e->unmade.text);
			lane->quiet_until = clock_mono_ms() + WRITE_AGAIN_MS;
			exchange_free(&e);
			break;
		}
		goes_on = !(e->frame.is_new && e->frame.stored);  /* a large one took its time: the others' turn */
		e->next = courier->starting;
		courier->starting = e;
		courier->starting_count++;
	}
	if (!begun)
		breaker_give_back(&lane->breaker);
}
