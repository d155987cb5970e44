#include "sandbox/outbox.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/id.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/secrets.h"
#include "sandbox/refusal.h"
#include "sign/sign.h"

#define FIRST_MS 500          /* after a failed push */
#define LONGEST_MS 30000
#define CALL_MS 15000
#define PUSHES_MOST 8

enum state { STATE_WAITING, STATE_PUSHING, STATE_PULLED };

struct notification {
	struct notification *next;
	struct arena *arena;
	char id[ID_UUID_SIZE];
	const char *client, *conversation, *name, *signature;  /* base64; NULL: none */
	struct bytes document;
	enum state state;
	int64_t due;             /* monotonic */
	int tries;
};

struct outbox {
	const struct setup *setup;
	struct clerk *clerk;
	struct http_client *http;  /* NULL: pull */
	struct arena *arena;
	const char *authorization;
	pthread_mutex_t lock;
	struct notification *first, **last;
	size_t count;
	bool stopped;            /* nothing is pushed any more */
	/* The clerk's alone. */
	int64_t quiet_until;     /* the address does not answer: nothing is pushed before */
	int64_t tick_at;         /* the next look; 0: none is ordered */
	int failures;            /* in a row */
};

/* A file that holds one word is a bearer token; more than one, the whole value of the Authorization header. */
static int authorization_read(struct outbox *o, struct error *error)
{
	struct bytes token;
	TRY(secret_read(o->setup->push_token, o->arena, &token, error));
	const char *text = arena_text_n(o->arena, (const char *)token.data, token.size);
	o->authorization = strchr(text, ' ') ? text : arena_printf(o->arena, "Bearer %s", text);
	if (!http_is_field_value(o->authorization))
		FAIL(error, BAD_CONFIG, "\"%s\" holds no token that a header can carry", o->setup->push_token);
	return 0;
}

int outbox_open(const struct setup *setup, struct clerk *clerk, struct http_client *client, struct outbox **outbox_r, struct error *error)
{
	struct outbox *o = calloc(1, sizeof *o);
	if (!o)
		die("out of memory");
	*o = (struct outbox){ .setup = setup, .clerk = clerk, .http = client, .arena = arena_new() };
	o->last = &o->first;
	must(pthread_mutex_init(&o->lock, NULL) == 0);
	int result = client ? authorization_read(o, error) : 0;
	if (result < 0)
		outbox_free(&o);
	*outbox_r = o;
	return result;
}

static void lock(struct outbox *o)
{
	must(pthread_mutex_lock(&o->lock) == 0);
}

static void unlock(struct outbox *o)
{
	must(pthread_mutex_unlock(&o->lock) == 0);
}

/* lock held */
static void notification_remove(struct outbox *o, struct notification *n)
{
	struct notification **at = &o->first;
	while (*at != n)
		at = &(*at)->next;
	*at = n->next;
	if (!n->next)
		o->last = at;
	o->count--;
	struct arena *arena = n->arena;
	arena_free(&arena);
}

void outbox_free(struct outbox **outbox)
{
	struct outbox *o = *outbox;
	if (!o)
		return;
	while (o->first)
		notification_remove(o, o->first);
	pthread_mutex_destroy(&o->lock);
	arena_free(&o->arena);
	free(o);
	*outbox = NULL;
}

/* What was pulled makes room for what was not. */
bool outbox_full(struct outbox *o)
{
	lock(o);
	struct notification *old = o->count >= OUTBOX_MOST ? o->first : NULL;
	while (old && old->state != STATE_PULLED)
		old = old->next;
	if (old)
		notification_remove(o, old);
	bool full = o->count >= OUTBOX_MOST;
	unlock(o);
	return full;
}

void outbox_stop(struct outbox *o)
{
	lock(o);
	o->stopped = true;
	unlock(o);
}

static bool outbox_stopped(struct outbox *o)
{
	lock(o);
	bool stopped = o->stopped;
	unlock(o);
	return stopped;
}

/* ---- push ---- */

static void look(void *context, void *thing);

static void look_at(struct outbox *o, int64_t at)
{
	int64_t now = clock_mono_ms();
	if (outbox_stopped(o) || (o->tick_at && o->tick_at <= at))
		return;
	o->tick_at = at;
	clerk_give(o->clerk, at > now ? (int)(at - now) : 0, look, o, NULL);
}

struct ended {
	struct outbox *outbox;
	struct notification *notification;
	enum http_fate fate;
	int status;
	struct error error;
};

