/* Configuration files: YAML under the rows of sealgate.yaml and of agreements. Every problem has a place and a text. */
#include <sys/mman.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/config/config.h"
#include "model/agreement.h"
#include "model/settings.h"

static void walk(struct arena *arena, const struct config_node *node, unsigned depth)
{
	property(depth < 200);
	property(config_place(arena, node));
	property((node->kind == CONFIG_SCALAR) == (node->text != NULL));
	for (const struct config_node *at = node->inside; at; at = at->next)
		walk(arena, at, depth + 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct config_problems problems = { .arena = arena };
	struct config_node *root = NULL;
	struct agreement agreement;
	int file = memfd_create("config", 0);
	property(file >= 0 && write(file, data, size) == (ssize_t)size);
	int result = config_read(&problems, arena_printf(arena, "/proc/self/fd/%d", file), &root);
	close(file);
	property((result < 0) == (problems.count > 0));
	if (result == 0) {
		walk(arena, root, 0);
		config_check(root, settings_rows, settings_row_count, &problems);
		config_check(root, agreement_rows, agreement_row_count, &problems);
		agreement_load(arena, root, "fuzz", &agreement, &problems);
	}
	for (size_t i = 0; i < problems.count; i++)
		property(problems.items[i].place && problems.items[i].text && *problems.items[i].text);
	return 0;
}
