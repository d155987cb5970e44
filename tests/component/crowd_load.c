/* Load: how fast the gateway takes events, and what it does when about twice as many are offered.
 *
 *   calm    one client, one event after the other: what an event costs where nobody else asks
 *   rate    as many clients as keep the gateway busy, one event each after the other: what it takes in a second
 *   flood   events come at twice that rate, whatever the gateway says, by many clients, and the disk takes a second for each commit; who
 *           finds every client busy waits in a queue that is bounded, and is sent away by nobody else than the gateway: what finds the
 *           queue full was never offered
 *   again   what was refused in the flood comes again after Retry-After, some of it
 *
 * In FOLDER: `taken`, `refused`, `unknown`, `again`: the ids that were answered 2xx, 429 or 503, not at all, 2xx when they came again. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#include "component/crowd.h"

#define PER_ADDRESS 250
#define CALM_SECONDS 1.0
#define BUSY_CLIENTS 64
#define AGAIN 200
#define SAMPLES 4000000
#define CONTAINERS 500

struct phase {
	const char *name;
	unsigned clients;
	double seconds, rate;     /* rate 0: each client asks again at once */
	long offered, taken, refused, unknown, strange, silent;  /* silent: refused without Retry-After */
	double began, ended;
	float *took;              /* of those that were taken, ms */
	long memory_kib;
};

struct load {
	struct port port;
	char key[256], operator_key[256];
	const char *folder;
	int pid, epoll;
	unsigned open;
	struct client *clients;
	long next_id;
	FILE *taken, *refused, *unknown;
	/* Another client asks all the while for what an operator needs. */
	struct client operator;
	long operator_asked, operator_served;
	double operator_next;
};

static FILE *ids_open(const struct load *load, const char *name)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/%s", load->folder, name);
	FILE *file = fopen(path, "w+");
	if (!file)
		crowd_fail("cannot write \"%s\": %s", path, strerror(errno));
	return file;
}

static void event_write(const struct load *load, struct client *client, long id)
{
	char body[512];
	int n = snprintf(body, sizeof body, "{\"id\":\"o-%ld\",\"type\":\"status\",\"time\":\"2016-02-03T01:00:00Z\",\"container\":\"SEAU%06ld0\","
	                 "\"device\":{\"id\":\"d%ld\"}}", id, id % CONTAINERS, id % CONTAINERS);
	int all = snprintf(client->out, sizeof client->out, "POST /v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n"
	                   "Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", load->key, n, body);
	client->id = id;
	client->out_size = (size_t)all;
}

/* ---- connections ---- */

static bool client_ready(struct load *load, struct client *client)
{
	if (client->fd >= 0)
		return true;
	if (!client_connect(client, load->port))
		return false;
	struct epoll_event wanted = { .events = EPOLLIN, .data.ptr = client };
	if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, client->fd, &wanted) < 0)
		crowd_fail("epoll: %s", strerror(errno));
	return true;
}

/* ---- one phase ---- */

static void outcome_note(struct load *load, struct phase *p, const struct client *client, const struct answer *answer)
{
	if (answer->status >= 200 && answer->status < 300) {
		if (p->taken < SAMPLES)
			p->took[p->taken] = (float)((crowd_seconds() - client->asked) * 1000);
		p->taken++;
		fprintf(load->taken, "o-%ld\n", client->id);
	} else if (answer->status == 429 || answer->status == 503) {
		p->refused++;
		p->silent += !answer->retry_after;
		fprintf(load->refused, "o-%ld\n", client->id);
	} else if (answer->status == 0) {
		p->unknown++;
		fprintf(load->unknown, "o-%ld\n", client->id);
	} else {
		p->strange++;
	}
}

/* How many may be begun now. */
static long due(const struct load *load, struct phase *p, double now)
{
	if (now - p->began >= p->seconds)
		return 0;
	if (p->rate == 0)
		return p->clients;
	long due = (long)((now - p->began) * p->rate) - p->offered;
	if (due > (long)load->open)  /* the queue of who waits for a client is that long: the others were never offered */
		p->began += (double)(due - (long)load->open) / p->rate, p->seconds -= (double)(due - (long)load->open) / p->rate;
	return due;
}

static void offer(struct load *load, struct phase *p, double now)
{
	long left = due(load, p, now);
	for (unsigned i = 0; i < p->clients && left > 0; i++) {
		struct client *client = &load->clients[i];
		if (client->asks || !client_ready(load, client))
			continue;
		event_write(load, client, load->next_id++);
		client_ask(client);
		p->offered++;
		left--;
	}
}

static void operator_look(struct load *load, double now)
{
	struct answer answer;
	if (!load->operator.asks && now >= load->operator_next && client_ready(load, &load->operator)) {
		bool odd = load->operator_asked % 2;
		client_get(&load->operator, odd ? "/v1/status" : "/healthz", odd ? load->operator_key : NULL);
		client_ask(&load->operator);
		load->operator_asked++;
		load->operator_next = now + 0.1;
	} else if (load->operator.asks && client_go_on(&load->operator, &answer)) {
		load->operator_served += answer.status == 200;
	}
}

static void answers_take(struct load *load, struct phase *p, int wait_ms)
{
	struct epoll_event events[256];
	int n = epoll_wait(load->epoll, events, 256, wait_ms);
	for (int i = 0; i < n; i++) {
		struct client *client = events[i].data.ptr;
		struct answer answer;
		if (client == &load->operator)
			continue;
		if (!client->asks)
			client_close(client);  /* it was quiet, and is closed */
		else if (client_go_on(client, &answer))
			outcome_note(load, p, client, &answer);
	}
}

