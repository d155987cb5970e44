/* tools: what one thread does for one message, against a floor; counted in CPU time of that thread, so that what else runs on
 * the machine hardly matters.
 *
 *	sign      a XAdES B-B signature on a document of 3 KB; floor: xmlsec1's library
 *	pipeline  map, validate and sign a report; floors: three SHA-256 and one ECDSA P-256 signature over the same lengths; xmlsec1
 *	verify    an answer of customs: its signature, its schema, its notices; floor: two ECDSA verifications (signer's and CA's)
 */
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "answer/answer.h"
#include "bench/bench.h"
#include "bench/floor_xmlsec.h"
#include "lib/base/file.h"
#include "lib/base/id.h"
#include "lib/base/text.h"
#include "lib/crypto/digest.h"
#include "map/map.h"
#include "sign/sign.h"
#include "validate/validate.h"

#define FROM INT64_C(1420070400000)  /* 2015 */
#define NOW INT64_C(1454464212000)   /* 2016-02-03T01:50:12Z */
#define UNTIL INT64_C(2051222400000) /* 2035 */
#define SECONDS 0.4

struct tools {
	struct arena *arena;
	const char *folder;
	struct signer *signer;
	struct certificate *anchors;
	struct map_set *set;
	struct validator *validator;
	const struct mapping *mapping;
	const struct json *input;
	struct bytes document, answer, answer_signature;
	size_t info_size, properties_size;
	EVP_PKEY *key;               /* of the floors */
	struct bytes a_signature;
};

static const char *in(struct tools *t, const char *name)
{
	return file_path(t->arena, t->folder, name);
}

static const char *source(struct tools *t, const char *name)
{
	return file_path(t->arena, SOURCE_DIR, name);
}

static void keys_make(struct tools *t)
{
	KEY_AUTO ca_key = NULL;
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	struct certificate_order authority = { .name = "Bench CA", .country = "NL", .is_authority = true, .from = FROM, .until = UNTIL };
	struct certificate_order order = { .name = "Gateway seal", .organisation = "Port", .country = "NL", .from = FROM, .until = UNTIL };
	bench_must(key_make("p256", &ca_key, error));
	bench_must(key_make("p256", &key, error));
	bench_must(certificate_make(&authority, ca_key, NULL, NULL, &ca, error));
	bench_must(certificate_make(&order, key, ca, ca_key, &leaf, error));
	bench_must(key_write(key, in(t, "key.pem"), error));
	bench_must(certificate_write(leaf, in(t, "leaf.pem"), error));
	bench_must(certificate_write(ca, in(t, "ca.pem"), error));
	bench_must(certificate_open(in(t, "ca.pem"), &t->anchors, error));
	bench_must(signer_open(in(t, "key.pem"), in(t, "leaf.pem"), false, &t->signer, error));
}

static struct bytes file_bytes(struct tools *t, const char *path)
{
	char *text;
	bench_must(file_read_text(path, t->arena, &text, error));
	return bytes_of_text(text);
}

static void tools_open(struct tools *t)
{
	struct json *input;
	struct bytes sample = file_bytes(t, source(t, "mappings/messages/wco-dms/integrity-report/sample.in.json"));
	BUFFER_AUTO out = { 0 };
	BUFFER_AUTO signature = { 0 };
	keys_make(t);
	bench_must(map_set_load(source(t, "mappings"), source(t, "schemas"), t->arena, NULL, &t->set, error));
	bench_must(validator_open(source(t, "schemas"), &t->validator, error));
	must((t->mapping = mapping_find(t->set, "messages/wco-dms/integrity-report")) != NULL);
	bench_must(json_parse(t->arena, sample, NULL, &input, error));
	t->input = input;
	bench_must(map_to_xml(t->mapping, input, t->arena, &out, NULL, error));
	t->document = arena_bytes(t->arena, buffer_bytes(&out));
	t->answer = file_bytes(t, source(t, "mappings/answers/wco-dms/response/sample-control.in.xml"));
	bench_must(sign_detached(t->signer, t->answer, "answer.xml", NOW, &signature, error));
	t->answer_signature = arena_bytes(t->arena, buffer_bytes(&signature));
	const char *text = buffer_text(&signature), *info = strstr(text, "<ds:SignedInfo"), *properties = strstr(text, "<xades:SignedProperties");
	t->info_size = (size_t)(strstr(info, "</ds:SignedInfo>") - info) + strlen("</ds:SignedInfo>");
	t->properties_size = (size_t)(strstr(properties, "</xades:SignedProperties>") - properties) + strlen("</xades:SignedProperties>");
	floor_xmlsec_open(in(t, "key.pem"), in(t, "leaf.pem"), t->document);
}

/* ---- the floor of pure cryptography ---- */

static void floor_open(struct tools *t)
{
	uint8_t digest[DIGEST_SHA256_SIZE];
	size_t size = 80;
	uint8_t *octets = arena_alloc(t->arena, size);
	must((t->key = EVP_EC_gen("P-256")) != NULL);
	digest_sha256(t->document, digest);
	EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(t->key, NULL);
	must(context && EVP_PKEY_sign_init(context) == 1 && EVP_PKEY_sign(context, octets, &size, digest, sizeof digest) == 1);
	EVP_PKEY_CTX_free(context);
	t->a_signature = (struct bytes){ octets, size };
}

