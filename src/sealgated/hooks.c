/* What the REST interface hands to other stages. */
#include <string.h>

#include "lib/base/clock.h"
#include "lib/base/text.h"
#include "lib/crypto/secrets.h"
#include "sealgated/node.h"

/* Keys, secrets and their ends are matters of the machine's clock, also where an old voyage is played. */
static struct credentials credentials_of(const struct http_request *request)
{
	return (struct credentials){ http_request_header(request, "Authorization"), request->certificates, request->n_certificates };
}

static int identified(void *context, const struct http_request *request, struct caller *caller_r, struct error *error)
{
	struct node *g = context;
	struct credentials shown = credentials_of(request);
	return admit_caller(g->admission, request->arena, &shown, clock_real_ms(), caller_r, error);
}

static int connected(void *context, const struct http_request *request, struct error *error)
{
	struct node *g = context;
	struct credentials shown = credentials_of(request);
	return admit_connection(g->admission, &shown, clock_real_ms(), error);
}

static const char *header_of(const void *request, const char *name)
{
	return http_request_header(request, name);
}

static int vouched(void *context, const struct provider *provider, const struct http_request *request, struct error *error)
{
	(void)context;
	return admit_signature(provider, header_of, request, request->body, clock_real_ms(), error);
}

static int notified(void *context, const struct notification *n, struct arena *arena, struct json **answer_r, struct error *error)
{
	struct node *g = context;
	struct taken taken;
	const struct agreement *agreement = settings_agreement(g->settings, n->peer);
	TRY(admit_peer(agreement, n->authorization, error));
	struct arrived arrived = { .agreement = agreement, .body = n->body, .content_type = n->content_type, .conversation = n->conversation,
		                   .signature = n->signature };
	TRY(answer_take(g->answer, &arrived, arena, &taken, error));
	if (text_equal(taken.state, "refused")) {
		*error = taken.why;
		return -1;
	}
	*answer_r = json_new_object(arena);
	json_set_text(arena, *answer_r, "document", taken.document);
	json_set_text(arena, *answer_r, "state", taken.state);
	json_set_bool(arena, *answer_r, "repeated", taken.repeated);
	json_set(*answer_r, "notices", taken.notices);
	return 0;
}

static int ordered(void *context, const struct report_order *order, struct arena *arena, struct json **answer_r, struct error *error)
{
	struct node *g = context;
	struct flow_config config = { g->settings, g->store, g->set, g->validator, g->signers };
	struct flow_order o = { .kind = order->kind, .agreement = order->agreement, .container = order->container, .message = order->message,
		                .reason = order->reason, .by = order->by, .mrn = order->mrn };
	TRY(flow_order(&config, &o, arena, answer_r, error));
	courier_wake(g->courier);
	return 0;
}

static int approved(void *context, const struct reply_approval *approval, struct arena *arena, struct json **answer_r, struct error *error)
{
	struct node *g = context;
	struct flow_config config = { g->settings, g->store, g->set, g->validator, g->signers };
	struct flow_approval a = { .notice = approval->notice, .reply = approval->reply, .by = approval->by, .token = approval->token };
	TRY(flow_approve(&config, &a, arena, answer_r, error));
	courier_wake(g->courier);
	return 0;
}

static void streamed(void *context, struct http_request *request, const struct viewer *viewer, int64_t last)
{
	struct node *g = context;
	notify_stream(g->notify, request, viewer, last);
}

static void authorized(void *context, const char *agreement)
{
	struct node *g = context;
	courier_authorized(g->courier, agreement);
}

/* ---- /metrics ---- */

static void measured(void *context, struct buffer *out)
{
	struct node *g = context;
	struct flow_numbers flow = flow_numbers(g->flow);
	buffer_printf(out, "# HELP sealgate_assessed_total Containers looked at\n# TYPE sealgate_assessed_total counter\nsealgate_assessed_total %lld\n",
	              (long long)flow.assessed);
	buffer_printf(out, "# HELP sealgate_assess_failed_total Looks at a container that failed\n# TYPE sealgate_assess_failed_total counter\n"
	              "sealgate_assess_failed_total %lld\n", (long long)flow.failed);
	buffer_printf(out, "# HELP sealgate_messages_total Messages made\n# TYPE sealgate_messages_total counter\nsealgate_messages_total %lld\n",
	              (long long)flow.messages);
	node_measure_health(g, out);
	notify_measure(g->notify, out);
	node_msh_measure(g, out);
}

struct receive_hooks node_hooks(struct node *g)
{
	struct receive_hooks hooks = { .context = g, .identified = identified, .connected = connected, .vouched = vouched, .notified = notified,
		                       .ordered = ordered, .approved = approved, .streamed = streamed, .measured = measured, .authorized = authorized,
		                       .troubled = node_troubles };
	node_msh_hooks(g, &hooks);
	return hooks;
}
