/* error: what failed, of which class, in words for a person.
 *
 * A function that can fail returns 0 or -1 and takes `struct error *` last. On -1 the error is set; on 0 it is
 * untouched. Policy reads the class, people read the text: lower case, what failed first, the object in quotes,
 * what to do about it. `place` says where: "file.yaml:12:3", "/events/3/time", "line 7, column 20".
 * The struct holds no pointers: it may be copied, and needs no clearing.
 */
#ifndef SEALGATE_LIB_BASE_ERROR_H
#define SEALGATE_LIB_BASE_ERROR_H

#include <stdbool.h>

#define must_use __attribute__((warn_unused_result))
#define printf_like(f, a) __attribute__((format(printf, f, a)))

enum error_class { ERROR_CLASS_NONE, ERROR_CLASS_TEMP, ERROR_CLASS_PERM, ERROR_CLASS_HOLD, ERROR_CLASS_BUG };

enum error_code {
	ERROR_NONE,
#define ERROR(name, slug, class, status, title) ERROR_##name,
#include "lib/base/error.def"
#undef ERROR
	ERROR_CODES
};

struct error {
	enum error_code code;
	char text[600];   /* UTF-8, one sentence or two */
	char place[240];  /* "" where there is none */
	char field[160];  /* name or JSON pointer of the field at fault, "" where there is none */
	int retry_after;  /* seconds to say in Retry-After, 0: none */
};

/* Sets code and text, clears place and field, returns -1: `return error_set(error, ERROR_IO, ...)`.
 * A NULL error is allowed: the caller does not want to know. */
int error_set(struct error *error, enum error_code code, const char *format, ...) printf_like(3, 4);
/* Add to an error that is set; return -1 too. */
int error_at(struct error *error, const char *format, ...) printf_like(2, 3);
int error_in_field(struct error *error, const char *format, ...) printf_like(2, 3);
/* Puts "words: " in front of the text: what was being done when the inner step failed. Returns -1. */
int error_during(struct error *error, const char *format, ...) printf_like(2, 3);

enum error_class error_class(const struct error *error);
enum error_class error_code_class(enum error_code code);
int error_status(const struct error *error);            /* HTTP status */
/* An error of ours (class BUG, or HOLD with a status of 5xx): its text is for the log, not for the caller. */
bool error_is_ours(const struct error *error);
const char *error_slug(enum error_code code);
const char *error_title(enum error_code code);

#define TRY(call) do { if ((call) < 0) return -1; } while (0)
#define FAIL(error, code, ...) return error_set(error, ERROR_##code, __VA_ARGS__)

/* Ends the process: lost memory, or a promise of our own broken. Nothing that was acknowledged is lost, since
 * a 2xx is only said after the commit. */
_Noreturn void die(const char *format, ...) printf_like(1, 2);
_Noreturn void bug_at(const char *file, int line, const char *what);
#define bug(what) bug_at(__FILE__, __LINE__, what)
#define must(condition) do { if (!(condition)) bug_at(__FILE__, __LINE__, #condition); } while (0)

#endif
