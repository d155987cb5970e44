/* sealgate listen: a webhook receiver to try subscriptions with. Signatures by Standard Webhooks 1.0: HMAC-SHA-256 over
 * "id.timestamp.body", any of the secrets, any of the signatures. */
#include "sealgate/listen.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/crypto/secrets.h"
#include "lib/http/server.h"
#include "sealgate/output.h"

#define SECRETS_MOST 8

const struct option_row listen_options[] = {
	{ "address", "ADDRESS", "numeric, 127.0.0.1" },
	{ "port", "PORT", "8470; 0: the kernel chooses" },
	{ "certificate", "FILE", "TLS certificate and chain, PEM; without it plain HTTP" },
	{ "key", "FILE", "TLS private key, PEM" },
	{ "secret-file", "FILE", "secrets of the subscription (whsec_...), one a line; read for each delivery, so it may come later" },
	{ "save", "DIR", "keep each body as DIR/<webhook-id>.json" },
	{ "tolerance", "SECONDS", "largest age of a signature, 300; 0: any" },
	{ 0 },
};

struct listener {
	struct run *run;
	const char *secret_file, *save;
	int64_t tolerance_ms;
	pthread_mutex_t lock;   /* lines come out whole */
};

/* ---- the signature ---- */

static bool signature_fits(const char *list, const char *wanted)
{
	for (const char *at = list; *at;) {
		size_t n = strcspn(at, " ");
		if (n > 3 && strncmp(at, "v1,", 3) == 0 &&
		    secret_equal((struct bytes){ (const uint8_t *)at + 3, n - 3 }, bytes_of_text(wanted)))
			return true;
		at += n;
		at += strspn(at, " ");
	}
	return false;
}

static int one_secret(struct arena *arena, struct bytes secret, struct bytes signed_text, const char *list, bool *fits_r, struct error *error)
{
	uint8_t mac[32];
	const char *text = arena_text_n(arena, (const char *)secret.data, secret.size);
	BUFFER_AUTO key = { 0 };
	BUFFER_AUTO wanted = { 0 };
	if (!text_starts(text, "whsec_"))
		FAIL(error, BAD_CONFIG, "a secret begins with whsec_");
	TRY(text_base64_decode(text + strlen("whsec_"), false, &key, error));
	hmac_sha256(buffer_bytes(&key), signed_text, mac);
	text_base64(&wanted, (struct bytes){ mac, sizeof mac });
	*fits_r |= signature_fits(list, buffer_text(&wanted));
	return 0;
}

int webhook_verify(struct arena *arena, const char *secret_file, const struct webhook *webhook, int64_t now, int64_t tolerance_ms, struct error *error)
{
	struct bytes secrets[SECRETS_MOST];
	size_t count;
	int64_t seconds;
	bool fits = false;
	if (text_empty(webhook->id) || text_empty(webhook->timestamp) || text_empty(webhook->signature))
		FAIL(error, BAD_SIGNATURE, "webhook-id, webhook-timestamp or webhook-signature is missing");
	if (text_integer(webhook->timestamp, 0, INT64_MAX / 1000, &seconds, error) < 0)
		FAIL(error, BAD_SIGNATURE, "webhook-timestamp \"%.40s\" is no time", webhook->timestamp);
	if (tolerance_ms && (seconds * 1000 < now - tolerance_ms || seconds * 1000 > now + tolerance_ms))
		FAIL(error, BAD_SIGNATURE, "webhook-timestamp is %lld s away from now", (long long)(now / 1000 - seconds));
	BUFFER_AUTO text = { 0 };
	buffer_printf(&text, "%s.%s.", webhook->id, webhook->timestamp);
	buffer_add(&text, webhook->body.data, webhook->body.size);
	TRY(secrets_read(secret_file, arena, secrets, SECRETS_MOST, &count, error));
	for (size_t i = 0; i < count; i++)
		TRY(one_secret(arena, secrets[i], buffer_bytes(&text), webhook->signature, &fits, error));
	if (!fits)
		FAIL(error, BAD_SIGNATURE, "webhook-signature fits none of the secrets in \"%s\"", secret_file);
	return 0;
}

