/* What an operator sets going again: delivery after a restore, a container that the workers gave up on. */
#include "lib/base/text.h"
#include "receive/call.h"
#include "store/container.h"

int delivery_release(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	bool held = store_delivery_held(call->receive->config.store);
	TRY(store_delivery_release(call->receive->config.store, call->caller->party, call->error));
	json_set_bool(call->arena, out, "delivery_held", false);
	json_set_bool(call->arena, out, "was_held", held);
	return answer_json(call, 200, out);
}

static int reassess(struct db *db, void *context, struct error *error)
{
	struct call *call = context;
	TRY(view_container(db, call->arena, &call->viewer, call->id, &call->found, error));
	return call->found ? container_resume(db, call->id, &call->found, error) : 0;
}

int container_reassess(struct call *call)
{
	struct json *out = json_new_object(call->arena);
	call->id = call_segment(call, 2);
	TRY(call_write(call, reassess));
	if (!call->found)
		return answer_not_found(call, "container");
	json_set_text(call->arena, out, "number", call->id);
	json_set_text(call->arena, out, "state", "due");
	return answer_json(call, 202, out);
}
