/* Our side of the exchange with phase4, over files; see check_phase4.
 *
 *   exchange keys DIR    makes an authority, and a trader and a hub for each kind of key
 *   exchange write DIR   DIR/ours/<case>.{as4,type}: our messages, as DIR/cases lists them
 *   exchange read DIR    DIR/theirs/<case>.{as4,type}: reads them, and writes DIR/ours/<case>-receipt.{as4,type}
 *   exchange check DIR   phase4's answers in DIR/ours, and what it says that it saw
 *
 * WSS4J takes at most 30 references in a signature: "many" is 26 parts.
 *
 * A line of TAP for each case. The words of a case's name say what it is, as in Peer.java.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "as4/names.h"
#include "as4/package.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"

#define DAY INT64_C(86400000)
#define EU_TYPE "urn:oasis:names:tc:ebcore:partyid-type:unregistered:eu-customs:"

static int failed, done;

static void report(bool good, const char *what, const char *name, const char *why)
{
	printf("%sok %d - %s %s%s%s\n", good ? "" : "not ", ++done, what, name, *why ? " # " : "", why);
	failed += !good;
}

/* For what must not fail on our own side. */
static void need(int result, const struct error *error)
{
	if (result == 0)
		return;
	fprintf(stderr, "exchange: %s\n", error->text);
	exit(1);
}

static bool says(const char *name, const char *word)
{
	size_t n = strlen(word);
	for (const char *at = name; (at = strstr(at, word)); at++)
		if ((at == name || at[-1] == '-') && (at[n] == '-' || at[n] == '\0'))
			return true;
	return false;
}

static const char *kind_of(const char *name)
{
	return says(name, "ecdsa") ? "p256" : says(name, "p384") ? "p384" : "rsa2048";
}

/* ---- keys ---- */

static void make_identity(struct arena *arena, const char *dir, const char *who, const char *name, const char *kind, const struct certificate *ca,
                          const struct key *ca_key)
{
	struct error error = { 0 };
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO chain = NULL;
	struct certificate_order order = { .name = name, .organisation = "Test", .country = "NL", .from = clock_real_ms() - DAY, .until = clock_real_ms() + 365 * DAY };
	need(key_make(kind, &key, &error), &error);
	need(certificate_make(&order, key, ca, ca_key, &chain, &error), &error);
	certificate_append(chain, certificate_copy(ca));
	need(key_write(key, arena_printf(arena, "%s/%s-%s.key", dir, who, kind), &error), &error);
	need(certificate_write(chain, arena_printf(arena, "%s/%s-%s.pem", dir, who, kind), &error), &error);
}

static void make_keys(struct arena *arena, const char *dir)
{
	static const char *const kinds[] = { "rsa2048", "p256", "p384" };
	struct error error = { 0 };
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	struct certificate_order order = { .name = "Test CA", .country = "NL", .is_authority = true, .from = clock_real_ms() - DAY, .until = clock_real_ms() + 365 * DAY };
	need(key_make("rsa3072", &key, &error), &error);
	need(certificate_make(&order, key, NULL, NULL, &ca, &error), &error);
	need(certificate_write(ca, arena_printf(arena, "%s/ca.pem", dir), &error), &error);
	for (size_t i = 0; i < 3; i++) {
		make_identity(arena, dir, "trader", "NL123456789", kinds[i], ca, key);
		make_identity(arena, dir, "hub", "sti-taxud", kinds[i], ca, key);
	}
}

/* ---- the mode of a case ---- */

static void open_chain(struct arena *arena, const char *path, const struct certificate **chain_r)
{
	struct error error = { 0 };
	struct certificate *chain;
	(void)arena;
	need(certificate_open(path, &chain, &error), &error);
	*chain_r = chain;
}

