/* What the files of msh share. Private. */
#ifndef SEALGATE_MSH_INSIDE_H
#define SEALGATE_MSH_INSIDE_H

#include <stdatomic.h>

#include "lib/crypto/digest.h"
#include "msh/msh.h"

/* One AS4 agreement, with what its mode points at. */
struct peer {
	const struct agreement *agreement;
	struct key *key, *decrypt;
	struct certificate *chain, *anchors, *known, *encrypt;
	struct revocations *revocations;
	struct trust_memory *memory;
	struct as4_mode mode;              /* with what is common to all its messages: pushed, any service */
};

struct msh {
	struct msh_config config;
	struct peer *peers;
	size_t count;
	_Atomic int64_t received, repeated, refused, receipts_late, pulls, pings;
};

/* mode.c */
int peer_open(struct peer *peer, const struct agreement *agreement, struct error *error) must_use;
void peer_clear(struct peer *peer);
struct peer *peer_of(struct msh *msh, const struct agreement *agreement);
const char *message_id_new(const struct msh *msh, const struct peer *peer, struct arena *arena);

/* signal.c: receipts and errors, out */
int signal_pack(struct msh *msh, const struct peer *peer, const struct as4_header *header, struct arena *arena, struct msh_reply *reply_r,
                struct error *error) must_use;
/* The error signal about `incoming` (may be NULL); `peer` NULL: nobody knows whose message it is, and any of our keys signs. */
int error_pack(struct msh *msh, const struct peer *peer, const struct as4_incoming *incoming, enum ebms_code code, const char *words,
               struct arena *arena, struct msh_reply *reply_r, struct error *error) must_use;

/* frame.c */
const char *digests_write(struct arena *arena, const struct as4_reference *references);
int digests_read(struct arena *arena, const char *text, const struct as4_reference **references_r, struct error *error) must_use;

/* judge.c: an accepted receipt or error, held against what was sent (message_id and digests of the frame) */
void judge_signal(const struct as4_incoming *in, const struct msh_frame *frame, struct arena *arena, struct msh_verdict *verdict_r);

/* user.c: a user message that as4_open took apart, held against `mode` of this peer. */
int user_take(struct msh *msh, const struct peer *peer, const struct as4_mode *mode, struct as4_incoming *incoming, struct arena *arena,
              struct msh_reply *reply_r, struct error *error) must_use;

/* parts.c: the parts of an accepted message, in memory or in the store. */
struct parts {
	struct msh *msh;
	struct msh_part *items;
	size_t count;
	struct stored_part {
		const char *id;
		int64_t size;
		char digest[DIGEST_HEX_SIZE];
	} *stored;                         /* those that lie in the store, not complete yet */
	size_t stored_count;
};
/* Fails with what as4_part_read says (*code_r), and with STORE, STORE_FULL (*code_r EBMS_NONE). */
int parts_read(struct parts *parts, const struct as4_incoming *incoming, size_t most, struct arena *arena, enum ebms_code *code_r,
               struct error *error) must_use;
int parts_complete(struct db *db, const struct parts *parts, struct error *error) must_use;  /* in the commit that refers to them */
void parts_drop(struct parts *parts);      /* nobody will refer to them */

/* settle.c: a receipt or error that comes by itself (late, or of what was pulled). */
int settle(struct msh *msh, struct as4_incoming *incoming, const struct blob *octets, const char *content_type, struct arena *arena,
           struct msh_reply *reply_r, struct error *error) must_use;

/* serve.c: a pull request */
int serve(struct msh *msh, struct as4_incoming *incoming, struct arena *arena, struct msh_reply *reply_r, struct error *error) must_use;

#endif
