/* The onboarding report: what a peer did right, which of its messages broke which clause, and what to do about it. */
#include <string.h>

#include "lib/base/text.h"
#include "sandbox/hub.h"
#include "sandbox/hub_ledger.h"
#include "sandbox/hub_rules.h"
#include "sandbox/hub_setup.h"
#include "sandbox/scenario.h"

struct broken {
	size_t count;
	const char *at, *message, *code, *text;   /* of the last time */
};

struct account {
	const char *peer;                 /* NULL: somebody unknown */
	size_t happenings, taken, pings, reports, replies, repeats, refused;
	size_t sent, tries, receipts, errors, failed, empty_pulls, pulls;
	struct arena *arena;
	struct broken broken[HUB_RULES];
	bool withstands[SCENARIOS];       /* it refused what that scenario spoiled */
	struct account *next;
};

/* ---- reading ---- */

static void count_broken(struct account *a, const struct json *line, const char *slug)
{
	enum hub_rule rule = slug ? hub_rule_find(slug) : HUB_NO_RULE;
	if (rule == HUB_NO_RULE)
		return;
	struct broken *b = &a->broken[rule];
	const char *objection = json_path_text(line, "objection"), *text = json_path_text(line, "text");
	b->count++;
	b->at = arena_text(a->arena, json_path_text(line, "at"));
	b->message = arena_text(a->arena, json_path_text(line, "message"));
	b->code = arena_text(a->arena, json_path_text(line, "code"));
	b->text = arena_text(a->arena, text ? text : objection);
}

static void count_taken(struct account *a, const struct json *line)
{
	const char *action = json_path_text(line, "action");
	a->taken++;
	a->pings += text_equal(action, "ping");
	a->replies += text_equal(action, "IE3R02");
	a->reports += text_starts(action ? action : "", "SC");
	a->sent += json_count(json_find(line, "out"));
	for (struct json_iter it = json_iter(json_find(line, "remarks")); json_next(&it);)
		count_broken(a, line, json_text(it.value));
}

static enum scenario scenario_of(const char *name)
{
	for (enum scenario i = 0; i < SCENARIOS; i++)
		if (text_equal(scenario_name(i), name))
			return i;
	return SCENARIOS;
}

static void count_spoiled(struct account *a, const struct json *line)
{
	enum scenario scenario = scenario_of(json_path_text(line, "scenario"));
	if (json_path_text(line, "received") && !json_path_text(line, "rule") && scenario < SCENARIOS)
		a->withstands[scenario] = true;
	count_broken(a, line, json_path_text(line, "rule"));
}

static void count_line(struct account *a, const struct json *line)
{
	const char *what = json_path_text(line, "what");
	a->happenings++;
	if (text_equal(what, "taken"))
		count_taken(a, line);
	else if (text_equal(what, "spoiled"))
		count_spoiled(a, line);
	else
		count_broken(a, line, json_path_text(line, "rule"));
	a->repeats += text_equal(what, "repeat");
	a->refused += text_equal(what, "refused");
	a->tries += text_equal(what, "sent");
	a->pulls += text_equal(what, "sent") && json_find(line, "pull");
	a->receipts += text_equal(what, "receipt");
	a->errors += text_equal(what, "error");
	a->failed += text_equal(what, "failed");
	a->empty_pulls += text_equal(what, "empty-pull");
}

static struct account *account_of(struct arena *arena, struct account **first, const char *peer)
{
	struct account **at = first;
	while (*at && !text_equal((*at)->peer, peer))
		at = &(*at)->next;
	if (!*at) {
		*at = arena_alloc(arena, sizeof **at);
		(*at)->peer = arena_text(arena, peer);
		(*at)->arena = arena;
	}
	return *at;
}

/* ---- writing ---- */

static const char *times(size_t count)
{
	return count == 1 ? "time" : "times";
}

static const char *s_of(size_t count)
{
	return count == 1 ? "" : "s";
}

static void totals_write(const struct account *a, struct buffer *out)
{
	buffer_printf(out, "  It sent: %zu message%s taken (report%s: %zu, replies: %zu, pings: %zu), %zu repeated under the stored receipt, %zu refused.\n",
	              a->taken, s_of(a->taken), s_of(a->reports), a->reports, a->replies, a->pings, a->repeats, a->refused);
	if (a->sent)
		buffer_printf(out, "  It was sent: %zu message%s, %s in %zu %s; %zu good receipt%s, %zu error%s, %zu given up.\n", a->sent, s_of(a->sent),
		              a->pulls ? "pulled" : "pushed", a->tries, a->tries == 1 ? "try" : "tries", a->receipts, s_of(a->receipts), a->errors,
		              s_of(a->errors), a->failed);
	if (a->empty_pulls)
		buffer_printf(out, "  It pulled %zu %s where nothing waited.\n", a->empty_pulls, times(a->empty_pulls));
}

