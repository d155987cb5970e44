/* msh: the AS4 message service handler (ebMS 3 Core 2; AS4 1.0; eDelivery AS4 1.15): what agreements of channel as4 have in
 * common, on top of the tool as4 and the store. It opens no connection: deliver sends what msh_frame made, the REST interface
 * hands over what came to POST /as4, deliver what a pull brought.
 *
 * msh_open / msh_close. All functions may be called from any thread.
 *
 * Promises, which tests cite by number:
 *  M1  One message of ours has one eb:MessageId and one form on the wire, on disk before its first try. Nothing about it changes
 *      afterwards (eDelivery AS4 1.15, 1.4.6).
 *  M2  A message is sent when a receipt has been verified whose digests are those of what was sent, not before. A late receipt counts.
 *  M3  A user message takes effect once: the key is (agreement, signer, eb:MessageId), set only for what passed verification, in
 *      the commit that stores what it brought, with its signed receipt. Every repeat is answered with that receipt.
 *  M4  What could not be stored leaves nothing behind, and the sender is told to send it again.
 */
#ifndef SEALGATE_MSH_MSH_H
#define SEALGATE_MSH_MSH_H

#include "as4/package.h"
#include "lib/crypto/digest.h"
#include "model/settings.h"
#include "store/message.h"
#include "store/store.h"

struct msh;

/* A part of a verified message. The first one is the document. */
struct msh_part {
	const char *cid, *content_type;    /* of what was packed: "application/pdf" */
	const char *purpose;               /* property "Purpose"; "signature": a detached XAdES signature of the document. NULL: none */
	const char *name;                  /* property "FileName"; NULL: none */
	struct bytes octets;               /* size 0 where: */
	const char *stored;                /* it was too large for memory: the id of a body in the store, complete once `keep` was called */
};
#define MSH_MEMORY ((size_t)4 << 20)       /* of parts in memory, the document and those that come first; the others go to the store */

struct msh_arrival {
	const struct agreement *agreement;
	const char *message_id, *ref_to, *conversation;  /* ref_to: what it answers, may be NULL */
	const char *signer, *issuer, *algorithm;          /* RFC 2253; in words */
	const char *certificate_digest;                   /* SHA-256, hexadecimal */
	const struct msh_part *parts;
	size_t count;
	/* In the commit that stores it: `known` first, and where it says yes nothing is to be done; `keep` with the id of what was
	 * stored. Both with this arrival's `account`. */
	int (*known)(struct db *db, void *account, bool *known_r, struct error *error);
	int (*keep)(struct db *db, void *account, const char *document, struct error *error);
	void *account;
};

struct msh_config {
	const struct settings *settings;
	struct store *store;
	const char *host;                  /* right side of an eb:MessageId where the agreement says none */
	/* Stores what came. -1: it could not, and the sender is told to send it again. */
	int (*arrived)(void *context, const struct msh_arrival *arrival, struct arena *arena, struct error *error);
	void *context;
};

/* Reads keys and certificates. Fails with BAD_KEY, BAD_CERTIFICATE, IO. */
int msh_open(const struct msh_config *config, struct msh **msh_r, struct error *error) must_use;
void msh_close(struct msh **msh);
/* Has it any agreement at all? */
bool msh_serves(const struct msh *msh);

/* ---- out ---- */

struct msh_frame {
	const char *message, *message_id, *content_type, *digests;
	struct bytes octets;               /* the wire form; size 0 where: */
	const char *stored;                /* it is larger than BODY_PART: the id of a body in the store, complete once msh_frame_keep was called */
	int64_t size;                      /* of that */
	struct blob wire;                  /* the wire form, wherever it is; lives as long as the arena */
	char digest[DIGEST_HEX_SIZE];      /* is_new and stored */
	bool is_new;                       /* not stored yet: msh_frame_keep, or msh_frame_drop */
};
/* The wire form of a message of ours: the stored one, or a new one. Fails with STORE, BAD_KEY, BAD_FIELD. Large parts are read from the
 * store, and a large form is written there, a block at a time. */
int msh_frame(struct msh *msh, const struct agreement *agreement, const struct message_row *row, struct arena *arena, struct msh_frame *frame_r,
              struct error *error) must_use;
int msh_frame_keep(struct db *db, void *frame, struct error *error) must_use;  /* a store_write_fn of struct msh_frame */
void msh_frame_drop(struct msh *msh, const struct msh_frame *frame);           /* a new one that was not kept, after all */

/* A test message (ebMS 3 Core 5.2.2.8), a pull request. Neither is stored. */
int msh_ping(struct msh *msh, const struct agreement *agreement, struct arena *arena, struct msh_frame *frame_r, struct error *error) must_use;
int msh_pull_request(struct msh *msh, const struct agreement *agreement, struct arena *arena, struct msh_frame *frame_r, struct error *error)
	must_use;

enum msh_result {
	MSH_RECEIVED,                      /* a receipt that holds */
	MSH_REFUSED,                       /* an error signal, or a receipt that does not hold */
	MSH_UNANSWERED,                    /* nothing that counts: no signal, none of the peer's */
};
struct msh_verdict {
	enum msh_result result;
	enum ebms_code code;               /* MSH_REFUSED; EBMS_NONE: an error that no table knows */
	bool again;                        /* a later try may go better */
	const char *text;                  /* what happened; NULL with MSH_RECEIVED */
};
/* What the peer's answer to a frame (on the same connection) says. content_type may be NULL. */
void msh_judge(struct msh *msh, const struct agreement *agreement, const struct msh_frame *frame, int status, const char *content_type,
               struct bytes octets, struct arena *arena, struct msh_verdict *verdict_r);

/* ---- in ---- */

struct msh_reply {
	int status;                        /* HTTP */
	const char *content_type;          /* NULL: no octets */
	struct bytes octets;               /* size 0 where: */
	const char *stored;                /* they are this body of the store (a large message that is fetched); NULL: they are none */
	int64_t size;                      /* of that */
};
/* What came to POST /as4: user message, receipt, error, pull request. 0: *reply_r is the answer. Fails only where it could not be
 * stored (STORE, STORE_FULL, BUSY), or was broken off: the sender may send it again. */
int msh_receive(struct msh *msh, const char *content_type, const struct blob *octets, struct arena *arena, struct msh_reply *reply_r,
                struct error *error) must_use;

/* What the answer to a pull request was. */
struct msh_pulled {
	bool empty;                        /* EBMS:0006: nothing waits */
	struct msh_reply reply;            /* else: the receipt or error, to be posted to the peer */
};
/* Fails as msh_receive, and with PEER_ERROR, BAD_SIGNATURE: no answer to a pull request. */
int msh_pull_take(struct msh *msh, const struct agreement *agreement, int status, const char *content_type, struct bytes octets, struct arena *arena,
                  struct msh_pulled *pulled_r, struct error *error) must_use;

struct msh_numbers {
	int64_t received, repeated, refused, receipts_late, pulls, pings;  /* since the start */
};
struct msh_numbers msh_numbers(struct msh *msh);

#endif