static struct as4_mode mode_of(struct arena *arena, const char *dir, const char *name)
{
	struct error error = { 0 };
	struct key *key;
	const char *kind = kind_of(name);
	struct as4_mode mode = {
		.name = name, .self = { "NL123456789", EU_TYPE "EORI", "Trader" }, .peer = { "sti-taxud", EU_TYPE "auth", "Customs" },
		.collaboration = { "EU-ICS2-TI-V2.0", "ics2-interface-version", NULL, "eu_ics2_c2t", "eu-customs-service-type", "IE3Q02", "1" },
		.signer = "CN=sti-taxud", .rsa_bits = 2048, .compress = !says(name, "plain"),
		.token = says(name, "x509v3") ? AS4_TOKEN_X509V3 : says(name, "ski") ? AS4_TOKEN_KEY_ID : says(name, "serial") ? AS4_TOKEN_ISSUER_SERIAL : AS4_TOKEN_PKIPATH,
	};
	need(key_open_least(arena_printf(arena, "%s/trader-%s.key", dir, kind), 2048, &key, &error), &error);
	mode.key = key;
	mode.algorithm = says(name, "pss") ? ALGORITHM_RSA_PSS_SHA256 : key_algorithm(key, true);
	open_chain(arena, arena_printf(arena, "%s/trader-%s.pem", dir, kind), &mode.chain);
	open_chain(arena, arena_printf(arena, "%s/hub-%s.pem", dir, kind), &mode.known);
	open_chain(arena, arena_printf(arena, "%s/ca.pem", dir), &mode.trust.anchors);
	if (says(name, "encrypt")) {
		mode.encrypt_for = mode.known;
		mode.decrypt_key = mode.key;
		mode.must_encrypt = true;
	}
	return mode;
}

static const char *path_of(struct arena *arena, const char *dir, const char *side, const char *name, const char *what)
{
	return arena_printf(arena, "%s/%s/%s.%s", dir, side, name, what);
}

static char *text_of(struct arena *arena, const char *path)
{
	char *text;
	struct error error = { 0 };
	need(file_read_text(path, arena, &text, &error), &error);
	return text;
}

static void write_message(struct arena *arena, const char *dir, const char *name, const struct as4_mode *mode, const struct as4_header *header,
                          const struct as4_payload *payloads, size_t count, bool spoil)
{
	struct error error = { 0 };
	struct as4_packed packed;
	BUFFER_AUTO octets = { 0 };
	BUFFER_AUTO references = { 0 };
	struct sink sink = sink_to_buffer(&octets);
	need(as4_pack(arena, mode, header, payloads, count, &sink, &packed, &error), &error);
	for (const struct as4_reference *r = packed.references; r; r = r->next)
		buffer_printf(&references, "%s %s\n", r->uri, r->digest);
	char *at = spoil ? memmem(octets.data, octets.size, "<eb:ConversationId>1", 20) : NULL;
	if (at)
		at[19] = '2';
	need(file_write(path_of(arena, dir, "ours", name, "as4"), buffer_bytes(&octets), 0600, &error), &error);
	need(file_write(path_of(arena, dir, "ours", name, "type"), bytes_of_text(packed.content_type), 0600, &error), &error);
	need(file_write(path_of(arena, dir, "ours", name, "references"), buffer_bytes(&references), 0600, &error), &error);
}

/* ---- write ---- */

static struct bytes noise(struct arena *arena, size_t size)
{
	uint8_t *out = arena_alloc(arena, size);
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(i * 2654435761u >> 13);
	return (struct bytes){ out, size };
}

struct payloads {
	struct as4_payload list[64];
	struct bytes octets[64];
	struct blob blobs[64];
	size_t count;
};

static void add_payload(struct payloads *p, const char *cid, const char *type, const char *charset, struct bytes octets)
{
	size_t i = p->count++;
	p->octets[i] = octets;
	p->blobs[i] = blob_of_bytes(&p->octets[i]);
	p->list[i] = (struct as4_payload){ .cid = cid, .mime_type = type, .character_set = charset, .content = &p->blobs[i] };
}

static struct payloads *payloads_of(struct arena *arena, const char *name)
{
	struct payloads *p = arena_alloc(arena, sizeof *p);
	if (says(name, "ping"))
		return p;
	const char *document = arena_printf(arena, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><q:IE3R02 xmlns:q=\"urn:q\" b='2' a='1'>%s \xc3\xa9</q:IE3R02>\n", name);
	add_payload(p, "message@trader", "application/xml", "UTF-8", bytes_of_text(document));
	if (says(name, "more")) {
		add_payload(p, "text@trader", "text/plain", "UTF-8", bytes_of_text("a\nb\r\nc"));
		add_payload(p, "picture@trader", "image/jpeg", NULL, noise(arena, 5000));
	}
	if (says(name, "large"))
		add_payload(p, "large@trader", "application/pdf", NULL, noise(arena, 15000000));
	for (size_t i = 0; says(name, "many") && i < 25; i++)
		add_payload(p, arena_printf(arena, "p%zu@trader", i), "application/pdf", NULL, noise(arena, 100 + i));
	return p;
}