static void broken_write(const struct account *a, struct buffer *out)
{
	size_t rules = 0;
	for (enum hub_rule i = HUB_NO_RULE + 1; i < HUB_RULES; i++) {
		const struct broken *b = &a->broken[i];
		const struct hub_rule_row *row = hub_rule_row(i);
		if (!b->count)
			continue;
		if (!rules++)
			buffer_add_text(out, "\n  What broke a rule:\n");
		buffer_printf(out, "\n    %s, %zu %s%s%s%s\n", row->slug, b->count, times(b->count), row->refuses ? "" : ", and was taken", b->code ? ", " : "",
		              b->code ? b->code : "");
		buffer_printf(out, "      asked   %s\n      clause  %s\n", row->asked, row->clause);
		if (b->text) {
			buffer_add_text(out, "      seen    ");
			text_escape_for_person(out, b->text);
			buffer_add_char(out, '\n');
		}
		buffer_printf(out, "      last    %s%s", b->at ? b->at : "", b->message ? ", message " : "");
		text_escape_for_person(out, b->message ? b->message : "");
		buffer_printf(out, "\n      to do   %s\n", row->todo);
	}
	if (!rules)
		buffer_add_text(out, "\n  No rule was broken.\n");
}

static void right_write(const struct account *a, struct buffer *out)
{
	size_t column = 0;
	if (a->taken) {
		buffer_add_text(out, "\n  What was right: no message broke\n    ");
		for (enum hub_rule i = HUB_NO_RULE + 1; i <= HUB_SAME_ID; i++) {
			const char *slug = hub_rule_row(i)->slug;
			if (a->broken[i].count)
				continue;
			if (column + strlen(slug) > 100) {
				buffer_add_text(out, "\n    ");
				column = 0;
			}
			buffer_printf(out, "%s%s", column ? " " : "", slug);
			column += strlen(slug) + 1;
		}
		buffer_add_char(out, '\n');
	}
	if (a->receipts)
		buffer_printf(out, "  %zu receipt%s signed, Body too, with each digest.\n", a->receipts, a->receipts == 1 ? " was" : "s were");
	if (a->repeats)
		buffer_printf(out, "  %zu repeat%s the id and the octets of the first try.\n", a->repeats, a->repeats == 1 ? " had" : "s had");
	for (enum scenario i = 0; i < SCENARIOS; i++)
		if (a->withstands[i])
			buffer_printf(out, "  What was wrong on purpose was refused: %s.\n", scenario_name(i));
}

static void missing_write(const struct account *a, bool pulls, struct buffer *out)
{
	static const enum scenario spoils[] = { SCENARIO_LEAF_FIRST, SCENARIO_TWO_SIGNATURES, SCENARIO_STRAY_PART, SCENARIO_WRONG_MPC };
	BUFFER_AUTO list = { 0 };
	if (!a->pings)
		buffer_add_text(&list, "    a ping (ICS2 ICD 4.5.1)\n");
	if (!a->reports)
		buffer_add_text(&list, "    a report that was taken\n");
	if (!a->replies)
		buffer_add_text(&list, "    a reply (IE3R02) that was taken\n");
	if (!a->repeats)
		buffer_add_text(&list, "    a repeat, as after a lost receipt: scenario receipt-none\n");
	if (!a->receipts)
		buffer_add_text(&list, "    a receipt for a message of the hub\n");
	if (pulls && !a->empty_pulls)
		buffer_add_text(&list, "    a pull that goes on until nothing waits (EBMS:0006)\n");
	for (size_t i = 0; i < sizeof spoils / sizeof *spoils; i++)
		if (!a->withstands[spoils[i]] && !a->broken[HUB_CAREFUL].count)
			buffer_printf(&list, "    a message refused that is wrong on purpose: scenario %s\n", scenario_name(spoils[i]));
	if (list.size)
		buffer_printf(out, "\n  What was not seen yet:\n%s", buffer_text(&list));
}

static void account_write(const struct account *a, const struct hub_setup *setup, struct buffer *out)
{
	const struct hub_peer_setup *peer = setup->peers;
	while (peer && !text_equal(peer->name, a->peer))
		peer = peer->next;
	if (peer)
		buffer_printf(out, "\nPeer %s, party %s, which %s\n", peer->name, peer->party.id, peer->url ? "is pushed to" : "pulls");
	else
		buffer_printf(out, "\n%s%s\n", a->peer ? "A peer that is not registered any more: " : "Somebody unknown", a->peer ? a->peer : "");
	if (!a->happenings) {
		buffer_add_text(out, "  Nothing came from it, and nothing was sent to it.\n");
		return;
	}
	totals_write(a, out);
	broken_write(a, out);
	if (!a->peer)
		return;
	right_write(a, out);
	missing_write(a, peer && !peer->url, out);
}

struct reporting {
	struct arena *arena;
	struct account *first;
	size_t count;
	const char *from, *until;
};

static void read_line(void *context, const struct json *line)
{
	struct reporting *r = context;
	const char *at = json_path_text(line, "at");
	if (!at)
		return;
	count_line(account_of(r->arena, &r->first, json_path_text(line, "peer")), line);
	r->until = arena_text(r->arena, at);
	r->from = r->from ? r->from : r->until;
	r->count++;
}

int hub_report(const struct hub_setup *setup, struct buffer *out, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	struct reporting r = { .arena = arena };
	for (const struct hub_peer_setup *peer = setup->peers; peer; peer = peer->next)
		account_of(arena, &r.first, peer->name);
	TRY(journal_each(setup->store, read_line, &r, error));
	buffer_printf(out, "Onboarding report of hub %s: %zu things happened%s%s%s%s.\n", setup->party.id, r.count, r.count ? " from " : "",
	              r.count ? r.from : "", r.count ? " to " : "", r.count ? r.until : "");
	for (const struct account *a = r.first; a; a = a->next)
		account_write(a, setup, out);
	return 0;
}
