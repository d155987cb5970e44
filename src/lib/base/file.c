#include "lib/base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void fd_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}
#define FD_AUTO __attribute__((cleanup(fd_close))) int

int file_read(const char *path, struct buffer *out, struct error *error)
{
	FD_AUTO fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		FAIL(error, IO, "cannot open \"%s\": %s", path, strerror(errno));
	char block[65536];
	for (;;) {
		ssize_t got = read(fd, block, sizeof block);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			FAIL(error, IO, "cannot read \"%s\": %s", path, strerror(errno));
		if (got == 0)
			return 0;
		buffer_add(out, block, (size_t)got);
		if (out->over)
			FAIL(error, TOO_LARGE, "file \"%s\" is larger than allowed", path);
	}
}

int file_read_text(const char *path, struct arena *arena, char **text_r, struct error *error)
{
	BUFFER_AUTO buffer = { 0 };
	TRY(file_read(path, &buffer, error));
	if (buffer.size && memchr(buffer.data, '\0', buffer.size))
		FAIL(error, BAD_FIELD, "file \"%s\" has a NUL in it: it is no text", path);
	*text_r = arena_text_n(arena, buffer_text(&buffer), buffer.size);
	return 0;
}

static int write_all(int fd, struct bytes bytes)
{
	while (bytes.size) {
		ssize_t done = write(fd, bytes.data, bytes.size);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		bytes.data += done;
		bytes.size -= (size_t)done;
	}
	return 0;
}

int file_move(const char *from, const char *to, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	FD_AUTO fd = open(from, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fsync(fd) < 0 || rename(from, to) < 0) {
		int why = errno;
		unlink(from);
		FAIL(error, IO, "cannot write \"%s\": %s", to, strerror(why));
	}
	FD_AUTO folder = open(file_folder_of(arena, to), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder < 0 || fsync(folder) < 0)
		FAIL(error, IO, "cannot sync the folder of \"%s\": %s", to, strerror(errno));
	return 0;
}

int file_write_plain(const char *path, struct bytes bytes, unsigned mode, struct error *error)
{
	FD_AUTO fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, (mode_t)mode);
	if (fd < 0 || write_all(fd, bytes) < 0)
		FAIL(error, IO, "cannot write \"%s\": %s", path, strerror(errno));
	return 0;
}

int file_write(const char *path, struct bytes bytes, unsigned mode, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	char *aside = arena_printf(arena, "%s.XXXXXX", path);
	FD_AUTO fd = mkostemp(aside, O_CLOEXEC);
	if (fd < 0)
		FAIL(error, IO, "cannot create a file beside \"%s\": %s", path, strerror(errno));
	if (fchmod(fd, mode) < 0 || write_all(fd, bytes) < 0) {
		int why = errno;
		unlink(aside);
		FAIL(error, IO, "cannot write \"%s\": %s", path, strerror(why));
	}
	return file_move(aside, path, error);
}

bool file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int file_make_folders(const char *path, unsigned mode, struct error *error)
{
	ARENA_AUTO arena = arena_new();
	char *copy = arena_text(arena, path);
	for (char *at = copy + 1; ; at++) {
		if (*at != '/' && *at != '\0')
			continue;
		char kept = *at;
		*at = '\0';
		if (mkdir(copy, mode) < 0 && errno != EEXIST)
			FAIL(error, IO, "cannot make folder \"%s\": %s", copy, strerror(errno));
		*at = kept;
		if (!kept)
			return 0;
	}
}

char *file_path(struct arena *arena, const char *folder, const char *name)
{
	if (name[0] == '/' || !folder || !*folder)
		return arena_text(arena, name);
	return arena_printf(arena, "%s/%s", folder, name);
}

char *file_folder_of(struct arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/');
	if (!slash)
		return arena_text(arena, ".");
	return slash == path ? arena_text(arena, "/") : arena_text_n(arena, path, (size_t)(slash - path));
}

static bool is_dot(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

int file_list(const char *folder, struct arena *arena, char ***names_r, struct error *error)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, NULL, alphasort);
	if (count < 0)
		FAIL(error, IO, "cannot list folder \"%s\": %s", folder, strerror(errno));
	char **names = arena_array(arena, (size_t)count + 1, sizeof *names);
	size_t used = 0;
	for (int i = 0; i < count; i++) {
		if (!is_dot(entries[i]->d_name))
			names[used++] = arena_text(arena, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	*names_r = names;
	return 0;
}
