/* Certificates from outside: a PKIPath, or a single one. What is taken as a path comes out of it again as it went in. (That each
 * issued the one before is told by names as X.509 compares them, whatever the case, which is OpenSSL's to do.) */
#include <string.h>

#include "fuzz/fuzz.h"
#include "lib/base/text.h"
#include "lib/crypto/certificate.h"

static void check_path(struct arena *arena, const struct certificate *chain)
{
	struct error why = { 0 };
	CERTIFICATE_AUTO again = NULL;
	size_t count = 0;
	for (const struct certificate *at = chain; at; at = certificate_next(at))
		count++;
	property(count >= 1 && count <= 8);
	works(certificate_from_path(certificate_path(chain, arena), &again, error));
	property(text_equal(certificate_subject(again, arena), certificate_subject(chain, arena)));
	property(certificate_check(chain, chain, 0, &why) < 0);  /* nobody is an anchor in 1970 */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct error why = { 0 };
	CERTIFICATE_AUTO chain = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	struct bytes in = { (uint8_t *)data, size };
	if (certificate_from_path(in, &chain, &why) == 0)
		check_path(arena, chain);
	else
		property(why.code == ERROR_BAD_CERTIFICATE);
	if (certificate_from_der(in, &leaf, &why) == 0) {
		property(certificate_subject(leaf, arena) && certificate_serial(leaf, arena));
		(void)certificate_key_id(leaf, arena);
		(void)certificate_named(leaf, "CN=NL123456789");
		struct bytes der = certificate_der(leaf, arena);
		property(der.size == size && memcmp(der.data, data, size) == 0);
	}
	return 0;
}
