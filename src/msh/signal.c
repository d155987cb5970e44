/* Signals of ours. */
#include "lib/base/clock.h"
#include "msh/inside.h"

int signal_pack(struct msh *msh, const struct peer *peer, const struct as4_header *header, struct arena *arena, struct msh_reply *reply_r,
                struct error *error)
{
	struct as4_packed packed;
	BUFFER_AUTO octets = { .ceiling = AS4_SOAP_BYTES };
	struct sink sink = sink_to_buffer(&octets);
	(void)msh;
	TRY(as4_pack(arena, &peer->mode, header, NULL, 0, &sink, &packed, error));
	*reply_r = (struct msh_reply){ .status = 200, .content_type = packed.content_type, .octets = arena_bytes(arena, buffer_bytes(&octets)) };
	return 0;
}

int error_pack(struct msh *msh, const struct peer *peer, const struct as4_incoming *incoming, enum ebms_code code, const char *words,
               struct arena *arena, struct msh_reply *reply_r, struct error *error)
{
	struct as4_header header;
	if (!peer)
		peer = &msh->peers[0];
	as4_error_for(arena, code, words, NULL, incoming ? incoming->header.message_id : NULL, message_id_new(msh, peer, arena), clock_now_ms(), &header);
	return signal_pack(msh, peer, &header, arena, reply_r, error);
}
