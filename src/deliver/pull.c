/* Answers that are fetched: a list of links, then one after the other. A GET of an unpulled one moves it to the pulled ones at
 * the peer; so after a start, and after one that failed on its way here, the pulled ones are looked at once more: one may have been
 * moved and never been stored here.
 * What is stored already is recognised by its content. */
#include <string.h>

#include "deliver/lane.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/xml/xml.h"
#include "sign/sign.h"

#define LINKS_MOST 1000

static int get(struct exchange *e, const char *path, struct error *error)
{
	const struct agreement *a = e->lane->agreement;
	struct http_header headers[] = { { "Accept", a->accept }, { "Authorization", arena_printf(e->arena, "Bearer %s", e->lane->token) } };
	struct http_call call = { .method = "GET", .url = arena_printf(e->arena, "%s%s", a->url, path), .headers = headers, .n_headers = 2,
		                  .answer_limit = 8 << 20 };
	return exchange_start(e, &call, error);
}

static void ended(struct lane *lane, struct exchange *e, const struct error *error)
{
	lane->pulls = false;
	lane->pull_at = clock_mono_ms() + lane->agreement->pull_ms;
	if (error)
		log_warning("pull", lane->agreement->name, "%s", error->text);
	exchange_free(&e);
}

static const char *list_path(const struct lane *lane, struct arena *arena)
{
	const char *path = lane->agreement->pull_path;
	if (lane->caught_up || !text_ends(path, "/unpulled"))
		return path;
	return arena_printf(arena, "%.*s/pulled", (int)(strlen(path) - strlen("/unpulled")), path);
}

void lane_pull(struct lane *lane)
{
	struct error error = { 0 };
	if (!lane->agreement->pull_path || lane->pulls || clock_mono_ms() < lane->pull_at || !lane_authorized(lane))
		return;
	struct exchange *e = exchange_new(lane, EXCHANGE_LIST);
	lane->pulls = true;
	if (get(e, list_path(lane, e->arena), &error) < 0)
		ended(lane, e, &error);
}

/* A link must lead where the list was: what a peer writes into it chooses no other place. */
static bool link_is_ours(const struct lane *lane, const char *href)
{
	const char *path = lane->agreement->pull_path, *end = strrchr(path, '/');
	size_t folder = end ? (size_t)(end - path) + 1 : 0;
	return href && strlen(href) < 300 && strncmp(href, path, folder) == 0 && !strstr(href, "..") && !strpbrk(href, "?#\\ \t\r\n");
}

static int list_take(struct lane *lane, struct exchange *e, struct error *error)
{
	struct xml_document *xml;
	TRY(xml_parse(e->arena, e->outcome.body, NULL, &xml, error));
	e->hrefs = arena_array(e->arena, LINKS_MOST, sizeof *e->hrefs);
	for (const struct xml_node *link = xml_child(xml->root, NULL, "link"); link && e->href_count < LINKS_MOST; link = xml_next_same(link)) {
		const char *href = xml_attribute(link, "href");
		if (!text_equal(xml_attribute(link, "rel"), "notification"))
			continue;
		if (!link_is_ours(lane, href))
			FAIL(error, PEER_ERROR, "the list of notifications has a link to another place, \"%.80s\"", href ? href : "");
		e->hrefs[e->href_count++] = href;
	}
	return 0;
}

static int answer_take(struct lane *lane, struct exchange *e, struct error *error)
{
	const struct http_outcome *o = &e->outcome;
	struct fetched fetched = { .agreement = lane->agreement, .body = o->body,
		                   .content_type = http_header_find(o->headers, o->n_headers, "Content-Type"),
		                   .conversation = http_header_find(o->headers, o->n_headers, "X-Conversation-ID"),
		                   .signature = http_header_find(o->headers, o->n_headers, SIGNATURE_HEADER) };
	return lane->courier->config.answered(lane->courier->config.context, &fetched, error);
}

static int step(struct lane *lane, struct exchange *e, struct error *error)
{
	const struct http_outcome *o = &e->outcome;
	if (o->fate != HTTP_ANSWERED)
		FAIL(error, UNREACHABLE, "%s", o->error.text);
	if (o->status == 401)
		lane_token_drop(lane);
	if (o->status == 404 && e->kind == EXCHANGE_ANSWER)
		return 0;  /* somebody else fetched it: it is among the pulled ones */
	if (o->status != 200)
		FAIL(error, PEER_ERROR, "the peer answered %d", o->status);
	return e->kind == EXCHANGE_LIST ? list_take(lane, e, error) : answer_take(lane, e, error);
}

void lane_pulled(struct lane *lane, struct exchange *e)
{
	struct error error = { 0 };
	if (step(lane, e, &error) < 0) {
		/* The peer may have moved it to the pulled ones, and it is not stored here: they are looked at once more. */
		lane->caught_up &= e->kind != EXCHANGE_ANSWER;
		ended(lane, e, &error);
		return;
	}
	if (e->href_at < e->href_count) {
		const char *next = e->hrefs[e->href_at++];
		e->kind = EXCHANGE_ANSWER;
		if (get(e, next, &error) < 0)
			ended(lane, e, &error);
		return;
	}
	bool caught_up = lane->caught_up;
	lane->caught_up = true;
	ended(lane, e, NULL);
	if (!caught_up)
		lane->pull_at = 0;  /* now what is new */
}
