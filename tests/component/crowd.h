/* crowd: many clients from one process, plain HTTP on loopback, nothing of the gateway's own code. What the commands of crowd.c share.
 *
 * Clients come from 127.0.0.2, 127.0.0.3, ...: a limit of connections for each address holds for each of them. Whatever goes wrong on
 * our own side (no descriptor, no memory) ends the program with a sentence; what the gateway does is counted. */
#ifndef SEALGATE_TESTS_COMPONENT_CROWD_H
#define SEALGATE_TESTS_COMPONENT_CROWD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ANSWER_SIZE 8192

/* One client: a connection, and at most one request under way. */
struct client {
	int fd;                    /* -1: not connected */
	unsigned number;
	char out[2048], in[ANSWER_SIZE];
	size_t out_size, out_at, in_size;
	bool asks;                 /* waits for the rest of an answer */
	double asked;              /* seconds, monotonic */
	long id;                   /* of the event that it posts */
};

struct answer {
	int status;                /* 0: the connection ended without one */
	bool retry_after, closes;
};

struct port {
	uint16_t number;
	unsigned per_address;      /* clients from one address */
};

_Noreturn void crowd_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
double crowd_seconds(void);
/* Connects, waiting for it; false: refused, or closed again before anything was sent. */
bool client_connect(struct client *client, struct port port);
void client_close(struct client *client);
/* Begins to send what is in `out`. */
void client_ask(struct client *client);
/* Goes on as far as it can without waiting. True: the answer is there, or there will be none. */
bool client_go_on(struct client *client, struct answer *answer_r);
/* Asks and waits, at most so long. */
struct answer client_exchange(struct client *client, double seconds);
void client_get(struct client *client, const char *path, const char *key);
long crowd_memory_kib(int pid, const char *line);  /* "VmRSS:", "VmHWM:" */
void crowd_key(const char *folder, const char *party, char key[256]);

int crowd_load(int argc, char **argv);
int crowd_idle(int argc, char **argv);
int crowd_slow(int argc, char **argv);
int crowd_hang(int argc, char **argv);

#endif
