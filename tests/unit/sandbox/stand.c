#include "stand.h"

#include <ftw.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "support/folder.h"
#include "support/suite.h"

#define FROM INT64_C(1420070400000)  /* 2015 */
#define UNTIL INT64_C(2051222400000) /* 2035 */

const char *stand_file(struct stand *s, const char *name)
{
	return file_path(s->arena, s->folder, name);
}

static void pair_make(struct stand *s, const char *name, const char *title, const struct certificate *ca, const struct key *ca_key)
{
	static const char *const hosts[] = { "127.0.0.1", "localhost", NULL };
	KEY_AUTO key = NULL;
	CERTIFICATE_AUTO leaf = NULL;
	struct certificate_order order = { .name = title, .country = "NL", .is_server = text_equal(name, "tls"), .hosts = hosts, .from = FROM, .until = UNTIL };
	must_succeed(key_make("p256", &key, error));
	must_succeed(certificate_make(&order, key, ca, ca_key, &leaf, error));
	must_succeed(key_write(key, stand_file(s, arena_printf(s->arena, "%s.key", name)), error));
	must_succeed(certificate_write(leaf, stand_file(s, arena_printf(s->arena, "%s.pem", name)), error));
}

static void authority_make(const char *name, struct certificate **ca_r, struct key **key_r)
{
	struct certificate_order order = { .name = name, .country = "NL", .is_authority = true, .from = FROM, .until = UNTIL };
	must_succeed(key_make("p256", key_r, error));
	must_succeed(certificate_make(&order, *key_r, NULL, NULL, ca_r, error));
}

static void put(struct stand *s, const char *name, const char *text)
{
	must_succeed(file_write(stand_file(s, name), bytes_of_text(text), 0600, error));
}

static void signer_of(struct stand *s, const char *name, struct signer **signer_r)
{
	must_succeed(signer_open(stand_file(s, arena_printf(s->arena, "%s.key", name)), stand_file(s, arena_printf(s->arena, "%s.pem", name)), false, signer_r,
	                         error));
}

const char *stand_write(struct stand *s, const char *scenario, const char *more, bool tls)
{
	KEY_AUTO ca_key = NULL;
	KEY_AUTO other_key = NULL;
	CERTIFICATE_AUTO ca = NULL;
	CERTIFICATE_AUTO other = NULL;
	BUFFER_AUTO yaml = { 0 };
	authority_make("Test CA", &ca, &ca_key);
	authority_make("Another CA", &other, &other_key);
	must_succeed(certificate_write(ca, stand_file(s, "ca.pem"), error));
	pair_make(s, "gateway", "Gateway seal", ca, ca_key);
	pair_make(s, "customs", "Sandbox customs", ca, ca_key);
	pair_make(s, "tls", "localhost", ca, ca_key);
	pair_make(s, "stranger", "Gateway seal", other, other_key);
	put(s, "clients", "# id secret\ngateway-1 open-sesame\nother-1 another-secret\n");
	put(s, "push-token", "what-we-agreed\n");
	buffer_printf(&yaml, "listen: { address: 127.0.0.1, port: 0%s }\n", tls ? ", certificate: tls.pem, key: tls.key" : "");
	buffer_printf(&yaml, "authority: { name: Sandbox customs, country: NL, office: NL000511, phone: \"+31881234567\", place_code: NLRTMRIT,\n"
	              "  place_name: Scan <Rijksinspectieterminal> }\n"
	              "signing: { key: customs.key, certificate: customs.pem }\ntrust: ca.pem\nclients: clients\ndocuments: customs\n"
	              "schemas: %s/schemas\nscenario: \"%s\"\n", SOURCE_DIR, scenario);
	if (s->receiver)
		buffer_printf(&yaml, "push: { url: \"http://127.0.0.1:%u/customs/sandbox/notifications\", token: push-token, private_hosts: [127.0.0.1] }\n",
		              (unsigned)http_server_port(s->receiver));
	buffer_add_text(&yaml, more ? more : "clock: document\n");
	put(s, "sandbox.yaml", buffer_text(&yaml));
	return stand_file(s, "sandbox.yaml");
}

