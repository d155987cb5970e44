/* inside: what the files of notify share. Not for other folders. */
#ifndef SEALGATE_NOTIFY_INSIDE_H
#define SEALGATE_NOTIFY_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "notify/notify.h"
#include "store/record.h"
#include "store/subscription.h"

/* ---- cloud.c: a record as a CloudEvent ---- */

/* A record as one party sees it. */
struct told {
	const char *type;            /* "org.sealgate.notice.control" */
	const char *text;            /* the CloudEvent, JSON; NULL: not for this party */
};
#define TYPE_PREFIX "org.sealgate."
#define TYPE_HOLD "notice.hold"  /* any notice, to who may know of the block alone */

bool cloud_tells(const char *kind);   /* are records of this kind told to anybody? */
const char *cloud_type(const char *kind);  /* as which type, without its prefix, where all is told; of one that is told */
int cloud_event(struct db *db, struct arena *arena, const struct viewer *viewer, const struct record *record, struct told *told_r,
                struct error *error) must_use;

/* ---- pass.c: one reading of records for all who stand at the same number ---- */

struct pass {
	const struct settings *settings;
	struct arena *arena;
	int64_t after;
	struct viewer *audiences;    /* each once, however many listen */
	size_t audience_count, audience_room;

	bool (*is_wanted)(const struct pass *pass, const struct record *record);  /* by anybody? Showing costs; NULL: everything is */
	void *context;

	struct record *records;      /* those that are told to somebody, perhaps */
	size_t record_count;
	struct told *told;           /* of record r to audience a: told[r * audience_count + a] */
	int64_t last;                /* number of the last record looked at; `after`: there was none */
};

#define PASS_TEXT ((size_t)64 << 10)      /* a pass ends with the record whose texts reach this */

size_t pass_audience(struct pass *pass, const char *party, unsigned roles);  /* its index; the party's name is borrowed */
int pass_read(struct store *store, struct pass *pass, struct error *error) must_use;
const struct told *pass_told(const struct pass *pass, size_t record, size_t audience);

/* ---- lane.c, plan.c, send.c: webhooks, on one thread ---- */

#define LANE_CALLS NOTIFY_CALLS /* under way at once to one subscriber */
#define LANE_OPEN 1000          /* deliveries that may wait; further records wait behind the cursor */
#define ORDER_MS 60000          /* so long a failed delivery stops later ones of its container */
#define CALL_MS 15000

/* A subscription, and what is under way to it. Lives as long as it is listed or has calls. */
struct lane {
	struct lane *next;
	struct arena *arena;         /* of row and content; another one with each version */
	struct subscription_row row;
	struct json *content;
	unsigned roles;
	bool listed;                 /* the store has it */
	bool planned;                /* had its turn in this round */
	int64_t open;                /* deliveries that wait or are under way */
	int under_way;
	int64_t quiet_until;         /* monotonic: a Retry-After */
};

/* One call: made by the thread of webhooks, ended on the client's, handed back. Owns its arena. */
struct call {
	struct call *next;
	struct lane *lane;
	struct arena *arena;
	struct subscription_row subscription;  /* the version that it was made for: id, version, created */
	struct delivery_row row;
	enum http_fate fate;
	int status, retry_after;
	struct error error;
	bool noted, disable;         /* failing_since is to be written; the subscription is switched off */
	int64_t failing_since;
};

struct notify {
	struct notify_config config;
	pthread_t thread, stream_thread;
	bool threads;
	pthread_mutex_t lock;
	pthread_cond_t wake, stream_wake;
	bool stops;
	uint64_t hints;              /* counted, so that one that comes while a thread works is not lost */

	struct call *ended;          /* under the lock: latest first */
	struct call *unwritten;      /* their outcome could not be written yet */
	size_t out;                  /* calls under way */
	struct lane *lanes;
	int64_t lanes_number;        /* the sealed number at which lanes were read; -1: read them again */
	int64_t rest_until;          /* monotonic: the store failed */

	struct stream *streams;      /* changed under the lock, by the thread of streams alone */
	struct stream *fresh;        /* under the lock: not yet seen by it */

	_Atomic int64_t made, sent, tries, failed, disabled, lag, active, failing, under_way;
	_Atomic int64_t streams_now, streams_told, streams_dropped, streams_refused;
};

/* Until there was a hint after `seen`, or for so long. */
void hint_wait(struct notify *notify, pthread_cond_t *wake, uint64_t seen, int ms);

int lanes_refresh(struct notify *notify, struct error *error) must_use;  /* where records were sealed since the last time */
void lanes_free(struct notify *notify);
bool lane_works(const struct lane *lane);       /* listed, active */
bool lane_may_want(const struct lane *lane, const struct record *record);  /* before it was shown: false is certain */
bool lane_wants(const struct lane *lane, const struct record *record, const struct told *told);

/* Deliveries of new records. *more_r: somebody is still behind. */
int plan_make(struct notify *notify, bool *more_r, struct error *error) must_use;

int send_due(struct notify *notify, struct error *error) must_use;
void send_ended(struct notify *notify);         /* takes back what ended, and writes it down */
void calls_free(struct call *calls);

/* ---- stream.c ---- */

void *stream_run(void *notify);
void streams_free(struct notify *notify);

#endif
