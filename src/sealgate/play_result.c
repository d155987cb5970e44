/* What came of a voyage: the table, the counts, the documents. */
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sealgate/output.h"
#include "sealgate/play.h"
#include "sealgate/story.h"

#define SETTLE_MS 500   /* quiet for so long is the end: what was just stored may still become a webhook */

struct result {
	struct play *play;
	struct arena *arena;
	int64_t events, findings, messages, receipts, answers, webhooks, failed;
	struct {
		const char *name;  /* NULL: none is counted */
		int64_t messages, receipts, questions, answers, controls;
	} hub;
	const char *folder;    /* of documents; NULL: not saved */
};

/* ---- reading ---- */

/* All of a list, page by page. */
static int all_get(struct result *r, const char *noun, struct json **items_r, struct error *error)
{
	struct gateway *g = &r->play->gateway;
	struct json *page;
	const char *cursor = "0";
	*items_r = json_new_array(r->arena);
	for (;;) {
		TRY(gateway_get(g, r->arena, arena_printf(r->arena, "/v1/%s?order=oldest&limit=500&cursor=%s&container=%s", noun, cursor,
		                                          url_part(r->arena, r->play->container)), &page, error));
		for (struct json_iter it = json_iter(json_find(page, "items")); json_next(&it);)
			json_append(*items_r, it.value);
		if (!json_bool(json_find(page, "more"), false) || text_equal(cell(page, "cursor"), cursor))
			return 0;
		cursor = cell(page, "cursor");
	}
}

static bool is_file_name(const char *id)
{
	return *id && *id != '.' && !strchr(id, '/');
}

static int octets_save(struct result *r, const char *path, const char *file, struct error *error)
{
	struct gateway_call call = { .method = "GET", .path = path };
	struct reply reply;
	if (gateway_ask(&r->play->gateway, r->arena, &call, &reply, error) < 0) {
		if (reply.status != 404)
			return -1;
		*error = (struct error){ 0 };  /* there is none: not signed, or signed inside */
		r->play->run->failure = EXIT_FAILED;
		return 0;
	}
	return file_write(file_path(r->arena, r->folder, file), reply.body, 0644, error);
}

static int document_save(struct result *r, const char *noun, const char *id, const char *content, struct error *error)
{
	const char *part = url_part(r->arena, id);
	if (!r->folder || !is_file_name(id))
		return 0;
	TRY(octets_save(r, arena_printf(r->arena, "/v1/%s/%s/%s", noun, part, content), arena_printf(r->arena, "%s.xml", id), error));
	return octets_save(r, arena_printf(r->arena, "/v1/%s/%s/signature", noun, part), arena_printf(r->arena, "%s.sig.xml", id), error);
}

/* ---- counting ---- */

static int messages_count(struct result *r, struct error *error)
{
	struct json *items, *tries;
	TRY(all_get(r, "messages", &items, error));
	for (struct json_iter it = json_iter(items); json_next(&it);) {
		const char *id = cell(it.value, "id"), *state = cell(it.value, "state");
		bool accepted = false;
		r->messages++;
		r->failed += text_equal(state, "failed") || text_equal(state, "held");
		TRY(gateway_get(&r->play->gateway, r->arena, arena_printf(r->arena, "/v1/messages/%s/attempts", url_part(r->arena, id)), &tries, error));
		for (struct json_iter receipt = json_iter(json_find(tries, "receipts")); json_next(&receipt);)
			accepted |= text_equal(cell(receipt.value, "kind"), "accepted");
		r->receipts += accepted;  /* one for each message: a second try may have brought a second one */
		if (text_equal(cell(it.value, "agreement"), r->hub.name)) {
			r->hub.messages++;
			r->hub.receipts += accepted;
			r->hub.answers += text_equal(cell(it.value, "kind"), "reply") && text_equal(state, "sent");
		}
		TRY(document_save(r, "messages", id, "document", error));
	}
	return 0;
}

static int documents_count(struct result *r, struct error *error)
{
	struct json *items, *page;
	TRY(all_get(r, "documents", &items, error));
	/* what could not be tied belongs to no container: looked for in all */
	TRY(gateway_get(&r->play->gateway, r->arena, "/v1/documents?state=untied&limit=500", &page, error));
	r->failed += (int64_t)json_count(json_find(page, "items"));
	TRY(gateway_get(&r->play->gateway, r->arena, "/v1/documents?state=refused&limit=500", &page, error));
	r->failed += (int64_t)json_count(json_find(page, "items"));
	for (struct json_iter it = json_iter(items); json_next(&it);) {
		r->answers += text_equal(cell(it.value, "state"), "tied");
		TRY(document_save(r, "documents", cell(it.value, "id"), "content", error));
	}
	return 0;
}

static int notices_count(struct result *r, struct error *error)
{
	struct json *items;
	TRY(all_get(r, "notices", &items, error));
	for (struct json_iter it = json_iter(items); json_next(&it);) {
		if (!text_equal(cell(it.value, "peer"), r->hub.name))
			continue;
		r->hub.questions += text_equal(cell(it.value, "kind"), "question");
		r->hub.controls += text_equal(cell(it.value, "kind"), "control");
	}
	return 0;
}

/* Lists of deliveries show the latest 500: the figures count all of them. */
static int deliveries_count(struct result *r, int64_t *failed_r, struct error *error)
{
	struct json *status;
	struct error ignored = { 0 };
	TRY(gateway_get(&r->play->gateway, r->arena, "/v1/status", &status, error));
	const struct json *stored = json_find(status, "stored");
	const char *sent = json_scalar(json_find(stored, "deliveries.sent")), *failed = json_scalar(json_find(stored, "deliveries.failed"));
	if (sent && text_integer(sent, 0, INT64_MAX, &r->webhooks, &ignored) < 0)
		r->webhooks = 0;
	if (failed && text_integer(failed, 0, INT64_MAX, failed_r, &ignored) < 0)
		*failed_r = 0;
	return 0;
}

