/* A peer that lets its answers be fetched, moves each to the pulled ones when it is, and a gateway that cannot store one at first. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "deliver/courier.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/http/server.h"
#include "support/folder.h"
#include "support/suite.h"

struct peer {
	pthread_mutex_t lock;
	bool pulled;                 /* the answer is among the pulled ones */
	int asked, stored;
};

static void list(struct http_request *request, const char *href)
{
	char text[200];
	snprintf(text, sizeof text, href ? "<r><link rel=\"notification\" href=\"%s\"/></r>" : "<r/>", href);
	http_answer(request, 200, "application/xml", bytes_of_text(text));
}

static void serve(void *context, struct http_request *request)
{
	struct peer *p = context;
	pthread_mutex_lock(&p->lock);
	bool pulled = p->pulled;
	if (http_request_is(request, "GET", "notifications", "unpulled", "1", NULL))
		p->pulled = true;
	pthread_mutex_unlock(&p->lock);
	if (http_request_is(request, "GET", "notifications", "unpulled", NULL))
		list(request, pulled ? NULL : "/notifications/unpulled/1");
	else if (http_request_is(request, "GET", "notifications", "pulled", NULL))
		list(request, pulled ? "/notifications/pulled/1" : NULL);
	else
		http_answer(request, 200, "application/xml", bytes_of_text("<answer/>"));
}

static int answered(void *context, const struct fetched *fetched, struct error *error)
{
	struct peer *p = context;
	(void)fetched;
	pthread_mutex_lock(&p->lock);
	bool first = p->asked++ == 0;
	p->stored += !first;
	pthread_mutex_unlock(&p->lock);
	if (first)
		FAIL(error, STORE, "the disk does not take it now");
	return 0;
}

static int stored_of(struct peer *p)
{
	pthread_mutex_lock(&p->lock);
	int stored = p->stored;
	pthread_mutex_unlock(&p->lock);
	return stored;
}

START_TEST(an_answer_that_could_not_be_stored_is_fetched_again_from_the_pulled_ones)
{
	static const char *const loopback[] = { "127.0.0.1", NULL };
	FOLDER(folder);
	ARENA_AUTO arena = arena_new();
	struct peer p = { .lock = PTHREAD_MUTEX_INITIALIZER };
	struct http_server *server;
	struct http_client *client;
	struct store *store;
	struct courier *courier;
	log_open("check", 2, LOG_LEVEL_NONE);
	must_succeed(file_write(file_path(arena, folder, "token"), bytes_of_text("secret\n"), 0600, error));
	must_succeed(http_server_start(&(struct http_server_config){ 0 }, serve, &p, &server, error));
	struct agreement agreement = { .name = "nl", .url = arena_printf(arena, "http://127.0.0.1:%u", (unsigned)http_server_port(server)),
		                       .accept = "application/xml", .grant = GRANT_TOKEN, .token_file = file_path(arena, folder, "token"),
		                       .pull_path = "/notifications/unpulled", .pull_ms = 50, .private_hosts = loopback, .plain_hosts = loopback,
		                       .connect_ms = 2000, .total_ms = 2000, .breaker_failures = 5, .breaker_open_ms = 1000 };
	struct settings settings = { .agreements = &agreement, .agreement_count = 1 };
	must_succeed(store_open(file_path(arena, folder, "store"), NULL, &store, error));
	must_succeed(http_client_open(&(struct http_client_config){ 0 }, &client, error));
	struct courier_config config = { .settings = &settings, .store = store, .client = client, .context = &p, .answered = answered };
	must_succeed(courier_start(&config, &courier, error));
	for (int i = 0; i < 250 && !stored_of(&p); i++)
		nanosleep(&(struct timespec){ .tv_nsec = 20000000 }, NULL);
	http_client_stop(client);
	courier_stop(&courier);
	http_client_close(&client);
	store_close(&store);
	http_server_stop(&server);
	ck_assert(p.pulled);
	ck_assert_int_ge(p.stored, 1);
}
END_TEST

SUITE("pull", an_answer_that_could_not_be_stored_is_fetched_again_from_the_pulled_ones)
