/* lane: what the courier knows of one peer, and a call on its way. Private to deliver. */
#ifndef SEALGATE_DELIVER_LANE_H
#define SEALGATE_DELIVER_LANE_H

#include <pthread.h>

#include "deliver/breaker.h"
#include "deliver/courier.h"
#include "lib/base/backoff.h"
#include "msh/msh.h"
#include "store/message.h"

#define LANE_CALLS COURIER_CALLS

enum authorization { AUTHORIZATION_NONE, AUTHORIZATION_ASKING, AUTHORIZATION_OK, AUTHORIZATION_FAILED };

struct lane {
	struct courier *courier;
	const struct agreement *agreement;
	struct breaker breaker;
	int under_way;               /* messages */
	int64_t quiet_until;         /* monotonic: a Retry-After, or a failure of ours */

	enum authorization authorization;
	char *token;                 /* access token, heap */
	int64_t token_until;         /* monotonic */
	int64_t authorize_at;        /* monotonic: not before */
	int authorize_failures;
	bool authorize_now;          /* by the courier's lock: somebody gave a code */
	char authorization_text[200];

	bool pulls;                  /* a pull is under way */
	int64_t pull_at;             /* monotonic */
	int64_t sweep_at;            /* monotonic: as4_sweep */
	bool caught_up;              /* what was pulled before a crash or a failure has been looked at again */

	int64_t sent, failed, tries;

	struct lane_view shown;          /* by the courier's lock; its texts are made by courier_view */
	enum authorization shown_authorization;
	char shown_text[200];
};

enum exchange_kind { EXCHANGE_MESSAGE, EXCHANGE_TOKEN, EXCHANGE_LIST, EXCHANGE_ANSWER, EXCHANGE_PULL, EXCHANGE_SIGNAL };

/* What a try came to. */
struct verdict_of_try {
	enum message_state to;
	const char *outcome;         /* answered, unknown, not-sent */
	const char *receipt;         /* accepted, refused; NULL: none */
	const char *reason;
	bool again;                  /* due by the plan; else never by itself */
	bool soon;                   /* in a second, outside the plan */
	bool fault;                  /* of the peer: the breaker hears of it */
	int retry_after;
};

/* One call: made by the courier's thread, ended on the client's, handed back. Owns its arena. */
struct exchange {
	struct lane *lane;
	enum exchange_kind kind;
	struct arena *arena;
	struct exchange *next;
	struct http_outcome outcome;     /* a copy in the arena */

	struct message_row row;          /* EXCHANGE_MESSAGE */
	struct ending *ending;           /* what became of it, once that is known: send.c's */
	struct bytes document, signature;
	struct msh_frame frame;          /* EXCHANGE_MESSAGE of channel as4 */
	struct error unmade;             /* why there is no frame */
	bool started;                    /* it is on disk that this try begins */
	struct spool *answer;            /* EXCHANGE_PULL: what came; the arena's */
	const char **hrefs;              /* EXCHANGE_LIST, EXCHANGE_ANSWER: what is left to fetch */
	size_t href_count, href_at;
	bool by_code;                    /* EXCHANGE_TOKEN */
	const char *secret;              /* what was used: a code or a refresh token */
};

struct courier {
	struct courier_config config;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stops;
	uint64_t hints;
	struct exchange *ended;          /* handed back, latest first */
	int out;                         /* exchanges on their way */
	struct exchange *unwritten;      /* messages whose try is over, latest first; the courier's thread alone */
	size_t unwritten_count;
	int64_t write_at;                /* monotonic: writing endings failed, and is tried again then; 0: it did not */
	struct exchange *starting;       /* messages whose try may begin once that is written, latest first */
	size_t starting_count;
	struct lane *lanes;
	size_t lane_count;
};

struct exchange *exchange_new(struct lane *lane, enum exchange_kind kind);
void exchange_free(struct exchange **exchange);
/* Gives the call to the client with what every call to this peer has; the exchange comes back to the courier. Takes the
 * exchange only where it succeeds. */
int exchange_start(struct exchange *exchange, struct http_call *call, struct error *error) must_use;

/* send.c */
void lane_send(struct lane *lane);                          /* what is due waits to be started */
void lane_sent(struct lane *lane, struct exchange *exchange);  /* one is back: it is judged, and waits to be written */
/* Tries that are over and tries that begin, in one commit where it can be; then those that begin are called. Endings that cannot be
 * written now are written later. True: there may be more to do at once. */
bool courier_write(struct courier *courier);
/* authorization.c */
bool lane_authorized(struct lane *lane);                    /* false: not now; asks for a token where it must */
void lane_token(struct lane *lane, struct exchange *exchange);
void lane_token_drop(struct lane *lane);                    /* the peer does not take it any more */
/* pull.c */
void lane_pull(struct lane *lane);
void lane_pulled(struct lane *lane, struct exchange *exchange);

/* as4.c: the same over AS4 */
void as4_frame(struct exchange *exchange);                  /* finds or makes its frame; what fails is in unmade */
int as4_start(struct exchange *exchange, struct error *error) must_use;
struct verdict_of_try as4_verdict(struct lane *lane, struct exchange *exchange);  /* of one that was answered */
void as4_sweep(struct lane *lane);                          /* what is over and done with, now and then */
/* as4_pull.c */
void as4_pull(struct lane *lane);
void as4_pulled(struct lane *lane, struct exchange *exchange);

#endif
