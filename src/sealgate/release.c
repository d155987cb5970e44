/* sealgate release: what was held back on purpose goes on. */
#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"

int command_release(struct run *run, struct error *error)
{
	struct gateway gateway;
	struct reply reply;
	struct gateway_call call = { .method = "POST", .path = "/v1/delivery/release" };
	if (run->operand_count)
		call.path = arena_printf(run->arena, "/v1/containers/%s/reassess", url_part(run->arena, run->operands[0]));
	TRY(gateway_open(run, &gateway, error));
	TRY(gateway_ask(&gateway, run->arena, &call, &reply, error));
	if (run->json)
		out_json_pretty(run, reply.json);
	else if (run->operand_count)
		out_line(run, "container %s is looked at again", cell(reply.json, "number"));
	else
		out_line(run, text_equal(cell(reply.json, "was_held"), "true") ? "delivery goes on" : "delivery was not held");
	return EXIT_GOOD;
}
