#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/base/clock.h"
#include "lib/base/file.h"
#include "lib/base/log.h"
#include "lib/base/text.h"
#include "lib/http/inside.h"

/* TLS 1.2 and 1.3, forward secret key exchange, authenticated encryption, no SHA-1. */
#define PRIORITIES                                                                                                      \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:-RSA:-SHA1:-CIPHER-ALL:+AES-256-GCM:+AES-128-GCM:+CHACHA20-POLY1305:" \
	"%SERVER_PRECEDENCE"
#define NEWCOMER_MS 300         /* the handshake of who connected just before the stop */
#define BACKLOG 256
#define ANSWER_GRACE_MS 1000

void server_lock(struct http_server *server)
{
	must(pthread_mutex_lock(&server->lock) == 0);
}

void server_unlock(struct http_server *server)
{
	must(pthread_mutex_unlock(&server->lock) == 0);
}

void server_release(struct http_server *server)
{
	if (atomic_fetch_sub(&server->owners, 1) != 1)
		return;
	if (server->listener >= 0 && server->config.listener <= 0)
		close(server->listener);
	pthread_mutex_destroy(&server->lock);
	pthread_cond_destroy(&server->changed);
	pthread_cond_destroy(&server->watch);
	free(server->spool_folder);
	free(server);
}

static struct http_server_config config_filled(struct http_server_config config)
{
#define DEFAULT(field, value) config.field = config.field ? config.field : (value)
	DEFAULT(address, "127.0.0.1");
	DEFAULT(threads, 2);
	DEFAULT(connections, 1024);
	DEFAULT(header_limit, 32768);
	DEFAULT(body_limit, (size_t)1 << 20);
	DEFAULT(body_memory, (size_t)256 << 20);
	DEFAULT(stream_limit, (size_t)256 << 10);
	DEFAULT(idle_ms, 30000);
	DEFAULT(header_ms, 10000);
	DEFAULT(request_ms, 60000);
	DEFAULT(defer_ms, 60000);
	DEFAULT(answer_ms, 60000);
	DEFAULT(stop_ms, 10000);
#undef DEFAULT
	return config;
}

static int address_read(const char *text, uint16_t port, struct sockaddr_storage *address, socklen_t *size_r, struct error *error)
{
	struct sockaddr_in *v4 = (void *)address;
	struct sockaddr_in6 *v6 = (void *)address;
	memset(address, 0, sizeof *address);
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*size_r = sizeof *v4;
		return 0;
	}
	if (inet_pton(AF_INET6, text, &v6->sin6_addr) != 1)
		FAIL(error, BAD_CONFIG, "address \"%s\" is not a numeric IPv4 or IPv6 address", text);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons(port);
	*size_r = sizeof *v6;
	return 0;
}

