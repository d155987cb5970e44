/* hub_inside: what the files of the hub share. */
#ifndef SEALGATE_SANDBOX_HUB_INSIDE_H
#define SEALGATE_SANDBOX_HUB_INSIDE_H

#include <pthread.h>

#include "as4/package.h"
#include "sandbox/hub.h"
#include "sandbox/hub_ledger.h"
#include "sandbox/hub_rules.h"
#include "sandbox/hub_setup.h"
#include "sandbox/inside.h"

struct hub_peer {
	const struct hub_peer_setup *setup;
	struct as4_mode mode;             /* of what comes from it, and of signals for it */
	bool pulls;
	int pushing;                      /* now */
};

struct hub {
	struct sandbox *sandbox;
	const struct hub_setup *setup;
	struct arena *arena;
	struct key *key;
	struct certificate *chain, *turned, *anchors;  /* turned: the chain in the wrong order; NULL: it is one certificate */
	struct trust_memory *memory;
	struct hub_peer *peers;
	size_t peer_count;
	struct as4_mode stranger;         /* for the errors that somebody unknown gets */
	struct ledger *ledger;
	int spoiled[SCENARIOS];           /* so often already */
	int64_t tick_at;                  /* the next look at what is to be pushed; 0: none is ordered */
	pthread_mutex_t lock;             /* of stopped */
	bool stopped;
};

struct hub_peer *hub_peer_find(struct hub *hub, const char *name);       /* NULL: none (any more) */
struct hub_peer *hub_peer_of(struct hub *hub, const char *party_id);
struct hub_peer *hub_peer_of_mpc(struct hub *hub, const char *mpc);
bool hub_stopped(struct hub *hub);
int64_t hub_time(const struct hub *hub);
/* The scenario is on, and its number is not used up; takes one. */
bool hub_spoils(struct hub *hub, enum scenario scenario);

/* ---- hub_take.c ---- */

/* A request on its way: what was refused has code, rule and words. */
struct hub_intake {
	struct hub *hub;
	struct http_request *request;
	struct arena *arena;
	const char *content_type;
	struct bytes octets;
	struct as4_incoming *in;
	struct hub_peer *peer;            /* NULL: nobody known */
	enum ebms_code code;
	enum hub_rule rule;
	const char *detail;               /* ErrorDetail */
	struct error error;
	struct bytes *parts;              /* of an accepted user message, unpacked */
};

#define HUB_REFUSE(intake, NAME, RULE, ...) return hub_refuse(intake, EBMS_##NAME, HUB_##RULE, __VA_ARGS__)
int hub_refuse(struct hub_intake *intake, enum ebms_code code, enum hub_rule rule, const char *format, ...) printf_like(4, 5);
/* The as4 tool has refused it. */
int hub_refuse_as(struct hub_intake *intake, bool opened);
/* Packs a signal for the peer (NULL: a stranger). */
int hub_pack_signal(struct hub *hub, struct arena *arena, const struct hub_peer *peer, const struct as4_header *header, struct buffer *out,
                    const char **content_type_r, struct error *error) must_use;
/* Journal lines about what came in. */
struct json *hub_line(const struct hub_intake *intake, const char *what);
void hub_answer_error(struct hub_intake *intake);
void hub_answer_octets(struct hub_intake *intake, const char *content_type, struct bytes octets);

/* ---- hub_check.c ---- */

/* Everything that is asked of a user message; fills intake->peer and parts. Remarks go into the array. */
int hub_check_user(struct hub_intake *intake, struct json *remarks) must_use;

/* ---- hub_play.c ---- */

/* A document that customs sends. */
struct hub_draft {
	const char *action;
	struct bytes document;
	const char *about;
};
#define HUB_DRAFTS_MOST 4
/* What customs makes of a message that was taken: adds to its line in the journal, fills drafts; returns how many. */
size_t hub_play(struct hub_intake *intake, struct json *line, struct json *remarks, struct hub_draft *drafts);

/* ---- hub_write.c ---- */

void hub_write_registered(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);        /* IE3R01 */
void hub_write_do_not_load(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);       /* IE3Q01 */
void hub_write_question(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);          /* IE3Q02 */
void hub_write_complete(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);          /* IE3N03 */
void hub_write_control(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);           /* IE3N08 */
void hub_write_invalidated(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);       /* IE3R07 */
void hub_write_arrived(const struct setup *setup, const struct affair *affair, int64_t now, struct buffer *out);           /* IE3R04 */
/* IE3N99, IE3N01: `type` is its name; lrn, mrn NULL where not known. */
void hub_write_errors(const char *type, const char *lrn, const char *mrn, const struct objection *objection, int64_t now, struct buffer *out);

/* ---- hub_send.c ---- */

/* Packs a document that follows the message which came in, in its conversation, and keeps it; its description for the journal. */
int hub_prepare(const struct hub_intake *intake, const struct hub_draft *draft, struct json **described_r, struct error *error) must_use;
void hub_look(struct hub *hub, int64_t at);          /* looks at what is to be pushed, then */
/* A receipt or error signal that came, in a response or by itself, opened: false and the intake's code, rule, words where it is no
 * good. *about_r: what it is about. */
bool hub_signal_take(struct hub_intake *intake, struct outgoing *about);
/* A try that failed: again later, or never. */
void hub_try_ended(struct hub *hub, struct outgoing *o, const char *peer);

/* ---- hub_pull.c ---- */

void hub_pull(struct hub_intake *intake);

/* ---- hub_spoil.c ---- */

/* The scenario that spoils this try of a message; SCENARIO_GOOD: none. */
enum scenario hub_spoil_which(struct hub *hub);
/* The message as that scenario has it. */
int hub_spoil(struct hub *hub, struct arena *arena, const struct hub_peer *peer, const struct outgoing *o, enum scenario scenario,
              const char **content_type, struct bytes *octets, struct error *error) must_use;
/* A receipt as the scenario has it. */
int hub_spoil_receipt(struct hub_intake *intake, enum scenario scenario, struct buffer *out, const char **content_type_r, struct error *error) must_use;

#endif
