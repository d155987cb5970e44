/* Messages to an AS4 peer by the courier, over HTTP, with a peer that answers as the test says. Tests with an id are assertions of
 * eDelivery AS4 (TAD 1.2); the others are named after what users of other products complain about. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "deliver/courier.h"
#include "lib/http/server.h"
#include "store/message.h"
#include "unit/msh/world.h"

enum mood { CONFIRMS, SILENT, HTML_502, EMPTY };

struct hub {
	struct world *world;
	struct http_server *server;
	struct http_client *client;
	struct courier *courier;
	const char *hosts[2];
	pthread_mutex_t lock;
	enum mood mood;              /* of the first `moody` requests; then it confirms */
	int moody, asked, others;    /* others: with other octets than the first */
	char *first;
	size_t first_size;
	char message_id[200];
};

static void confirm(struct hub *h, struct http_request *request)
{
	LETTER(l);
	ARENA_AUTO arena = arena_new();
	struct as4_incoming *in;
	struct as4_header header;
	enum ebms_code code;
	must_succeed(take_octets(arena, &h->world->peers.at_hub, http_request_header(request, "Content-Type"), request->body, &in, &code, error));
	snprintf(h->message_id, sizeof h->message_id, "%s", in->header.message_id);
	as4_receipt_for(in, as4_message_id(arena, "hub.example"), NOW, &header);
	must_succeed(letter_pack(arena, &h->world->peers.at_hub, &header, NULL, 0, &l, error));
	http_answer(request, 200, l.packed.content_type, buffer_bytes(&l.octets));
}

static void serve(void *context, struct http_request *request)
{
	struct hub *h = context;
	pthread_mutex_lock(&h->lock);
	enum mood mood = h->asked++ < h->moody ? h->mood : CONFIRMS;
	if (!h->first) {
		h->first = memcpy(malloc(request->body.size), request->body.data, request->body.size);
		h->first_size = request->body.size;
	}
	h->others += request->body.size != h->first_size || memcmp(h->first, request->body.data, h->first_size) != 0;
	if (mood == CONFIRMS)
		confirm(h, request);
	else if (mood == HTML_502)
		http_answer(request, 502, "text/html", bytes_of_text("<html><body>Bad gateway</body></html>"));
	else if (mood == EMPTY)
		http_answer(request, 202, NULL, (struct bytes){ 0 });
	else
		http_request_drop(request);
	pthread_mutex_unlock(&h->lock);
}

static void courier_up(struct hub *h)
{
	struct world *w = h->world;
	struct courier_config config = { .settings = &w->settings, .store = w->store, .msh = w->msh };
	must_succeed(http_client_open(&(struct http_client_config){ 0 }, &h->client, error));
	config.client = h->client;
	must_succeed(courier_start(&config, &h->courier, error));
}

static void courier_down(struct hub *h)
{
	if (!h->courier)
		return;
	http_client_stop(h->client);
	courier_stop(&h->courier);
	http_client_close(&h->client);
}

static void hub_up(struct hub *h, struct world *w, enum mood mood, int moody)
{
	*h = (struct hub){ .world = w, .hosts = { "127.0.0.1", NULL }, .lock = PTHREAD_MUTEX_INITIALIZER, .mood = mood, .moody = moody };
	must_succeed(http_server_start(&(struct http_server_config){ .body_limit = 1 << 20 }, serve, h, &h->server, error));
	w->terms.url = arena_printf(w->arena, "http://127.0.0.1:%u/as4", (unsigned)http_server_port(h->server));
	w->agreement.private_hosts = w->agreement.plain_hosts = h->hosts;
	w->agreement.connect_ms = 2000;
	w->agreement.total_ms = 3000;
	w->agreement.breaker_failures = 1000;
	w->agreement.breaker_open_ms = 100;
	w->agreement.retry.first_ms = 30;
	w->agreement.retry.longest_ms = 100;
	w->agreement.retry.budget_ms = 60000;
}

static void hub_down(struct hub *h)
{
	courier_down(h);
	if (h->server)
		http_server_stop(&h->server);
	free(h->first);
}

#define HUB(mood, moody) WORLD(w, "p256"); __attribute__((cleanup(hub_down))) struct hub h; hub_up(&h, &w, mood, moody)

static void rest(int ms)
{
	nanosleep(&(struct timespec){ .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000L }, NULL);
}

static struct message_row row_of(struct hub *h, const char *id)
{
	struct finding_message f = { .arena = h->world->arena, .id = id };
	must_succeed(store_read(h->world->store, message_look, &f, error));
	ck_assert(f.found);
	return f.row;
}

/* 10 s at most. */
static void wait_for(struct hub *h, const char *id, const char *state)
{
	for (int i = 0; i < 500 && !text_equal(world_state(h->world, id), state); i++)
		rest(20);
	if (!text_equal(world_state(h->world, id), state))
		ck_abort_msg("%s is %s, not %s: %s", id, world_state(h->world, id), state, row_of(h, id).reason ? row_of(h, id).reason : "");
}

