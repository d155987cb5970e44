/* JSON from outside. What is taken, is written and read again as the same, in every form. */
#include "fuzz/fuzz.h"
#include "lib/json/json.h"

static void walk(const struct json *node)
{
	for (struct json_iter it = json_iter(node); json_next(&it);) {
		property((json_kind(node) == JSON_KIND_OBJECT) == (it.name != NULL));
		property(!it.name || json_find(node, it.name) == it.value);
		walk(it.value);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum json_form forms[] = { JSON_COMPACT, JSON_PRETTY, JSON_CANONICAL };
	ARENA_AUTO arena = arena_new();
	struct error why = { 0 };
	struct json *root, *again;
	struct json_limits wide = { .bytes = 64 << 20, .text = 16 << 20 };
	if (json_parse(arena, (struct bytes){ (uint8_t *)data, size }, NULL, &root, &why) < 0) {
		property(why.text[0]);
		return 0;
	}
	walk(root);
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		BUFFER_AUTO out = { 0 };
		json_write(&out, root, forms[i]);
		works(json_parse(arena, buffer_bytes(&out), &wide, &again, error));
		property(json_same(root, again));
	}
	property(json_same(root, json_clone(arena, root)));
	return 0;
}
