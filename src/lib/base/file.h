/* file: whole small files: configuration, mappings, schemas, keys. */
#ifndef SEALGATE_LIB_BASE_FILE_H
#define SEALGATE_LIB_BASE_FILE_H

#include <stdbool.h>

#include "lib/base/arena.h"

/* Appends the file's octets. Fails with IO, or TOO_LARGE past the buffer's ceiling. */
int file_read(const char *path, struct buffer *out, struct error *error) must_use;
/* Into the arena, as text; fails with BAD_FIELD if a NUL is in it. */
int file_read_text(const char *path, struct arena *arena, char **text_r, struct error *error) must_use;
/* Written aside, synced, renamed, folder synced: the file is the old one or the new one, never a part. */
int file_write(const char *path, struct bytes bytes, unsigned mode, struct error *error) must_use;
/* The file's octets synced, renamed (over what was there), folder synced. Where that cannot be, `from` is removed. */
int file_move(const char *from, const char *to, struct error *error) must_use;
/* Written straight and not synced: for what may be lost with the power, and is for people to read. */
int file_write_plain(const char *path, struct bytes bytes, unsigned mode, struct error *error) must_use;
bool file_exists(const char *path);
int file_make_folders(const char *path, unsigned mode, struct error *error) must_use;  /* mkdir -p */
/* "dir/name" unless name is absolute. */
char *file_path(struct arena *arena, const char *folder, const char *name);
char *file_folder_of(struct arena *arena, const char *path);
/* Names of the entries (without . and ..), sorted bytewise, NULL-terminated. Fails with IO. */
int file_list(const char *folder, struct arena *arena, char ***names_r, struct error *error) must_use;

#endif