static int asked(struct hub *h)
{
	pthread_mutex_lock(&h->lock);
	int count = h->asked;
	pthread_mutex_unlock(&h->lock);
	return count;
}

static void wait_asked(struct hub *h, int count)
{
	for (int i = 0; i < 500 && asked(h) < count; i++)
		rest(20);
	ck_assert_int_ge(asked(h), count);
}

START_TEST(AS4_CP_TA01_a_push_is_confirmed_in_the_same_exchange)
{
	HUB(CONFIRMS, 0);
	world_message(&w, "SG00000001");
	courier_up(&h);
	wait_for(&h, "SG00000001", "sent");
	ck_assert_int_eq(asked(&h), 1);
}
END_TEST

START_TEST(AS4_CP_TA09_without_a_receipt_the_same_message_is_sent_again)
{
	HUB(SILENT, 1000);
	world_message(&w, "SG00000001");
	courier_up(&h);
	wait_asked(&h, 3);
	courier_down(&h);
	ck_assert_int_eq(h.others, 0);  /* the same octets, so the same eb:MessageId */
}
END_TEST

START_TEST(AS4_CP_TA10_a_receipt_that_comes_at_last_ends_it)
{
	HUB(EMPTY, 2);
	world_message(&w, "SG00000001");
	courier_up(&h);
	wait_for(&h, "SG00000001", "sent");
	int count = asked(&h);
	rest(400);
	ck_assert_int_eq(asked(&h), count);
	ck_assert_int_eq(count, 3);
	ck_assert_int_eq(h.others, 0);
}
END_TEST

START_TEST(AS4_CP_TA15_no_receipt_in_time_is_told_as_EBMS_0301)
{
	HUB(SILENT, 1000);
	w.agreement.retry.budget_ms = 400;
	world_message(&w, "SG00000001");
	courier_up(&h);
	wait_for(&h, "SG00000001", "failed");
	struct message_row row = row_of(&h, "SG00000001");
	ck_assert(text_starts(row.reason, "EBMS:0301 MissingReceipt: "));
	ck_assert_int_ge(asked(&h), 2);
}
END_TEST

/* phase4-peppol-standalone #6 */
START_TEST(complaint_a_502_with_an_html_body_is_not_tried_again)
{
	HUB(HTML_502, 2);
	world_message(&w, "SG00000001");
	courier_up(&h);
	wait_for(&h, "SG00000001", "sent");
	ck_assert_int_eq(asked(&h), 3);
	ck_assert_int_eq(h.others, 0);  /* nor under a new eb:MessageId, which no receiver could tell for a repeat */
}
END_TEST

START_TEST(complaint_the_retry_is_lost_when_the_gateway_starts_anew)
{
	HUB(SILENT, 2);
	world_message(&w, "SG00000001");
	courier_up(&h);
	wait_asked(&h, 1);
	courier_down(&h);
	msh_close(&w.msh);
	store_close(&w.store);
	must_succeed(store_open(world_file(&w, "store"), NULL, &w.store, error));
	world_open_msh(&w);
	courier_up(&h);
	wait_for(&h, "SG00000001", "sent");
	ck_assert_int_eq(h.others, 0);
}
END_TEST

/* Oxalis-AS4 #90. A listener that takes nobody: what connects waits in vain. */
START_TEST(complaint_a_connect_hangs_for_two_minutes)
{
	HUB(CONFIRMS, 0);
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof at;
	int listener = socket(AF_INET, SOCK_STREAM, 0), full[4];
	ck_assert(listener >= 0 && bind(listener, (struct sockaddr *)&at, sizeof at) == 0 && listen(listener, 0) == 0);
	ck_assert(getsockname(listener, (struct sockaddr *)&at, &size) == 0);
	for (int i = 0; i < 4; i++) {
		full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		(void)!connect(full[i], (struct sockaddr *)&at, sizeof at);
	}
	w.terms.url = arena_printf(w.arena, "http://127.0.0.1:%u/as4", (unsigned)ntohs(at.sin_port));
	w.agreement.connect_ms = 300;
	w.agreement.total_ms = 120000;
	w.agreement.retry.first_ms = 60000;
	world_message(&w, "SG00000001");
	courier_up(&h);
	wait_for(&h, "SG00000001", "waiting");
	ck_assert_str_ne(row_of(&h, "SG00000001").reason, "");
	for (int i = 0; i < 4; i++)
		close(full[i]);
	close(listener);
}
END_TEST

SUITE("as4 delivery", AS4_CP_TA01_a_push_is_confirmed_in_the_same_exchange, AS4_CP_TA09_without_a_receipt_the_same_message_is_sent_again,
      AS4_CP_TA10_a_receipt_that_comes_at_last_ends_it, AS4_CP_TA15_no_receipt_in_time_is_told_as_EBMS_0301,
      complaint_a_502_with_an_html_body_is_not_tried_again, complaint_the_retry_is_lost_when_the_gateway_starts_anew,
      complaint_a_connect_hangs_for_two_minutes)