static unsigned busy_clients(const struct load *load, const struct phase *p)
{
	unsigned count = 0;
	for (unsigned i = 0; i < p->clients; i++)
		count += load->clients[i].asks;
	return count;
}

static void phase_run(struct load *load, struct phase *p)
{
	double looked = 0;
	p->took = calloc(SAMPLES, sizeof *p->took);
	p->began = crowd_seconds();
	double start = p->began, patience = start + p->seconds + 120;
	load->open = p->clients;
	for (double now = start; now - p->began < p->seconds || busy_clients(load, p); now = crowd_seconds()) {
		if (now > patience)
			crowd_fail("%u requests were not answered within two minutes", busy_clients(load, p));
		offer(load, p, now);
		operator_look(load, now);
		answers_take(load, p, 1);
		if (now - looked > 0.05) {
			long kib = crowd_memory_kib(load->pid, "VmRSS:");
			p->memory_kib = kib > p->memory_kib ? kib : p->memory_kib;
			looked = now;
		}
	}
	p->ended = crowd_seconds();
	p->began = start;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;
	return x < y ? -1 : x > y;
}

static void phase_print(struct phase *p)
{
	double seconds = p->ended - p->began;
	size_t n = (size_t)(p->taken < SAMPLES ? p->taken : SAMPLES);
	qsort(p->took, n, sizeof *p->took, by_size);
	printf("\"%s\":{\"clients\":%u,\"seconds\":%.2f,\"offered\":%ld,\"taken\":%ld,\"refused\":%ld,\"unknown\":%ld,\"strange\":%ld,"
	       "\"without_retry_after\":%ld,\"offered_rate\":%.0f,\"taken_rate\":%.0f,\"median_ms\":%.2f,\"p99_ms\":%.2f,\"longest_ms\":%.2f,\"rss_kib\":%ld},",
	       p->name, p->clients, seconds, p->offered, p->taken, p->refused, p->unknown, p->strange, p->silent, (double)p->offered / seconds,
	       (double)p->taken / seconds, n ? (double)p->took[n / 2] : 0, n ? (double)p->took[n * 99 / 100] : 0, n ? (double)p->took[n - 1] : 0, p->memory_kib);
	free(p->took);
}

/* ---- what was refused comes again ---- */

static void again(struct load *load)
{
	FILE *file = ids_open(load, "again");
	struct client *client = &load->clients[0];
	long id, offered = 0, taken = 0, more = 0;
	nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);  /* Retry-After is 1 at least */
	fflush(load->refused);
	rewind(load->refused);
	for (; offered < AGAIN && fscanf(load->refused, "o-%ld\n", &id) == 1; offered++) {
		struct answer answer = { 0 };
		for (int tries = 0; tries < 30 && (answer.status < 200 || answer.status >= 300); tries++, more++) {
			if (tries)
				nanosleep(&(struct timespec){ .tv_sec = 1 }, NULL);
			if (!client_ready(load, client))
				continue;
			event_write(load, client, id);
			answer = client_exchange(client, 30);
		}
		taken += answer.status == 201;
		fprintf(file, "o-%ld\n", id);
	}
	printf("\"again\":{\"offered\":%ld,\"taken\":%ld,\"tries\":%ld},", offered, taken, more);
	fclose(file);
}

/* In the flood the disk takes a second for each commit, by the preloaded fault.so: however fast the machine is, it is too much. */
static void disk_slow(const struct load *load, bool slow)
{
	char path[1024];
	snprintf(path, sizeof path, "%s/slow", load->folder);
	if (!slow) {
		remove(path);
		return;
	}
	FILE *file = fopen(path, "w");
	if (!file || fprintf(file, "1000\n") < 0 || fclose(file) != 0)
		crowd_fail("the file that makes the disk slow cannot be written");
}

int crowd_load(int argc, char **argv)
{
	(void)argc;
	double seconds = atof(argv[4]);
	unsigned clients = (unsigned)atoi(argv[5]);
	struct load load = { .port = { (uint16_t)atoi(argv[0]), PER_ADDRESS }, .pid = atoi(argv[2]), .folder = argv[3],
		             .epoll = epoll_create1(EPOLL_CLOEXEC), .clients = calloc(clients, sizeof *load.clients) };
	crowd_key(argv[1], "provider-1", load.key);
	crowd_key(argv[1], "admin-1", load.operator_key);
	for (unsigned i = 0; i < clients; i++)
		load.clients[i] = (struct client){ .fd = -1, .number = i };
	load.operator = (struct client){ .fd = -1, .number = clients + PER_ADDRESS };
	load.taken = ids_open(&load, "taken");
	load.refused = ids_open(&load, "refused");
	load.unknown = ids_open(&load, "unknown");
	struct phase calm = { .name = "calm", .clients = 1, .seconds = CALM_SECONDS }, rate = { .name = "rate", .clients = BUSY_CLIENTS, .seconds = seconds };
	struct phase flood = { .name = "flood", .clients = clients, .seconds = 2 * seconds };
	putchar('{');
	phase_run(&load, &calm);
	phase_print(&calm);
	phase_run(&load, &rate);
	flood.rate = 2 * (double)rate.taken / (rate.ended - rate.began);
	phase_print(&rate);
	disk_slow(&load, true);
	phase_run(&load, &flood);
	disk_slow(&load, false);
	phase_print(&flood);
	again(&load);
	printf("\"operator\":{\"asked\":%ld,\"served\":%ld}}\n", load.operator_asked, load.operator_served);
	fclose(load.taken);
	fclose(load.refused);
	fclose(load.unknown);
	for (unsigned i = 0; i < clients; i++)
		client_close(&load.clients[i]);
	client_close(&load.operator);
	close(load.epoll);
	free(load.clients);
	return 0;
}
