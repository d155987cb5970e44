/* What customs asked about the container is answered, by one party, and approved by another; then its last word is waited for. */
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "sealgate/output.h"
#include "sealgate/play.h"

#define POLL_MS 20

struct answering {
	struct play *play;
	struct arena *arena;
	const char *author, *approver;   /* authorizations */
	const char *text;
};

/* ---- one question ---- */

static int draft_post(struct answering *a, const char *path, struct json **draft_r, struct error *error)
{
	struct reply reply;
	struct json *body = json_new_object(a->arena);
	json_set_text(a->arena, body, "text", a->text);
	struct gateway_call call = { .method = "POST", .path = path, .body = bytes_of_text(json_to_text(a->arena, body, JSON_COMPACT)),
		                     .authorization = a->author };
	TRY(gateway_ask(&a->play->gateway, a->arena, &call, &reply, error));
	*draft_r = reply.json;
	return 0;
}

/* 409: it was approved before, by a call whose answer was lost, or in an earlier play. */
static int draft_approve(struct answering *a, const char *path, const char *id, struct error *error)
{
	struct reply reply;
	struct json *body = json_new_object(a->arena);
	json_set_text(a->arena, body, "reply", id);
	struct gateway_call call = { .method = "POST", .path = arena_printf(a->arena, "%s/approve", path), .authorization = a->approver,
		                     .body = bytes_of_text(json_to_text(a->arena, body, JSON_COMPACT)) };
	if (gateway_ask(&a->play->gateway, a->arena, &call, &reply, error) == 0)
		return 0;
	if (reply.status != 409)
		return -1;
	*error = (struct error){ 0 };
	a->play->run->failure = EXIT_FAILED;
	return 0;
}

static int question_answer(struct answering *a, const char *notice, struct error *error)
{
	struct json *draft;
	const char *path = arena_printf(a->arena, "/v1/notices/%s/reply", url_part(a->arena, notice));
	TRY(gateway_find(&a->play->gateway, a->arena, path, &draft, error));
	if (!draft)
		TRY(draft_post(a, path, &draft, error));
	return text_equal(cell(draft, "state"), "draft") ? draft_approve(a, path, cell(draft, "id"), error) : 0;
}

/* ---- all of them ---- */

static int notices_get(struct answering *a, struct arena *arena, const char *kind, struct json **items_r, struct error *error)
{
	struct json *page;
	TRY(gateway_get(&a->play->gateway, arena, arena_printf(arena, "/v1/notices?order=oldest&limit=500&kind=%s&container=%s", kind,
	                                                       url_part(arena, a->play->container)), &page, error));
	*items_r = json_find(page, "items");
	return 0;
}

/* Is there a notice about the reply to each question? */
static int followed(struct answering *a, const struct json *questions, bool *yes_r, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct json *draft, *page;
	*yes_r = true;
	for (struct json_iter it = json_iter(questions); *yes_r && json_next(&it);) {
		if (!text_equal(cell(it.value, "answerable"), "api"))
			continue;
		TRY(gateway_get(&a->play->gateway, arena, arena_printf(arena, "/v1/notices/%s/reply", url_part(arena, cell(it.value, "id"))), &draft, error));
		TRY(gateway_get(&a->play->gateway, arena, arena_printf(arena, "/v1/notices?limit=500&order=latest&container=%s",
		                                                       url_part(arena, a->play->container)), &page, error));
		*yes_r = false;
		for (struct json_iter n = json_iter(json_find(page, "items")); !*yes_r && json_next(&n);)
			*yes_r = *cell(draft, "message") && text_equal(cell(n.value, "message"), cell(draft, "message"));
	}
	return 0;
}

static int follow(struct answering *a, const struct json *questions, struct error *error)
{
	const struct timespec pause = { .tv_nsec = POLL_MS * 1000000L };
	int64_t until = clock_mono_ms() + a->play->wait_ms;
	for (bool yes = false; !yes; nanosleep(&pause, NULL)) {
		TRY(followed(a, questions, &yes, error));
		if (!yes && clock_mono_ms() >= until) {
			note(a->play->run, "customs has not said more to every reply after %lld s; going on", (long long)(a->play->wait_ms / 1000));
			return 0;
		}
	}
	return 0;
}

static int key_of(struct play *p, const char *option, const char *otherwise, const char **key_r, struct error *error)
{
	const char *party = run_option(p->run, option);
	return key_read(p->run->arena, arena_printf(p->run->arena, "%s/%s.key", run_option(p->run, "keys"), party ? party : otherwise), key_r, error);
}

int play_answer(struct play *p, struct error *error)
{
	struct answering a = { .play = p, .arena = p->run->arena, .text = run_option(p->run, "answer") };
	struct json *questions;
	size_t answered = 0;
	if (!a.text)
		return 0;
	TRY(key_of(p, "answer-party", "broker-1", &a.author, error));
	TRY(key_of(p, "approve-party", "port-1", &a.approver, error));
	TRY(notices_get(&a, a.arena, "question", &questions, error));
	for (struct json_iter it = json_iter(questions); json_next(&it);) {
		if (!text_equal(cell(it.value, "answerable"), "api"))
			continue;
		TRY(question_answer(&a, cell(it.value, "id"), error));
		answered++;
	}
	if (!answered)
		return 0;
	note(p->run, "%s of customs answered, and approved by another party", counted(a.arena, (int64_t)answered, "question"));
	TRY(play_wait(p, "the replies", error));
	return follow(&a, questions, error);
}
