#include "lib/http/client_inside.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"

#define HEADERS_MAX 200
#define HEAD_BYTES_MAX ((size_t)65536)
#define CA_CACHE_SECONDS 300L
#define IDLE_SECONDS 20L  /* a connection quiet for longer is not used again: peers close theirs, and a POST would get lost */

static bool method_is_safe(const char *method)
{
	return text_equal(method, "GET") || text_equal(method, "HEAD");
}

void transfer_free(struct transfer **transfer)
{
	if (!*transfer)
		return;
	if ((*transfer)->easy)
		curl_easy_cleanup((*transfer)->easy);
	curl_slist_free_all((*transfer)->lines);
	buffer_clear(&(*transfer)->body);
	arena_free(&(*transfer)->arena);
	free(*transfer);
	*transfer = NULL;
}

const char *transfer_pool(const struct transfer *transfer)
{
	return transfer->call.pool;
}

/* The address that is really connected to, after DNS: nothing can change between this look and the connect. */
static curl_socket_t socket_open(void *context, curlsocktype purpose, struct curl_sockaddr *address)
{
	struct transfer *transfer = context;
	(void)purpose;
	if (!transfer->private_allowed && http_address_is_private(&address->addr, address->addrlen)) {
		transfer->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

static bool address_is_private(const char *text)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	if (inet_pton(AF_INET, text, &v4.sin_addr) == 1)
		return http_address_is_private((struct sockaddr *)&v4, sizeof v4);
	if (inet_pton(AF_INET6, text, &v6.sin6_addr) == 1)
		return http_address_is_private((struct sockaddr *)&v6, sizeof v6);
	return true;
}

/* Before each sending, on new and on kept connections: one opened for a call that may reach it is not for all. */
static int before_send(void *context, char *peer, char *local, int peer_port, int local_port)
{
	struct transfer *transfer = context;
	(void)local, (void)peer_port, (void)local_port;
	snprintf(transfer->address, sizeof transfer->address, "%s", peer);
	if (!transfer->private_allowed && address_is_private(peer)) {
		transfer->refused = true;
		return CURL_PREREQFUNC_ABORT;
	}
	if (transfer->bytes_out && !method_is_safe(transfer->call.method)) {
		transfer->resend = true;
		return CURL_PREREQFUNC_ABORT;
	}
	transfer->sends++;
	return CURL_PREREQFUNC_OK;
}

/* Called by libcurl with what a write took: the only exact count of what has left. */
static int bytes_count(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
	struct transfer *transfer = context;
	(void)easy, (void)data;
	if (type == CURLINFO_HEADER_OUT || type == CURLINFO_DATA_OUT)
		transfer->bytes_out += size;
	return 0;
}

static size_t body_take(char *data, size_t one, size_t size, void *context)
{
	struct transfer *transfer = context;
	struct spool *answer = transfer->call.answer;
	(void)one;
	if (answer) {
		if (spool_size(answer) + size <= transfer->call.answer_limit)
			return spool_add(answer, (struct bytes){ (const uint8_t *)data, size }, &transfer->stream_error) == 0 ? size : 0;
		transfer->too_large = true;
		return 0;
	}
	buffer_add(&transfer->body, data, size);
	if (!transfer->body.over)
		return size;
	transfer->too_large = true;
	return 0;
}

static size_t source_give(char *room, size_t one, size_t size, void *context)
{
	struct transfer *transfer = context;
	const struct blob *source = transfer->call.source;
	size_t left = source->size - transfer->source_at, n = left < one * size ? left : one * size;
	if (n && blob_read(source, transfer->source_at, room, n, &transfer->stream_error) < 0)
		return CURL_READFUNC_ABORT;
	transfer->source_at += n;
	return n;
}

/* libcurl begins anew where a kept connection turned out to be closed. */
static int source_seek(void *context, curl_off_t offset, int origin)
{
	struct transfer *transfer = context;
	if (origin != SEEK_SET || offset < 0 || (size_t)offset > transfer->call.source->size)
		return CURL_SEEKFUNC_FAIL;
	transfer->source_at = (size_t)offset;
	return CURL_SEEKFUNC_OK;
}

static bool header_add(struct transfer *transfer, const char *line, size_t size)
{
	const char *colon = memchr(line, ':', size);
	if (!colon || transfer->n_headers == HEADERS_MAX)
		return !colon;
	if (!transfer->headers)
		transfer->headers = arena_array(transfer->arena, HEADERS_MAX, sizeof *transfer->headers);
	const char *value = colon + 1, *end = line + size;
	while (value < end && (*value == ' ' || *value == '\t'))
		value++;
	while (end > value && (end[-1] == '\r' || end[-1] == '\n' || end[-1] == ' ' || end[-1] == '\t'))
		end--;
	transfer->headers[transfer->n_headers++] =
		(struct http_header){ arena_text_n(transfer->arena, line, (size_t)(colon - line)),
				      arena_text_n(transfer->arena, value, (size_t)(end - value)) };
	return true;
}

static int transfer_status(struct transfer *transfer)
{
	long status = 0;
	if (transfer->easy)
		curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
	return (int)status;
}

/* One line of a head: of 1xx answers, of the final one, or a trailer. */
static size_t head_take(char *line, size_t one, size_t size, void *context)
{
	struct transfer *transfer = context;
	(void)one;
	transfer->head_bytes += size;
	bool ok = transfer->head_bytes <= HEAD_BYTES_MAX;
	if (ok && !transfer->head_done) {
		if (size >= 5 && memcmp(line, "HTTP/", 5) == 0)
			transfer->n_headers = 0;
		else if (size <= 2)
			transfer->head_done = transfer_status(transfer) >= 200;
		else
			ok = header_add(transfer, line, size);
	}
	transfer->too_large = transfer->too_large || !ok;
	return ok ? size : 0;
}

static void line_add(struct transfer *transfer, const char *line)
{
	struct curl_slist *lines = curl_slist_append(transfer->lines, line);
	if (!lines)
		die("out of memory");
	transfer->lines = lines;
}

/* As libcurl wants it: what has no value ends in ";". A value may be long (a signature), and a format would go through it octet by octet. */
static const char *header_line(struct arena *arena, const struct http_header *header)
{
	size_t name = strlen(header->name), value = strlen(header->value);
	char *line = arena_alloc(arena, name + value + 3);
	memcpy(line, header->name, name);
	memcpy(line + name, value ? ": " : ";", value ? 2 : 1);
	memcpy(line + name + (value ? 2 : 1), header->value, value);
	return line;
}

#define SET(option, value) do { if (!code) code = curl_easy_setopt(transfer->easy, option, value); } while (0)

static CURLcode request_set(struct transfer *transfer)
{
	struct http_call *call = &transfer->call;
	CURLcode code = CURLE_OK;
	for (size_t i = 0; i < call->n_headers; i++) {
		const struct http_header *header = &call->headers[i];
		line_add(transfer, header_line(transfer->arena, header));
	}
	line_add(transfer, "Expect:");
	if (!http_header_find(call->headers, call->n_headers, "Accept"))
		line_add(transfer, "Accept: */*");
	if (!http_header_find(call->headers, call->n_headers, "Content-Type"))
		line_add(transfer, "Content-Type:");  /* libcurl would say that it is a form */
	SET(CURLOPT_HTTPHEADER, transfer->lines);
	bool body = call->source || call->body.size || text_equal(call->method, "POST") || text_equal(call->method, "PUT") ||
		    text_equal(call->method, "PATCH");
	if (body) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)(call->source ? call->source->size : call->body.size));
		if (!call->source)
			SET(CURLOPT_POSTFIELDS, call->body.size ? (const char *)call->body.data : "");
	}
	if (call->source) {
		SET(CURLOPT_READFUNCTION, source_give);
		SET(CURLOPT_READDATA, transfer);
		SET(CURLOPT_SEEKFUNCTION, source_seek);
		SET(CURLOPT_SEEKDATA, transfer);
	}
	if (text_equal(call->method, "HEAD"))
		SET(CURLOPT_NOBODY, 1L);
	else if (!text_equal(call->method, body ? "POST" : "GET"))
		SET(CURLOPT_CUSTOMREQUEST, call->method);
	return code;
}

