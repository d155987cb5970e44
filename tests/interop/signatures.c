/* signatures: our side of the exchange of signatures with other people's software; tests/interop/signatures.sh runs it.
 *
 *   signatures sign FOLDER      makes an authority, keys and certificates, and signs every <name>.xml with each kind of
 *                               key: <name>.<kind>.sig beside it, <name>.<kind>.signed with the signature in it
 *   signatures verify FOLDER    reads what somebody else signed under the same names and with the same keys
 *
 * `verify` writes a line per signature, TAP without a plan.
 */
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sign/sign.h"

#define FROM INT64_C(1420070400000)  /* 2015 */
#define UNTIL INT64_C(2051222400000) /* 2035 */

static const struct kind {
	const char *name, *key;
	bool legacy;
} kinds[] = {
	{ "p256", "p256", false },          { "p384", "p384", false },       { "rsa-pss", "rsa3072", false },
	{ "rsa-pkcs1", "rsa3072", true },   { "ed25519", "ed25519", false },
};
#define KINDS (sizeof kinds / sizeof *kinds)

struct task {
	struct arena *arena;
	const char *folder;
	const struct kind *kind;
	const char *name;               /* of the document, without .xml */
	const struct certificate *anchors, *others;
	unsigned failed, count;
};

static const char *in(const struct task *t, const char *name)
{
	return file_path(t->arena, t->folder, name);
}

static const char *named(const struct task *t, const char *what)
{
	return in(t, arena_printf(t->arena, "%s.%s.%s", t->name, t->kind->name, what));
}

/* ---- sign ---- */

static int make_authority(const struct task *t, const char *file, struct key **key_r, struct certificate **ca_r, struct error *error)
{
	struct certificate_order order = { .name = arena_printf(t->arena, "Authority of %s", file), .country = "NL", .is_authority = true,
		                           .from = FROM, .until = UNTIL };
	TRY(key_make("p384", key_r, error));
	TRY(certificate_make(&order, *key_r, NULL, NULL, ca_r, error));
	return certificate_write(*ca_r, in(t, file), error);
}

static int make_signer(struct task *t, const struct certificate *ca, const struct key *ca_key, struct error *error)
{
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	struct certificate_order order = { .name = arena_printf(t->arena, "Seal %s", t->kind->name), .organisation = "Port", .country = "NL",
		                           .from = FROM, .until = UNTIL };
	TRY(key_make(t->kind->key, &key, error));
	TRY(certificate_make(&order, key, ca, ca_key, &leaf, error));
	TRY(key_write(key, in(t, arena_printf(t->arena, "%s.key", t->kind->name)), error));
	return certificate_write(leaf, in(t, arena_printf(t->arena, "%s.pem", t->kind->name)), error);
}

static int sign_one(struct task *t, struct error *error)
{
	SIGNER_AUTO signer = NULL;
	BUFFER_AUTO document = { 0 };
	BUFFER_AUTO detached = { 0 };
	BUFFER_AUTO enveloped = { 0 };
	TRY(signer_open(in(t, arena_printf(t->arena, "%s.key", t->kind->name)), in(t, arena_printf(t->arena, "%s.pem", t->kind->name)), t->kind->legacy,
	                &signer, error));
	TRY(file_read(in(t, arena_printf(t->arena, "%s.xml", t->name)), &document, error));
	TRY(sign_detached(signer, buffer_bytes(&document), arena_printf(t->arena, "%s.xml", t->name), clock_real_ms(), &detached, error));
	TRY(sign_enveloped(signer, buffer_bytes(&document), clock_real_ms(), &enveloped, error));
	TRY(file_write(named(t, "sig"), buffer_bytes(&detached), 0644, error));
	return file_write(named(t, "signed"), buffer_bytes(&enveloped), 0644, error);
}

/* ---- verify ---- */

static void say(struct task *t, bool good, const char *what, const char *more)
{
	t->count++;
	t->failed += !good;
	printf("%s - Sealgate: %s %s %s: %s\n", good ? "ok" : "not ok", t->name, t->kind->name, what, more);
}

static void expect(struct task *t, bool wanted, int result, const struct error *error, const char *what)
{
	say(t, wanted == (result == 0), what, result == 0 ? "valid" : wanted ? error->text : "refused");
}

/* The same octets, one of them changed, so far behind the place where `mark` begins. */
static struct bytes changed(const struct task *t, struct bytes octets, const char *mark, size_t offset)
{
	struct bytes out = arena_bytes(t->arena, octets);
	uint8_t *at = memmem(out.data, out.size, mark, strlen(mark));
	must(at && at + offset < out.data + out.size);
	at[offset] ^= 1;
	return out;
}

