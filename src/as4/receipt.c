/* Receipts and errors: what they say, and whether a receipt says what was sent. */
#include <stdlib.h>
#include <string.h>

#include "as4/inside.h"
#include "lib/base/text.h"

void as4_receipt_for(const struct as4_incoming *incoming, const char *message_id, int64_t time, struct as4_header *header_r)
{
	must(incoming->verified);
	*header_r = (struct as4_header){ .kind = AS4_RECEIPT, .message_id = message_id, .ref_to = incoming->header.message_id, .time = time,
		                         .references = incoming->references };
}

void as4_error_for(struct arena *arena, enum ebms_code code, const char *description, const char *detail, const char *ref_to,
                   const char *message_id, int64_t time, struct as4_header *header_r)
{
	const struct ebms_row *row = ebms_row(code);
	struct as4_error *e = arena_alloc(arena, sizeof *e);
	*e = (struct as4_error){ .code = row->code, .severity = row->severity, .category = row->category, .origin = row->origin, .ref_to = ref_to,
		                 .text = row->text, .description = description, .detail = detail };
	*header_r = (struct as4_header){ .kind = AS4_ERROR, .message_id = message_id, .ref_to = ref_to, .time = time, .errors = e };
}

static int by_uri(const void *a, const void *b)
{
	return strcmp((*(const struct as4_reference *const *)a)->uri, (*(const struct as4_reference *const *)b)->uri);
}

static const struct as4_reference **sorted(struct arena *arena, const struct as4_reference *list, size_t *count_r)
{
	size_t count = 0;
	for (const struct as4_reference *r = list; r; r = r->next)
		count++;
	const struct as4_reference **out = arena_array(arena, count + 1, sizeof *out);
	for (*count_r = 0; list; list = list->next)
		out[(*count_r)++] = list;
	qsort(out, count, sizeof *out, by_uri);
	return out;
}

static int check(const struct as4_header *receipt, const char *message_id, const struct as4_reference *sent, struct fault *fault)
{
	ARENA_AUTO arena = arena_new();
	size_t found_count, sent_count;
	if (receipt->kind != AS4_RECEIPT)
		REFUSE(fault, INVALID_RECEIPT, "the signal is no receipt");
	if (!text_equal(receipt->ref_to, message_id))
		REFUSE(fault, INVALID_RECEIPT, "the receipt is for message \"%.120s\", not for \"%.120s\"", receipt->ref_to, message_id);
	if (!receipt->references)
		REFUSE(fault, INVALID_RECEIPT, "the receipt has no NonRepudiationInformation, which is agreed");
	const struct as4_reference **found = sorted(arena, receipt->references, &found_count), **wanted = sorted(arena, sent, &sent_count);
	for (size_t i = 0, k = 0; i < sent_count; i++, k++) {
		int order = k < found_count ? by_uri(&found[k], &wanted[i]) : 1;
		if (order > 0)
			REFUSE(fault, INVALID_RECEIPT, "the receipt does not confirm \"%.120s\"", wanted[i]->uri);
		if (order < 0)
			REFUSE(fault, INVALID_RECEIPT, "the receipt confirms \"%.120s\", which was not sent, or twice", found[k]->uri);
		if (!text_equal(found[k]->digest, wanted[i]->digest) || !text_equal(found[k]->digest_method, wanted[i]->digest_method))
			REFUSE(fault, INVALID_RECEIPT, "the receipt has another digest of \"%.120s\" than was sent", wanted[i]->uri);
	}
	if (found_count > sent_count)
		REFUSE(fault, INVALID_RECEIPT, "the receipt confirms \"%.120s\", which was not sent, or twice", found[sent_count]->uri);
	return 0;
}

int as4_receipt_check(const struct as4_header *receipt, const char *message_id, const struct as4_reference *sent, enum ebms_code *code_r,
                      struct error *error)
{
	struct fault fault = { EBMS_NONE, error };
	int result = check(receipt, message_id, sent, &fault);
	*code_r = fault.code;
	return result;
}
