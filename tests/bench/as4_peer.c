#include "bench/as4_peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/bench.h"
#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/crypto/certificate.h"

#define DAY INT64_C(86400000)
#define INITIATOR "http://docs.oasis-open.org/ebxml-msg/ebms/v3.0/ns/core/200704/initiator"

static void identity_make(struct stage *stage, const char *kind, const char *name, const struct certificate *ca, const struct key *ca_key)
{
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO chain = NULL;
	struct certificate_order order = { .name = name, .organisation = "Bench", .country = "NL", .from = clock_real_ms() - DAY, .until = clock_real_ms() + DAY };
	bench_must(key_make(kind, &key, error));
	bench_must(certificate_make(&order, key, ca, ca_key, &chain, error));
	certificate_append(chain, certificate_copy(ca));
	bench_must(key_write(key, stage_file(stage, "keys/as4.key"), error));
	bench_must(certificate_write(chain, stage_file(stage, "keys/as4.pem"), error));
	bench_must(certificate_write(ca, stage_file(stage, "keys/as4-ca.pem"), error));
}

static void agreement_write(struct stage *stage, const char *own, const char *other, int port)
{
	const char *text = arena_printf(stage->arena,
		"profile: eu-hub\nchannel: as4\npurpose: sandbox\n"
		"basis: { kind: consent, reference: bench, granted_by: bench, from: 2015-01-01 }\n"
		"country: EU\nagency: Peer\nkinds: [ integrity-report ]\n"
		"signing: { key: ../keys/as4.key, certificate: ../keys/as4.pem, form: none, agreed: bench }\n"
		"answers: { anchors: ../keys/as4-ca.pem }\n"
		"as4:\n  preset: edelivery-1.15\n  url: http://localhost:%d/as4\n"
		"  self: { id: %s, role: \"" INITIATOR "\" }\n  peer: { id: %s, role: \"" INITIATOR "\" }\n"
		"  signature: { token: pkipath }\n  tls: { private_hosts: [ localhost ], plain_hosts: [ localhost ] }\n", port, own, other);
	unlink(stage_file(stage, "agreements/sandbox.yaml"));
	bench_must(file_write(stage_file(stage, "agreements/peer.yaml"), bytes_of_text(text), 0644, error));
}

void as4_pair(struct stage *sender, struct stage *receiver, const char *kind)
{
	KEY_AUTO ca_key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	struct certificate_order order = { .name = "Bench CA", .country = "NL", .is_authority = true, .from = clock_real_ms() - DAY, .until = clock_real_ms() + DAY };
	bench_must(key_make(strcmp(kind, "p256") == 0 ? "p256" : "rsa3072", &ca_key, error));
	bench_must(certificate_make(&order, ca_key, NULL, NULL, &ca, error));
	identity_make(sender, kind, "gate-a", ca, ca_key);
	identity_make(receiver, kind, "gate-b", ca, ca_key);
	agreement_write(sender, "gate-a", "gate-b", receiver->port);
	agreement_write(receiver, "gate-b", "gate-a", sender->port);
}

/* ---- phase4 ---- */

bool phase4_measure(const char *kind, int seconds, struct phase4 *phase4_r, const char **why_r)
{
	char line[200];
	const char *build = getenv("BUILD_DIR");
	ARENA_AUTO arena = arena_new();
	FILE *out = popen(arena_printf(arena, "SOURCE_DIR='%s' BUILD_DIR='%s' '%s/tests/bench/phase4_rate' %s %d", SOURCE_DIR, build ? build : ".", SOURCE_DIR,
	                               kind, seconds), "r");
	*why_r = "it said nothing";
	*phase4_r = (struct phase4){ 0 };
	while (out && fgets(line, sizeof line, out))
		sscanf(line, "rate %lf", &phase4_r->rate), sscanf(line, "rss %lf %lf", &phase4_r->rss_sender, &phase4_r->rss_receiver),
			sscanf(line, "cpu %lf %lf", &phase4_r->cpu_sender, &phase4_r->cpu_receiver);
	if (out && pclose(out) != 0)
		*why_r = "there is no JDK, no Maven, or no phase4";
	return phase4_r->rate > 0;
}
