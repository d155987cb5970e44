/* What the files of src/answer share. Not for other folders. */
#ifndef SEALGATE_ANSWER_INSIDE_H
#define SEALGATE_ANSWER_INSIDE_H

#include "answer/answer.h"
#include "lib/crypto/certificate.h"
#include "model/notice.h"
#include "sign/sign.h"
#include "store/document.h"
#include "store/message.h"

struct answer {
	struct answer_config config;
	struct certificate **anchors;   /* one for each agreement, in the settings' order; NULL: none */
	size_t count;
};

/* A notice on its way into the store. */
struct incoming {
	const char *id;
	struct json *json;              /* the notice as the message guide has it */
	const struct notice_kind *kind;
	const char *container, *journey;
	bool tied;
	struct message_row message;     /* that it answers, where tied */
	const char *mrn, *claims;       /* customs' id; our reference as the document has it */
	int64_t issued;                 /* CLOCK_NONE: not said */
};

/* One document on its way into the store. */
struct taking {
	struct answer *answer;
	const struct arrived *arrived;
	struct arena *arena;
	int64_t received;
	char digest[DIGEST_HEX_SIZE];
	struct bytes signature;         /* the detached one, or what stood in its header; size 0: none */
	struct verdict verdict;
	bool is_signed;
	const char *type;               /* of the document; NULL: not read */
	const char *reference;          /* the peer's own; NULL: none, or not read */
	const char *disclosure;         /* the most secret of its notices */
	struct incoming *notices;
	size_t count;
	struct taken *taken;
};

/* check.c: who signed it? Nothing but signatures is looked at. Fails with BAD_SIGNATURE, BAD_CERTIFICATE, BAD_XML. */
int taking_check(struct taking *t, struct error *error) must_use;

/* relay.c: a notice that says where its "original" is (another gateway passed it on) is replaced by what that says, in *notices_r. Fails as
 * answer_read, and with BAD_SIGNATURE where the octets are not those that were announced. */
int relayed_read(struct taking *t, struct json **notices_r, struct error *error) must_use;

/* qualify.c: a document without any namespace, written again with those of a WCO response; lines stay where they are. */
bool document_is_bare(const struct xml_node *root);
void document_qualify(const struct xml_node *root, struct buffer *out);

/* shape.c: what the mapping gave becomes the notice of one container (NULL: none is named), with what its kind says besides. */
struct json *notice_shape(struct arena *arena, const struct json *mapped, const char *container);
void notice_warn(struct arena *arena, struct json *notice, const char *format, ...) printf_like(3, 4);
/* As text that every reader takes: what is too much of a detail to fit is left out, with a warning. */
const char *notice_text(struct arena *arena, struct json *notice);
/* ms of the member; CLOCK_NONE: none. */
int64_t notice_time(const struct json *notice, const char *name);
struct json *notice_tree(struct arena *arena, const char *content);

/* tie.c: to message, container and journey; explains faults. A store_read_fn of struct taking. */
int taking_tie(struct db *db, void *taking, struct error *error) must_use;

/* spread.c: what speaks of bills or of a declaration instead of boxes becomes a notice for each box of a journey that they lead to. */
int taking_spread(struct db *db, struct taking *t, struct error *error) must_use;

/* faults.c: errors that point into a message of ours are told at what wrote the place that they point at. */
void faults_explain(struct taking *t, const struct message_row *message, struct json *notice);

/* keep.c: a store_write_fn of struct taking. */
int taking_keep(struct db *db, void *taking, struct error *error) must_use;

/* lift.c: fills in what `row` lifts and is lifted by, and writes the other side of it. */
int notice_lift(struct db *db, struct arena *arena, const struct incoming *n, struct notice_row *row, struct error *error) must_use;

#endif