int http_listener_open(const char *text, uint16_t port, int *listener_r, struct error *error)
{
	struct sockaddr_storage address;
	socklen_t size = 0;
	int on = 1, off = 0;
	TRY(address_read(text, port, &address, &size, error));
	*listener_r = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (*listener_r >= 0 && setsockopt(*listener_r, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
	    (address.ss_family != AF_INET6 || setsockopt(*listener_r, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off) == 0) &&
	    bind(*listener_r, (struct sockaddr *)&address, size) == 0 && listen(*listener_r, BACKLOG) == 0)
		return 0;
	error_set(error, ERROR_IO, "cannot listen on \"%s\" port %u: %s", text, port, strerror(errno));
	if (*listener_r >= 0)
		close(*listener_r);
	*listener_r = -1;
	return -1;
}

static int listener_take(struct http_server *server, const struct http_server_config *config, struct error *error)
{
	struct sockaddr_storage address;
	socklen_t got = sizeof address;
	server->listener = config->listener;
	if (config->listener <= 0)
		TRY(http_listener_open(config->address, config->port, &server->listener, error));
	must(getsockname(server->listener, (struct sockaddr *)&address, &got) == 0);
	/* sin_port and sin6_port are at the same place. */
	server->port = ntohs(((struct sockaddr_in *)&address)->sin_port);
	return 0;
}

static void library_log(void *context, const char *format, va_list args) __attribute__((format(printf, 2, 0)));
static void library_log(void *context, const char *format, va_list args)
{
	char text[400];
	(void)context;
	vsnprintf(text, sizeof text, format, args);
	size_t size = strlen(text);
	if (size && text[size - 1] == '\n')
		text[size - 1] = '\0';
	log_debug("http", NULL, "%s", text);
}

/* What the server shows, and whom it asks of its clients. */
struct tls_files {
	struct buffer certificate, key, client_ca;
};

static int daemon_start(struct http_server *server, const struct tls_files *files, struct error *error)
{
	const struct http_server_config *config = &server->config;
	unsigned flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ITC | MHD_USE_ERROR_LOG;
	struct MHD_OptionItem options[8];
	size_t n = 0;
	if (server->tls) {
		flags |= MHD_USE_TLS;
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, files->certificate.data };
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, files->key.data };
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)PRIORITIES };
		if (files->client_ca.size)  /* asks, and refuses nobody: the handshake cannot tell a client what is wrong, an answer can */
			options[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, files->client_ca.data };
	}
	if (config->threads > 1)
		options[n++] = (struct MHD_OptionItem){ MHD_OPTION_THREAD_POOL_SIZE, (intptr_t)config->threads, NULL };
	options[n++] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
	/* The logger must come first: it counts only for what comes after it. */
	server->daemon = MHD_start_daemon(flags, 0, NULL, NULL, connection_handle, server,
					  MHD_OPTION_EXTERNAL_LOGGER, library_log, NULL,
					  MHD_OPTION_LISTEN_SOCKET, server->listener,
					  MHD_OPTION_NOTIFY_CONNECTION, connection_notify, server,
					  MHD_OPTION_NOTIFY_COMPLETED, connection_completed, server,
					  MHD_OPTION_URI_LOG_CALLBACK, connection_target, server,
					  MHD_OPTION_STRICT_FOR_CLIENT, 1,
					  MHD_OPTION_CONNECTION_MEMORY_LIMIT, config->header_limit,
					  MHD_OPTION_CONNECTION_LIMIT, config->connections,
					  MHD_OPTION_PER_IP_CONNECTION_LIMIT, config->connections_per_address,
					  MHD_OPTION_CONNECTION_TIMEOUT, (unsigned)(config->idle_ms + 999) / 1000,
					  MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (!server->daemon)
		FAIL(error, BAD_CONFIG, "cannot start the HTTP server%s",
		     server->tls ? ": certificate and key do not fit each other, or are not PEM" : "");
	return 0;
}

static int files_read(const struct http_server_config *config, struct tls_files *files, struct error *error)
{
	if (!config->certificate_file != !config->key_file)
		FAIL(error, BAD_CONFIG, "TLS needs both a certificate file and a key file");
	if (config->client_ca_file && !config->certificate_file)
		FAIL(error, BAD_CONFIG, "client certificates need TLS: a certificate file and a key file of the server's own");
	if (!config->certificate_file)
		return 0;
	TRY(file_read(config->certificate_file, &files->certificate, error));
	TRY(file_read(config->key_file, &files->key, error));
	return config->client_ca_file ? file_read(config->client_ca_file, &files->client_ca, error) : 0;
}

static void files_forget(struct tls_files *files)
{
	if (files->key.size)
		explicit_bzero(files->key.data, files->key.size);
	buffer_clear(&files->certificate);
	buffer_clear(&files->key);
	buffer_clear(&files->client_ca);
}