static int pause_after(int tries)
{
	int ms = FIRST_MS;
	while (--tries > 0 && ms < LONGEST_MS)
		ms *= 2;
	return ms < LONGEST_MS ? ms : LONGEST_MS;
}

/* As the contract has it: no answer, or 5xx, stops all pushing for a while; another refusal only this one. */
static void push_ended(void *context, void *thing)
{
	struct outbox *o = context;
	struct ended *e = thing;
	struct notification *n = e->notification;
	int64_t now = clock_mono_ms();
	bool answered = e->fate == HTTP_ANSWERED, dead = !answered || e->status >= 500;
	lock(o);
	n->state = STATE_WAITING;
	n->tries++;
	n->due = now + pause_after(n->tries);
	unlock(o);
	o->failures = dead ? o->failures + 1 : 0;
	if (dead)
		o->quiet_until = now + pause_after(o->failures);
	if (answered && e->status >= 200 && e->status <= 299) {
		log_info("push", n->id, "%s was taken (%d)", n->name, e->status);
		lock(o);
		notification_remove(o, n);
		unlock(o);
	} else if (!outbox_stopped(o)) {
		ARENA_AUTO arena = arena_new();
		log_warning("push", n->id, "%s was not taken at try %d: %s; again in %d ms", n->name, n->tries,
		            answered ? arena_printf(arena, "status %d", e->status) : e->error.text, pause_after(dead ? o->failures : n->tries));
	}
	free(e);
	look_at(o, now);
}

static void push_done(void *context, const struct http_outcome *outcome)
{
	struct ended *e = context;
	e->fate = outcome->fate;
	e->status = outcome->status;
	e->error = outcome->error;
	clerk_give(e->outbox->clerk, 0, push_ended, e->outbox, e);
}

static void push(struct outbox *o, struct notification *n)
{
	struct ended *e = calloc(1, sizeof *e);
	if (!e)
		die("out of memory");
	*e = (struct ended){ .outbox = o, .notification = n };
	struct http_header headers[] = { { "Authorization", o->authorization }, { "Content-Type", "application/xml; charset=UTF-8" },
		                         { "X-Conversation-ID", n->conversation }, { SIGNATURE_HEADER, n->signature } };
	struct http_call call = { .method = "POST", .url = o->setup->push_url, .headers = headers, .n_headers = n->signature ? 4 : 3, .body = n->document,
		                  .private_hosts = o->setup->push_private_hosts, .plain_hosts = o->setup->push_private_hosts, .ca_file = o->setup->push_ca,
		                  .total_ms = CALL_MS };
	if (http_client_start(o->http, &call, push_done, e, &e->error) < 0) {
		e->fate = HTTP_NOT_SENT;
		clerk_give(o->clerk, 0, push_ended, o, e);
	}
}

/* An answer that came before goes before, in one conversation. */
static bool is_behind(const struct notification *n, const struct notification *const *pushing, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (text_equal(pushing[i]->conversation, n->conversation))
			return true;
	return false;
}

/* A few at a time, by the time when each is due. */
static void look(void *context, void *thing)
{
	struct outbox *o = context;
	struct notification *next = NULL;
	const struct notification *pushing[PUSHES_MOST];
	size_t count = 0;
	int64_t now = clock_mono_ms();
	(void)thing;
	o->tick_at = 0;
	lock(o);
	for (struct notification *n = o->first; n && count < PUSHES_MOST; n = n->next)
		if (n->state == STATE_PUSHING)
			pushing[count++] = n;
	for (struct notification *n = o->first; n && count < PUSHES_MOST; n = n->next)
		if (n->state == STATE_WAITING && (!next || n->due < next->due) && !is_behind(n, pushing, count))
			next = n;
	int64_t at = next && next->due > o->quiet_until ? next->due : o->quiet_until;
	bool nothing = !next || o->stopped;
	if (!nothing && at <= now)
		next->state = STATE_PUSHING;
	unlock(o);
	if (nothing)
		return;
	if (at > now) {
		look_at(o, at);
		return;
	}
	push(o, next);
	look_at(o, now);  /* for another beside it */
}

