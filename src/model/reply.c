#include "model/reply.h"

#include <string.h>

#include "lib/base/text.h"

#define NAME_LENGTH 256   /* BinaryFile/filename */

static bool begins(struct bytes octets, const char *with, size_t size)
{
	return octets.size >= size && memcmp(octets.data, with, size) == 0;
}

const char *reply_file_type(struct bytes octets)
{
	if (begins(octets, "%PDF-", 5))
		return "application/pdf";
	return begins(octets, "\xff\xd8\xff", 3) ? "image/jpeg" : NULL;
}

const char *reply_name_fault(const char *name)
{
	if (text_empty(name))
		return "a file needs a name";
	if (text_utf8_length(name) > NAME_LENGTH)
		return "the name is longer than 256 characters";
	for (const char *at = name; *at; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f || strchr("/\\", *at))
			return "a name has neither slashes nor control characters";
	return NULL;
}

struct json *reply_pieces(struct arena *arena, const char *text)
{
	struct json *out = json_new_array(arena);
	while (*text) {
		const char *at = text, *blank = NULL;
		size_t count = 0;
		while (*at && count < REPLY_TEXT) {
			text_utf8_next(&at);
			count++;
			if (at[-1] == ' ' || at[-1] == '\n')
				blank = at;
		}
		if (*at && blank)
			at = blank;
		json_append(out, json_new_text(arena, arena_text_n(arena, text, (size_t)(at - text))));
		text = at;
	}
	return out;
}
