/* A client that is stopped ends what is under way and refuses what comes after, from any thread. */
#include <semaphore.h>
#include <stdio.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/http/client.h"
#include "lib/http/server.h"
#include "support/suite.h"

static struct http_server *server;
static struct http_request *held;
static sem_t holds;

static void hold(void *context, struct http_request *request)
{
	(void)context;
	http_request_defer(request);
	held = request;
	sem_post(&holds);
}

static void ended(void *context, const struct http_outcome *outcome)
{
	struct http_outcome *kept = context;
	kept->fate = outcome->fate;
	kept->error = outcome->error;
}

START_TEST(a_stopped_client_ends_calls_and_refuses_more_until_it_is_closed)
{
	static const char *const loopback[] = { "127.0.0.1", NULL };
	struct http_client *client;
	struct http_outcome outcome = { .fate = HTTP_ANSWERED };
	char url[64];
	log_open("check", 2, LOG_LEVEL_NONE);
	sem_init(&holds, 0, 0);
	must_succeed(http_server_start(&(struct http_server_config){ .threads = 1, .stop_ms = 100 }, hold, NULL, &server, error));
	must_succeed(http_client_open(&(struct http_client_config){ 0 }, &client, error));
	snprintf(url, sizeof url, "http://127.0.0.1:%u/", (unsigned)http_server_port(server));
	struct http_call call = { .method = "POST", .url = url, .private_hosts = loopback, .plain_hosts = loopback };
	must_succeed(http_client_start(client, &call, ended, &outcome, error));
	sem_wait(&holds);
	int64_t began = clock_mono_ms();
	http_client_stop(client);
	ck_assert_int_lt(clock_mono_ms() - began, 1000);
	ck_assert_int_eq(outcome.fate, HTTP_UNKNOWN);
	ck_assert_int_eq(outcome.error.code, ERROR_STOPPING);
	must_fail(http_client_start(client, &call, ended, &outcome, error), STOPPING);
	http_client_stop(client);
	http_client_close(&client);
	ck_assert_ptr_null(client);
	http_server_stop(&server);
	http_answer(held, 200, NULL, (struct bytes){ 0 });
}
END_TEST

SUITE("stop", a_stopped_client_ends_calls_and_refuses_more_until_it_is_closed)