void outbox_add(struct outbox *o, const struct posting *posting)
{
	struct arena *arena = arena_new();
	struct notification *n = arena_alloc(arena, sizeof *n);
	BUFFER_AUTO signature = { 0 };
	text_base64(&signature, posting->signature);
	*n = (struct notification){ .arena = arena, .client = arena_text(arena, posting->client), .conversation = arena_text(arena, posting->conversation),
		                    .name = arena_text(arena, posting->name), .document = arena_bytes(arena, posting->document),
		                    .due = clock_mono_ms() + posting->in_ms };
	if (posting->signature.size)
		n->signature = arena_text(arena, buffer_text(&signature));
	id_uuid4(n->id);
	int64_t due = n->due;
	lock(o);
	*o->last = n;
	o->last = &n->next;
	o->count++;
	unlock(o);
	if (o->http)
		look_at(o, due);
}

/* ---- pull ---- */

static const char *state_name(const struct notification *n)
{
	return n->state == STATE_PULLED ? "pulled" : "unpulled";
}

/* `which` NULL: both; `conversation` NULL: of any. */
static void list_answer(struct outbox *o, const char *client, const char *self, const char *which, const char *conversation, struct http_request *request)
{
	BUFFER_AUTO out = { 0 };
	int64_t now = clock_mono_ms();
	buffer_printf(&out, "<resource href=\"%s/\">\n  <link rel=\"self\" href=\"%s/\"/>\n", self, self);
	lock(o);
	for (const struct notification *n = o->first; n; n = n->next)
		if (!o->http && n->due <= now && text_equal(n->client, client) && (!which || text_equal(which, state_name(n))) &&
		    (!conversation || text_equal(conversation, n->conversation)))
			buffer_printf(&out, "  <link rel=\"notification\" href=\"/notifications/%s/%s\"/>\n", state_name(n), n->id);
	unlock(o);
	buffer_add_text(&out, "</resource>\n");
	http_answer_owned(request, 200, "application/xml", &out);
}

/* One that is fetched from the unpulled ones is among the pulled ones from then on. */
static void one_answer(struct outbox *o, const char *client, const char *which, const char *id, struct http_request *request)
{
	BUFFER_AUTO body = { 0 };
	const char *wrong = NULL;
	lock(o);
	struct notification *n = o->first;
	while (n && !(text_equal(n->id, id) && text_equal(n->client, client) && n->due <= clock_mono_ms() && !o->http))
		n = n->next;
	if (n && !text_equal(which, state_name(n)))
		wrong = n->state == STATE_PULLED ? "Notification is pulled" : "Notification is unpulled";
	if (n && !wrong) {
		if (n->state != STATE_PULLED)
			log_info("pull", n->id, "%s was pulled by client %s", n->name, client);
		n->state = STATE_PULLED;
		buffer_add(&body, n->document.data, n->document.size);
		http_answer_header(request, "X-Conversation-ID", n->conversation);
		if (n->signature)
			http_answer_header(request, SIGNATURE_HEADER, n->signature);
	}
	unlock(o);
	if (!n)
		refusal_answer(request, 404, "NOT_FOUND", "Resource was not found", NULL, NULL);
	else if (wrong)
		refusal_answer(request, 400, "BAD_REQUEST", wrong, NULL, NULL);
	else
		http_answer_owned(request, 200, "application/xml; charset=UTF-8", &body);
}

void outbox_get(struct outbox *o, const char *client, struct http_request *request)
{
	const char *const *s = request->segments;
	const char *self = arena_printf(request->arena, "/notifications%s%s", request->n_segments > 1 ? "/" : "", request->n_segments > 1 ? s[1] : "");
	if (http_request_is(request, "GET", "notifications", "unpulled", NULL) || http_request_is(request, "GET", "notifications", "pulled", NULL))
		list_answer(o, client, self, s[1], NULL, request);
	else if (http_request_is(request, "GET", "notifications", "unpulled", "*", NULL) || http_request_is(request, "GET", "notifications", "pulled", "*", NULL))
		one_answer(o, client, s[1], s[2], request);
	else if (http_request_is(request, "GET", "notifications", "conversationId", "*", NULL) && strspn(s[2], "0123456789abcdefABCDEF-") == strlen(s[2]))
		list_answer(o, client, arena_printf(request->arena, "%s/%s", self, s[2]), NULL, s[2], request);
	else if ((http_request_is(request, "GET", "notifications", "conversationId", "*", "unpulled", NULL) ||
	          http_request_is(request, "GET", "notifications", "conversationId", "*", "pulled", NULL)) &&
	         strspn(s[2], "0123456789abcdefABCDEF-") == strlen(s[2]))
		list_answer(o, client, arena_printf(request->arena, "%s/%s/%s", self, s[2], s[3]), s[3], s[2], request);
	else
		refusal_answer(request, 404, "NOT_FOUND", "Resource was not found", NULL, NULL);
}
