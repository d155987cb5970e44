/* Calls to where others want them to go (SSRF). Names are resolved by this program itself: its getaddrinfo() stands before the C library's,
 * and answers differently from one time to the next, as a rebinding DNS server does. */
#include <arpa/inet.h>
#include <netdb.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/log.h"
#include "lib/http/client.h"
#include "lib/http/server.h"
#include "support/suite.h"

/* ---- names ---- */

static _Atomic int asked;
static const char *const *answers;  /* of rebind.test, one after the other; the last one stays */

static struct addrinfo *info_of(const char *address, const char *service, const struct addrinfo *hints)
{
	struct { struct addrinfo info; struct sockaddr_storage to; } *made = calloc(1, sizeof *made);
	struct sockaddr_in *v4 = (struct sockaddr_in *)&made->to;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&made->to;
	bool four = inet_pton(AF_INET, address, &v4->sin_addr) == 1;
	in_port_t port = htons((uint16_t)atoi(service ? service : "0"));
	if (four) {
		v4->sin_family = AF_INET;
		v4->sin_port = port;
	} else {
		ck_assert_int_eq(inet_pton(AF_INET6, address, &v6->sin6_addr), 1);
		v6->sin6_family = AF_INET6;
		v6->sin6_port = port;
	}
	made->info = (struct addrinfo){ .ai_family = four ? AF_INET : AF_INET6, .ai_socktype = hints && hints->ai_socktype ? hints->ai_socktype : SOCK_STREAM,
		                        .ai_protocol = IPPROTO_TCP, .ai_addrlen = four ? sizeof *v4 : sizeof *v6, .ai_addr = (struct sockaddr *)&made->to };
	return &made->info;
}

int getaddrinfo(const char *node, const char *service, const struct addrinfo *hints, struct addrinfo **info_r)
{
	if (node && strcmp(node, "rebind.test") == 0) {
		int n = atomic_fetch_add(&asked, 1), i = 0;
		while (i < n && answers[i + 1])
			i++;
		*info_r = info_of(answers[i], service, hints);
		return 0;
	}
	struct in_addr number;  /* what inet_aton() takes is an address in every spelling: 127.1, 0x7f000001, 2130706433 */
	if (node && inet_aton(node, &number)) {
		char text[INET_ADDRSTRLEN];
		*info_r = info_of(inet_ntop(AF_INET, &number, text, sizeof text), service, hints);
		return 0;
	}
	struct in6_addr six;
	if (node && inet_pton(AF_INET6, node, &six) == 1) {
		*info_r = info_of(node, service, hints);
		return 0;
	}
	if (node && strcmp(node, "localhost") == 0) {
		*info_r = info_of("127.0.0.1", service, hints);
		return 0;
	}
	return EAI_NONAME;
}

void freeaddrinfo(struct addrinfo *info)
{
	free(info);
}

/* ---- a server that counts ---- */

static _Atomic int served;
static struct http_server *server;
static struct http_client *client;
static const char *const plain[] = { "127.0.0.1", "rebind.test", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "0", "[::1]", "::1",
	"[::ffff:127.0.0.1]", "::ffff:127.0.0.1", "[::ffff:7f00:1]", "::ffff:7f00:1", "[::]", "::", NULL };

static void count(void *context, struct http_request *request)
{
	(void)context;
	atomic_fetch_add(&served, 1);
	if (strcmp(request->path, "/away") == 0)
		http_answer_header(request, "Location", "http://127.0.0.1/elsewhere");
	http_answer(request, strcmp(request->path, "/away") == 0 ? 302 : 200, "text/plain", bytes_of_text("here"));
}

static void begin(void)
{
	log_open("check", 2, LOG_LEVEL_NONE);
	atomic_store(&served, 0);
	atomic_store(&asked, 0);
	must_succeed(http_server_start(&(struct http_server_config){ .threads = 1, .stop_ms = 100 }, count, NULL, &server, error));
	must_succeed(http_client_open(&(struct http_client_config){ 0 }, &client, error));
}