static void write_case(struct arena *arena, const char *dir, const char *name)
{
	struct as4_mode mode = mode_of(arena, dir, name);
	struct payloads *p = payloads_of(arena, name);
	struct as4_header header;
	as4_user_begin(&mode, &header);
	header.message_id = arena_printf(arena, "%s@sealgate.example", name);
	header.time = clock_real_ms();
	if (says(name, "ping")) {
		header.user.collaboration.service = TEST_SERVICE;
		header.user.collaboration.service_type = NULL;
		header.user.collaboration.action = TEST_ACTION;
	}
	if (says(name, "pull"))
		header = (struct as4_header){ .kind = AS4_PULL, .message_id = header.message_id, .time = header.time,
			                      .pull_mpc = "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/NL123456789" };
	write_message(arena, dir, name, &mode, &header, says(name, "pull") ? NULL : p->list, says(name, "pull") ? 0 : p->count, says(name, "spoilt"));
}

/* ---- read ---- */

static int take_file(struct arena *arena, const char *as4, const char *type, const struct as4_mode *mode, struct as4_incoming **in, struct error *error)
{
	BUFFER_AUTO octets = { 0 };
	struct bytes *kept = arena_alloc(arena, sizeof *kept);
	enum ebms_code code;
	TRY(file_read(as4, &octets, error));
	*kept = arena_bytes(arena, buffer_bytes(&octets));
	struct blob blob = blob_of_bytes(kept);
	if (as4_open(arena, text_of(arena, type), &blob, NULL, in, &code, error) < 0 || as4_accept(*in, mode, clock_real_ms(), &code, error) < 0)
		return error_during(error, "%s", ebms_row(code)->code);
	return 0;
}

static struct bytes their_payload(struct arena *arena, const char *name, const char *cid)
{
	if (text_equal(cid, "text@hub"))
		return bytes_of_text("a\nb\r\nc");
	if (text_equal(cid, "picture@hub"))
		return noise(arena, 5000);
	if (text_equal(cid, "large@hub"))
		return noise(arena, 15000000);
	if (cid[0] == 'p')
		return noise(arena, 100 + (size_t)atoi(cid + 1));
	return bytes_of_text(arena_printf(arena, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!-- c --><q:IE3Q02 xmlns:q=\"urn:q\" b='2' a='1'>%s \xc3\xa9</q:IE3Q02>\n", name));
}

static int compare_parts(struct arena *arena, const char *name, const struct as4_incoming *in, struct error *error)
{
	size_t wanted = says(name, "ping") || says(name, "pull") ? 0 : 1 + (says(name, "more") ? 2u : 0u) + (says(name, "large") ? 1u : 0u) + (says(name, "many") ? 25u : 0u);
	if (in->count != wanted)
		FAIL(error, INTERNAL, "%zu parts, not %zu", in->count, wanted);
	for (size_t i = 0; i < in->count; i++) {
		BUFFER_AUTO out = { 0 };
		struct sink sink = sink_to_buffer(&out);
		enum ebms_code code;
		TRY(as4_part_read(in, i, &sink, &code, error));
		if (!bytes_equal(buffer_bytes(&out), their_payload(arena, name, in->parts[i].info->cid)))
			FAIL(error, INTERNAL, "part \"%s\" differs", in->parts[i].info->cid);
	}
	return 0;
}

static int read_case(struct arena *arena, const char *dir, const char *name, struct error *error)
{
	struct as4_mode mode = mode_of(arena, dir, name);
	struct as4_incoming *in;
	struct as4_header receipt;
	TRY(take_file(arena, path_of(arena, dir, "theirs", name, "as4"), path_of(arena, dir, "theirs", name, "type"), &mode, &in, error));
	TRY(compare_parts(arena, name, in, error));
	if (in->header.kind != AS4_USER)
		return 0;
	as4_receipt_for(in, arena_printf(arena, "receipt-%s@sealgate.example", name), clock_real_ms(), &receipt);
	mode.encrypt_for = NULL;
	write_message(arena, dir, arena_printf(arena, "%s-receipt", name), &mode, &receipt, NULL, 0, false);
	return 0;
}

/* ---- check ---- */

/* "<uri> <digest>" lines of what we sent, as a list. */
static struct as4_reference *references_of(struct arena *arena, const char *path)
{
	struct as4_reference *first = NULL, *last = NULL;
	char *text = text_of(arena, path);
	for (char *line; (line = strsep(&text, "\n")) && *line;) {
		struct as4_reference *one = arena_alloc(arena, sizeof *one);
		one->uri = strsep(&line, " ");
		one->digest = line;
		one->digest_method = DIGEST_SHA256;
		if (last)
			last->next = one;
		else
			first = one;
		last = one;
	}
	return first;
}

