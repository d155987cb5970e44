/* place: a signer, and the authority that he is trusted by, in a folder of a test. */
#ifndef SEALGATE_TESTS_UNIT_SIGN_PLACE_H
#define SEALGATE_TESTS_UNIT_SIGN_PLACE_H

#include <string.h>

#include "lib/base/file.h"
#include "sign/sign.h"
#include "support/folder.h"
#include "support/suite.h"

#define FROM INT64_C(1420070400000)  /* 2015 */
#define NOW INT64_C(1454464101000)   /* 2016-02-03T01:48:21Z */
#define UNTIL INT64_C(2051222400000) /* 2035 */

struct place {
	struct arena *arena;
	const char *folder;
	struct certificate *anchors;
	struct signer *signer;
};

static inline const char *in(struct place *p, const char *name)
{
	return file_path(p->arena, p->folder, name);
}

static inline void set_up(struct place *p, const char *kind, const char *ca_kind, int64_t leaf_until)
{
	KEY_AUTO ca_key = NULL;
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	must_succeed(key_make(ca_kind, &ca_key, error));
	must_succeed(key_make(kind, &key, error));
	struct certificate_order authority = { .name = "Test CA", .country = "NL", .is_authority = true, .from = FROM, .until = UNTIL };
	struct certificate_order order = { .name = "Gateway seal", .organisation = "Port", .country = "NL", .from = FROM, .until = leaf_until };
	must_succeed(certificate_make(&authority, ca_key, NULL, NULL, &ca, error));
	must_succeed(certificate_make(&order, key, ca, ca_key, &leaf, error));
	must_succeed(key_write(key, in(p, "key.pem"), error));
	must_succeed(certificate_write(leaf, in(p, "leaf.pem"), error));
	must_succeed(certificate_write(ca, in(p, "ca.pem"), error));
	must_succeed(certificate_open(in(p, "ca.pem"), &p->anchors, error));
	must_succeed(signer_open(in(p, "key.pem"), in(p, "leaf.pem"), false, &p->signer, error));
}

static inline void tear_down(struct place *p)
{
	certificate_free(&p->anchors);
	signer_free(&p->signer);
}

#define DOCUMENT "<a:x xmlns:a=\"urn:a\" b=\"1\"><a:y>text</a:y></a:x>"

/* With the first `from` replaced. */
static inline const char *with(struct arena *arena, const char *text, const char *from, const char *to)
{
	const char *at = strstr(text, from);
	ck_assert_ptr_nonnull(at);
	return arena_printf(arena, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
}

#endif
