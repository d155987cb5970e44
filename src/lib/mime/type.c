/* Content-Type and its parameters. */
#include <string.h>

#include "lib/base/text.h"
#include "lib/mime/mime.h"

#define BLANK " \t"
#define PARAMETERS_MOST 16

static bool is_token_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("!#$%&'*+-.^_`|~", c));
}

static const char *take_token(struct arena *arena, const char **at, bool lower)
{
	const char *from = *at;
	while (is_token_char(**at))
		++*at;
	char *token = arena_text_n(arena, from, (size_t)(*at - from));
	for (char *c = token; lower && *c; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c + 32);
	return token;
}

static const char *take_quoted(struct arena *arena, const char **at, struct error *error)
{
	BUFFER_AUTO out = { 0 };
	for (++*at; **at != '"'; ++*at) {
		if (**at == '\\')
			++*at;
		if ((unsigned char)**at < ' ' || (unsigned char)**at > '~') {
			error_set(error, ERROR_MEDIA_TYPE, "a quoted parameter of the content type does not end, or holds an odd character");
			return NULL;
		}
		buffer_add_char(&out, **at);
	}
	++*at;
	return arena_text(arena, buffer_text(&out));
}

static int take_parameter(struct arena *arena, const char **at, struct mime_type *type, const struct mime_parameter ***last, struct error *error)
{
	struct mime_parameter *parameter = arena_alloc(arena, sizeof *parameter);
	parameter->name = take_token(arena, at, true);
	*at += strspn(*at, BLANK);
	if (!*parameter->name || **at != '=')
		FAIL(error, MEDIA_TYPE, "a parameter of the content type is not of the form name=value");
	++*at;
	*at += strspn(*at, BLANK);
	if (mime_type_parameter(type, parameter->name))
		FAIL(error, MEDIA_TYPE, "parameter \"%.60s\" stands twice in the content type", parameter->name);
	if (strchr(parameter->name, '*'))
		FAIL(error, MEDIA_TYPE, "parameter \"%.60s\" of the content type is in pieces or encoded (RFC 2231), which is not taken", parameter->name);
	parameter->value = **at == '"' ? take_quoted(arena, at, error) : take_token(arena, at, false);
	if (!parameter->value)
		return -1;
	**last = parameter;
	*last = &parameter->next;
	return 0;
}

int mime_type_parse(struct arena *arena, const char *text, struct mime_type *type_r, struct error *error)
{
	const char *at = text + strspn(text, BLANK);
	const char *major = take_token(arena, &at, true);
	const struct mime_parameter **last = &type_r->parameters;
	*type_r = (struct mime_type){ 0 };
	if (!*major || *at != '/')
		FAIL(error, MEDIA_TYPE, "\"%.80s\" is no media type", text);
	at++;
	const char *minor = take_token(arena, &at, true);
	if (!*minor)
		FAIL(error, MEDIA_TYPE, "\"%.80s\" is no media type", text);
	type_r->type = arena_printf(arena, "%s/%s", major, minor);
	for (unsigned count = 0;; count++) {
		at += strspn(at, BLANK);
		if (!*at)
			return 0;
		if (*at != ';' || count == PARAMETERS_MOST)
			FAIL(error, MEDIA_TYPE, "the content type cannot be understood from \"%.40s\" on", at);
		at++;
		at += strspn(at, BLANK);
		if (*at)
			TRY(take_parameter(arena, &at, type_r, &last, error));
	}
}

const char *mime_type_parameter(const struct mime_type *type, const char *name)
{
	for (const struct mime_parameter *p = type->parameters; p; p = p->next)
		if (text_equal(p->name, name))
			return p->value;
	return NULL;
}