static CURLcode limits_set(struct transfer *transfer, const struct http_client_config *config)
{
	struct http_call *call = &transfer->call;
	CURLcode code = CURLE_OK;
	const char *protocol = transfer->plain ? "http" : "https";
	SET(CURLOPT_URL, call->url);
	SET(CURLOPT_PATH_AS_IS, 1L);
	SET(CURLOPT_PROTOCOLS_STR, protocol);
	SET(CURLOPT_REDIR_PROTOCOLS_STR, protocol);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_MAXREDIRS, 0L);
	SET(CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
	SET(CURLOPT_PROXY, "");
	SET(CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, config->user_agent);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L);  /* else a resolver that hangs holds up the loop */
	SET(CURLOPT_TIMEOUT_MS, (long)call->total_ms);
	SET(CURLOPT_CONNECTTIMEOUT_MS, (long)call->connect_ms);
	SET(CURLOPT_LOW_SPEED_LIMIT, 1L);
	SET(CURLOPT_LOW_SPEED_TIME, (long)(call->slow_ms + 999) / 1000);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)call->answer_limit);  /* only what is announced; body_take() counts */
	SET(CURLOPT_MAXLIFETIME_CONN, (long)(config->connection_life_ms + 999) / 1000);
	SET(CURLOPT_MAXAGE_CONN, IDLE_SECONDS);
	return code;
}