static int subscription_count(struct result *r, const char *subscription, int64_t *failed_r, struct error *error)
{
	static const char *const states[] = { "sent", "failed" };
	int64_t counts[2];
	for (size_t i = 0; i < 2; i++) {
		struct json *answer;
		TRY(gateway_get(&r->play->gateway, r->arena, arena_printf(r->arena, "/v1/deliveries?subscription=%s&state=%s", url_part(r->arena, subscription),
		                                                          states[i]), &answer, error));
		counts[i] = (int64_t)json_count(json_find(answer, "items"));
	}
	r->webhooks = counts[0];
	*failed_r = counts[1];
	return 0;
}

static int webhooks_count(struct result *r, struct error *error)
{
	const char *saved = run_option(r->play->run, "webhooks"), *subscription = run_option(r->play->run, "subscription");
	char **names;
	int64_t failed = 0;
	if (subscription)
		TRY(subscription_count(r, subscription, &failed, error));
	else
		TRY(deliveries_count(r, &failed, error));
	r->failed += failed;
	if (!saved)
		return 0;
	r->webhooks = 0;
	TRY(file_list(saved, r->arena, &names, error));
	for (; *names; names++)
		r->webhooks += text_ends(*names, ".json");
	return 0;
}

static int count(struct result *r, struct error *error)
{
	struct json *items;
	TRY(all_get(r, "events", &items, error));
	r->events = (int64_t)json_count(items);
	TRY(all_get(r, "findings", &items, error));
	r->findings = (int64_t)json_count(items);
	TRY(messages_count(r, error));
	TRY(documents_count(r, error));
	if (r->hub.name)
		TRY(notices_count(r, error));
	return webhooks_count(r, error);
}

/* ---- telling ---- */

static struct json *hub_json(const struct result *r)
{
	struct json *out = json_new_object(r->arena);
	json_set_integer(r->arena, out, "messages", r->hub.messages);
	json_set_integer(r->arena, out, "receipts", r->hub.receipts);
	json_set_integer(r->arena, out, "questions", r->hub.questions);
	json_set_integer(r->arena, out, "answers", r->hub.answers);
	json_set_integer(r->arena, out, "controls", r->hub.controls);
	return out;
}

static int summary_write(const struct result *r, struct error *error)
{
	const char *path = run_option(r->play->run, "summary");
	struct json *out = json_new_object(r->arena);
	json_set_integer(r->arena, out, "events", r->events);
	json_set_integer(r->arena, out, "findings", r->findings);
	json_set_integer(r->arena, out, "messages", r->messages);
	json_set_integer(r->arena, out, "receipts", r->receipts);
	json_set_integer(r->arena, out, "answers", r->answers);
	json_set_integer(r->arena, out, "webhooks", r->webhooks);
	json_set_integer(r->arena, out, "failed", r->failed);
	if (r->hub.name)
		json_set(out, "hub", hub_json(r));
	return path ? file_write(path, bytes_of_text(json_to_text(r->arena, out, JSON_PRETTY)), 0644, error) : 0;
}

/* Nothing pending, and nothing new for a while. */
static int settle(struct play *p, struct error *error)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000000L };
	int64_t since = clock_mono_ms();
	while (clock_mono_ms() - since < SETTLE_MS) {
		TRY(play_wait(p, "the end", error));
		if (p->waited)
			since = clock_mono_ms();
		nanosleep(&pause, NULL);
	}
	return 0;
}

int play_finish(struct play *p, struct error *error)
{
	struct run *run = p->run;
	struct result r = { .play = p, .arena = run->arena, .folder = run_option(run, "documents"),
		            .hub.name = run_option(run, "hub") };
	struct json *container;
	TRY(settle(p, error));
	if (r.folder)
		TRY(file_make_folders(r.folder, 0755, error));
	TRY(count(&r, error));
	TRY(summary_write(&r, error));
	TRY(gateway_get(&p->gateway, run->arena, arena_printf(run->arena, "/v1/containers/%s", url_part(run->arena, p->container)), &container, error));
	TRY(story_write(&p->gateway, container, error));
	int64_t took = clock_mono_ms() - p->started;
	fputc('\n', run->out);
	struct arena *a = run->arena;
	out_line(run, "%s, %s, %s, %s, %s, %s; %lld failed; %lld.%lld s", counted(a, r.events, "event"), counted(a, r.findings, "finding"),
	         counted(a, r.messages, "message"), counted(a, r.receipts, "receipt"), counted(a, r.answers, "answer"), counted(a, r.webhooks, "webhook"),
	         (long long)r.failed, (long long)(took / 1000), (long long)(took % 1000 / 100));
	if (r.hub.name)
		out_line(run, "%s: %s, %s, %s asked, %s given, %s ordered", r.hub.name, counted(a, r.hub.messages, "message"), counted(a, r.hub.receipts, "receipt"),
		         counted(a, r.hub.questions, "question"), counted(a, r.hub.answers, "answer"), counted(a, r.hub.controls, "control"));
	if (p->waits_given_up)
		note(run, "%lld times something was still pending when a wait was given up: sealgate status tells what", (long long)p->waits_given_up);
	return r.failed ? EXIT_FAILED : EXIT_GOOD;
}
