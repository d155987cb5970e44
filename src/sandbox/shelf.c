#include "sandbox/shelf.h"

#include "lib/base/file.h"
#include "lib/base/log.h"

static int put(const char *folder, const char *name, const char *end, struct bytes octets, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	return file_write_plain(file_path(arena, folder, arena_printf(arena, "%s%s", name, end)), octets, 0644, error);
}

int shelf_put(const char *folder, const char *name, struct bytes document, struct bytes signature, struct error *error)
{
	TRY(put(folder, name, ".xml", document, error));
	return signature.size ? put(folder, name, ".sig.xml", signature, error) : 0;
}

void shelf_put_refused(const char *folder, const char *conversation, struct bytes document, struct bytes signature, const char *why)
{
	ARENA_AUTO arena = arena_new();
	struct error error = { 0 };
	const char *name = arena_printf(arena, "refused-%s", conversation);
	if (shelf_put(folder, name, document, signature, &error) < 0 ||
	    put(folder, name, ".txt", bytes_of_text(arena_printf(arena, "%s\n", why)), &error) < 0)
		log_error("documents", conversation, "what was refused could not be kept: %s", error.text);
}