static CURLcode callbacks_set(struct transfer *transfer, CURLSH *share)
{
	CURLcode code = CURLE_OK;
	SET(CURLOPT_PRIVATE, transfer);
	SET(CURLOPT_ERRORBUFFER, transfer->message);
	SET(CURLOPT_SHARE, share);
	SET(CURLOPT_OPENSOCKETFUNCTION, socket_open);
	SET(CURLOPT_OPENSOCKETDATA, transfer);
	SET(CURLOPT_PREREQFUNCTION, before_send);
	SET(CURLOPT_PREREQDATA, transfer);
	SET(CURLOPT_WRITEFUNCTION, body_take);
	SET(CURLOPT_WRITEDATA, transfer);
	SET(CURLOPT_HEADERFUNCTION, head_take);
	SET(CURLOPT_HEADERDATA, transfer);
	SET(CURLOPT_DEBUGFUNCTION, bytes_count);
	SET(CURLOPT_DEBUGDATA, transfer);
	SET(CURLOPT_VERBOSE, 1L);  /* nothing is printed: it makes libcurl call bytes_count */
	return code;
}

static CURLcode tls_set(struct transfer *transfer, const struct http_client_config *config)
{
	struct http_call *call = &transfer->call;
	const char *ca_file = call->ca_file ? call->ca_file : config->ca_file;
	CURLcode code = CURLE_OK;
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	SET(CURLOPT_CA_CACHE_TIMEOUT, CA_CACHE_SECONDS);
	if (ca_file) {
		SET(CURLOPT_CAINFO, ca_file);
		SET(CURLOPT_CAPATH, NULL);  /* else the system's are trusted besides */
	}
	if (call->certificate_file)
		SET(CURLOPT_SSLCERT, call->certificate_file);
	if (call->key_file)
		SET(CURLOPT_SSLKEY, call->key_file);
	if (call->pin)
		SET(CURLOPT_PINNEDPUBLICKEY, call->pin);
	return code;
}

static int files_check(const char *const *files, size_t n, struct error *error)
{
	for (size_t i = 0; i < n; i++)
		if (files[i] && access(files[i], R_OK) < 0)
			FAIL(error, BAD_KEY, "file \"%s\" cannot be read", files[i]);
	return 0;
}

int transfer_begin(struct transfer *transfer, const struct http_client_config *config, CURLSH *share, struct error *error)
{
	struct http_call *call = &transfer->call;
	const char *files[] = { call->ca_file ? call->ca_file : config->ca_file, call->certificate_file, call->key_file };
	if (!transfer->plain)
		TRY(files_check(files, sizeof files / sizeof *files, error));
	transfer->easy = curl_easy_init();
	if (!transfer->easy)
		die("out of memory");
	CURLcode code = limits_set(transfer, config);
	code = code ? code : callbacks_set(transfer, share);
	code = code || transfer->plain ? code : tls_set(transfer, config);
	code = code ? code : request_set(transfer);
	if (code != CURLE_OK)  /* a limit that cannot be set is none: nothing is sent without it */
		FAIL(error, BAD_FIELD, "\"%.200s\" cannot be called: %s", transfer->host, curl_easy_strerror(code));
	return 0;
}

