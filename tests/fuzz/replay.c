/* replay: runs a fuzz target over files: those named, else all of its corpus. What once broke it stays mended. */
#include <string.h>
#include <sys/stat.h>

#include "fuzz/fuzz.h"
#include "lib/base/file.h"

static size_t count;

static void replay_file(const char *path)
{
	BUFFER_AUTO octets = { 0 };
	works(file_read(path, &octets, error));
	/* a copy of exactly that size, so that a sanitizer sees a read past it */
	uint8_t *copy = malloc(octets.size + (octets.size == 0));
	property(copy);
	if (octets.size)
		memcpy(copy, octets.data, octets.size);
	LLVMFuzzerTestOneInput(copy, octets.size);
	free(copy);
	count++;
}

static void replay_folder(const char *folder)
{
	ARENA_AUTO arena = arena_new();
	char **names;
	works(file_list(folder, arena, &names, error));
	for (; *names; names++)
		replay_file(file_path(arena, folder, *names));
}

int main(int argc, char **argv)
{
	struct stat what;
	LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		if (stat(argv[i], &what) == 0 && S_ISDIR(what.st_mode))
			replay_folder(argv[i]);
		else
			replay_file(argv[i]);
	}
	if (argc == 1)
		replay_folder(SOURCE_DIR "/tests/fuzz/seeds/" FUZZ_TARGET);
	printf("%s: %zu inputs\n", FUZZ_TARGET, count);
	return count ? 0 : 1;
}
