#include "sandbox/hub_ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "as4/names.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"

#define BUCKETS 4096
#define JOURNAL "journal.jsonl"

/* By which an affair is found; the latest one first. */
enum name { NAME_LRN, NAME_ID, NAME_QUESTION, NAME_CONTAINER };
struct named {
	struct named *next;
	enum name kind;
	const char *name;
	struct affair *affair;
};

struct ledger {
	struct arena *arena;
	const char *store;
	int fd;
	uint64_t number;                  /* of the last name */
	size_t taken_count;
	struct taken *taken[BUCKETS];
	struct outgoing *by_id[BUCKETS];
	struct outgoing *first, **last;   /* that are not over */
	struct named *named[BUCKETS];
};

static size_t bucket_of(const char *text)
{
	uint32_t hash = 2166136261;  /* FNV-1a */
	for (; *text; text++)
		hash = (hash ^ (uint8_t)*text) * 16777619;
	return hash % BUCKETS;
}

/* ---- finding ---- */

bool ledger_full(const struct ledger *l)
{
	return l->taken_count >= LEDGER_MOST;
}

struct taken *ledger_find_taken(struct ledger *l, const char *peer, const char *message_id)
{
	struct taken *at = l->taken[bucket_of(message_id)];
	while (at && !(text_equal(at->message_id, message_id) && text_equal(at->peer, peer)))
		at = at->next;
	return at;
}

struct outgoing *ledger_find_outgoing(struct ledger *l, const char *message_id)
{
	struct outgoing *at = message_id ? l->by_id[bucket_of(message_id)] : NULL;
	while (at && !text_equal(at->message_id, message_id))
		at = at->next_by_id;
	return at;
}

/* Those that are over, and are not to be pushed once more, leave the list. */
struct outgoing *ledger_first_outgoing(struct ledger *l)
{
	for (struct outgoing **at = &l->first; *at;) {
		struct outgoing *o = *at;
		if (o->state == OUTGOING_OPEN || o->again || o->busy) {
			at = &o->next;
			continue;
		}
		*at = o->next;
		o->next = NULL;
	}
	l->last = &l->first;
	while (*l->last)
		l->last = &(*l->last)->next;
	return l->first;
}

/* ---- affairs, under each of their names ---- */

static void name_affair(struct ledger *l, enum name kind, const char *name, struct affair *affair)
{
	if (!name)
		return;
	struct named *own = arena_alloc(l->arena, sizeof *own);
	struct named **bucket = &l->named[bucket_of(name)];
	*own = (struct named){ .next = *bucket, .kind = kind, .name = name, .affair = affair };
	*bucket = own;
}

static struct named *next_named(struct named *at, enum name kind, const char *peer, const char *name)
{
	while (at && !(at->kind == kind && text_equal(at->name, name) && text_equal(at->affair->peer, peer)))
		at = at->next;
	return at;
}

static struct affair *find_named(const struct ledger *l, enum name kind, const char *peer, const char *name)
{
	const struct named *found = next_named(l->named[bucket_of(name)], kind, peer, name);
	return found ? found->affair : NULL;
}

struct affair *ledger_find_affair(struct ledger *l, const char *peer, const char *lrn)
{
	return find_named(l, NAME_LRN, peer, lrn);
}

struct affair *ledger_find_id(struct ledger *l, const char *peer, const char *id)
{
	return find_named(l, NAME_ID, peer, id);
}

struct affair *ledger_find_question(struct ledger *l, const char *peer, const char *reference)
{
	return find_named(l, NAME_QUESTION, peer, reference);
}

size_t ledger_count_answered(const struct ledger *l, const char *peer, const char *container)
{
	size_t count = 0;
	struct named *at = container ? l->named[bucket_of(container)] : NULL;
	while ((at = next_named(at, NAME_CONTAINER, peer, container))) {
		count += at->affair->answered;
		at = at->next;
	}
	return count;
}