static int verify_one(struct task *t, struct error *error)
{
	BUFFER_AUTO document = { 0 };
	BUFFER_AUTO signature = { 0 };
	BUFFER_AUTO enveloped = { 0 };
	struct verdict v;
	struct error why = { 0 };
	int64_t now = clock_real_ms();
	TRY(file_read(in(t, arena_printf(t->arena, "%s.xml", t->name)), &document, error));
	TRY(file_read(named(t, "sig"), &signature, error));
	TRY(file_read(named(t, "signed"), &enveloped, error));
	struct bytes d = buffer_bytes(&document), s = buffer_bytes(&signature), e = buffer_bytes(&enveloped);
	const char *signer = arena_printf(t->arena, "CN=Seal %s", t->kind->name);
	expect(t, true, verify_detached(t->arena, d, s, t->anchors, signer, now, &v, &why), &why, "detached");
	expect(t, true, verify_enveloped(t->arena, e, t->anchors, signer, now, &v, &why), &why, "enveloped");
	expect(t, false, verify_detached(t->arena, changed(t, d, "WCOTypeName>", 12), s, t->anchors, signer, now, &v, &why), &why,
	       "detached, document changed");
	expect(t, false, verify_detached(t->arena, d, changed(t, s, "SigningTime>", 15), t->anchors, signer, now, &v, &why), &why,
	       "detached, SigningTime changed");
	expect(t, false, verify_detached(t->arena, d, changed(t, s, "MimeType>", 9), t->anchors, signer, now, &v, &why), &why,
	       "detached, MimeType changed");
	expect(t, false, verify_detached(t->arena, d, changed(t, s, "SignatureValue>", 35), t->anchors, signer, now, &v, &why), &why,
	       "detached, value changed");
	expect(t, false, verify_enveloped(t->arena, changed(t, e, "WCOTypeName>", 12), t->anchors, signer, now, &v, &why), &why,
	       "enveloped, document changed");
	expect(t, false, verify_detached(t->arena, d, s, t->others, signer, now, &v, &why), &why, "by a signer of another authority");
	return 0;
}

static int for_each(struct task *t, int (*run)(struct task *, struct error *), struct error *error)
{
	char **files;
	TRY(file_list(t->folder, t->arena, &files, error));
	for (; *files; files++) {
		if (!text_ends(*files, ".xml"))
			continue;
		t->name = arena_text_n(t->arena, *files, strlen(*files) - 4);
		for (t->kind = kinds; t->kind < kinds + KINDS; t->kind++)
			if (run(t, error) < 0)
				return error_during(error, "%s, %s", t->name, t->kind->name);
	}
	return 0;
}

static int sign_all(struct task *t, struct error *error)
{
	KEY_AUTO ca_key = NULL;
	KEY_AUTO other_key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	CERTIFICATE_AUTO other = NULL;
	TRY(make_authority(t, "ca.pem", &ca_key, &ca, error));
	TRY(make_authority(t, "other-ca.pem", &other_key, &other, error));
	for (t->kind = kinds; t->kind < kinds + KINDS; t->kind++)
		TRY(make_signer(t, ca, ca_key, error));
	return for_each(t, sign_one, error);
}

static int verify_all(struct task *t, struct error *error)
{
	CERTIFICATE_AUTO anchors = NULL;
	CERTIFICATE_AUTO others = NULL;
	TRY(certificate_open(in(t, "ca.pem"), &anchors, error));
	TRY(certificate_open(in(t, "other-ca.pem"), &others, error));
	t->anchors = anchors;
	t->others = others;
	return for_each(t, verify_one, error);
}

int main(int argc, char **argv)
{
	ARENA_AUTO arena = arena_new();
	struct error error = { 0 };
	struct task task = { .arena = arena, .folder = argc == 3 ? argv[2] : "" };
	bool signs = argc == 3 && text_equal(argv[1], "sign");
	if (!signs && !(argc == 3 && text_equal(argv[1], "verify"))) {
		fprintf(stderr, "usage: signatures sign|verify FOLDER\n");
		return 2;
	}
	if ((signs ? sign_all(&task, &error) : verify_all(&task, &error)) < 0) {
		fprintf(stderr, "signatures: %s\n", error.text);
		return 2;
	}
	return task.failed || (!signs && !task.count) ? 1 : 0;
}