int http_server_start(const struct http_server_config *given, http_handler_fn *handler, void *context,
		      struct http_server **server_r, struct error *error)
{
	struct http_server_config config = config_filled(*given);
	__attribute__((cleanup(files_forget))) struct tls_files files = { 0 };
	TRY(files_read(&config, &files, error));
	struct http_server *server = calloc(1, sizeof *server);
	if (!server)
		die("out of memory");
	server->config = config;
	server->config.address = server->config.certificate_file = server->config.key_file = server->config.client_ca_file = NULL;
	if (config.spool_folder && !(server->config.spool_folder = server->spool_folder = strdup(config.spool_folder)))
		die("out of memory");
	server->handler = handler;
	server->context = context;
	server->listener = -1;
	server->tls = config.certificate_file != NULL;
	server->asks = config.client_ca_file != NULL;
	/* The pieces of the request line lie side by side in 0.9's memory; newer ones refuse a NUL by themselves. */
	server->exact_lines = text_starts(MHD_get_version(), "0.9.");
	atomic_init(&server->owners, 1);
	must(pthread_mutex_init(&server->lock, NULL) == 0);
	pthread_condattr_t attributes;
	must(pthread_condattr_init(&attributes) == 0 && pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
	must(pthread_cond_init(&server->changed, &attributes) == 0 && pthread_cond_init(&server->watch, &attributes) == 0);
	pthread_condattr_destroy(&attributes);
	*server_r = server;  /* handlers may run, and ask for it, before this returns */
	if (listener_take(server, &config, error) < 0 || daemon_start(server, &files, error) < 0) {
		*server_r = NULL;
		server_release(server);
		return -1;
	}
	if (pthread_create(&server->watchdog, NULL, watch_run, server) != 0)
		die("cannot start a thread");
	return 0;
}

uint16_t http_server_port(const struct http_server *server)
{
	return server->port;
}

/* Lock held. Waits until there is nothing left to wait for, at most until then. */
static void settle(struct http_server *server, int64_t until_ms)
{
	struct timespec until = { .tv_sec = until_ms / 1000, .tv_nsec = (long)(until_ms % 1000) * 1000000 };
	while (server->requests_now && pthread_cond_timedwait(&server->changed, &server->lock, &until) == 0)
		;
}

/* Lock held. Who connected a moment ago is about to ask: it is served, or told to come again, rather than cut. */
static void settle_newcomers(struct http_server *server, int64_t until_ms)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	for (bool some = true; some && clock_mono_ms() < until_ms;) {
		some = false;
		for (struct connection *c = server->connections; c; c = c->next)
			some |= !c->asked && !c->cut;
		server_unlock(server);
		if (some)
			nanosleep(&pause, NULL);
		server_lock(server);
	}
}

/* libmicrohttpd ends the process if it is stopped while a connection is suspended: first nothing new is taken, then what
 * is deferred has time, then it is given up, then nothing may be suspended any more, then it is stopped. */
static void wind_down(struct http_server *server)
{
	server_lock(server);
	server->stopping = true;
	for (struct connection *c = server->connections; c; c = c->next)
		if (c->request && c->request->stream)
			stream_end(c->request->stream);
	server_unlock(server);
	(void)MHD_quiesce_daemon(server->daemon);
	if (server->config.listener <= 0)
		shutdown(server->listener, SHUT_RDWR);  /* who knocks now is refused; closed later: a thread may still look at it */
	server_lock(server);
	settle_newcomers(server, clock_mono_ms() + NEWCOMER_MS);
	settle(server, clock_mono_ms() + server->config.stop_ms);
	server->stopped = true;
	for (struct connection *c = server->connections; c; c = c->next) {
		if (c->request && c->request->stage == STAGE_SUSPENDED)
			watch_give_up(c->request, ERROR_STOPPING, "the gateway is stopping; try again in a moment");
		if (c->request && c->request->stream)
			stream_end(c->request->stream);
	}
	settle(server, clock_mono_ms() + ANSWER_GRACE_MS);
	server_unlock(server);
}

void http_server_stop(struct http_server **server)
{
	if (!*server)
		return;
	struct http_server *s = *server;
	wind_down(s);
	MHD_stop_daemon(s->daemon);
	server_lock(s);
	s->watchdog_ends = true;
	pthread_cond_signal(&s->watch);
	server_unlock(s);
	must(pthread_join(s->watchdog, NULL) == 0);
	server_release(s);
	*server = NULL;
}

void http_server_count(const struct http_server *server, struct http_server_counters *counters_r)
{
	struct http_server *s = (struct http_server *)(uintptr_t)server;
	server_lock(s);
	*counters_r = s->counters;
	server_unlock(s);
	for (size_t i = 0; i < ERROR_CODES; i++)
		counters_r->refused[i] = atomic_load(&s->refused[i]);
}
