#include "lib/crypto/secrets.h"

#include <string.h>

#include "lib/base/file.h"
#include "lib/base/text.h"

int secrets_read(const char *path, struct arena *arena, struct bytes *secrets, size_t room, size_t *count_r, struct error *error)
{
	char *text;
	*count_r = 0;
	TRY(file_read_text(path, arena, &text, error));
	for (char *line; *count_r < room && (line = strsep(&text, "\n"));) {
		line[strcspn(line, "\r")] = '\0';
		if (!*line)
			continue;
		if (text_starts(line, "base64:")) {
			BUFFER_AUTO octets = { 0 };
			if (text_base64_decode(line + 7, false, &octets, error) < 0)
				return error_at(error, "%s", path);
			secrets[(*count_r)++] = arena_bytes(arena, buffer_bytes(&octets));
		} else {
			secrets[(*count_r)++] = bytes_of_text(line);
		}
	}
	if (*count_r == 0)
		FAIL(error, BAD_CONFIG, "\"%s\" holds no secret", path);
	return 0;
}

int secret_read(const char *path, struct arena *arena, struct bytes *secret_r, struct error *error)
{
	size_t count;
	return secrets_read(path, arena, secret_r, 1, &count, error);
}
