/* answer: what customs sent: verified, stored as it came, tied to what it answers, turned into notices.
 *
 * answer_open / answer_close. Any thread may take; nothing is dropped: a document that is refused (no signature, a wrong
 * one, no XML, not the peer's) is kept with the reason, one that cannot be tied is kept and shown.
 */
#ifndef SEALGATE_ANSWER_ANSWER_H
#define SEALGATE_ANSWER_ANSWER_H

#include "map/map.h"
#include "model/settings.h"
#include "sign/sign.h"
#include "store/store.h"
#include "validate/validate.h"

struct answer;

struct answer_config {
	const struct settings *settings;
	struct store *store;
	struct map_set *set;                /* shared */
	const struct validator *validator;
};

/* Reads the anchors of every agreement. Fails with BAD_CERTIFICATE, IO, BAD_MAPPING (a profile without its mappings). */
int answer_open(const struct answer_config *config, struct answer **answer_r, struct error *error) must_use;
void answer_close(struct answer **answer);

/* What travels beside a document (AS4). */
struct arrived_part {
	const char *id;                     /* Content-ID, without brackets */
	const char *content_type, *name;    /* name may be NULL */
	struct bytes octets;
	const char *stored;                 /* they are too many: the id of a body in the store that holds them; NULL: `octets` */
};

/* The channel's own account of what arrived, in the commit that stores it. */
struct arrived_account {
	void *context;
	/* Was it taken before? Then nothing is done again. */
	int (*known)(struct db *db, void *context, bool *known_r, struct error *error);
	int (*keep)(struct db *db, void *context, const char *document, struct error *error);
};

/* What came, by push or pull. */
struct arrived {
	const struct agreement *agreement;
	struct bytes body;
	const char *content_type;
	const char *conversation;           /* what it answers: the peer's conversation id; over AS4 its RefToMessageId. NULL: not told */
	const char *signature;              /* SIGNATURE_HEADER as it came; NULL: none beside it */
	const struct verdict *sealed;       /* the channel has verified who sealed it (AS4); then no other signature is asked for. NULL: it has not */
	const struct arrived_part *parts;
	size_t part_count;
	const struct arrived_account *account;  /* NULL: the channel keeps none */
};

struct taken {
	const char *document;               /* our id of it; NULL: the channel's account knew it */
	const char *state;                  /* tied, untied, refused */
	bool repeated;                      /* the same octets were stored before: nothing was done again */
	struct error why;                   /* refused: the reason, with the class that the sender is to be told */
	struct json *notices;               /* array of their ids */
};

/* On disk when it returns 0, refused documents included. -1: it could not be stored, and the sender must send again (STORE,
 * STORE_FULL, BUSY). What is told lives in the arena. */
int answer_take(struct answer *answer, const struct arrived *arrived, struct arena *arena, struct taken *taken_r, struct error *error) must_use;

/* The same reading without a store: what these octets would say. The document element chooses the mapping of the profile, and the
 * schema of that name; one that none of them knows goes to the profile's mapping for any other, where it has one. *notices_r: an
 * array of notices as the message guide has them, one for each response, request or control and each container that it names;
 * "message" is our reference as the document claims it, "mrn" customs' id, "reference" the peer's own. *type_r (may be NULL): the type
 * of the document, such as "response" or "IE3Q02". No signature is looked at. `validator` may be NULL: no schema is. Fails with
 * BAD_XML, TOO_LARGE, BAD_SCHEMA, BAD_FIELD, BAD_MAPPING. */
int answer_read(struct map_set *set, const struct validator *validator, const char *profile, bool lenient, struct bytes octets, struct arena *arena,
                struct json **notices_r, const char **type_r, struct error *error) must_use;

/* Takes notices that nobody acknowledged in time to the next contact of the journey, then of the gateway; called every few seconds.
 * Fails with STORE, STORE_FULL, BUSY. */
int answer_escalate(struct answer *answer, struct error *error) must_use;

#endif