static int check_seen(struct arena *arena, const char *name, const char *seen, struct error *error)
{
	struct payloads *p = payloads_of(arena, name);
	for (size_t i = 0; i < p->count; i++) {
		char hex[DIGEST_HEX_SIZE];
		const char *line = arena_printf(arena, "%s %s\n", p->list[i].cid, digest_sha256_hex(p->octets[i], hex));
		if (!strstr(seen, line))
			FAIL(error, INTERNAL, "phase4 did not see %s in \"%.300s\"", line, seen);
	}
	return 0;
}

static int check_case(struct arena *arena, const char *dir, const char *name, struct error *error)
{
	struct as4_mode mode = mode_of(arena, dir, name);
	struct as4_incoming *in;
	enum ebms_code code;
	const char *seen = text_of(arena, path_of(arena, dir, "ours", name, "seen"));
	mode.errors_unsigned = true;
	if (says(name, "pull"))
		return text_starts(seen, "pull ") ? 0 : error_set(error, ERROR_INTERNAL, "phase4: %.400s", seen);
	if (take_file(arena, path_of(arena, dir, "ours", name, "answer"), path_of(arena, dir, "ours", name, "answer-type"), &mode, &in, error) < 0)
		return error_during(error, "answer (phase4 says \"%.200s\")", seen);
	if (says(name, "spoilt")) {
		enum ebms_code said = in->header.kind == AS4_ERROR ? ebms_find(in->header.errors->code) : EBMS_NONE;
		if (said != EBMS_FAILED_AUTHENTICATION && said != EBMS_FAILED_DECRYPTION)  /* phase4 says the latter of either */
			FAIL(error, INTERNAL, "a spoilt message was not answered with an error of its security");
		return 0;
	}
	if (in->header.kind == AS4_ERROR)
		FAIL(error, INTERNAL, "answered with %s: %s: %s", in->header.errors->code, in->header.errors->text,
		     in->header.errors->detail ? in->header.errors->detail : in->header.errors->description ? in->header.errors->description : "");
	TRY(as4_receipt_check(&in->header, arena_printf(arena, "%s@sealgate.example", name), references_of(arena, path_of(arena, dir, "ours", name, "references")),
	                      &code, error));
	return says(name, "ping") ? 0 : check_seen(arena, name, seen, error);
}

/* phase4 took our receipt, and it confirms what phase4 signed. */
static int check_receipt(struct arena *arena, const char *dir, const char *name, struct error *error)
{
	const char *receipt = arena_printf(arena, "%s-receipt", name), *seen = text_of(arena, path_of(arena, dir, "ours", receipt, "seen"));
	if (!text_starts(seen, "receipt "))
		FAIL(error, INTERNAL, "phase4: %.500s", seen);
	for (const struct as4_reference *r = references_of(arena, path_of(arena, dir, "theirs", name, "references")); r; r = r->next)
		if (!strstr(seen, arena_printf(arena, "%s %s\n", r->uri, r->digest)))
			FAIL(error, INTERNAL, "our receipt does not confirm \"%s\"", r->uri);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc != 3) {
		fprintf(stderr, "usage: exchange keys|write|read|check DIR\n");
		return 2;
	}
	ARENA_AUTO arena = arena_new();
	const char *what = argv[1], *dir = argv[2];
	if (text_equal(what, "keys")) {
		make_keys(arena, dir);
		return 0;
	}
	char *cases = text_of(arena, arena_printf(arena, "%s/cases", dir));
	for (char *name; (name = strsep(&cases, "\n")) && *name;) {
		ARENA_AUTO own = arena_new();
		struct error error = { 0 };
		if (text_equal(what, "write")) {
			write_case(own, dir, name);
		} else if (text_equal(what, "read")) {
			if (!says(name, "spoilt"))
				report(read_case(own, dir, name, &error) == 0, "phase4 to us:", name, error.text);
		} else {
			report(check_case(own, dir, name, &error) == 0, "us to phase4:", name, error.text);
			error = (struct error){ 0 };
			if (!says(name, "spoilt") && !says(name, "pull"))
				report(check_receipt(own, dir, name, &error) == 0, "our receipt to phase4:", name, error.text);
		}
	}
	if (done)
		printf("1..%d\n", done);
	return failed != 0;
}