/* ---- a line becomes true ---- */

static const char *own(struct ledger *l, const struct json *line, const char *path)
{
	return arena_text(l->arena, json_path_text(line, path));
}

static int64_t integer_of(const struct json *line, const char *name, int64_t otherwise)
{
	const char *token = json_number(json_find(line, name));
	int64_t value;
	return token && text_integer(token, INT64_MIN, INT64_MAX, &value, NULL) == 0 ? value : otherwise;
}

static void apply_taken(struct ledger *l, const struct json *line)
{
	struct taken *t = arena_alloc(l->arena, sizeof *t);
	*t = (struct taken){ .peer = own(l, line, "peer"), .message_id = own(l, line, "message"), .digest = own(l, line, "digest"),
		             .receipt = own(l, line, "receipt") };
	struct taken **bucket = &l->taken[bucket_of(t->message_id)];
	t->next = *bucket;
	*bucket = t;
	l->taken_count++;
}

static const struct as4_reference *references_of(struct ledger *l, const struct json *list)
{
	struct as4_reference *first = NULL, **last = &first;
	for (struct json_iter it = json_iter(list); json_next(&it);) {
		struct as4_reference *r = arena_alloc(l->arena, sizeof *r);
		*r = (struct as4_reference){ .uri = own(l, it.value, "uri"), .digest_method = own(l, it.value, "method"), .digest = own(l, it.value, "digest") };
		*last = r;
		last = (struct as4_reference **)(uintptr_t)&r->next;
	}
	return first;
}

static struct outgoing *apply_outgoing(struct ledger *l, const struct json *line, const struct json *message, const struct outgoing *before)
{
	struct outgoing *o = arena_alloc(l->arena, sizeof *o);
	*o = (struct outgoing){ .name = own(l, message, "name"), .peer = own(l, line, "peer"), .message_id = own(l, message, "message"),
		                .action = own(l, message, "action"), .about = own(l, message, "about"), .pulled = json_bool(json_find(message, "pulled"), false),
		                .references = references_of(l, json_find(message, "references")), .before = before,
		                .due = clock_mono_ms() + integer_of(message, "in_ms", 0) };
	struct outgoing **bucket = &l->by_id[bucket_of(o->message_id)];
	o->next_by_id = *bucket;
	*bucket = o;
	*l->last = o;
	l->last = &o->next;
	return o;
}

static struct bill bill_of(struct ledger *l, const struct json *bill)
{
	return (struct bill){ own(l, bill, "number"), own(l, bill, "type") };
}

static void apply_affair(struct ledger *l, const struct json *line, const struct json *affair)
{
	struct affair *a = arena_alloc(l->arena, sizeof *a);
	*a = (struct affair){ .peer = own(l, line, "peer"), .message_id = own(l, line, "message"), .lrn = own(l, affair, "lrn"),
		              .id = own(l, affair, "id"), .mrn = own(l, affair, "mrn"), .container = own(l, affair, "container"), .declarant = own(l, affair, "declarant"),
		              .question = own(l, affair, "question"), .master = bill_of(l, json_find(affair, "master")),
		              .house = bill_of(l, json_find(affair, "house")), .arrives = integer_of(affair, "arrives", CLOCK_NONE) };
	name_affair(l, NAME_LRN, a->lrn, a);
	name_affair(l, NAME_ID, a->id, a);
	name_affair(l, NAME_QUESTION, a->question, a);
	name_affair(l, NAME_CONTAINER, a->container, a);
}

/* What became of a message of the hub. */
static void apply_fate(struct ledger *l, const struct json *line, const char *what)
{
	struct outgoing *o = ledger_find_outgoing(l, json_path_text(line, "message"));
	if (!o)
		return;
	if (text_equal(what, "sent"))
		o->tries++;
	else if (text_equal(what, "receipt"))
		o->state = OUTGOING_DONE;
	else if (text_equal(what, "error") && o->state == OUTGOING_OPEN)
		o->state = OUTGOING_REFUSED;
	else if (text_equal(what, "failed") && o->state == OUTGOING_OPEN)
		o->state = OUTGOING_FAILED;
}

