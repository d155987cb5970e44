/* Certificate revocation lists. */
#include <openssl/pem.h>
#include <stdlib.h>

#include "lib/base/file.h"
#include "lib/crypto/inside.h"

struct revocations {
	STACK_OF(X509_CRL) *lists;
};

int revocations_open(const char *path, struct revocations **revocations_r, struct error *error)
{
	BUFFER_AUTO pem = { .ceiling = (size_t)64 << 20 };
	TRY(file_read(path, &pem, error));
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.size);
	struct revocations *made = calloc(1, sizeof *made);
	STACK_OF(X509_CRL) *lists = sk_X509_CRL_new_null();
	if (!bio || !made || !lists)
		die("out of memory");
	made->lists = lists;
	for (X509_CRL *one; (one = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL));)
		sk_X509_CRL_push(lists, one);
	BIO_free(bio);
	const char *reason = crypto_reason();
	if (sk_X509_CRL_num(lists) == 0) {
		revocations_free(&made);
		FAIL(error, BAD_CERTIFICATE, "\"%s\" holds no revocation list in PEM: %s", path, reason);
	}
	*revocations_r = made;
	return 0;
}

void revocations_free(struct revocations **revocations)
{
	if (!*revocations)
		return;
	sk_X509_CRL_pop_free((*revocations)->lists, X509_CRL_free);
	free(*revocations);
	*revocations = NULL;
}

STACK_OF(X509_CRL) *crypto_revocations(const struct revocations *revocations)
{
	return revocations->lists;
}
