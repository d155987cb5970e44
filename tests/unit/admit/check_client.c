/* Client certificates over TLS on loopback: whom they let in, and whom not. The clock is the real one: TLS looks at it too. */
#include <stdlib.h>
#include <string.h>

#include "admit/admit.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/crypto/certificate.h"
#include "lib/http/client.h"
#include "lib/http/server.h"
#include "support/folder.h"
#include "support/suite.h"

#define DAY INT64_C(86400000)

struct place {
	struct arena *arena;
	const char *folder;
	struct settings settings;
	struct party parties[3];
	struct admission *admission;
	struct http_server *server;
	struct http_client *client;
	struct key *ca_key;
	struct certificate *ca;
};

static const char *in(struct place *p, const char *name)
{
	return file_path(p->arena, p->folder, name);
}

/* A leaf and its key in NAME.pem and NAME.key. Gives its SHA-256. */
static const char *make_leaf(struct place *p, const char *name, const struct certificate *ca, const struct key *ca_key, int64_t until, bool server)
{
	static const char *const hosts[] = { "127.0.0.1", NULL };
	struct certificate_order order = { .name = name, .organisation = "Port", .country = "NL", .hosts = server ? hosts : NULL, .is_server = server,
		                           .from = clock_real_ms() - 10 * DAY, .until = until };
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	char digest[DIGEST_HEX_SIZE];
	must_succeed(key_make("p256", &key, error));
	must_succeed(certificate_make(&order, key, ca, ca_key, &leaf, error));
	must_succeed(key_write(key, in(p, arena_printf(p->arena, "%s.key", name)), error));
	must_succeed(certificate_write(leaf, in(p, arena_printf(p->arena, "%s.pem", name)), error));
	digest_sha256_hex(certificate_der(leaf, p->arena), digest);
	return arena_printf(p->arena, "sha256:%s", digest);
}

static void make_authority(const char *name, struct key **key, struct certificate **ca)
{
	struct certificate_order order = { .name = name, .country = "NL", .is_authority = true, .from = clock_real_ms() - 10 * DAY,
		                           .until = clock_real_ms() + 100 * DAY };
	must_succeed(key_make("p256", key, error));
	must_succeed(certificate_make(&order, *key, NULL, NULL, ca, error));
}

/* A list in force of what the authority revoked. */
static void make_list(struct place *p, const char *revoked)
{
	must_succeed(key_write(p->ca_key, in(p, "ca.key"), error));
	must_succeed(file_write(in(p, "ca.cnf"), bytes_of_text(arena_printf(p->arena, "[ca]\ndefault_ca=d\n[d]\ndatabase=%s/index\ndefault_md=sha256\n", p->folder)),
	                        0600, error));
	const char *command = arena_printf(p->arena, "cd %s && : >index && serial=$(openssl x509 -in %s.pem -noout -serial | sed 's/.*=//') && "
	                                   "printf 'R\\t350101000000Z\\t160102000000Z\\t%%s\\tunknown\\t/C=NL/CN=x\\n' $serial >index && "
	                                   "openssl ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -crldays 5 -out list.pem 2>/dev/null", p->folder, revoked);
	ck_assert_int_eq(system(command), 0);
}

static int admit(void *context, struct http_request *request, size_t *limit, struct error *error)
{
	struct place *p = context;
	struct credentials shown = { http_request_header(request, "Authorization"), request->certificates, request->n_certificates };
	struct caller caller;
	(void)limit;
	TRY(admit_connection(p->admission, &shown, clock_real_ms(), error));
	TRY(admit_caller(p->admission, request->arena, &shown, clock_real_ms(), &caller, error));
	request->user = arena_printf(request->arena, "%s %u %.12s", caller.party, caller.roles, caller.token);
	return 0;
}

static void handle(void *context, struct http_request *request)
{
	(void)context;
	http_answer(request, 200, "text/plain", bytes_of_text(request->user));
}

static void place_open(struct place *p)
{
	p->arena = arena_new();
	make_authority("Test CA", &p->ca_key, &p->ca);
	must_succeed(certificate_write(p->ca, in(p, "ca.pem"), error));
	make_leaf(p, "server", p->ca, p->ca_key, clock_real_ms() + 20 * DAY, true);
	p->parties[0] = (struct party){ .name = "gate-1", .certificate_alone = true, .certificate_roles = 1u << ROLE_PROVIDER };
	p->parties[1] = (struct party){ .name = "both-1" };
	p->parties[2] = (struct party){ .name = "plain-1" };
	p->settings = (struct settings){ .parties = p->parties, .party_count = 3, .tokens = in(p, "tokens"), .client_ca_file = in(p, "ca.pem") };
}

static void place_start(struct place *p)
{
	struct http_server_config config = { .certificate_file = in(p, "server.pem"), .key_file = in(p, "server.key"), .client_ca_file = in(p, "ca.pem"), .admit = admit };
	must_succeed(admission_open(&p->settings, &p->admission, error));
	must_succeed(http_server_start(&config, handle, p, &p->server, error));
	must_succeed(http_client_open(&(struct http_client_config){ .ca_file = in(p, "ca.pem") }, &p->client, error));
}

static void place_close(struct place *p)
{
	http_client_close(&p->client);
	http_server_stop(&p->server);
	admission_free(&p->admission);
	certificate_free(&p->ca);
	key_free(&p->ca_key);
	arena_free(&p->arena);
}