static enum error_code code_of(const struct transfer *transfer, CURLcode code)
{
	if (transfer->refused && (code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK))
		return ERROR_FORBIDDEN;
	if (transfer->too_large)
		return ERROR_TOO_LARGE;
	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		return ERROR_TIMEOUT;
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
	case CURLE_SSL_ISSUER_ERROR:
	case CURLE_SSL_INVALIDCERTSTATUS:
		return ERROR_BAD_CERTIFICATE;
	case CURLE_SSL_CERTPROBLEM:
	case CURLE_SSL_CACERT_BADFILE:
	case CURLE_SSL_CIPHER:
		return ERROR_BAD_KEY;
	case CURLE_FILESIZE_EXCEEDED:
		return ERROR_TOO_LARGE;
	case CURLE_UNSUPPORTED_PROTOCOL:  /* the address's; or the peer's: it answers without a status (HTTP/0.9) */
		return transfer->bytes_out ? ERROR_PEER_ERROR : ERROR_BAD_FIELD;
	case CURLE_URL_MALFORMAT:
		return ERROR_BAD_FIELD;
	case CURLE_WEIRD_SERVER_REPLY:
		return ERROR_PEER_ERROR;
	default:
		return ERROR_UNREACHABLE;
	}
}

/* Over TLS libcurl may have written records of a piece that it counts only when whole. */
static enum http_fate fate_of(const struct transfer *transfer)
{
	return transfer->bytes_out || (!transfer->plain && transfer->sends) ? HTTP_UNKNOWN : HTTP_NOT_SENT;
}

static enum http_fate finish(struct transfer *transfer, enum http_fate fate, const struct error *error)
{
	struct http_outcome outcome = { .fate = fate, .status = transfer_status(transfer), .address = transfer->address,
					.bytes_out = transfer->bytes_out, .took_ms = clock_mono_ms() - transfer->given_ms };
	if (fate == HTTP_ANSWERED) {
		outcome.headers = transfer->headers;
		outcome.n_headers = transfer->n_headers;
		outcome.body = (struct bytes){ (const uint8_t *)buffer_text(&transfer->body), transfer->body.size };
	} else {
		outcome.error = *error;
	}
	transfer->done(transfer->context, &outcome);
	return fate;
}

enum http_fate transfer_end(struct transfer *transfer, CURLcode code)
{
	struct error error = { 0 };
	if (code == CURLE_OK && transfer_status(transfer) >= 200 && !transfer->too_large)
		return finish(transfer, HTTP_ANSWERED, NULL);
	if (code == CURLE_OK) {
		error_set(&error, ERROR_PEER_ERROR, "\"%.200s\" gave no HTTP answer", transfer->host);
	} else if (transfer->stream_error.code != ERROR_NONE) {
		error = transfer->stream_error;
	} else if (transfer->refused && code_of(transfer, code) == ERROR_FORBIDDEN) {
		error_set(&error, ERROR_FORBIDDEN, "host \"%s\" has an address that must not be called (private, loopback or reserved)",
			  transfer->host);
	} else if (transfer->too_large) {
		error_set(&error, ERROR_TOO_LARGE, "the answer of \"%.200s\" is larger than its limit", transfer->host);
	} else {
		const char *why = transfer->resend ? "the connection broke before an answer came"
						   : *transfer->message ? transfer->message : curl_easy_strerror(code);
		error_set(&error, code_of(transfer, code), "calling \"%.200s\": %s", transfer->host, why);
	}
	return finish(transfer, fate_of(transfer), &error);
}

enum http_fate transfer_abandon(struct transfer *transfer, const struct error *error)
{
	return finish(transfer, fate_of(transfer), error);
}
