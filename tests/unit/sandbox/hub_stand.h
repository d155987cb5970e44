/* hub_stand: a sandbox with a hub on loopback, and a trader that talks to it with the as4 tool: it sends, takes what is pushed,
 * and pulls. The hub trusts the authority of as4/peers.h; the trader is its peer "trader". */
#ifndef SEALGATE_TESTS_SANDBOX_HUB_STAND_H
#define SEALGATE_TESTS_SANDBOX_HUB_STAND_H

#include "stand.h"
#include "unit/as4/peers.h"

#define HUB_RECEIVED_MOST 32

/* How the trader answers what is pushed to it. */
enum trader { TRADER_RIGHT, TRADER_SILENT, TRADER_UNSIGNED, TRADER_DIGEST, TRADER_NO_BODY_SIGNED, TRADER_ANOTHER, TRADER_ERROR, TRADER_HINT, TRADER_HTML };

struct pushed_in {
	char *octets, *content_type;
	size_t size;
	enum ebms_code refused;           /* with what the trader refused it; EBMS_NONE: it was good */
	char *id, *action, *document, *ref_to, *conversation;
	int64_t at;
};

struct hub_stand {
	struct stand stand;
	struct peers peers;
	struct as4_mode trader;           /* towards the hub */
	enum trader mood;
	bool careless;                    /* what it must refuse it swallows, with an empty 200 */
	int moody;                        /* so many pushes are answered in that mood, then right */
	struct pushed_in pushed[HUB_RECEIVED_MOST];
	size_t count;
};

/* `keys`: "p256", "rsa2048"; `peer`: further settings of the peer, "" with push: an url is written where `push`. */
void hub_up(struct hub_stand *h, const char *scenario, const char *keys, bool push, const char *peer);
void hub_down(struct hub_stand *h);
/* The same sandbox, stopped and started anew. */
void hub_again(struct hub_stand *h);

/* A report (SCI001) with this document; NULL: the golden sample. The header may be changed before it is sent. */
void report_begin(struct hub_stand *h, const char *action, struct as4_header *header);
void reply_begin(struct hub_stand *h, struct as4_header *header);
/* Packs a document as the trader's mode has it. */
void letter_to_hub(struct hub_stand *h, const struct as4_header *header, const char *document, struct letter *l);
struct http_outcome post(struct hub_stand *h, const char *content_type, struct bytes octets);
struct http_outcome send_letter(struct hub_stand *h, const struct letter *l);
/* The answer, opened and accepted. */
struct as4_incoming *answer_of(struct hub_stand *h, const struct http_outcome *o);
/* The answer is the receipt for this letter. */
void expect_receipt(struct hub_stand *h, const struct http_outcome *o, const struct letter *l);
/* The answer is a signed error with this code. */
void expect_error(struct hub_stand *h, const struct http_outcome *o, enum ebms_code code);
/* Packs and sends; the receipt is there and good. */
void deliver_document(struct hub_stand *h, const struct as4_header *header, const char *document);
struct http_outcome pull(struct hub_stand *h, const struct as4_mode *mode, const char *mpc);

/* Takes what stands from `start` to the end of the next `end` out of it. */
void cut_out(struct buffer *out, const char *start, const char *end);
/* Takes the ds:Reference that begins like this out of the signature, and signs what is left: a signature that is good and covers
 * less. */
void sign_without(struct hub_stand *h, const char *start, struct buffer *out);

/* Waits until so many were pushed, 8 s at most. */
void wait_pushed(struct hub_stand *h, size_t count);
void expect_no_more_pushed(struct hub_stand *h, size_t count, int ms);
/* The kinds of notices that mappings/answers/eu-hub reads from it, with its schema. */
const char *notice_kinds(struct hub_stand *h, const char *document);
struct json *notices_of(struct hub_stand *h, const char *document);
/* The reply to a question, as mappings/messages/eu-hub/reply writes it. */
const char *reply_to(struct hub_stand *h, const char *mrn, const char *reference, const char *file);
const char *between(struct hub_stand *h, const char *text, const char *start, const char *end);
/* The journal has such a line: each of these pieces is in one line. */
bool journal_has(struct hub_stand *h, const char *one, const char *two);
/* Waits for it, 8 s at most. */
void wait_journal(struct hub_stand *h, const char *one, const char *two);
size_t journal_count(struct hub_stand *h, const char *piece);
const char *report_text(struct hub_stand *h);

#define MRN "26NL0005101X7K2LF6"
#define MPC "urn:fdc:ec.europa.eu:2019:eu_ics2_c2t/EORI/NL123456789"

#endif