/* ---- what is pushed ---- */

static char *copy(const char *text)
{
	return text ? strdup(text) : NULL;
}

static void receive(void *context, struct http_request *request)
{
	struct stand *s = context;
	pthread_mutex_lock(&s->lock);
	bool refused = s->refuse > 0;
	if (refused) {
		s->refuse--;
	} else if (s->count < RECEIVED_MOST) {
		s->received[s->count++] = (struct received){ strndup((const char *)request->body.data, request->body.size),
			copy(http_request_header(request, SIGNATURE_HEADER)), copy(http_request_header(request, "Authorization")),
			copy(http_request_header(request, "X-Conversation-ID")), copy(http_request_header(request, "Content-Type")), clock_mono_ms() };
		pthread_cond_broadcast(&s->more);
	}
	pthread_mutex_unlock(&s->lock);
	http_answer(request, refused ? 500 : 200, NULL, (struct bytes){ 0 });
}

static bool wait_ms(struct stand *s, size_t count, int ms)
{
	struct timespec until;
	clock_gettime(CLOCK_REALTIME, &until);
	until.tv_sec += (until.tv_nsec / 1000000 + ms) / 1000;
	until.tv_nsec = (until.tv_nsec / 1000000 + ms) % 1000 * 1000000;
	pthread_mutex_lock(&s->lock);
	while (s->count < count && pthread_cond_timedwait(&s->more, &s->lock, &until) == 0)
		continue;
	bool there = s->count >= count;
	pthread_mutex_unlock(&s->lock);
	return there;
}

void wait_for(struct stand *s, size_t count)
{
	if (!wait_ms(s, count, 8000))
		ck_abort_msg("%zu answers came, not %zu", s->count, count);
}

void expect_no_more(struct stand *s, size_t count, int ms)
{
	if (wait_ms(s, count + 1, ms))
		ck_abort_msg("%zu answers came, not %zu", s->count, count);
}

/* ---- calls ---- */

struct http_outcome call(struct stand *s, const char *method, const char *path, const struct http_header *headers, size_t n, const char *body)
{
	static const char *const hosts[] = { "127.0.0.1", NULL };
	struct http_outcome outcome;
	struct http_call call = { .method = method, .url = arena_printf(s->arena, "http://127.0.0.1:%u%s", (unsigned)sandbox_port(s->sandbox), path),
		                  .headers = headers, .n_headers = n, .body = bytes_of_text(body ? body : ""), .private_hosts = hosts, .plain_hosts = hosts };
	(void)!http_client_call(s->client, &call, s->arena, &outcome, NULL);
	return outcome;
}

struct http_outcome lodge(struct stand *s, const char *path, const char *body, const struct signer *signer)
{
	BUFFER_AUTO signature = { 0 };
	BUFFER_AUTO base64 = { 0 };
	struct http_header headers[4] = { { "Accept", "application/vnd.hmrc.1.0+xml" }, { "Content-Type", "application/xml; charset=UTF-8" },
		                          { "Authorization", arena_printf(s->arena, "Bearer %s", s->token) } };
	if (signer) {
		must_succeed(sign_detached(signer, bytes_of_text(body), "lodged.xml", INT64_C(1454464212000), &signature, error));
		text_base64(&base64, buffer_bytes(&signature));
		headers[3] = (struct http_header){ SIGNATURE_HEADER, buffer_text(&base64) };
	}
	return call(s, "POST", path, headers, signer ? 4 : 3, body);
}

static void token_get(struct stand *s)
{
	struct http_header form = { "Content-Type", "application/x-www-form-urlencoded" };
	struct json *json;
	struct http_outcome o = call(s, "POST", "/oauth/token", &form, 1, "grant_type=client_credentials&client_id=gateway-1&client_secret=open%2Dsesame");
	ck_assert_int_eq(o.status, 200);
	must_succeed(json_parse(s->arena, o.body, NULL, &json, error));
	s->token = json_path_text(json, "access_token");
	ck_assert_ptr_nonnull(s->token);
}

