/* Whose certificate is taken: those that OpenSSL's own checks let through or not (the attack catalogue, section 2.4), made with OpenSSL's
 * command line (tests/SECURITY-ROWS.md). Each has what a good one has, but for one thing. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/memory.h"
#include "support/folder.h"
#include "support/suite.h"

static const char script[] =
	"set -e; cd \"$1\"; exec 2>log\n"
	"authority() { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj \"/C=NL/CN=$2\" -keyout $1.key -out $1.pem \\\n"
	"	-addext basicConstraints=critical,CA:TRUE$3 -addext keyUsage=critical,keyCertSign,cRLSign; }\n"
	/* issue NAME ISSUER KEY EXTENSIONS OPTION... */
	"issue() { name=$1 issuer=$2 key=$3; printf \"$4\" >$name.ext; shift 4\n"
	"	openssl req -new -key $key -subj \"/C=NL/O=Port/CN=$name\" -out $name.csr\n"
	"	openssl x509 -req -in $name.csr -CA $issuer.pem -CAkey $issuer.key -extfile $name.ext -days 30 -out $name.pem \"$@\"; }\n"
	"ec() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:$1 -out $2; }\n"
	"authority root Root ''; authority short Short ,pathlen:0; authority same Root ''\n"
	"ec P-256 ec.key; ec P-192 small.key; openssl genrsa -out rsa1024.key 1024; ec P-256 middle.key; ec P-256 weak.key; ec P-256 plain.key; ec P-256 deep.key\n"
	"ids='subjectKeyIdentifier=hash\\nauthorityKeyIdentifier=keyid\\n'; good=\"${ids}basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,digitalSignature\\n\"\n"
	"ca=\"${ids}basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,keyCertSign\\n\"\n"
	"issue good root ec.key \"$good\"\n"
	"issue many-purposes root ec.key \"${good}extendedKeyUsage=clientAuth,emailProtection\\n\"\n"
	"issue authority root ec.key \"$ca\"\n"
	"issue authority-that-signs root ec.key \"${ids}basicConstraints=CA:TRUE\\nkeyUsage=digitalSignature,keyCertSign\\n\"\n"
	"issue encryption-only root ec.key \"${ids}basicConstraints=critical,CA:FALSE\\nkeyUsage=critical,keyAgreement\\n\"\n"
	"issue sha1 root ec.key \"$good\" -sha1\n"
	"issue p192 root small.key \"$good\"\n"
	"issue rsa1024 root rsa1024.key \"$good\"\n"
	"issue critical-unknown root ec.key \"${good}1.2.3.4=critical,DER:0500\\n\"\n"
	"issue same-name same ec.key \"$good\"\n"
	"issue middle root middle.key \"$ca\"; issue through-middle middle ec.key \"$good\"; cat middle.pem >>through-middle.pem\n"
	"issue weak root weak.key \"${ids}basicConstraints=critical,CA:TRUE\\nkeyUsage=critical,digitalSignature\\n\"\n"
	"issue may-not-certify weak ec.key \"$good\"; cat weak.pem >>may-not-certify.pem\n"
	"issue plain root plain.key \"$good\"; issue no-authority plain ec.key \"$good\"; cat plain.pem >>no-authority.pem\n"
	"issue deep short deep.key \"$ca\"; issue too-deep deep ec.key \"$good\"; cat deep.pem >>too-deep.pem\n"
	"openssl x509 -req -in good.csr -CA root.pem -CAkey root.key -days 30 -out version-1.pem\n"
	"issue ended root ec.key \"$good\" -days -1\n";

static void make(const char *folder)
{
	ARENA_AUTO arena = arena_new();
	const char *file = file_path(arena, folder, "script");
	must_succeed(file_write(file, bytes_of_text(script), 0600, error));
	if (system(arena_printf(arena, "sh %s %s", file, folder)) != 0)
		ck_abort_msg("the certificates could not be made; see %s/log", folder);
}

START_TEST(certificates_that_are_not_good_for_signing_are_refused)
{
	static const struct { const char *name, *anchor; bool good; } rows[] = {
		{ "good", "root", true }, { "many-purposes", "root", true }, { "through-middle", "root", true },
		{ "authority", "root", false }, { "authority-that-signs", "root", false }, { "encryption-only", "root", false }, { "sha1", "root", false },
		{ "p192", "root", false }, { "rsa1024", "root", false }, { "critical-unknown", "root", false },
		{ "same-name", "root", false }, { "may-not-certify", "root", false }, { "no-authority", "root", false }, { "too-deep", "short", false },
		{ "version-1", "root", false }, { "ended", "root", false }, { "good", "short", false }, { "good", "good", false },
	};
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	make(folder);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		CERTIFICATE_AUTO chain = NULL;
		CERTIFICATE_AUTO anchors = NULL;
		struct error why = { 0 };
		must_succeed(certificate_open(arena_printf(arena, "%s/%s.pem", folder, rows[i].name), &chain, error));
		must_succeed(certificate_open(arena_printf(arena, "%s/%s.pem", folder, rows[i].anchor), &anchors, error));
		bool taken = certificate_check(chain, anchors, clock_real_ms(), &why) == 0;
		ck_assert_msg(taken == rows[i].good, "%s under %s: %s", rows[i].name, rows[i].anchor, taken ? "taken" : why.text);
		ck_assert_msg(taken || why.code == ERROR_BAD_CERTIFICATE, "%s: %s", rows[i].name, why.text);
	}
}
END_TEST

SUITE("leaves", certificates_that_are_not_good_for_signing_are_refused)
