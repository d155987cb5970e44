/* stage: the real programs in a folder of their own, as a measuring program needs them: `sealgate init --demo`, then started,
 * asked, watched and killed. */
#ifndef SEALGATE_TESTS_BENCH_STAGE_H
#define SEALGATE_TESTS_BENCH_STAGE_H

#include <sys/types.h>

#include "lib/base/arena.h"
#include "lib/http/client.h"

struct stage {
	struct arena *arena;
	char folder[64];
	int port, sandbox_port, hook_port;
	pid_t gateway, sandbox;       /* 0: does not run */
	struct http_client *client;
	double ready_s;               /* the gateway's last start: from its start to its word that it is ready */
};

void stage_make(struct stage *stage, bool tls);     /* tls false: the gateway's own port takes plain HTTP */
void stage_start_sandbox(struct stage *stage);
void stage_start_gateway(struct stage *stage);
void stage_stop(pid_t *pid, int signal_number);
void stage_clear(struct stage *stage);

const char *stage_file(struct stage *stage, const char *name);
const char *stage_url(struct stage *stage, const char *path);
const char *stage_key(struct stage *stage, const char *party);  /* "Bearer ..." */
/* The answer's body; another status than 2xx ends the program. */
const char *stage_ask(struct stage *stage, const char *method, const char *path, const char *party, const char *type, struct bytes body);
long stage_number(const char *answer, const char *name);  /* of the member of this name, wherever it stands; -1: none */
void stage_quiet(struct stage *stage);                     /* waits until no container waits to be looked at */

double process_cpu(pid_t pid);    /* seconds */
double process_rss(pid_t pid);    /* megabytes, at most so far */

#endif
