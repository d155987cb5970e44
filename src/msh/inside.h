/* What the files of msh share. Private. */
#ifndef SEALGATE_MSH_INSIDE_H
#define SEALGATE_MSH_INSIDE_H

#include <stdatomic.h>

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

/* settle.c: a receipt or error that comes by itself (late, or of what was pulled). */
int settle(struct msh *msh, struct as4_incoming *incoming, struct bytes octets, const char *content_type, struct arena *arena,
           struct msh_reply *reply_r, struct error *error) must_use;

/* serve.c: a pull request */
int serve(struct msh *msh, struct as4_incoming *incoming, struct arena *arena, struct msh_reply *reply_r, struct error *error) must_use;

#endif
