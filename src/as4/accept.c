/* Messages in, step two: against the agreement. Step three: their parts. */
#include <stdio.h>
#include <string.h>

#include "as4/inside.h"
#include "as4/names.h"
#include "lib/base/text.h"
#include "lib/mime/gzip.h"

/* ---- the agreement ---- */

#define SHOWN(text) ((text) ? (text) : "none")

static int same(const char *what, const char *found, const char *agreed, struct fault *fault)
{
	if (!text_equal(found, agreed))
		REFUSE(fault, MODE_MISMATCH, "%s is \"%.120s\"; agreed is \"%.120s\"", what, SHOWN(found), SHOWN(agreed));
	return 0;
}

static int check_party(const char *side, const struct as4_party *found, const struct as4_party *agreed, struct fault *fault)
{
	char what[40];
	snprintf(what, sizeof what, "eb:%s/eb:PartyId", side);
	TRY(same(what, found->id, agreed->id, fault));
	snprintf(what, sizeof what, "the type of eb:%s/eb:PartyId", side);
	TRY(same(what, found->type, agreed->type, fault));
	snprintf(what, sizeof what, "eb:%s/eb:Role", side);
	return same(what, found->role, agreed->role, fault);
}

static int check_collaboration(const struct as4_header *header, const struct as4_collaboration *agreed, struct fault *fault)
{
	const struct as4_collaboration *found = &header->user.collaboration;
	TRY(same("eb:AgreementRef", found->agreement, agreed->agreement, fault));
	TRY(same("the type of eb:AgreementRef", found->agreement_type, agreed->agreement_type, fault));
	if (found->agreement_mode && agreed->agreement_mode)
		TRY(same("the pmode of eb:AgreementRef", found->agreement_mode, agreed->agreement_mode, fault));
	if (as4_is_test(header))
		return 0;
	if (agreed->service) {
		TRY(same("eb:Service", found->service, agreed->service, fault));
		TRY(same("the type of eb:Service", found->service_type, agreed->service_type, fault));
	}
	return agreed->action ? same("eb:Action", found->action, agreed->action, fault) : 0;
}

static int check_user(const struct as4_header *header, const struct as4_mode *mode, struct fault *fault)
{
	const struct as4_user *user = &header->user;
	TRY(check_party("From", &user->from, &mode->peer, fault));
	TRY(check_party("To", &user->to, &mode->self, fault));
	TRY(check_collaboration(header, &mode->collaboration, fault));
	TRY(same("the message's mpc", user->mpc ? user->mpc : DEFAULT_MPC, mode->mpc ? mode->mpc : DEFAULT_MPC, fault));
	if (mode->four_corners && !as4_is_test(header) &&
	    (!as4_property_find(user->properties, "originalSender") || !as4_property_find(user->properties, "finalRecipient")))
		REFUSE(fault, VALUE_INCONSISTENT, "the message has not both of the properties originalSender and finalRecipient (eDelivery AS4 1.15, 2.1)");
	for (const struct as4_part_info *part = user->parts; mode->must_compress && part; part = part->next)
		if (!part->compressed)
			REFUSE(fault, MODE_MISMATCH, "part \"%.80s\" is not compressed, which is agreed", part->cid);
	return 0;
}

static void show_parts(struct as4_incoming *in)
{
	struct as4_part *parts = arena_array(in->inside->arena, in->inside->count + 1, sizeof *parts);
	for (size_t i = 0; i < in->inside->count; i++)
		parts[i] = in->inside->parts[i].shown;
	in->parts = parts;
	in->count = in->inside->count;
}

/* As as4_open left them: a message may be held against several modes. */
static void reset(struct as4_incoming *in)
{
	in->verified = false;
	in->references = NULL;
	for (size_t i = 0; i < in->inside->count; i++) {
		struct part *part = &in->inside->parts[i];
		part->reference = NULL;
		part->type = part->mime->type.type;
		part->shown.encrypted = false;
	}
}

int as4_accept(struct as4_incoming *in, const struct as4_mode *mode, int64_t now, enum ebms_code *code_r, struct error *error)
{
	struct fault fault = { EBMS_NONE, error };
	int result = 0;
	reset(in);
	struct as4_mode *own = arena_alloc(in->inside->arena, sizeof *own);  /* as4_part_read asks it, when the caller's may be gone */
	*own = *mode;
	in->inside->mode = own;
	if (in->header.kind == AS4_USER)
		result = check_user(&in->header, mode, &fault);
	bool hint = in->header.kind == AS4_ERROR && mode->errors_unsigned && !in->inside->envelope.security;
	if (result == 0 && !hint)
		result = security_read(in, mode, now, &fault);
	if (result == 0)
		show_parts(in);
	*code_r = result < 0 ? fault.code : EBMS_NONE;
	return result;
}

/* ---- parts ---- */

struct unpacking {
	struct sink digest, out;
	struct gunzip *gunzip;             /* NULL: it is not compressed */
	size_t size, most;
};

static void unpacking_clear(struct unpacking *u)
{
	gunzip_free(&u->gunzip);
}

/* Takes the content as it was signed; digests and unpacks it. */
static int unpack(void *context, struct bytes bytes, struct error *error)
{
	struct unpacking *u = context;
	TRY(sink_write(&u->digest, bytes, error));
	if (u->gunzip)
		return gunzip_add(u->gunzip, bytes, error);
	u->size += bytes.size;
	if (u->size > u->most)
		FAIL(error, TOO_LARGE, "it is larger than the %zu octets that are allowed", u->most);
	return sink_write(&u->out, bytes, error);
}

static int read_part(const struct as4_incoming *in, const struct part *part, const struct sink *out, struct fault *fault)
{
	const struct as4_mode *mode = in->inside->mode;
	const char *digest;
	CONTENT_AUTO content = { 0 };
	content_begin(&content, part->type, digest_bits(part->reference->digest_method));
	__attribute__((cleanup(unpacking_clear))) struct unpacking u = { .digest = content_sink(&content), .out = *out,
	                                                                 .most = mode->part_bytes ? mode->part_bytes : AS4_PART_BYTES };
	if (part->shown.info->compressed)
		u.gunzip = gunzip_new(u.most, mode->ratio, out);
	struct sink sink = { unpack, &u };
	fault->code = part->shown.info->compressed ? EBMS_DECOMPRESSION_FAILURE : EBMS_OTHER;
	TRY(part_stream(in->inside, part, &sink, fault));
	if (u.gunzip)
		TRY(gunzip_end(u.gunzip, fault->error));
	fault->code = EBMS_FAILED_AUTHENTICATION;
	TRY(content_end(&content, in->inside->arena, &digest, fault->error));
	if (!text_equal(digest, part->reference->digest))
		FAIL(fault->error, BAD_SIGNATURE, "it changed after it was verified");
	return 0;
}

int as4_part_read(const struct as4_incoming *in, size_t index, const struct sink *out, enum ebms_code *code_r, struct error *error)
{
	struct fault fault = { EBMS_NONE, error };
	must(in->verified && index < in->count);
	const struct part *part = &in->inside->parts[index];
	int result = read_part(in, part, out, &fault);
	*code_r = result < 0 ? fault.code : EBMS_NONE;
	return result < 0 ? error_during(error, "part \"%.80s\"", part->shown.info->cid) : 0;
}
