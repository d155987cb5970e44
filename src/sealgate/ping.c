/* sealgate ping: is an AS4 peer there, and do the two agree? */
#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"

int command_ping(struct run *run, struct error *error)
{
	struct gateway gateway;
	struct reply reply;
	struct gateway_call call = { .method = "POST", .path = arena_printf(run->arena, "/v1/peers/%s/ping", url_part(run->arena, run->operands[0])) };
	TRY(gateway_open(run, &gateway, error));
	TRY(gateway_ask(&gateway, run->arena, &call, &reply, error));
	bool received = text_equal(cell(reply.json, "result"), "received");
	if (run->json)
		out_json_pretty(run, reply.json);
	else if (received)
		out_line(run, "%s: the receipt came after %s ms, and holds", run->operands[0], cell(reply.json, "took_ms"));
	else
		out_line(run, "%s: %s: %s", run->operands[0], cell(reply.json, "result"), cell(reply.json, "detail"));
	return received ? EXIT_GOOD : EXIT_FAILED;
}