/* ---- one delivery ---- */

static bool is_file_name(const char *id)
{
	return *id && *id != '.' && strlen(id) <= 200 && !id[strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")];
}

static int take(struct listener *l, struct http_request *request, const char **verdict_r, struct error *error)
{
	struct webhook w = { http_request_header(request, "webhook-id"), http_request_header(request, "webhook-timestamp"),
		             http_request_header(request, "webhook-signature"), request->body };
	if (!text_equal(request->method, "POST"))
		FAIL(error, METHOD, "webhooks are posted");
	*verdict_r = "not verified";
	if (l->secret_file) {
		if (!file_exists(l->secret_file))
			FAIL(error, BUSY, "the secret \"%s\" is not there yet", l->secret_file);
		TRY(webhook_verify(request->arena, l->secret_file, &w, clock_real_ms(), l->tolerance_ms, error));
		*verdict_r = "verified";
	}
	if (!l->save)
		return 0;
	if (!w.id || !is_file_name(w.id))
		FAIL(error, BAD_FIELD, "webhook-id is no name of a file");
	return file_write(arena_printf(request->arena, "%s/%s.json", l->save, w.id), request->body, 0644, error);
}

static void handle(void *context, struct http_request *request)
{
	struct listener *l = context;
	struct error error = { 0 }, ignored = { 0 };
	struct json *event = NULL;
	const char *verdict = "";
	int rc = take(l, request, &verdict, &error);
	if (json_parse(request->arena, request->body, NULL, &event, &ignored) < 0)
		event = NULL;
	pthread_mutex_lock(&l->lock);
	if (rc < 0)
		out_line(l->run, "refused: %s", error.text);
	else
		out_line(l->run, "%s %s %s %s (%s)", cell(event, "time"), cell(event, "type"), cell(event, "subject"), cell(event, "data.id"), verdict);
	fflush(l->run->out);
	pthread_mutex_unlock(&l->lock);
	if (rc < 0)
		http_answer_problem(request, &error);
	else
		http_answer(request, 204, NULL, (struct bytes){ 0 });
}

static int start(struct run *run, struct listener *l, struct http_server **server_r, struct error *error)
{
	int64_t port;
	const char *address = run_option(run, "address");
	TRY(run_number(run, "port", 0, 65535, 8470, &port, error));
	TRY(run_number(run, "tolerance", 0, 86400 * 365, 300, &l->tolerance_ms, error));
	l->tolerance_ms *= 1000;
	l->secret_file = run_option(run, "secret-file");
	l->save = run_option(run, "save");
	if (l->save)
		TRY(file_make_folders(l->save, 0755, error));
	struct http_server_config config = { .address = address, .port = (uint16_t)port, .certificate_file = run_option(run, "certificate"),
		                             .key_file = run_option(run, "key"), .body_limit = 8 << 20 };
	if (!config.certificate_file != !config.key_file)
		return usage_fail(run, error, "--certificate and --key belong together");
	TRY(http_server_start(&config, handle, l, server_r, error));
	bool v6 = address && strchr(address, ':');
	out_line(run, "sealgate listen: ready on http%s://%s%s%s:%u", config.certificate_file ? "s" : "", v6 ? "[" : "", address ? address : "127.0.0.1",
	         v6 ? "]" : "", (unsigned)http_server_port(*server_r));
	if (!l->secret_file)
		note(run, "without --secret-file nothing is verified");
	fflush(run->out);
	return 0;
}

int command_listen(struct run *run, struct error *error)
{
	struct listener l = { .run = run, .lock = PTHREAD_MUTEX_INITIALIZER };
	struct http_server *server = NULL;
	sigset_t ends;
	int signal_got;
	sigemptyset(&ends);
	sigaddset(&ends, SIGINT);
	sigaddset(&ends, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &ends, NULL);  /* before the server's threads, which take it over */
	TRY(start(run, &l, &server, error));
	while (sigwait(&ends, &signal_got) == EINTR)
		;
	http_server_stop(&server);
	return EXIT_GOOD;
}
