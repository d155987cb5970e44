/* A user message against the agreement. The as4 tool checks all of it too; here the rules are told apart, some are stricter than
 * the tool's, and some errors are those of ICS2. */
#include <string.h>

#include "as4/names.h"
#include "lib/base/text.h"
#include "sandbox/hub_inside.h"

#define ALL_BYTES ((size_t)100 << 20)   /* of all parts, unpacked (ICS2 ICD 4.2.6, of the document) */
#define ICS2_SERVICE "eu_ics2_t2c"
#define ICS2_SERVICE_TYPE "eu-customs-service-type"

static const char *shown(const char *text)
{
	return text ? text : "";
}

/* ICS2 ICD 4.6.3: who is not registered, or not with this certificate, is refused with a subcode of its own. */
static int not_registered(struct hub_intake *in, enum hub_rule rule, const char *words)
{
	in->detail = "A001";
	return hub_refuse(in, EBMS_OTHER, rule, "A001: %s", words);
}

static int check_parties(struct hub_intake *in)
{
	const struct as4_user *user = &in->in->header.user;
	const struct as4_party *self = &in->hub->setup->party;
	in->peer = hub_peer_of(in->hub, user->from.id);
	if (!in->peer || !text_equal(user->from.type, in->peer->setup->party.type))
		return not_registered(in, HUB_PARTY, arena_printf(in->arena, "party \"%.80s\" with the type \"%.120s\" is not registered", user->from.id,
		                                                  shown(user->from.type)));
	if (!text_equal(user->to.id, self->id) || !text_equal(user->to.type, self->type))
		HUB_REFUSE(in, MODE_MISMATCH, TO, "eb:To is \"%.80s\" with the type \"%.120s\"; this is \"%s\" with the type \"%s\"", user->to.id, shown(user->to.type),
		           self->id, self->type);
	if (!text_equal(user->from.role, in->peer->setup->party.role) || !text_equal(user->to.role, self->role))
		HUB_REFUSE(in, MODE_MISMATCH, ROLE, "the roles are \"%.60s\" and \"%.60s\"; agreed are \"%s\" and \"%s\"", user->from.role, user->to.role,
		           in->peer->setup->party.role, self->role);
	return 0;
}

/* ---- what it is about ---- */

static bool among(const char *const *names, const char *name)
{
	while (*names && !text_equal(*names, name))
		names++;
	return *names != NULL;
}

static int check_collaboration(struct hub_intake *in)
{
	static const char *const reports[] = { "SCI001", "SCA001", "SCW001", "SCR001", NULL }, *const replies[] = { "IE3R02", NULL };
	const struct as4_collaboration *c = &in->in->header.user.collaboration;
	const struct hub_peer_setup *agreed = in->peer->setup;
	if (!c->agreement)
		HUB_REFUSE(in, MODE_MISMATCH, AGREEMENT, "there is no eb:AgreementRef; \"%s\" with the type \"%s\" is agreed", agreed->agreement, agreed->agreement_type);
	if (!text_equal(c->agreement, agreed->agreement) || !text_equal(c->agreement_type, agreed->agreement_type))
		HUB_REFUSE(in, MODE_MISMATCH, AGREEMENT, "eb:AgreementRef is \"%.80s\" with the type \"%.80s\"; agreed is \"%s\" with the type \"%s\"", c->agreement,
		           shown(c->agreement_type), agreed->agreement, agreed->agreement_type);
	if (as4_is_test(&in->in->header))
		return 0;
	bool report = text_equal(c->service, in->hub->setup->service), reply = text_equal(c->service, ICS2_SERVICE);
	if (!report && !reply)
		HUB_REFUSE(in, VALUE_NOT_RECOGNIZED, SERVICE, "eb:Service \"%.120s\" is not known here; there are \"%s\" and \"" ICS2_SERVICE "\"", c->service,
		           in->hub->setup->service);
	if (reply && !text_equal(c->service_type, ICS2_SERVICE_TYPE))
		HUB_REFUSE(in, VALUE_NOT_RECOGNIZED, SERVICE, "the type of eb:Service is \"%.80s\", not \"" ICS2_SERVICE_TYPE "\"", shown(c->service_type));
	if (!among(report ? reports : replies, c->action))
		HUB_REFUSE(in, VALUE_NOT_RECOGNIZED, ACTION, "eb:Action \"%.80s\" is not known to service \"%s\" here; it has %s", c->action, c->service,
		           report ? "SCI001, SCA001, SCW001 and SCR001" : "IE3R02, and no filings are taken");
	return 0;
}

static int check_channel(struct hub_intake *in)
{
	const char *mpc = in->in->header.user.mpc;
	if (mpc && !text_equal(mpc, DEFAULT_MPC))
		HUB_REFUSE(in, MODE_MISMATCH, MPC, "the message came by the channel \"%.120s\"; what is pushed goes through the default one", mpc);
	return 0;
}

