/* Mapping files: a mapping, a record separator (0x1e), an input to run it on. A file whose first octet is '<' is a document's shape, else JSON's. Loading
 * tells what is wrong or gives a set that runs to an end on any input. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fuzz/fuzz.h"
#include "lib/base/file.h"
#include "lib/base/text.h"
#include "lib/json/json.h"
#include "map/map.h"

#define CODES "# source: invented for this test\na,b\n1,yes\n0,no\n"

static char folder[64];

static const char *in_folder(struct arena *arena, const char *name)
{
	return arena_printf(arena, "%s/%s", folder, name);
}

static void put(struct arena *arena, const char *name, struct bytes octets)
{
	FILE *file = fopen(in_folder(arena, name), "w");
	property(file);
	property(fwrite(octets.data, 1, octets.size, file) == octets.size);
	property(fclose(file) == 0);
}

static void folder_remove(void)
{
	static const char *const names[] = { "mappings/providers/x/events.json", "mappings/messages/x/document.xml", "mappings/codes/yesno.csv",
		                             "mappings/providers/x", "mappings/providers", "mappings/messages/x", "mappings/messages",
		                             "mappings/codes", "mappings", "schemas", "" };
	ARENA_AUTO arena = arena_new();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		remove(in_folder(arena, names[i]));
}

/* In memory where the machine has it: this is done for every input. */
static void folder_make(void)
{
	static const char *const names[] = { "mappings/providers/x", "mappings/messages/x", "mappings/codes", "schemas" };
	ARENA_AUTO arena = arena_new();
	if (*folder)
		return;
	strcpy(folder, access("/dev/shm", W_OK) == 0 ? "/dev/shm/sealgate-fuzz-XXXXXX" : "/tmp/sealgate-fuzz-XXXXXX");
	property(mkdtemp(folder));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		works(file_make_folders(in_folder(arena, names[i]), 0700, error));
	put(arena, "mappings/codes/yesno.csv", bytes_of_text(CODES));
	atexit(folder_remove);
}

static void run(struct arena *arena, const struct map_set *set, bool is_document, struct bytes body)
{
	struct error why = { 0 };
	struct json *input, *root;
	struct map_traces traces;
	BUFFER_AUTO out = { 0 };
	const char *name = map_set_names(set)[0];
	if (!name || json_parse(arena, body, NULL, &input, &why) < 0)
		return;
	const struct mapping *mapping = mapping_find(set, name);
	if (is_document && map_to_xml(mapping, input, arena, &out, NULL, &why) < 0)
		property(why.text[0] && !out.size);
	if (!is_document && map_to_json(mapping, input, arena, &root, NULL, &why) < 0)
		property(why.text[0]);
	if (map_explain(mapping, input, arena, &traces, &why) < 0)
		property(why.text[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ARENA_AUTO arena = arena_new();
	struct bytes text, body;
	struct error why = { 0 };
	struct map_problems problems = { 0 };
	struct map_set *set;
	folder_make();
	fuzz_split((struct bytes){ (uint8_t *)data, size }, '\x1e', &text, &body);
	bool is_document = text.size && *text.data == '<';
	put(arena, is_document ? "mappings/messages/x/document.xml" : "mappings/providers/x/events.json", text);
	remove(in_folder(arena, is_document ? "mappings/providers/x/events.json" : "mappings/messages/x/document.xml"));
	if (map_set_load(in_folder(arena, "mappings"), in_folder(arena, "schemas"), arena, &problems, &set, &why) < 0) {
		property(why.text[0]);
		return 0;
	}
	property(!problems.count);
	run(arena, set, is_document, body);
	map_set_free(&set);
	return 0;
}
