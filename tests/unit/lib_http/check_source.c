/* Bodies that go out without being in memory: read from a blob while they are sent. */
#include <string.h>

#include "lib/base/log.h"
#include "lib/crypto/digest.h"
#include "lib/http/client.h"
#include "lib/http/server.h"
#include "support/suite.h"

#define LARGE ((size_t)6 << 20)

static struct http_server *server;
static struct http_client *client;

/* Tells what it got. */
static void digest_back(void *context, struct http_request *request)
{
	char hex[DIGEST_HEX_SIZE];
	(void)context;
	http_answer(request, 200, "text/plain", bytes_of_text(digest_sha256_hex(request->body, hex)));
}

static void begin(void)
{
	log_open("check", 2, LOG_LEVEL_NONE);
	must_succeed(http_server_start(&(struct http_server_config){ .threads = 1, .stop_ms = 100, .body_limit = LARGE }, digest_back, NULL, &server, error));
	must_succeed(http_client_open(&(struct http_client_config){ 0 }, &client, error));
}

static void end(void)
{
	http_client_close(&client);
	http_server_stop(&server);
}

struct rows {
	size_t breaks_at;  /* reading fails from there on; 0: nowhere */
};

static uint8_t octet_at(size_t at)
{
	return (uint8_t)(at * 31 + at / 997);
}

static int rows_read(void *context, size_t at, void *room, size_t size, struct error *error)
{
	const struct rows *rows = context;
	if (rows->breaks_at && at + size > rows->breaks_at)
		FAIL(error, STORE, "the disk is gone");
	for (size_t i = 0; i < size; i++)
		((uint8_t *)room)[i] = octet_at(at + i);
	return 0;
}

static int post(const struct blob *source, struct http_outcome *out, struct arena *arena, struct error *error)
{
	static const char *const here[] = { "localhost", NULL };
	struct http_call c = { .method = "POST", .url = arena_printf(arena, "http://localhost:%u/", http_server_port(server)), .source = source,
		               .private_hosts = here, .plain_hosts = here };
	return http_client_call(client, &c, arena, out, error);
}

START_TEST(a_body_is_read_while_it_is_sent)
{
	static const size_t sizes[] = { LARGE, 1, 0, 65536, 100000 };
	ARENA_AUTO arena = arena_new();
	struct rows rows = { 0 };
	uint8_t *all = arena_alloc(arena, LARGE);
	char hex[DIGEST_HEX_SIZE];
	begin();
	for (size_t i = 0; i < LARGE; i++)
		all[i] = octet_at(i);
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct http_outcome out;
		struct blob source = { sizes[i], rows_read, &rows };
		must_succeed(post(&source, &out, arena, error));
		ck_assert_int_eq(out.status, 200);
		ck_assert_str_eq((const char *)out.body.data, digest_sha256_hex((struct bytes){ all, sizes[i] }, hex));
	}
	end();
}
END_TEST

START_TEST(a_body_that_cannot_be_read_ends_the_call_with_the_reason)
{
	ARENA_AUTO arena = arena_new();
	struct rows rows = { .breaks_at = LARGE / 2 };
	struct blob source = { LARGE, rows_read, &rows };
	struct http_outcome out;
	struct error why = { 0 };
	begin();
	ck_assert_int_lt(post(&source, &out, arena, &why), 0);
	ck_assert_int_eq(why.code, ERROR_STORE);
	ck_assert_int_eq(out.fate, HTTP_UNKNOWN);  /* half of it has left */
	rows.breaks_at = 0;
	must_succeed(post(&source, &out, arena, error));  /* the next one has a connection of its own */
	ck_assert_int_eq(out.status, 200);
	end();
}
END_TEST

SUITE("source", a_body_is_read_while_it_is_sent, a_body_that_cannot_be_read_ends_the_call_with_the_reason)