static void end(void)
{
	http_client_close(&client);
	http_server_stop(&server);
}

static int call(const char *host, unsigned port, const char *path, const char *const *private_hosts, struct http_outcome *out, struct arena *arena,
                struct error *error)
{
	struct http_call c = { .method = "GET", .url = arena_printf(arena, "http://%s:%u%s", host, port, path), .private_hosts = private_hosts,
		               .plain_hosts = plain, .total_ms = 2000, .connect_ms = 1000, .answer_limit = 1000 };
	return http_client_call(client, &c, arena, out, error);
}

START_TEST(every_spelling_of_loopback_is_refused)
{
	static const char *const hosts[] = { "127.0.0.1", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "localhost", "0", "[::1]", "[::ffff:127.0.0.1]",
		"[::ffff:7f00:1]", "[::]" };
	ARENA_AUTO arena = arena_new();
	struct http_outcome out;
	begin();
	for (size_t i = 0; i < sizeof hosts / sizeof *hosts; i++)
		must_fail(call(hosts[i], http_server_port(server), "/", NULL, &out, arena, error), FORBIDDEN);
	ck_assert_int_eq(atomic_load(&served), 0);
	static const char *const named[] = { "127.0.0.1", NULL };
	must_succeed(call("127.0.0.1", http_server_port(server), "/", named, &out, arena, error));  /* it is there to be reached */
	ck_assert_int_eq(atomic_load(&served), 1);
	end();
}
END_TEST

START_TEST(a_name_that_changes_its_address_reaches_nothing_private)
{
	static const char *const rebinding[] = { "192.0.2.1", "127.0.0.1", NULL }, *const mapped[] = { "::ffff:127.0.0.1", NULL };
	static const char *const metadata[] = { "169.254.169.254", NULL };
	static const char *const *const all[] = { rebinding, mapped, metadata };
	ARENA_AUTO arena = arena_new();
	struct http_outcome out;
	begin();
	for (size_t i = 0; i < 3; i++) {
		answers = all[i];
		atomic_store(&asked, 0);
		for (int k = 0; k < 3; k++) {
			must_fail(call("rebind.test", http_server_port(server), "/", NULL, &out, arena, error), FORBIDDEN);
			http_client_close(&client);  /* with the names that it remembers */
			must_succeed(http_client_open(&(struct http_client_config){ 0 }, &client, error));
		}
		ck_assert_int_ge(atomic_load(&asked), 3);
	}
	ck_assert_int_eq(atomic_load(&served), 0);
	end();
}
END_TEST

/* One that may reach it opened the connection; the next one has the same name and no such leave. */
START_TEST(a_kept_connection_is_no_way_in)
{
	static const char *const rebinding[] = { "127.0.0.1", NULL }, *const named[] = { "rebind.test", NULL };
	ARENA_AUTO arena = arena_new();
	struct http_outcome out;
	begin();
	answers = rebinding;
	must_succeed(call("rebind.test", http_server_port(server), "/", named, &out, arena, error));
	must_fail(call("rebind.test", http_server_port(server), "/", NULL, &out, arena, error), FORBIDDEN);
	ck_assert_int_eq(atomic_load(&served), 1);
	end();
}
END_TEST

START_TEST(redirects_are_answers_and_proxies_of_the_environment_are_not_asked)
{
	static const char *const named[] = { "127.0.0.1", NULL };
	ARENA_AUTO arena = arena_new();
	struct http_outcome out;
	setenv("http_proxy", "http://127.0.0.1:1", 1);
	setenv("all_proxy", "socks5://127.0.0.1:1", 1);
	begin();
	must_succeed(call("127.0.0.1", http_server_port(server), "/away", named, &out, arena, error));
	ck_assert_int_eq(out.status, 302);
	ck_assert_int_eq(atomic_load(&served), 1);
	end();
}
END_TEST

