/* sealgate status: what is wrong, in words, and what to do about it. */
#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"

static const struct trouble {
	const char *name;      /* of /v1/status "stored" */
	const char *text;      /* with the number in front */
	const char *way_out;
	bool passing;          /* it mends itself: nobody is called */
} troubles[] = {
	{ "messages.failed", "messages failed: the peer refused them, or the tries are used up", "sealgate messages --state failed, then sealgate resend ID", false },
	{ "messages.held", "messages are held: an operator must look", "sealgate messages --state held tells why, then sealgate resend ID", false },
	{ "messages.unknown", "messages were sent at least in part, and no complete answer came", "they are tried again by themselves; is the peer up?", true },
	{ "messages.waiting", "messages wait for their next try", "they are tried again by themselves; is the peer up?", true },
	{ "documents.refused", "documents of customs were refused", "sealgate documents --state refused tells why", false },
	{ "documents.untied", "documents of customs could not be tied to a message", "sealgate documents --state untied shows them", false },
	{ "deliveries.failed", "webhooks could not be delivered", "mend the receiver, then POST /v1/deliveries/{id}/redeliver", false },
	{ "subscriptions.disabled", "subscriptions were switched off after failing for long", "mend the receiver, then PUT /v1/subscriptions/{id} again", false },
	{ "containers.held", "containers are held: looking at them failed again and again", "the gateway's log has the reason; sealgate release NUMBER has it looked at again", false },
};

static int64_t number(const struct json *root, const char *name)
{
	int64_t value = 0;
	struct error ignored = { 0 };
	const char *text = json_scalar(json_find(root, name));
	return text && text_integer(text, 0, INT64_MAX, &value, &ignored) == 0 ? value : 0;
}

static size_t troubles_write(struct run *run, const struct json *status)
{
	const struct json *stored = json_find(status, "stored");
	size_t count = 0;
	if (json_bool(json_find(status, "delivery_held"), false)) {
		out_line(run, "delivery is held: this store was restored from a backup");
		out_line(run, "  make sure that no other gateway runs on the original, then sealgate release");
		count++;
	}
	for (struct json_iter it = json_iter(json_find(status, "troubles")); json_next(&it);) {
		out_line(run, "%s", cell(it.value, "text"));
		out_line(run, "  %s", cell(it.value, "way_out"));
		count += !json_bool(json_find(it.value, "passing"), false);
	}
	for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++) {
		int64_t n = number(stored, troubles[i].name);
		if (!n)
			continue;
		out_line(run, "%lld %s", (long long)n, troubles[i].text);
		out_line(run, "  %s", troubles[i].way_out);
		count += !troubles[i].passing;
	}
	return count;
}

static void figures_write(struct run *run, const struct json *status)
{
	const struct json *stored = json_find(status, "stored"), *pending = json_find(status, "pending");
	out_line(run, "sealgate %s, %s, mapping set %.12s", cell(status, "version"), cell(status, "time"), cell(status, "mapping_set"));
	struct arena *a = run->arena;
	out_line(run, "%s, %s, %s; %s sent, %s", counted(a, number(stored, "events"), "event"), counted(a, number(stored, "findings"), "finding"),
	         counted(a, number(stored, "journeys"), "journey"), counted(a, number(stored, "messages.sent"), "message"),
	         counted(a, number(stored, "notices"), "notice"));
	if (pending)
		out_line(run, "under way: %s, %s, %s; %s without an answer", counted(a, number(pending, "containers"), "container"),
		         counted(a, number(pending, "messages"), "message"), counted(a, number(pending, "deliveries"), "webhook"),
		         counted(a, number(pending, "unanswered"), "message"));
}

/* A person may have no key that reads figures, and still wants to know whether the gateway takes anything. */
int command_status(struct run *run, struct error *error)
{
	struct gateway g;
	struct json *status, *ready;
	TRY(gateway_open(run, &g, error));
	if (gateway_get(&g, run->arena, "/readyz", &ready, error) < 0)
		return run->failure == EXIT_UNREACHABLE ? -1 : error_during(error, "not ready: what is sent to it now is not stored");
	TRY(gateway_get(&g, run->arena, "/v1/status", &status, error));
	if (run->json) {
		json_set_bool(run->arena, status, "ready", true);
		out_json_pretty(run, status);
	} else {
		figures_write(run, status);
	}
	size_t count = 0;
	if (!run->json)
		count = troubles_write(run, status);
	for (struct json_iter it = json_iter(run->json ? json_find(status, "troubles") : NULL); json_next(&it);)
		count += !json_bool(json_find(it.value, "passing"), false);
	if (run->json)
		for (size_t i = 0; i < sizeof troubles / sizeof *troubles; i++)
			count += !troubles[i].passing && number(json_find(status, "stored"), troubles[i].name) > 0;
	if (!count && !run->json)
		out_line(run, "nothing needs a person");
	return count ? EXIT_FAILED : EXIT_GOOD;
}
