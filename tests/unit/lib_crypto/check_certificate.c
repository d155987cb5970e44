/* Paths in their right order, key identifiers, pinned leaves, revocation lists (made with OpenSSL's command line). */
#include <stdio.h>
#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/memory.h"
#include "support/folder.h"
#include "support/suite.h"

#define FROM INT64_C(1420070400000)  /* 2015 */
#define NOW INT64_C(1454464101000)   /* 2016-02-03T01:48:21Z */
#define UNTIL INT64_C(2051222400000) /* 2035 */

struct family {
	struct key *root_key, *middle_key, *leaf_key;
	struct certificate *root, *middle, *leaf;  /* each alone */
};

static void family_make(struct family *f)
{
	struct certificate_order order = { .name = "Root", .country = "NL", .is_authority = true, .from = FROM, .until = UNTIL };
	must_succeed(key_make("p256", &f->root_key, error));
	must_succeed(key_make("p256", &f->middle_key, error));
	must_succeed(key_make("p256", &f->leaf_key, error));
	must_succeed(certificate_make(&order, f->root_key, NULL, NULL, &f->root, error));
	order.name = "Middle";
	must_succeed(certificate_make(&order, f->middle_key, f->root, f->root_key, &f->middle, error));
	order.name = "Leaf";
	order.is_authority = false;
	must_succeed(certificate_make(&order, f->leaf_key, f->middle, f->middle_key, &f->leaf, error));
}

static void family_clear(struct family *f)
{
	key_free(&f->root_key);
	key_free(&f->middle_key);
	key_free(&f->leaf_key);
	certificate_free(&f->root);
	certificate_free(&f->middle);
	certificate_free(&f->leaf);
}
#define FAMILY(name) __attribute__((cleanup(family_clear))) struct family name = { 0 }; family_make(&name)

static struct certificate *list(const struct certificate *a, const struct certificate *b, const struct certificate *c)
{
	struct certificate *first = certificate_copy(a);
	if (b)
		certificate_append(first, certificate_copy(b));
	if (c)
		certificate_append(first, certificate_copy(c));
	return first;
}

START_TEST(paths_come_back_leaf_first_and_only_in_their_order)
{
	FAMILY(f);
	ARENA_AUTO arena = arena_new();
	CERTIFICATE_AUTO chain = list(f.leaf, f.middle, f.root);
	CERTIFICATE_AUTO turned = list(f.root, f.middle, f.leaf);
	CERTIFICATE_AUTO gap = list(f.leaf, f.root, NULL);
	CERTIFICATE_AUTO read = NULL;
	CERTIFICATE_AUTO one = NULL;
	CERTIFICATE_AUTO none = NULL;
	struct bytes der = certificate_path(chain, arena), leaf = certificate_der(f.leaf, arena);
	ck_assert_int_eq(memcmp(der.data + der.size - leaf.size, leaf.data, leaf.size), 0);  /* the leaf is the last */
	must_succeed(certificate_from_path(der, &read, error));
	ck_assert_str_eq(certificate_subject(read, arena), "CN=Leaf,C=NL");
	ck_assert_str_eq(certificate_subject(certificate_next(certificate_next(read)), arena), "CN=Root,C=NL");
	must_succeed(certificate_from_path(certificate_path(f.leaf, arena), &one, error));
	ck_assert_ptr_null(certificate_next(one));
	struct error why = { 0 };
	ck_assert_int_lt(certificate_from_path(certificate_path(turned, arena), &none, &why), 0);
	ck_assert_ptr_nonnull(strstr(why.text, "signer's certificate first"));
	must_fail(certificate_from_path(certificate_path(gap, arena), &none, error), BAD_CERTIFICATE);
	must_fail(certificate_from_path(leaf, &none, error), BAD_CERTIFICATE);
	must_fail(certificate_from_path((struct bytes){ 0 }, &none, error), BAD_CERTIFICATE);
	must_fail(certificate_from_path((struct bytes){ (const uint8_t *)"\x30\0", 2 }, &none, error), BAD_CERTIFICATE);
	must_fail(certificate_from_path((struct bytes){ (const uint8_t *)"\x30\x80\0\0", 4 }, &none, error), BAD_CERTIFICATE);
	for (size_t i = 0; i < der.size; i += 3)
		must_fail(certificate_from_path((struct bytes){ der.data, i }, &none, error), BAD_CERTIFICATE);
	CERTIFICATE_AUTO many = list(f.root, f.root, f.root);
	for (int i = 0; i < 6; i++)
		certificate_append(many, certificate_copy(f.root));
	must_fail(certificate_from_path(certificate_path(many, arena), &none, error), BAD_CERTIFICATE);
}
END_TEST