START_TEST(other_schemes_and_users_in_urls_are_refused)
{
	static const char *const urls[] = { "file:///etc/hostname", "gopher://127.0.0.1/", "dict://127.0.0.1/", "ftp://127.0.0.1/", "http://user@127.0.0.1:80@x/",
		"http://127.0.0.1%2f.x/" };
	ARENA_AUTO arena = arena_new();
	begin();
	for (size_t i = 0; i < sizeof urls / sizeof *urls; i++) {
		struct error why = { 0 };
		struct http_outcome out;
		struct http_call c = { .method = "GET", .url = urls[i], .plain_hosts = plain, .total_ms = 1000 };
		ck_assert_msg(http_client_call(client, &c, arena, &out, &why) < 0 && (why.code == ERROR_FORBIDDEN || why.code == ERROR_BAD_FIELD), "%s: %s",
		              urls[i], why.text);
	}
	end();
}
END_TEST

/* ---- a peer that answers without end ---- */

/* Takes one connection and writes: `head` once, then `piece` every `pause_ms` until the other side has gone. */
static unsigned endless(const char *head, const char *piece, int pause_ms, pid_t *pid_r)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof address;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ck_assert(bind(fd, (struct sockaddr *)&address, size) == 0 && listen(fd, 4) == 0 && getsockname(fd, (struct sockaddr *)&address, &size) == 0);
	*pid_r = fork();
	if (*pid_r == 0) {
		alarm(20);
		int peer = accept(fd, NULL, NULL);
		if (send(peer, head, strlen(head), MSG_NOSIGNAL) < 0)
			_exit(1);
		while (send(peer, piece, strlen(piece), MSG_NOSIGNAL) > 0)
			usleep((useconds_t)pause_ms * 1000);
		_exit(0);
	}
	close(fd);
	return ntohs(address.sin_port);
}

START_TEST(limits_hold_while_an_answer_is_read)
{
	static const struct { const char *head, *piece; int pause_ms; enum error_code code; } peers[] = {
		{ "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "40\r\n0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\r\n", 0, ERROR_TOO_LARGE },
		{ "HTTP/1.1 200 OK\r\n", "X-Flood: 0123456789abcdef0123456789abcdef\r\n", 0, ERROR_TOO_LARGE },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 5000000\r\n\r\n", "x", 0, ERROR_TOO_LARGE },
		{ "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n", "x", 200, ERROR_TIMEOUT },
		{ "HTTP/1.1 200 OK\r\n", "X", 200, ERROR_TIMEOUT },
		{ "a body without a status (HTTP/0.9)\r\n", "x", 0, ERROR_PEER_ERROR },
		{ "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n", "8\r\n\x1f\x8b\x08\x01\x02\x03\x04\x05\r\n", 0, ERROR_TOO_LARGE },
	};
	static const char *const named[] = { "127.0.0.1", NULL };
	ARENA_AUTO arena = arena_new();
	begin();
	for (size_t i = 0; i < sizeof peers / sizeof *peers; i++) {
		pid_t pid;
		struct http_outcome out;
		struct error why = { 0 };
		unsigned port = endless(peers[i].head, peers[i].piece, peers[i].pause_ms, &pid);
		int64_t from = clock_mono_ms();
		ck_assert_int_lt(call("127.0.0.1", port, "/", named, &out, arena, &why), 0);
		ck_assert_msg(why.code == peers[i].code, "peer %zu: %s", i, why.text);
		ck_assert_int_lt(clock_mono_ms() - from, 5000);
		ck_assert_int_eq(out.fate, HTTP_UNKNOWN);
	}
	end();
}
END_TEST

SUITE("out", every_spelling_of_loopback_is_refused, a_name_that_changes_its_address_reaches_nothing_private, a_kept_connection_is_no_way_in,
      redirects_are_answers_and_proxies_of_the_environment_are_not_asked, other_schemes_and_users_in_urls_are_refused, limits_hold_while_an_answer_is_read)
