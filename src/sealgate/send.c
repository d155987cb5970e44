/* sealgate send: events, as they are in the file. */
#include <string.h>
#include <unistd.h>

#include "lib/base/file.h"
#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/input.h"
#include "sealgate/output.h"

const struct option_row send_options[] = {
	{ "provider", "NAME", "the payload is this provider's own" },
	{ "as", "NAME", "the events are this provider's, where a party runs several" },
	{ 0 },
};

/* The lists' answer: what became of each, the bad ones named. */
static int tell_results(struct run *run, const struct json *answer)
{
	const char *refused = cell(answer, "refused");
	for (struct json_iter it = json_iter(json_find(answer, "results")); json_next(&it);) {
		const struct json *problem = json_find(it.value, "problem");
		if (problem)
			note(run, "event %s is refused: %s%s%s%s", cell(it.value, "index"), cell(problem, "detail"), *cell(problem, "field") ? " (field " : "",
			     cell(problem, "field"), *cell(problem, "field") ? ")" : "");
	}
	out_line(run, "%s stored, %s known before, %s refused", cell(answer, "stored"), cell(answer, "repeated"), refused);
	return text_equal(refused, "0") ? EXIT_GOOD : EXIT_FAILED;
}

int command_send(struct run *run, struct error *error)
{
	struct gateway gateway;
	struct bytes octets;
	const char *provider = run_option(run, "provider"), *as = run_option(run, "as");
	if (provider && as)
		return usage_fail(run, error, "--provider names whose payload it is: --as says nothing more");
	TRY(gateway_open(run, &gateway, error));
	TRY(input_octets(run, run->operands[0], &octets, error));
	struct gateway_call call = { .method = "POST", .path = "/v1/events", .body = octets };
	if (provider)
		call.path = arena_printf(run->arena, "/v1/providers/%s/events", url_part(run->arena, provider));
	else if (as)
		call.path = arena_printf(run->arena, "/v1/events?provider=%s", url_part(run->arena, as));
	if (!provider && input_is_lines(run->arena, octets))
		call.type = "application/x-ndjson";
	struct reply reply;
	int rc = gateway_ask(&gateway, run->arena, &call, &reply, error);
	if (rc < 0 && !json_find(reply.json, "results"))
		return -1;
	*error = (struct error){ 0 };
	bool list = json_find(reply.json, "results") != NULL;
	if (run->json && reply.json)
		out_json_pretty(run, reply.json);
	if (list)
		return run->json ? text_equal(cell(reply.json, "refused"), "0") ? EXIT_GOOD : EXIT_FAILED : tell_results(run, reply.json);
	if (!run->json)
		out_line(run, "%s: %s of %s, event %s", reply.status == 201 ? "stored" : "known before", cell(reply.json, "type"),
		         *cell(reply.json, "container") ? cell(reply.json, "container") : cell(reply.json, "device.id"), cell(reply.json, "uid"));
	return EXIT_GOOD;
}