START_TEST(names_of_certificates_are_those_of_openssl)
{
	FAMILY(f);
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO hex = { 0 };
	char line[400] = "", id[200] = "";
	const char *path = file_path(arena, folder, "leaf.pem");
	must_succeed(certificate_write(f.leaf, path, error));
	FILE *out = popen(arena_printf(arena, "openssl x509 -in %s -noout -ext subjectKeyIdentifier | tail -1 | tr -d ' :\\n' | tr A-F a-f", path), "r");
	ck_assert_ptr_nonnull(fgets(id, sizeof id, out));
	pclose(out);
	text_hex(&hex, certificate_key_id(f.leaf, arena));
	ck_assert_str_eq(buffer_text(&hex), id);
	out = popen(arena_printf(arena, "openssl x509 -in %s -noout -serial | sed 's/.*=//' | (read n; echo \"ibase=16; $n\" | BC_LINE_LENGTH=0 bc 2>/dev/null)", path), "r");
	if (fgets(line, sizeof line, out)) {  /* where bc is installed */
		line[strcspn(line, "\n")] = '\0';
		ck_assert_str_eq(certificate_serial(f.leaf, arena), line);
	}
	pclose(out);
	ck_assert_uint_gt(strlen(certificate_serial(f.leaf, arena)), 10);
}
END_TEST

