/* hub_ledger: what the hub has taken, sent and seen, on disk and in memory.
 *
 *   <store>/journal.jsonl   one line of JSON for each thing that happened, the only truth: what is in memory is made from it,
 *                           line by line, when it is opened and when a line is added
 *   <store>/in/             messages as they came, with the Content-Type that HTTP gave them, and the receipts for them
 *   <store>/out/            messages as they are sent, their documents, and the receipts for them
 *
 * A line is one write(2), so what a line says happened as a whole or not: a message that was taken, its receipt and the messages
 * that answer it are one line, written when their files are there and before anybody hears of it. That stands against the end of
 * the process at any instant, not against the end of the machine: nothing is synced. The clerk's alone.
 */
#ifndef SEALGATE_SANDBOX_HUB_LEDGER_H
#define SEALGATE_SANDBOX_HUB_LEDGER_H

#include "as4/header.h"
#include "lib/json/json.h"

#define LEDGER_MOST 200000        /* messages that were taken */

/* A message of a peer that has its receipt. */
struct taken {
	struct taken *next;
	const char *peer, *message_id;
	const char *digest;               /* over all that its signature refers to */
	const char *receipt;              /* file */
};

enum outgoing_state { OUTGOING_OPEN, OUTGOING_DONE, OUTGOING_REFUSED, OUTGOING_FAILED };

/* A message of the hub. */
struct outgoing {
	struct outgoing *next;            /* in the order of their making */
	struct outgoing *next_by_id;
	const char *name;                 /* of its files: out/<name>.mime, .xml */
	const char *peer, *message_id, *action;
	const char *about;                /* LRN of the affair */
	const struct outgoing *before;    /* that leaves first; NULL: none */
	bool pulled;                      /* waits to be pulled */
	const struct as4_reference *references;
	enum outgoing_state state;
	int tries;
	/* Of this run: monotonic. */
	int64_t due, tried;               /* tried 0: not in this run */
	const char *spoiled;              /* scenario of the last pull, which was wrong on purpose; NULL: it was right */
	bool busy, again;                 /* being pushed; is to be pushed once more on purpose */
};

struct bill {
	const char *number, *type;        /* number NULL: none */
};

/* What a report began. */
struct affair {
	const char *peer, *message_id;    /* of the report */
	const char *lrn, *id;             /* the peer's reference of the report; the identifier that the hub gave to it */
	const char *mrn;                  /* of the entry summary declaration that it names, or that identifier */
	const char *container, *declarant, *question;  /* container, question NULL: none */
	struct bill master, house;
	int64_t arrives;                  /* CLOCK_NONE: not said */
	bool answered, withdrawn;
};

struct ledger;

/* Makes the folders, reads the journal. A last line that was cut off did not happen. Fails with IO, and CONFLICT where
 * another process has it open. */
int ledger_open(const char *store, struct ledger **ledger_r, struct error *error) must_use;
void ledger_free(struct ledger **ledger);
/* Appends the line, and makes it true in memory. "at" is set. Fails with IO: then it did not happen. */
int ledger_add(struct ledger *ledger, struct arena *arena, struct json *line, struct error *error) must_use;
/* The same for what may be lost. */
void ledger_note(struct ledger *ledger, struct arena *arena, struct json *line);

bool ledger_full(const struct ledger *ledger);
struct taken *ledger_find_taken(struct ledger *ledger, const char *peer, const char *message_id);
struct outgoing *ledger_find_outgoing(struct ledger *ledger, const char *message_id);
struct outgoing *ledger_first_outgoing(struct ledger *ledger);      /* of those that are open, or to be pushed again; next: the others */
struct affair *ledger_find_affair(struct ledger *ledger, const char *peer, const char *lrn);
struct affair *ledger_find_id(struct ledger *ledger, const char *peer, const char *id);
struct affair *ledger_find_question(struct ledger *ledger, const char *peer, const char *reference);

/* How many questions about this box were answered. */
size_t ledger_count_answered(const struct ledger *ledger, const char *peer, const char *container);

/* A name for files: "00000017-trader-1-IE3R02". */
const char *ledger_name(struct ledger *ledger, struct arena *arena, const char *peer, const char *action);
/* <store>/<folder>/<name><end>; content_type NULL: the octets alone. */
int ledger_put(struct ledger *ledger, const char *folder, const char *name, const char *end, const char *content_type, struct bytes octets,
               struct error *error) must_use;
/* What was put with a content type. */
int ledger_get(struct ledger *ledger, struct arena *arena, const char *file, const char **content_type_r, struct bytes *octets_r, struct error *error)
	must_use;
int ledger_get_plain(struct ledger *ledger, struct arena *arena, const char *file, struct bytes *octets_r, struct error *error) must_use;

/* Each line of a journal, for those who only read; what it holds is gone when `line` returns. Fails with IO, TOO_LARGE. */
int journal_each(const char *store, void (*line)(void *context, const struct json *line), void *context, struct error *error) must_use;

struct json *ledger_line(struct arena *arena, const char *what, const char *peer);
struct json *ledger_references(struct arena *arena, const struct as4_reference *references);
const char *ledger_digest(struct arena *arena, const struct as4_reference *references);

#endif