static void floor_sign(void *context)
{
	struct tools *t = context;
	uint8_t digest[DIGEST_SHA256_SIZE], signature[80];
	size_t size = sizeof signature;
	digest_sha256(t->document, digest);
	digest_sha256((struct bytes){ t->document.data, t->properties_size }, digest);
	digest_sha256((struct bytes){ t->document.data, t->info_size }, digest);
	EVP_PKEY_CTX *sign = EVP_PKEY_CTX_new(t->key, NULL);
	must(sign && EVP_PKEY_sign_init(sign) == 1 && EVP_PKEY_sign(sign, signature, &size, digest, sizeof digest) == 1);
	EVP_PKEY_CTX_free(sign);
}

static void floor_verify(void *context)
{
	struct tools *t = context;
	uint8_t digest[DIGEST_SHA256_SIZE];
	digest_sha256(t->document, digest);
	for (int i = 0; i < 2; i++) {
		EVP_PKEY_CTX *verify = EVP_PKEY_CTX_new(t->key, NULL);
		must(verify && EVP_PKEY_verify_init(verify) == 1 &&
		     EVP_PKEY_verify(verify, t->a_signature.data, t->a_signature.size, digest, sizeof digest) == 1);
		EVP_PKEY_CTX_free(verify);
	}
}

/* ---- ours ---- */

static void sign_detached_once(void *context)
{
	struct tools *t = context;
	BUFFER_AUTO out = { 0 };
	bench_must(sign_detached(t->signer, t->document, "SG26B8QK3M0V7TZ4XH1RNE.xml", NOW, &out, error));
}

static void sign_enveloped_once(void *context)
{
	struct tools *t = context;
	BUFFER_AUTO out = { 0 };
	bench_must(sign_enveloped(t->signer, t->document, NOW, &out, error));
}

static void pipeline_once(void *context)
{
	struct tools *t = context;
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO document = { 0 };
	BUFFER_AUTO signature = { 0 };
	struct map_marks marks;
	bench_must(map_to_xml(t->mapping, t->input, arena, &document, &marks, error));
	bench_must(validate_own(t->validator, "wco-dms/declaration.xsd", buffer_bytes(&document), error));
	bench_must(sign_detached(t->signer, buffer_bytes(&document), "SG26B8QK3M0V7TZ4XH1RNE.xml", NOW, &signature, error));
}

static void map_once(void *context)
{
	struct tools *t = context;
	ARENA_AUTO arena = arena_new();
	BUFFER_AUTO document = { 0 };
	struct map_marks marks;
	bench_must(map_to_xml(t->mapping, t->input, arena, &document, &marks, error));
}

static void validate_once(void *context)
{
	struct tools *t = context;
	bench_must(validate_own(t->validator, "wco-dms/declaration.xsd", t->document, error));
}

static void verify_once(void *context)
{
	struct tools *t = context;
	ARENA_AUTO arena = arena_new();
	struct verdict verdict;
	struct json *notices;
	const char *type;
	bench_must(verify_detached(arena, t->answer, t->answer_signature, t->anchors, "Gateway seal", NOW, &verdict, error));
	bench_must(answer_read(t->set, t->validator, "wco-dms", false, t->answer, arena, &notices, &type, error));
}

struct pair {
	const char *name, *floor_name;
	void (*ours)(void *), (*floor)(void *);
	double target;
};

static void pair_measure(struct tools *t, const struct pair *pair)
{
	double ours[BENCH_ROUNDS], floor[BENCH_ROUNDS];
	for (size_t i = 0; i < BENCH_ROUNDS; i++) {
		ours[i] = bench_rate(pair->ours, t, SECONDS);
		floor[i] = bench_rate(pair->floor, t, SECONDS);
	}
	const struct figure figure = { .name = pair->name, .unit = "per CPU second", .floor_name = pair->floor_name, .ours = ours, .floor = floor,
		                       .rounds = BENCH_ROUNDS, .target = pair->target };
	bench_tell(&figure);
}

int main(void)
{
	static const struct pair pairs[] = {
		{ "sign/detached", "xmlsec1", sign_detached_once, floor_xmlsec_sign, 5 },
		{ "sign/enveloped", "xmlsec1", sign_enveloped_once, floor_xmlsec_sign, 5 },
		{ "pipeline/crypto", "3 SHA-256 + ECDSA", pipeline_once, floor_sign, 0.35 },
		{ "pipeline/xmlsec1", "xmlsec1", pipeline_once, floor_xmlsec_sign, 2.5 },
		{ "pipeline/map alone", "3 SHA-256 + ECDSA", map_once, floor_sign, 0 },
		{ "pipeline/validate alone", "3 SHA-256 + ECDSA", validate_once, floor_sign, 0 },
		{ "verify", "2 ECDSA verifications", verify_once, floor_verify, 0 },
	};
	char folder[] = "/tmp/sealgate-bench-XXXXXX";
	ARENA_AUTO arena = arena_new();
	must(mkdtemp(folder) != NULL);
	struct tools t = { .arena = arena, .folder = folder };
	tools_open(&t);
	floor_open(&t);
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		pair_measure(&t, &pairs[i]);
	static const char *const made[] = { "key.pem", "leaf.pem", "ca.pem" };
	for (size_t i = 0; i < sizeof made / sizeof *made; i++)
		unlink(in(&t, made[i]));
	rmdir(folder);
	EVP_PKEY_free(t.key);
	validator_free(&t.validator);
	map_set_free(&t.set);
	signer_free(&t.signer);
	certificate_free(&t.anchors);
	return 0;
}