START_TEST(trust_is_by_anchor_or_by_name)
{
	FAMILY(f);
	FAMILY(other);
	CERTIFICATE_AUTO chain = list(f.leaf, f.middle, NULL);
	must_succeed(certificate_trust(chain, &(struct trust){ .anchors = f.root }, NOW, error));
	must_fail(certificate_trust(f.leaf, &(struct trust){ .anchors = f.root }, NOW, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(chain, &(struct trust){ .anchors = other.root }, NOW, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(chain, &(struct trust){ 0 }, NOW, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(chain, &(struct trust){ .anchors = f.root }, FROM - 1000, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(f.middle, &(struct trust){ .anchors = f.root }, NOW, error), BAD_CERTIFICATE);
	must_succeed(certificate_trust(f.leaf, &(struct trust){ .pinned = f.leaf }, NOW, error));
	must_fail(certificate_trust(f.leaf, &(struct trust){ .pinned = f.leaf }, UNTIL + 1000, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(f.leaf, &(struct trust){ .pinned = other.leaf }, NOW, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(f.middle, &(struct trust){ .pinned = f.middle }, NOW, error), BAD_CERTIFICATE);
}
END_TEST

/* A list of `authority`, in force from 2016 to 2017, with `revoked` in it where given. */
static struct revocations *make_list(struct arena *arena, const char *folder, const struct certificate *authority, const struct key *key,
                                     const struct certificate *revoked)
{
	BUFFER_AUTO index = { 0 };
	const char *config = arena_printf(arena, "[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\ndefault_md=sha256\n", folder);
	struct revocations *made;
	if (revoked) {
		must_succeed(certificate_write(revoked, file_path(arena, folder, "revoked.pem"), error));
		char line[200] = "";
		FILE *out = popen(arena_printf(arena, "openssl x509 -in %s/revoked.pem -noout -serial | sed 's/.*=//'", folder), "r");
		ck_assert_ptr_nonnull(fgets(line, sizeof line, out));
		pclose(out);
		line[strcspn(line, "\n")] = '\0';
		buffer_printf(&index, "R\t350101000000Z\t160102000000Z\t%s\tunknown\t/C=NL/CN=x\n", line);
	}
	must_succeed(file_write(file_path(arena, folder, "index"), buffer_bytes(&index), 0600, error));
	must_succeed(file_write(file_path(arena, folder, "ca.cnf"), bytes_of_text(config), 0600, error));
	must_succeed(certificate_write(authority, file_path(arena, folder, "ca.pem"), error));
	must_succeed(key_write(key, file_path(arena, folder, "ca.key"), error));
	const char *command = arena_printf(arena, "cd %s && openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -crl_lastupdate 160101000000Z "
	                                   "-crl_nextupdate 170101000000Z -out list.pem 2>/dev/null", folder);
	ck_assert_int_eq(system(command), 0);
	must_succeed(revocations_open(file_path(arena, folder, "list.pem"), &made, error));
	return made;
}

START_TEST(revoked_certificates_are_refused)
{
	FAMILY(f);
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	CERTIFICATE_AUTO chain = list(f.leaf, f.middle, NULL);
	struct revocations *clean = make_list(arena, folder, f.middle, f.middle_key, NULL), *revoked = make_list(arena, folder, f.middle, f.middle_key, f.leaf);
	struct revocations *of_root = make_list(arena, folder, f.root, f.root_key, NULL);
	must_succeed(certificate_trust(chain, &(struct trust){ .anchors = f.root, .revocations = clean }, NOW, error));
	must_fail(certificate_trust(chain, &(struct trust){ .anchors = f.root, .revocations = revoked }, NOW, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(chain, &(struct trust){ .anchors = f.root, .revocations = of_root }, NOW, error), BAD_CERTIFICATE);
	must_fail(certificate_trust(chain, &(struct trust){ .anchors = f.root, .revocations = clean }, NOW + INT64_C(400) * 86400000, error), BAD_CERTIFICATE);
	struct revocations *none;
	must_fail(revocations_open(file_path(arena, folder, "ca.pem"), &none, error), BAD_CERTIFICATE);
	revocations_free(&clean);
	revocations_free(&revoked);
	revocations_free(&of_root);
}
END_TEST

START_TEST(trust_is_remembered_for_a_while)
{
	FAMILY(f);
	FAMILY(other);
	ARENA_AUTO arena = arena_new();
	CERTIFICATE_AUTO chain = list(f.leaf, f.middle, NULL);
	CERTIFICATE_AUTO found = NULL;
	struct trust trust = { .anchors = f.root };
	struct trust_memory *memory = trust_memory_new();
	struct bytes token = bytes_of_text("token"), strange = bytes_of_text("strange");
	ck_assert_ptr_null(trust_memory_find(memory, token, NOW));
	must_fail(trust_memory_check(memory, strange, other.leaf, &trust, NOW, error), BAD_CERTIFICATE);
	ck_assert_ptr_null(trust_memory_find(memory, strange, NOW));
	must_succeed(trust_memory_check(memory, token, chain, &trust, NOW, error));
	found = trust_memory_find(memory, token, NOW + TRUST_MEMORY_MS);
	ck_assert_str_eq(certificate_subject(found, arena), "CN=Leaf,C=NL");
	ck_assert_str_eq(certificate_subject(certificate_next(found), arena), "CN=Middle,C=NL");
	ck_assert_ptr_null(trust_memory_find(memory, token, NOW + TRUST_MEMORY_MS + 1));
	ck_assert_ptr_null(trust_memory_find(memory, token, NOW - 1));
	must_succeed(trust_memory_check(memory, token, chain, &trust, UNTIL - 1000, error));
	ck_assert_ptr_null(trust_memory_find(memory, token, UNTIL + 1000));  /* not past a certificate's end */
	for (int i = 0; i < 40; i++)
		must_succeed(trust_memory_check(memory, bytes_of_text(arena_printf(arena, "%d", i)), chain, &trust, NOW, error));
	ck_assert_ptr_null(trust_memory_find(memory, bytes_of_text("0"), NOW));
	certificate_free(&found);
	found = trust_memory_find(memory, bytes_of_text("39"), NOW);
	ck_assert_ptr_nonnull(found);
	ck_assert_ptr_null(trust_memory_find(NULL, token, NOW));
	trust_memory_free(&memory);
}
END_TEST

START_TEST(short_rsa_keys_need_to_be_agreed)
{
	ARENA_AUTO arena = arena_new();
	FOLDER(folder);
	KEY_AUTO key = NULL;
	KEY_AUTO read = NULL;
	CERTIFICATE_AUTO certificate = NULL;
	struct certificate_order order = { .name = "x", .from = FROM, .until = UNTIL };
	struct key_job job = { .octets = bytes_of_text("text") };
	const char *path = file_path(arena, folder, "key.pem");
	must_succeed(key_make("rsa2048", &key, error));
	must_succeed(certificate_make(&order, key, NULL, NULL, &certificate, error));
	must_succeed(key_write(key, path, error));
	must_fail(key_open(path, &read, error), BAD_KEY);
	must_succeed(key_open_least(path, 2048, &read, error));
	must_succeed(key_sign(read, ALGORITHM_RSA_PKCS1_SHA256, &job, 1, arena, error));
	must_fail(certificate_verify(certificate, ALGORITHM_RSA_PKCS1_SHA256, job.octets, job.signature, error), BAD_KEY);
	must_succeed(certificate_verify_least(certificate, ALGORITHM_RSA_PKCS1_SHA256, 2048, job.octets, job.signature, error));
}
END_TEST

SUITE("certificate", paths_come_back_leaf_first_and_only_in_their_order, names_of_certificates_are_those_of_openssl, trust_is_by_anchor_or_by_name,
      revoked_certificates_are_refused, trust_is_remembered_for_a_while, short_rsa_keys_need_to_be_agreed)
