/* Messages that the peer holds for us: asked for until there is none, each confirmed by a POST of its own (eDelivery AS4 1.15,
 * 1.5.5.3). A receipt that does not arrive costs nothing: the peer hands the message out again, and it is known. */
#include "deliver/lane.h"
#include "lib/base/clock.h"
#include "lib/base/log.h"

static void ended(struct lane *lane, struct exchange *e, bool again, const struct error *error)
{
	lane->pulls = false;
	lane->pull_at = clock_mono_ms() + (again ? 0 : lane->agreement->as4->pull_ms);
	if (error)
		log_warning("pull", lane->agreement->name, "%s", error->text);
	exchange_free(&e);
}

/* What comes may be large: it goes to a file, within the limit. */
static void spool_end(void *thing)
{
	struct spool *spool = thing;
	spool_free(&spool);
}

static struct spool *spool_begin(struct exchange *e)
{
	e->answer = spool_new(e->lane->courier->config.settings->store, AS4_MESSAGE_BYTES + AS4_SOAP_BYTES);
	arena_at_free(e->arena, spool_end, e->answer);
	return e->answer;
}

static int post(struct exchange *e, const char *content_type, struct bytes octets, struct error *error)
{
	struct http_header headers[] = { { "Content-Type", content_type }, { "Accept", "application/soap+xml, multipart/related" } };
	struct http_call call = { .method = "POST", .url = e->lane->agreement->as4->url, .headers = headers, .n_headers = 2, .body = octets,
		                  .answer_limit = AS4_MESSAGE_BYTES + AS4_SOAP_BYTES, .answer = spool_begin(e) };
	return exchange_start(e, &call, error);
}

void as4_pull(struct lane *lane)
{
	struct error error = { 0 };
	if (!lane->agreement->as4->pull_mpc || lane->pulls || clock_mono_ms() < lane->pull_at)
		return;
	struct exchange *e = exchange_new(lane, EXCHANGE_PULL);
	lane->pulls = true;
	if (msh_pull_request(lane->courier->config.msh, lane->agreement, e->arena, &e->frame, &error) < 0 ||
	    post(e, e->frame.content_type, e->frame.octets, &error) < 0)
		ended(lane, e, false, &error);
}

/* The answer to a pull request: nothing, or a message, which is stored before its receipt goes out. */
static int take(struct lane *lane, struct exchange *e, bool *empty_r, struct error *error)
{
	const struct http_outcome *o = &e->outcome;
	struct msh_pulled pulled;
	if (o->fate != HTTP_ANSWERED)
		FAIL(error, UNREACHABLE, "%s", o->error.text);
	struct blob came = spool_blob(e->answer);
	TRY(msh_pull_take(lane->courier->config.msh, lane->agreement, o->status, http_header_find(o->headers, o->n_headers, "Content-Type"), &came,
	                  e->arena, &pulled, error));
	*empty_r = pulled.empty;
	if (pulled.empty)
		return 0;
	e->kind = EXCHANGE_SIGNAL;
	return post(e, pulled.reply.content_type, pulled.reply.octets, error);
}

void as4_pulled(struct lane *lane, struct exchange *e)
{
	struct error error = { 0 };
	bool empty = false;
	const struct http_outcome *o = &e->outcome;
	if (e->kind == EXCHANGE_SIGNAL) {
		bool arrived = o->fate == HTTP_ANSWERED && o->status < 300;
		if (!arrived)
			error_set(&error, ERROR_UNREACHABLE, "a receipt did not arrive: %s", o->fate == HTTP_ANSWERED ? "the peer refused it" : o->error.text);
		ended(lane, e, arrived, arrived ? NULL : &error);
		return;
	}
	if (take(lane, e, &empty, &error) < 0)
		ended(lane, e, false, &error);
	else if (empty)
		ended(lane, e, false, NULL);
}
