/* The AS4 channel in the gateway: what arrives becomes answers, what is asked over REST becomes a test message. */
#include <string.h>

#include "lib/base/log.h"
#include "lib/base/text.h"
#include "sealgated/node.h"
#include "store/body_stream.h"

/* ---- in ---- */

/* The seal of the message stands for a signature of the document; parts but the first travel with it. */
static int arrived(void *context, const struct msh_arrival *m, struct arena *arena, struct error *error)
{
	struct node *g = context;
	struct taken taken;
	struct arrived_part *parts = arena_array(arena, m->count + 1, sizeof *parts);
	struct verdict seal = { .subject = m->signer, .issuer = m->issuer, .algorithm = m->algorithm, .certificate_digest = m->certificate_digest,
		                .signing_time = CLOCK_NONE };
	struct arrived_account account = { m->account, m->known, m->keep };
	for (size_t i = 1; i < m->count; i++)
		parts[i - 1] = (struct arrived_part){ m->parts[i].cid, m->parts[i].content_type, m->parts[i].name, m->parts[i].octets, m->parts[i].stored };
	struct arrived a = { .agreement = m->agreement, .body = m->parts->octets, .content_type = m->parts->content_type, .conversation = m->ref_to,
		             .sealed = &seal, .parts = parts, .part_count = m->count - 1, .account = &account };
	return answer_take(g->answer, &a, arena, &taken, error);
}

/* A large message that a peer fetches: read as it goes out. */
struct fetching {
	struct arena *arena;
	struct body_reading *reading;
	struct blob blob;
};

static long fetching_read(void *context, uint64_t at, char *out, size_t size)
{
	struct fetching *f = context;
	struct error error = { 0 };
	size_t left = f->blob.size - (size_t)at, n = left < size ? left : size;
	if (blob_read(&f->blob, (size_t)at, out, n, &error) == 0)
		return (long)n;
	log_error("as4", NULL, "a message that is fetched is cut short: %s", error.text);
	return -1;
}

static void fetching_free(void *context)
{
	struct fetching *f = context;
	struct arena *arena = f->arena;
	body_reading_free(&f->reading);
	arena_free(&arena);
}

static void answer_stored(struct node *g, struct http_request *request, const struct msh_reply *reply)
{
	struct arena *arena = arena_new();
	struct fetching *f = arena_alloc(arena, sizeof *f);
	*f = (struct fetching){ .arena = arena, .reading = body_reading_new(g->store, arena_text(arena, reply->stored), reply->size) };
	f->blob = body_reading_blob(f->reading);
	http_answer_source(request, reply->status, reply->content_type, (uint64_t)reply->size, fetching_read, f, fetching_free);
}

static int exchanged(void *context, struct http_request *request, struct error *error)
{
	struct node *g = context;
	struct msh_reply reply;
	if (msh_receive(g->msh, http_request_header(request, "Content-Type"), &request->spooled, request->arena, &reply, error) < 0) {
		if (!error->retry_after)
			error->retry_after = 10;
		return -1;
	}
	if (reply.stored)
		answer_stored(g, request, &reply);
	else
		http_answer(request, reply.status, reply.content_type, reply.octets);
	return 0;
}

/* ---- a test message ---- */

static int pinged(void *context, const struct agreement *a, struct arena *arena, struct json **answer_r, struct error *error)
{
	static const char *const results[] = { [MSH_RECEIVED] = "received", [MSH_REFUSED] = "refused", [MSH_UNANSWERED] = "unanswered" };
	struct node *g = context;
	struct msh_frame frame;
	struct msh_verdict v = { .result = MSH_UNANSWERED };
	struct http_outcome o;
	TRY(msh_ping(g->msh, a, arena, &frame, error));
	struct http_header headers[] = { { "Content-Type", frame.content_type }, { "Accept", "application/soap+xml" } };
	struct http_call call = { .method = "POST", .url = a->as4->url, .headers = headers, .n_headers = 2, .body = frame.octets, .pool = a->name,
		                  .private_hosts = a->private_hosts, .plain_hosts = a->plain_hosts, .ca_file = a->ca_file,
		                  .certificate_file = a->as4->tls_certificate_file, .key_file = a->as4->tls_key_file,
		                  .connect_ms = (int)a->connect_ms, .total_ms = (int)a->total_ms };
	struct error failed = { 0 };
	if (http_client_call(g->customs_client, &call, arena, &o, &failed) < 0)
		v.text = failed.text;
	else
		msh_judge(g->msh, a, &frame, o.status, http_header_find(o.headers, o.n_headers, "Content-Type"), o.body, arena, &v);
	struct json *out = json_new_object(arena);
	json_set_text(arena, out, "agreement", a->name);
	json_set_text(arena, out, "message_id", frame.message_id);
	json_set_text(arena, out, "result", results[v.result]);
	json_set_text(arena, out, "detail", v.text);
	json_set_integer(arena, out, "took_ms", o.took_ms);
	*answer_r = out;
	return 0;
}

/* ---- start, hooks, figures ---- */

/* "https://gateway.port.example:8440" -> "gateway.port.example" */
static char *host_of(const char *url, char *room, size_t size)
{
	const char *host = url ? strstr(url, "://") : NULL;
	size_t n = host ? strcspn(host + 3, ":/?#[]") : 0;
	if (!n || n >= size)
		return NULL;
	memcpy(room, host + 3, n);
	room[n] = 0;
	return room;
}

int node_msh_open(struct node *g, struct error *error)
{
	struct msh_config config = { .settings = g->settings, .store = g->store, .host = host_of(g->settings->public_url, g->host, sizeof g->host),
		                     .arrived = arrived, .context = g };
	return msh_open(&config, &g->msh, error);
}

void node_msh_hooks(struct node *g, struct receive_hooks *hooks)
{
	if (!msh_serves(g->msh))
		return;
	hooks->exchanged = exchanged;
	hooks->pinged = pinged;
}

void node_msh_measure(struct node *g, struct buffer *out)
{
	struct msh_numbers n = msh_numbers(g->msh);
	const struct {
		const char *name, *help;
		int64_t value;
	} lines[] = {
		{ "received", "AS4 messages taken", n.received }, { "repeated", "AS4 messages that had been taken before", n.repeated },
		{ "refused", "AS4 messages refused", n.refused }, { "late_receipts", "AS4 receipts that came by themselves", n.receipts_late },
		{ "pulls", "AS4 pull requests of peers", n.pulls }, { "pings", "AS4 test messages of peers", n.pings },
	};
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
		buffer_printf(out, "# HELP sealgate_as4_%s_total %s\n# TYPE sealgate_as4_%s_total counter\nsealgate_as4_%s_total %lld\n", lines[i].name,
		              lines[i].help, lines[i].name, lines[i].name, (long long)lines[i].value);
}
