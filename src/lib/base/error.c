#include "lib/base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/base/bytes.h"
#include "lib/base/log.h"
#include "lib/base/text.h"

struct row {
	const char *slug;
	enum error_class class;
	int status;
	const char *title;
};

static const struct row rows[ERROR_CODES] = {
	[ERROR_NONE] = { "none", ERROR_CLASS_NONE, 200, "no error" },
#define ERROR(name, slug, class, status, title) [ERROR_##name] = { slug, ERROR_CLASS_##class, status, title },
#include "lib/base/error.def"
#undef ERROR
};

/* A text of somebody else's may have been cut within a character. */
static void make_utf8(char *text)
{
	for (struct bytes left = bytes_of_text(text); left.size;) {
		size_t good = text_utf8_check(left);
		if (good == left.size)
			return;
		text[good] = '?';
		text += good + 1;
		left = bytes_of_text(text);
	}
}

int error_set(struct error *error, enum error_code code, const char *format, ...)
{
	if (!error)
		return -1;
	va_list args;
	va_start(args, format);
	struct error made = { .code = code };  /* arguments may point into the old error */
	vsnprintf(made.text, sizeof made.text, format, args);
	va_end(args);
	make_utf8(made.text);
	*error = made;
	return -1;
}

int error_at(struct error *error, const char *format, ...)
{
	if (!error)
		return -1;
	char place[sizeof error->place];
	va_list args;
	va_start(args, format);
	vsnprintf(place, sizeof place, format, args);
	va_end(args);
	make_utf8(place);
	memcpy(error->place, place, sizeof place);
	return -1;
}

int error_in_field(struct error *error, const char *format, ...)
{
	if (!error)
		return -1;
	char field[sizeof error->field];
	va_list args;
	va_start(args, format);
	vsnprintf(field, sizeof field, format, args);
	va_end(args);
	make_utf8(field);
	memcpy(error->field, field, sizeof field);
	return -1;
}

int error_during(struct error *error, const char *format, ...)
{
	if (!error)
		return -1;
	BUFFER_AUTO text = { 0 };
	va_list args;
	va_start(args, format);
	char start[sizeof error->text / 2];
	vsnprintf(start, sizeof start, format, args);
	va_end(args);
	buffer_printf(&text, "%s: %s", start, error->text);
	size_t size = text.size < sizeof error->text ? text.size : sizeof error->text - 1;
	memcpy(error->text, text.data, size);
	error->text[size] = '\0';
	make_utf8(error->text);
	return -1;
}

enum error_class error_code_class(enum error_code code)
{
	must(code >= 0 && code < ERROR_CODES);
	return rows[code].class;
}

enum error_class error_class(const struct error *error)
{
	return error_code_class(error->code);
}

int error_status(const struct error *error)
{
	return rows[error->code].status;
}

bool error_is_ours(const struct error *error)
{
	enum error_class class = error_class(error);
	return class == ERROR_CLASS_BUG || (class == ERROR_CLASS_HOLD && error_status(error) >= 500);
}

const char *error_slug(enum error_code code)
{
	return rows[code].slug;
}

const char *error_title(enum error_code code)
{
	return rows[code].title;
}

void die(const char *format, ...)
{
	static _Thread_local bool dying;
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	if (dying) {  /* not even the log's line found memory: the bare words */
		(void)!write(STDERR_FILENO, text, strlen(text));
		(void)!write(STDERR_FILENO, "\n", 1);
		_exit(EXIT_FAILURE);
	}
	dying = true;
	log_error("die", NULL, "%s", text);
	exit(EXIT_FAILURE);
}

void bug_at(const char *file, int line, const char *what)
{
	log_error("bug", NULL, "%s:%d: broken promise: %s; please report it", file, line, what);
	abort();
}
