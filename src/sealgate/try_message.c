#include <string.h>

#include "lib/base/text.h"
#include "sealgate/gateway.h"
#include "sealgate/output.h"
#include "sealgate/try.h"

bool document_same(struct bytes made, struct bytes sent)
{
	if (bytes_equal(made, sent))
		return true;
	const uint8_t *close = made.size ? memrchr(made.data, '<', made.size) : NULL;
	if (!close || sent.size < made.size)
		return false;
	size_t before = (size_t)(close - made.data), behind = made.size - before;
	static const char opening[] = "<ds:Signature ";
	return memcmp(sent.data, made.data, before) == 0 && memcmp(sent.data + sent.size - behind, close, behind) == 0 &&
	       sent.size - before - behind > sizeof opening && memcmp(sent.data + before, opening, sizeof opening - 1) == 0;
}

int try_message(struct bench *bench, const char *id, struct error *error)
{
	struct gateway g;
	struct run *run = bench->run;
	struct json *input;
	struct reply sent;
	BUFFER_AUTO made = { 0 };
	const char *path = arena_printf(run->arena, "/v1/messages/%s", url_part(run->arena, id));
	TRY(gateway_open(run, &g, error));
	TRY(gateway_get(&g, run->arena, arena_printf(run->arena, "%s/input", path), &input, error));
	struct gateway_call call = { .method = "GET", .path = arena_printf(run->arena, "%s/document", path) };
	TRY(gateway_ask(&g, run->arena, &call, &sent, error));
	const char *name = cell(input, "mapping");
	const struct mapping *mapping = mapping_find(bench->set, name);
	if (!mapping)
		FAIL(error, NOT_FOUND, "there is no mapping \"%s\" here", name);
	TRY(map_to_xml(mapping, json_find(input, "input"), run->arena, &made, NULL, error));
	bool same = document_same(buffer_bytes(&made), sent.body), same_set = text_equal(map_set_digest(bench->set), cell(input, "mapping_set"));
	TRY(out_octets(run, buffer_bytes(&made), error));
	fputc('\n', run->err);
	note(run, "%s what was sent as \"%s\", signature aside%s", same ? "byte for byte" : "not", id,
	     same_set ? "" : "; the mappings here are others than those that made it");
	return same ? EXIT_GOOD : EXIT_FAILED;
}