void stand_up(struct stand *s, const char *scenario, const char *more)
{
	*s = (struct stand){ .arena = arena_new(), .folder = "/tmp/sealgate-test-XXXXXX", .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };
	struct http_server_config server = { .port = 0 };
	struct http_client_config client = { .ca_file = NULL };
	log_open_plain("check", LOG_LEVEL_NONE);
	ck_assert_ptr_nonnull(mkdtemp(s->folder));
	s->problems.arena = s->arena;
	must_succeed(http_server_start(&server, receive, s, &s->receiver, error));
	must_succeed(http_client_open(&client, &s->client, error));
	s->setup = setup_load(stand_write(s, scenario, more, false), &s->problems);
	if (!s->setup)
		ck_abort_msg("%s: %s", s->problems.items[0].place, s->problems.items[0].text);
	must_succeed(sandbox_start(s->setup, &s->sandbox, error));
	signer_of(s, "gateway", &s->gateway);
	signer_of(s, "stranger", &s->stranger);
	must_succeed(certificate_open(stand_file(s, "ca.pem"), &s->anchors, error));
	token_get(s);
}

void stand_down(struct stand *s)
{
	sandbox_stop(&s->sandbox);
	setup_free(&s->setup);
	http_client_close(&s->client);
	http_server_stop(&s->receiver);
	signer_free(&s->gateway);
	signer_free(&s->stranger);
	certificate_free(&s->anchors);
	for (size_t i = 0; i < s->count; i++) {
		struct received *r = &s->received[i];
		free(r->body), free(r->signature), free(r->authorization), free(r->conversation), free(r->type);
	}
	folder_remove(&s->folder);
	arena_free(&s->arena);
}

/* ---- reading ---- */

const char *sample(struct stand *s, const char *kind, const char *from, const char *to)
{
	char *text;
	BUFFER_AUTO out = { 0 };
	must_succeed(file_read_text(arena_printf(s->arena, "%s/mappings/messages/wco-dms/%s/sample.out.xml", SOURCE_DIR, kind), s->arena, &text, error));
	for (const char *at; from && (at = strstr(text, from)); text = (char *)(uintptr_t)at + strlen(from)) {
		buffer_add(&out, text, (size_t)(at - text));
		buffer_add_text(&out, to);
	}
	ck_assert(!from || out.size);
	buffer_add_text(&out, text);
	return arena_text(s->arena, buffer_text(&out));
}

const struct xml_node *response_of(struct stand *s, const char *body)
{
	struct xml_document *document;
	must_succeed(xml_parse(s->arena, bytes_of_text(body), NULL, &document, error));
	const struct xml_node *response = xml_child(document->root, "urn:wco:datamodel:WCO:RES-DMS:2", "Response");
	ck_assert_ptr_nonnull(response);
	return response;
}

const char *text_at(struct stand *s, const struct xml_node *node, const char *path)
{
	for (const char *at = path; at;) {
		size_t n = strcspn(at, "/");
		node = xml_child(node, NULL, arena_text_n(s->arena, at, n));
		at = at[n] ? at + n + 1 : NULL;
	}
	return node ? xml_text(s->arena, node) : NULL;
}

const char *error_code(struct stand *s, const struct http_outcome *o)
{
	struct xml_document *document;
	must_succeed(xml_parse(s->arena, o->body, NULL, &document, error));
	ck_assert_str_eq(document->root->name, "errorResponse");
	return text_at(s, document->root, "code");
}

int verify(struct stand *s, const char *body, const char *signature, struct error *error)
{
	BUFFER_AUTO octets = { 0 };
	struct verdict verdict;
	if (!signature)
		FAIL(error, BAD_SIGNATURE, "there is none");
	TRY(text_base64_decode(signature, false, &octets, error));
	return verify_detached(s->arena, bytes_of_text(body), buffer_bytes(&octets), s->anchors, "Sandbox customs", INT64_C(1483228800000) /* 2017 */, &verdict, error);
}
