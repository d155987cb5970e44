#include "as4/ebms.h"

#include <stdarg.h>
#include <stdio.h>

#include "lib/base/text.h"

#define EBMS_IS_FAILURE true
#define EBMS_IS_WARNING false

static const struct ebms_row rows[EBMS_CODES] = {
#define EBMS(name, number, text_, severity_, category_, origin_, code_) \
	[EBMS_##name] = { .code = "EBMS:" number, .text = text_, .severity = EBMS_IS_##severity_ ? "failure" : "warning", .category = category_, \
		          .origin = origin_, .is_failure = EBMS_IS_##severity_, .error = ERROR_##code_ },
#include "as4/ebms.def"
#undef EBMS
};

const struct ebms_row *ebms_row(enum ebms_code code)
{
	must(code > EBMS_NONE && code < EBMS_CODES);
	return &rows[code];
}

enum ebms_code ebms_find(const char *code)
{
	for (enum ebms_code i = EBMS_NONE + 1; i < EBMS_CODES; i++)
		if (text_equal(rows[i].code, code))
			return i;
	return EBMS_NONE;
}

int ebms_refuse(struct fault *fault, enum ebms_code code, const char *format, ...)
{
	char text[500];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof text, format, args);
	va_end(args);
	fault->code = code;
	return error_set(fault->error, ebms_row(code)->error, "%s", text);
}

int ebms_refuse_as(struct fault *fault, enum ebms_code code)
{
	fault->code = code;
	return -1;
}
