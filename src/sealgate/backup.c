/* sealgate backup: a copy of the store in one file. */
#include "sealgate/configuration.h"
#include "sealgate/output.h"
#include "store/store.h"

int command_backup(struct run *run, struct error *error)
{
	const struct settings *settings;
	const char *path = run->operands[0];
	TRY(configuration_load(run, &settings, error));
	TRY(store_copy(settings->store, path, error));
	note(run, "store \"%s\" is copied to \"%s\": put it as sealgate.db into an empty store folder to start from it", settings->store, path);
	return EXIT_GOOD;
}
