/* claim: what is due is taken, in a transaction that writes. */
#ifndef SEALGATE_TESTS_UNIT_STORE_CLAIM_H
#define SEALGATE_TESTS_UNIT_STORE_CLAIM_H

#include "store/message.h"

static inline int messages_take(struct db *db, struct arena *arena, const char *agreement, int64_t now, int64_t held_blocks_ms, struct message_row **rows_r,
                        size_t *count_r, struct error *error)
{
	bool started;
	TRY(message_due(db, arena, agreement, now, held_blocks_ms, 10, rows_r, count_r, error));
	for (size_t i = 0; i < *count_r; i++)
		TRY(message_start(db, &(*rows_r)[i], "me", now, &started, error));
	return 0;
}

#endif
