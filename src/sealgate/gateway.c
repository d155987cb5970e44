#include "sealgate/gateway.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"

#define AGAIN_MS 100
#define ANSWER_MOST ((size_t)64 << 20)

static const char *setting(const struct run *run, const char *option, const char *variable)
{
	const char *value = run_option(run, option);
	value = value ? value : getenv(variable);
	return text_empty(value) ? NULL : value;
}

int key_read(struct arena *arena, const char *path, const char **authorization_r, struct error *error)
{
	char *key;
	TRY(file_read_text(path, arena, &key, error));
	key[strcspn(key, "\r\n")] = '\0';
	if (!*key || !http_is_field_value(key))
		FAIL(error, BAD_FIELD, "\"%s\" holds no API key: its first line is what sealgate token made", path);
	*authorization_r = arena_printf(arena, "Bearer %s", key);
	return 0;
}

static void client_drop(void *client)
{
	struct http_client *own = client;
	http_client_close(&own);
}

/* The name between "//" and the port or path. */
static const char *host_of(struct arena *arena, const char *url)
{
	const char *host = strstr(url, "//") + 2;
	size_t n = *host == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/");
	return arena_text_n(arena, host, n);
}

static int address_read(struct run *run, struct gateway *g, struct error *error)
{
	const char *url = setting(run, "url", "SEALGATE_URL");
	if (!url)
		return usage_fail(run, error, "which gateway? say --url https://host:8440, or set SEALGATE_URL");
	if (!text_starts(url, "https://") && !text_starts(url, "http://"))
		return usage_fail(run, error, "\"%s\" is no address of a gateway: https://host:8440", url);
	size_t n = strlen(url);
	while (n && url[n - 1] == '/')
		n--;
	g->url = arena_text_n(run->arena, url, n);
	g->hosts[0] = host_of(run->arena, g->url);
	static const char *const here[] = { "localhost", "127.0.0.1", "[::1]" };
	for (size_t i = 0; i < sizeof here / sizeof *here; i++)
		g->plain |= text_equal(g->hosts[0], here[i]);
	if (text_starts(url, "http://") && !g->plain)
		return usage_fail(run, error, "a key goes over plain http to this machine only: use https for \"%s\"", g->hosts[0]);
	return 0;
}

int gateway_open(struct run *run, struct gateway *g, struct error *error)
{
	*g = (struct gateway){ .run = run };
	TRY(address_read(run, g, error));
	g->ca = setting(run, "ca", "SEALGATE_CA");
	const char *file = run_option(run, "key-file"), *key = getenv("SEALGATE_KEY");
	if (!file && text_empty(key))
		file = setting(run, "key-file", "SEALGATE_KEY_FILE");
	if (file)
		TRY(key_read(run->arena, file, &g->authorization, error));
	else if (!text_empty(key))
		g->authorization = arena_printf(run->arena, "Bearer %s", key);
	struct http_client_config config = { .ca_file = g->ca };
	TRY(http_client_open(&config, &g->client, error));
	arena_at_free(run->arena, client_drop, g->client);
	return 0;
}

/* What a problem document says (RFC 9457). */
static int refused(struct gateway *g, const struct reply *reply, struct error *error)
{
	const char *detail = json_path_text(reply->json, "detail"), *title = json_path_text(reply->json, "title");
	const char *field = json_path_text(reply->json, "field"), *place = json_path_text(reply->json, "place");
	g->run->failure = reply->status >= 502 && reply->status <= 504 ? EXIT_UNREACHABLE : EXIT_REFUSED;
	error_set(error, ERROR_PEER_ERROR, "the gateway answered %d: %s", reply->status, detail ? detail : title ? title : "no more is said");
	if (field)
		error_in_field(error, "%s", field);
	return place ? error_at(error, "%s", place) : -1;
}

static bool is_passing(const struct gateway *g, const struct http_outcome *outcome, int rc)
{
	if (!g->patience_ms)
		return false;
	if (rc == 0)
		return outcome->status == 429 || outcome->status == 502 || outcome->status == 503 || outcome->status == 504;
	enum error_code code = outcome->error.code;
	return code == ERROR_UNREACHABLE || code == ERROR_TIMEOUT || code == ERROR_PEER_ERROR || code == ERROR_BUSY;
}

int gateway_ask(struct gateway *g, struct arena *arena, const struct gateway_call *call, struct reply *reply, struct error *error)
{
	struct http_header headers[3];
	size_t n = 0;
	const char *authorization = call->authorization ? call->authorization : g->authorization;
	headers[n++] = (struct http_header){ "Accept", "application/json, */*" };
	if (authorization)
		headers[n++] = (struct http_header){ "Authorization", authorization };
	if (call->body.size)
		headers[n++] = (struct http_header){ "Content-Type", call->type ? call->type : "application/json" };
	const char *const none[] = { NULL };
	struct http_call http = { .method = call->method, .url = arena_printf(arena, "%s%s", g->url, call->path), .headers = headers, .n_headers = n,
		                  .body = call->body, .pool = "gateway", .private_hosts = g->hosts, .plain_hosts = g->plain ? g->hosts : none,
		                  .answer_limit = ANSWER_MOST };
	struct http_outcome outcome;
	const struct timespec pause = { .tv_nsec = AGAIN_MS * 1000000L };
	int64_t until = clock_mono_ms() + g->patience_ms;
	*reply = (struct reply){ 0 };
	int rc;
	while (rc = http_client_call(g->client, &http, arena, &outcome, error), is_passing(g, &outcome, rc) && clock_mono_ms() < until)
		nanosleep(&pause, NULL);
	if (rc < 0) {
		g->run->failure = EXIT_UNREACHABLE;
		return error_during(error, "gateway \"%s\"", g->url);
	}
	*error = (struct error){ 0 };
	reply->status = outcome.status;
	reply->body = outcome.body;
	const struct json_limits wide = { .bytes = ANSWER_MOST, .nodes = 4000000, .text = 16 << 20, .depth = 64 };
	struct error ignored = { 0 };
	if (json_parse(arena, outcome.body, &wide, &reply->json, &ignored) < 0)
		reply->json = NULL;
	return outcome.status / 100 == 2 ? 0 : refused(g, reply, error);
}

int gateway_get(struct gateway *g, struct arena *arena, const char *path, struct json **json_r, struct error *error)
{
	struct gateway_call call = { .method = "GET", .path = path };
	struct reply reply;
	TRY(gateway_ask(g, arena, &call, &reply, error));
	if (!reply.json)
		FAIL(error, PEER_ERROR, "\"%s%s\" answered %d, and not in JSON: is it a gateway?", g->url, path, reply.status);
	*json_r = reply.json;
	return 0;
}

int gateway_find(struct gateway *g, struct arena *arena, const char *path, struct json **json_r, struct error *error)
{
	struct gateway_call call = { .method = "GET", .path = path };
	struct reply reply;
	*json_r = NULL;
	if (gateway_ask(g, arena, &call, &reply, error) < 0) {
		if (reply.status != 404)
			return -1;
		*error = (struct error){ 0 };
		g->run->failure = EXIT_FAILED;
		return 0;
	}
	*json_r = reply.json;
	return 0;
}

const char *url_part(struct arena *arena, const char *text)
{
	BUFFER_AUTO out = { 0 };
	for (const unsigned char *p = (const unsigned char *)text; *p; p++)
		if ((*p >= '0' && *p <= '9') || (*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z') || strchr("-._~", *p))
			buffer_add_char(&out, (char)*p);
		else
			buffer_printf(&out, "%%%02X", *p);
	return arena_text(arena, buffer_text(&out));
}