/* ---- its parts ---- */

/* Beside a report its detached signature may lie, which is XML; nothing else is. */
static bool attachment_is_good(const struct hub_intake *in, const struct as4_part_info *part)
{
	bool report = text_equal(in->in->header.user.collaboration.service, in->hub->setup->service);
	if (report && text_equal(as4_property_find(part->properties, "Purpose"), "signature"))
		return text_equal(part->mime_type, "application/xml");
	return text_equal(part->mime_type, "application/pdf") || text_equal(part->mime_type, "image/jpeg");
}

static int check_parts(struct hub_intake *in)
{
	const struct as4_part_info *part = in->in->header.user.parts;
	for (const struct as4_part_info *at = part; at; at = at->next)
		if (!at->compressed)
			HUB_REFUSE(in, MODE_MISMATCH, COMPRESSION, "part \"%.80s\" is not compressed", at->cid);
	if (as4_is_test(&in->in->header))
		return 0;
	if (!part)
		HUB_REFUSE(in, MODE_MISMATCH, DOCUMENT, "the message carries no document");
	if (!text_equal(part->mime_type, "application/xml"))
		HUB_REFUSE(in, VALUE_INCONSISTENT, DOCUMENT, "the first part is \"%.80s\"; the document comes first, and is application/xml", shown(part->mime_type));
	if (part->character_set && !text_equal_nocase(part->character_set, "utf-8"))
		HUB_REFUSE(in, VALUE_INCONSISTENT, DOCUMENT, "the document is in \"%.40s\"; UTF-8 is wanted", part->character_set);
	while ((part = part->next))
		if (!attachment_is_good(in, part))
			HUB_REFUSE(in, VALUE_INCONSISTENT, ATTACHMENT, "part \"%.80s\" is \"%.80s\"; attachments are application/pdf or image/jpeg", part->cid,
			           shown(part->mime_type));
	return 0;
}

/* The signature; then, of one that is good, whether it is the one of the party. */
static int check_signature(struct hub_intake *in)
{
	struct as4_mode mode = in->peer->mode;
	int64_t now = hub_time(in->hub);
	struct error ignored;
	enum ebms_code code;
	if (as4_accept(in->in, &mode, now, &in->code, &in->error) == 0)
		return 0;
	mode.signer = NULL;
	if (as4_accept(in->in, &mode, now, &code, &ignored) == 0)
		return not_registered(in, HUB_SIGNER, arena_printf(in->arena, "%.300s", in->error.text));
	return hub_refuse_as(in, true);
}

static int read_parts(struct hub_intake *in)
{
	size_t left = ALL_BYTES;
	in->parts = in->in->count ? arena_array(in->arena, in->in->count, sizeof *in->parts) : NULL;
	for (size_t i = 0; i < in->in->count; i++) {
		BUFFER_AUTO out = { .ceiling = left ? left : 1 };
		struct sink sink = sink_to_buffer(&out);
		if (as4_part_read(in->in, i, &sink, &in->code, &in->error) < 0)
			return hub_refuse_as(in, true);
		in->parts[i] = arena_bytes(in->arena, buffer_bytes(&out));
		left -= out.size < left ? out.size : left;
	}
	return 0;
}

/* ---- what is taken and noted ---- */

static bool is_uuid_at_domain(const char *id)
{
	static const char digits[] = "0123456789abcdefABCDEF";
	for (size_t i = 0; i < 36; i++)
		if (i == 8 || i == 13 || i == 18 || i == 23 ? id[i] != '-' : !id[i] || !strchr(digits, id[i]))
			return false;
	return id[36] == '@' && id[37];
}

static void remark(const struct hub_intake *in, struct json *remarks, enum hub_rule rule)
{
	json_append(remarks, json_new_text(in->arena, hub_rule_row(rule)->slug));
}

static void note_remarks(const struct hub_intake *in, struct json *remarks)
{
	const struct as4_header *header = &in->in->header;
	if (!is_uuid_at_domain(header->message_id))
		remark(in, remarks, HUB_MESSAGE_ID);
	if (header->user.properties)
		remark(in, remarks, HUB_PROPERTIES);
	if (header->user.parts && !header->user.parts->character_set && !as4_is_test(header))
		remark(in, remarks, HUB_CHARACTER_SET);
}

int hub_check_user(struct hub_intake *in, struct json *remarks)
{
	TRY(check_parties(in));
	TRY(check_collaboration(in));
	TRY(check_channel(in));
	TRY(check_parts(in));
	TRY(check_signature(in));
	TRY(read_parts(in));
	note_remarks(in, remarks);
	return 0;
}