/* "status body" of a call with this certificate and this key; NULL: without. */
static const char *call(struct place *p, const char *certificate, const char *key)
{
	static const char *const private_hosts[] = { "127.0.0.1", NULL };
	struct http_header header = { "Authorization", key ? arena_printf(p->arena, "Bearer %s", key) : "" };
	struct http_call c = { .method = "GET", .url = arena_printf(p->arena, "https://127.0.0.1:%u/x", http_server_port(p->server)), .headers = &header,
		               .n_headers = key ? 1 : 0, .pool = arena_printf(p->arena, "pool %s", certificate ? certificate : "none"), .private_hosts = private_hosts };
	struct http_outcome outcome;
	if (certificate) {
		c.certificate_file = in(p, arena_printf(p->arena, "%s.pem", certificate));
		c.key_file = in(p, arena_printf(p->arena, "%s.key", certificate));
	}
	must_succeed(http_client_call(p->client, &c, p->arena, &outcome, error));
	return arena_printf(p->arena, "%d %.*s", outcome.status, (int)outcome.body.size, (const char *)outcome.body.data);
}

#define PLACE(p)                                \
	FOLDER(folder);                         \
	struct place p = { .folder = folder };  \
	log_open("check", 2, LOG_LEVEL_NONE);   \
	place_open(&p)

#define REFUSED(p, certificate, key, why)                                             \
	do {                                                                          \
		const char *got = call(p, certificate, key);                          \
		ck_assert_msg(text_starts(got, "401 ") && strstr(got, why), "%s", got); \
	} while (0)

START_TEST(a_bound_certificate_stands_for_its_party)
{
	PLACE(p);
	const char *by_digest[] = { make_leaf(&p, "gate", p.ca, p.ca_key, clock_real_ms() + 20 * DAY, false), NULL };
	const char *const by_subject[] = { "both", NULL };
	const char *key, *other;
	make_leaf(&p, "both", p.ca, p.ca_key, clock_real_ms() + 20 * DAY, false);
	make_leaf(&p, "stranger", p.ca, p.ca_key, clock_real_ms() + 20 * DAY, false);
	p.parties[0].certificates = by_digest;
	p.parties[1].certificates = by_subject;
	must_succeed(token_make(p.settings.tokens, "both-1", 1u << ROLE_BROKER, CLOCK_NONE, p.arena, &key, error));
	must_succeed(token_make(p.settings.tokens, "plain-1", 1u << ROLE_BROKER, CLOCK_NONE, p.arena, &other, error));
	place_start(&p);
	ck_assert_str_eq(call(&p, "gate", NULL), arena_printf(p.arena, "200 gate-1 %u certificate:", 1u << ROLE_PROVIDER));
	ck_assert(text_starts(call(&p, "both", key), "200 both-1 "));
	ck_assert(text_starts(call(&p, NULL, other), "200 plain-1 "));
	ck_assert(text_starts(call(&p, "stranger", other), "200 plain-1 "));
	REFUSED(&p, "both", NULL, "besides the certificate");
	REFUSED(&p, NULL, key, "besides the key");
	REFUSED(&p, "stranger", key, "besides the key");
	REFUSED(&p, "gate", key, "of party \\\"gate-1\\\"");
	REFUSED(&p, "stranger", NULL, "belongs to no party");
	REFUSED(&p, NULL, NULL, "no API key");
	p.parties[1].certificates = by_digest;
	REFUSED(&p, "gate", NULL, "fits parties");
	place_close(&p);
}
END_TEST

START_TEST(certificates_that_are_not_good_are_refused_whatever_else_is_shown)
{
	PLACE(p);
	KEY_AUTO other_key = NULL;
	CERTIFICATE_AUTO other_ca = NULL;
	const char *const subjects[] = { "O=Port", NULL }, *key;
	make_authority("Test CA", &other_key, &other_ca);  /* of the same name: its leaves look right to the client's TLS */
	make_leaf(&p, "expired", p.ca, p.ca_key, clock_real_ms() - DAY, false);
	make_leaf(&p, "wrong", other_ca, other_key, clock_real_ms() + 20 * DAY, false);
	make_leaf(&p, "good", p.ca, p.ca_key, clock_real_ms() + 20 * DAY, false);
	make_leaf(&p, "revoked", p.ca, p.ca_key, clock_real_ms() + 20 * DAY, false);
	make_list(&p, "revoked");
	p.settings.client_revocations_file = in(&p, "list.pem");
	p.parties[0].certificates = subjects;
	must_succeed(token_make(p.settings.tokens, "plain-1", 1u << ROLE_BROKER, CLOCK_NONE, p.arena, &key, error));
	place_start(&p);
	ck_assert(text_starts(call(&p, "good", NULL), "200 gate-1 "));
	REFUSED(&p, "expired", NULL, "expired");
	REFUSED(&p, "expired", key, "expired");
	REFUSED(&p, "wrong", NULL, "does not lead to a trusted one");
	REFUSED(&p, "revoked", NULL, "revoked");
	REFUSED(&p, "revoked", key, "revoked");
	REFUSED(&p, "server", key, "clientAuth");
	ck_assert(text_starts(call(&p, NULL, key), "200 plain-1 "));
	p.settings.client_required = true;
	REFUSED(&p, NULL, key, "there is none");
	ck_assert(text_starts(call(&p, "good", NULL), "200 gate-1 "));
	place_close(&p);
}
END_TEST

SUITE("client", a_bound_certificate_stands_for_its_party, certificates_that_are_not_good_are_refused_whatever_else_is_shown)