static void apply(struct ledger *l, const struct json *line)
{
	const char *what = json_path_text(line, "what"), *peer = json_path_text(line, "peer");
	const char *withdraws = json_path_text(line, "withdraws");
	const struct outgoing *before = NULL;
	int64_t number = integer_of(line, "number", 0);
	if (number > (int64_t)l->number)
		l->number = (uint64_t)number;
	if (!text_equal(what, "taken")) {
		apply_fate(l, line, what);
		return;
	}
	apply_taken(l, line);
	for (struct json_iter it = json_iter(json_find(line, "out")); json_next(&it);)
		before = apply_outgoing(l, line, it.value, before);
	if (json_find(line, "affair"))
		apply_affair(l, line, json_find(line, "affair"));
	struct affair *withdrawn = withdraws ? ledger_find_id(l, peer, withdraws) : NULL;
	for (struct json_iter it = json_iter(json_find(line, "answers")); json_next(&it);) {
		struct affair *answered = ledger_find_question(l, peer, json_text(it.value));
		if (answered)
			answered->answered = true;
	}
	if (withdrawn)
		withdrawn->withdrawn = true;
}

/* ---- the journal ---- */

int journal_each(const char *store, void (*line)(void *context, const struct json *line), void *context, struct error *error)
{
	ARENA_AUTO names = arena_new();
	BUFFER_AUTO text = { 0 };
	const char *path = file_path(names, store, JOURNAL);
	if (file_exists(path))
		TRY(file_read(path, &text, error));
	const char *at = buffer_text(&text), *end = at + text.size;
	for (const char *stop; (stop = memchr(at, '\n', (size_t)(end - at))); at = stop + 1) {
		ARENA_AUTO arena = arena_new();
		struct json *parsed;
		struct error cut;
		/* A line that was cut off says nothing that happened. */
		if (json_parse(arena, (struct bytes){ (const uint8_t *)at, (size_t)(stop - at) }, NULL, &parsed, &cut) == 0)
			line(context, parsed);
	}
	return 0;
}

static void apply_line(void *context, const struct json *line)
{
	apply(context, line);
}

int ledger_open(const char *store, struct ledger **ledger_r, struct error *error)
{
	struct ledger *l = calloc(1, sizeof *l);
	ARENA_AUTO arena = arena_new();
	if (!l)
		die("out of memory");
	*l = (struct ledger){ .arena = arena_new(), .fd = -1 };
	*ledger_r = l;
	l->last = &l->first;
	l->store = arena_text(l->arena, store);
	TRY(file_make_folders(file_path(arena, store, "in"), 0755, error));
	TRY(file_make_folders(file_path(arena, store, "out"), 0755, error));
	TRY(journal_each(store, apply_line, l, error));
	const char *path = file_path(arena, store, JOURNAL);
	l->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (l->fd >= 0 && flock(l->fd, LOCK_EX | LOCK_NB) < 0)
		FAIL(error, CONFLICT, "\"%s\" belongs to a hub that runs: give each \"hub.store\" of its own", store);
	/* An end of line first: what was cut off before stays alone on its line. */
	if (l->fd < 0 || (lseek(l->fd, 0, SEEK_END) > 0 && write(l->fd, "\n", 1) != 1))
		FAIL(error, IO, "cannot write to \"%s\": %s", path, strerror(errno));
	return 0;
}

void ledger_free(struct ledger **ledger)
{
	struct ledger *l = *ledger;
	if (!l)
		return;
	if (l->fd >= 0)
		close(l->fd);
	arena_free(&l->arena);
	free(l);
	*ledger = NULL;
}

