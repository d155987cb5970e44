#include "sealgate/configuration.h"

#include <stdlib.h>

#include "lib/base/text.h"

const char *configuration_path(const struct run *run)
{
	const char *path = run_option(run, "config");
	path = path ? path : getenv("SEALGATE_CONFIG");
	return text_empty(path) ? SEALGATE_SYSCONFDIR "/sealgate.yaml" : path;
}

static void settings_drop(void *settings)
{
	struct settings *own = settings;
	settings_free(&own);
}

int configuration_load(struct run *run, const struct settings **settings_r, struct error *error)
{
	struct config_problems problems = { .arena = run->arena };
	const char *path = configuration_path(run);
	struct settings *settings = settings_load(path, &problems);
	if (!settings) {
		error_set(error, ERROR_BAD_CONFIG, "configuration \"%s\" has %zu problem%s, the first: %s; sealgate check tells all", path, problems.count,
		          problems.count == 1 ? "" : "s", problems.count ? problems.items[0].text : "it cannot be read");
		return problems.count ? error_at(error, "%s", problems.items[0].place) : -1;
	}
	arena_at_free(run->arena, settings_drop, settings);
	*settings_r = settings;
	return 0;
}

static void set_drop(void *set)
{
	struct map_set *own = set;
	map_set_free(&own);
}

int configuration_set(struct run *run, const char *mappings, const char *schemas, struct map_set **set_r, struct error *error)
{
	TRY(map_set_load(mappings, schemas, run->arena, NULL, set_r, error));
	arena_at_free(run->arena, set_drop, *set_r);
	return 0;
}
