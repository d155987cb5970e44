/* Messages in, step one: MIME, SOAP, header, and which part is which. Nothing of it is believed yet. */
#include <stdlib.h>
#include <string.h>

#include "as4/inside.h"
#include "lib/base/text.h"

static int read_soap(struct as4_inside *inside, size_t at, size_t size, size_t most, struct fault *fault)
{
	if (size > most)
		REFUSE(fault, INVALID_HEADER, "the SOAP part has %zu octets, more than %zu", size, most);
	uint8_t *octets = arena_alloc(inside->arena, size + 1);
	fault->code = EBMS_OTHER;
	TRY(blob_read(inside->blob, at, octets, size, fault->error));
	return envelope_read(inside->arena, (struct bytes){ octets, size }, &inside->envelope, fault);
}

static int check_soap_type(const struct mime_type *type, struct fault *fault)
{
	const char *charset = mime_type_parameter(type, "charset");
	if (!text_equal(type->type, "application/soap+xml"))
		REFUSE(fault, MIME_INCONSISTENCY, "the SOAP part is of the type \"%.80s\", not application/soap+xml (SOAP 1.2)", type->type);
	if (charset && !text_equal_nocase(charset, "utf-8"))
		REFUSE(fault, MIME_INCONSISTENCY, "the SOAP part is in \"%.40s\", not in UTF-8", charset);
	return 0;
}

static int by_cid(const void *a, const void *b)
{
	return strcmp((*(struct part *const *)a)->shown.info->cid, (*(struct part *const *)b)->shown.info->cid);
}

static int key_to_cid(const void *key, const void *element)
{
	return strcmp(key, (*(struct part *const *)element)->shown.info->cid);
}

struct part *part_of_uri(const struct as4_inside *inside, const char *uri)
{
	if (!text_starts(uri, "cid:") || !inside->count)
		return NULL;
	struct part **found = bsearch(uri + 4, inside->by_cid, inside->count, sizeof *inside->by_cid, key_to_cid);
	return found ? *found : NULL;
}

static int list_parts(struct as4_incoming *in, struct fault *fault)
{
	struct as4_inside *inside = in->inside;
	size_t i = 0;
	inside->count = in->header.user.part_count;
	inside->parts = arena_array(inside->arena, inside->count + 1, sizeof *inside->parts);
	inside->by_cid = arena_array(inside->arena, inside->count + 1, sizeof *inside->by_cid);
	for (const struct as4_part_info *info = in->header.user.parts; info; info = info->next) {
		inside->parts[i].shown.info = info;
		inside->by_cid[i] = &inside->parts[i];
		i++;
	}
	qsort(inside->by_cid, inside->count, sizeof *inside->by_cid, by_cid);
	for (i = 1; i < inside->count; i++)
		if (by_cid(&inside->by_cid[i - 1], &inside->by_cid[i]) == 0)
			REFUSE(fault, VALUE_INCONSISTENT, "two eb:PartInfo have the href \"cid:%.120s\"", inside->by_cid[i]->shown.info->cid);
	return 0;
}

/* Each eb:PartInfo is a MIME part and each MIME part but the root is in an eb:PartInfo (ebMS 3 Core 5.2.2.12). */
static int match_parts(struct as4_incoming *in, struct fault *fault)
{
	struct as4_inside *inside = in->inside;
	size_t matched = 0;
	for (size_t i = 0; inside->mime && i < inside->mime->count; i++) {
		const struct mime_part *mime = &inside->mime->parts[i];
		if (mime == inside->mime->root)
			continue;
		struct part *part = mime->content_id ? part_of_uri(inside, arena_printf(inside->arena, "cid:%s", mime->content_id)) : NULL;
		if (!part)
			REFUSE(fault, MIME_INCONSISTENCY, "the MIME part with the Content-ID \"%.120s\" is in no eb:PartInfo", mime->content_id ? mime->content_id : "");
		part->mime = mime;
		part->type = mime->type.type;
		part->shown.size = mime->size;
		matched++;
	}
	for (size_t i = 0; matched < inside->count && i < inside->count; i++)
		if (!inside->parts[i].mime)
			REFUSE(fault, MIME_INCONSISTENCY, "eb:PartInfo \"cid:%.120s\" is no part of the message", inside->parts[i].shown.info->cid);
	return 0;
}

static int open_all(struct as4_incoming *in, const char *content_type, const struct as4_limits *limits, struct fault *fault)
{
	struct as4_inside *inside = in->inside;
	struct mime_type type;
	struct mime_message *mime = NULL;
	size_t most_soap = limits && limits->soap_bytes ? limits->soap_bytes : AS4_SOAP_BYTES;
	size_t most = limits && limits->message_bytes ? limits->message_bytes : AS4_MESSAGE_BYTES + most_soap;
	if (inside->blob->size > most)
		REFUSE(fault, MIME_INCONSISTENCY, "the message has %zu octets, more than the %zu that are taken", inside->blob->size, most);
	TRY_AS(fault, MIME_INCONSISTENCY, mime_type_parse(inside->arena, content_type, &type, fault->error));
	if (text_equal(type.type, "multipart/related")) {
		TRY_AS(fault, MIME_INCONSISTENCY, mime_parse(inside->arena, content_type, inside->blob, limits ? limits->parts : 0, &mime, fault->error));
		inside->mime = mime;
		TRY(check_soap_type(&mime->root->type, fault));
		TRY(read_soap(inside, mime->root->at, mime->root->size, most_soap, fault));
	} else {
		TRY(check_soap_type(&type, fault));
		TRY(read_soap(inside, 0, inside->blob->size, most_soap, fault));
	}
	TRY(header_read(inside->arena, inside->envelope.messaging, &in->header, fault));
	TRY(list_parts(in, fault));
	return match_parts(in, fault);
}

int as4_open(struct arena *arena, const char *content_type, const struct blob *blob, const struct as4_limits *limits,
             struct as4_incoming **incoming_r, enum ebms_code *code_r, struct error *error)
{
	struct as4_incoming *in = arena_alloc(arena, sizeof *in);
	struct blob *own = arena_alloc(arena, sizeof *own);
	struct fault fault = { EBMS_NONE, error };
	in->inside = arena_alloc(arena, sizeof *in->inside);
	*own = *blob;
	*in->inside = (struct as4_inside){ .arena = arena, .blob = own };
	*incoming_r = in;
	int result = open_all(in, content_type, limits, &fault);
	*code_r = fault.code;
	return result;
}