int ledger_add(struct ledger *l, struct arena *arena, struct json *line, struct error *error)
{
	char time[CLOCK_TEXT_SIZE];
	BUFFER_AUTO text = { 0 };
	json_set_text(arena, line, "at", clock_format(clock_real_ms(), time));
	json_set_integer(arena, line, "number", (int64_t)l->number);
	json_write(&text, line, JSON_COMPACT);
	buffer_add_char(&text, '\n');
	if (write(l->fd, buffer_text(&text), text.size) != (ssize_t)text.size)
		FAIL(error, IO, "the journal of the hub cannot be written: %s", strerror(errno));
	apply(l, line);
	return 0;
}

void ledger_note(struct ledger *l, struct arena *arena, struct json *line)
{
	struct error error = { 0 };
	if (ledger_add(l, arena, line, &error) < 0)
		log_error("journal", NULL, "%s", error.text);
}

/* ---- lines and files ---- */

struct json *ledger_line(struct arena *arena, const char *what, const char *peer)
{
	struct json *line = json_new_object(arena);
	json_set_text(arena, line, "at", "");
	json_set_text(arena, line, "what", what);
	json_set_text(arena, line, "peer", peer);
	return line;
}

struct json *ledger_references(struct arena *arena, const struct as4_reference *references)
{
	struct json *list = json_new_array(arena);
	for (; references; references = references->next) {
		struct json *one = json_new_object(arena);
		json_set_text(arena, one, "uri", references->uri);
		json_set_text(arena, one, "method", references->digest_method);
		json_set_text(arena, one, "digest", references->digest);
		json_append(list, one);
	}
	return list;
}

const char *ledger_digest(struct arena *arena, const struct as4_reference *references)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	BUFFER_AUTO hex = { 0 };
	char *text = json_to_text(arena, ledger_references(arena, references), JSON_CANONICAL);
	digest_sha256(bytes_of_text(text), digest);
	text_hex(&hex, (struct bytes){ digest, sizeof digest });
	return arena_text(arena, buffer_text(&hex));
}

const char *ledger_name(struct ledger *l, struct arena *arena, const char *peer, const char *action)
{
	char *name = arena_printf(arena, "%08llu-%s-%.24s", (unsigned long long)++l->number, peer, action);
	for (char *c = name; *c; c++)
		if (!strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_", *c))
			*c = '-';
	return name;
}

int ledger_put(struct ledger *l, const char *folder, const char *name, const char *end, const char *content_type, struct bytes octets,
               struct error *error)
{
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO whole = { 0 };
	if (content_type)
		buffer_printf(&whole, "Content-Type: %s\r\n\r\n", content_type);
	buffer_add(&whole, octets.data, octets.size);
	return file_write_plain(arena_printf(arena, "%s/%s/%s%s", l->store, folder, name, end), buffer_bytes(&whole), 0644, error);
}

int ledger_get_plain(struct ledger *l, struct arena *arena, const char *file, struct bytes *octets_r, struct error *error)
{
	BUFFER_AUTO whole = { 0 };
	TRY(file_read(file_path(arena, l->store, file), &whole, error));
	*octets_r = arena_bytes(arena, buffer_bytes(&whole));
	return 0;
}

int ledger_get(struct ledger *l, struct arena *arena, const char *file, const char **content_type_r, struct bytes *octets_r, struct error *error)
{
	static const char start[] = "Content-Type: ";
	struct bytes whole;
	TRY(ledger_get_plain(l, arena, file, &whole, error));
	const char *text = (const char *)whole.data, *end = memmem(text, whole.size, "\r\n\r\n", 4);
	if (!end || !text_starts(text, start))
		FAIL(error, IO, "\"%s/%s\" is no file of the hub's", l->store, file);
	*content_type_r = arena_text_n(arena, text + sizeof start - 1, (size_t)(end - text) - (sizeof start - 1));
	*octets_r = (struct bytes){ (const uint8_t *)end + 4, whole.size - (size_t)(end + 4 - text) };
	return 0;
}
