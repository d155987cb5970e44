#include "lib/xml/grammar.h"

#include <stdlib.h>
#include <string.h>

#include "lib/base/text.h"

#define DEPTH 40
#define BINDINGS 32
#define NAMESPACES_OF_ONE 8
#define DECODED 4096
#define LARGEST ((size_t)4 << 20)

struct span {
	const char *text;
	size_t size;
};

struct name {
	struct span prefix, local, whole;
};

struct binding {
	struct span prefix;
	size_t uri;
};

struct level {              /* an element that is open */
	const struct content *content;
	struct span name;   /* as written, for its end tag */
	size_t particle, count, bindings;
};

struct check {
	const struct grammar *grammar;
	const char *at, *end;
	size_t depth, binding_count;
	struct level levels[DEPTH + 1];
	struct binding bindings[BINDINGS];
	char decoded[DECODED];
};

static bool span_same(struct span a, const char *text, size_t size)
{
	return a.size == size && memcmp(a.text, text, size) == 0;
}

/* ---- values ---- */

static bool is_token(struct span value)
{
	if (value.size && (value.text[0] == ' ' || value.text[value.size - 1] == ' '))
		return false;
	for (size_t i = 0; i < value.size; i++)
		if ((unsigned char)value.text[i] < 0x20 || (value.text[i] == ' ' && value.text[i + 1] == ' '))
			return false;
	return true;
}

/* Without sign and leading zeros, so that each digit counts; what is longer than any count is a doubt. */
static bool is_natural(struct span value, bool positive)
{
	if (value.size == 0 || value.size > 18 || (value.text[0] == '0' && (positive || value.size > 1)))
		return false;
	for (size_t i = 0; i < value.size; i++)
		if (value.text[i] < '0' || value.text[i] > '9')
			return false;
	return true;
}

static size_t digits_at(struct span value, size_t at)
{
	size_t n = 0;
	while (at + n < value.size && value.text[at + n] >= '0' && value.text[at + n] <= '9')
		n++;
	return n;
}

/* A minus, digits, a point and digits; what is longer than any number here is a doubt. */
static bool is_decimal(struct span value)
{
	size_t at = value.size && value.text[0] == '-', whole = digits_at(value, at);
	at += whole;
	if (!whole || value.size > 18)
		return false;
	if (at == value.size)
		return true;
	size_t part = value.text[at] == '.' ? digits_at(value, at + 1) : 0;
	return part && at + 1 + part == value.size;
}

static bool kind_holds(enum simple_kind kind, struct span value)
{
	switch (kind) {
	case SIMPLE_STRING:
		return true;
	case SIMPLE_TOKEN:
		return is_token(value);
	case SIMPLE_DECIMAL:
		return is_decimal(value);
	case SIMPLE_POSITIVE:
		return is_natural(value, true);
	case SIMPLE_NATURAL:
		return is_natural(value, false);
	}
	return false;
}

static bool has_value(const struct simple *type, struct span value)
{
	for (size_t i = 0; i < type->value_count; i++)
		if (span_same(value, type->values[i], strlen(type->values[i])))
			return true;
	return type->value_count == 0;
}

static bool has_pattern(const struct simple *type, struct span value)
{
	for (size_t i = 0; i < type->pattern_count; i++)
		if (pattern_matches(type->patterns[i], value.text, value.size))
			return true;
	return type->pattern_count == 0;
}

static bool value_holds(const struct simple *type, struct span value)
{
	size_t characters = 0;
	for (size_t i = 0; i < value.size; i++)
		characters += (value.text[i] & 0xc0) != 0x80;
	for (; type->base; type = type->base)
		if (type->is_outside || characters < type->least || characters > type->most || (type->digits && value.size > type->digits) ||
		    !has_value(type, value) || !has_pattern(type, value))
			return false;
	return !type->is_outside && kind_holds(type->kind, value);
}

/* ---- octets ---- */

enum { IN_NAME = 1, BEGINS_NAME = 2, IN_TEXT = 4, IN_ATTRIBUTE = 8, IS_WIDE = 16, IS_REFERENCE = 32 };

#define ANYWHERE (IN_TEXT | IN_ATTRIBUTE)
#define FURTHER (ANYWHERE | IN_NAME)
#define LETTER (FURTHER | BEGINS_NAME)

/* Where an octet may stand; names are ASCII. "<" and the quote end what they end. */
static const uint8_t classes[256] = {
	['\t' ... '\n'] = IN_TEXT, [' ' ... '!'] = ANYWHERE, ['"'] = IN_TEXT, ['#' ... '%'] = ANYWHERE, ['&'] = ANYWHERE | IS_REFERENCE,
	['\'' ... ','] = ANYWHERE, ['-' ... '.'] = FURTHER, ['/'] = ANYWHERE, ['0' ... '9'] = FURTHER, [':' ... ';'] = ANYWHERE, ['='] = ANYWHERE,
	['>'] = IN_ATTRIBUTE, ['?' ... '@'] = ANYWHERE, ['A' ... 'Z'] = LETTER, ['[' ... '^'] = ANYWHERE, ['_'] = LETTER, ['`'] = ANYWHERE,
	['a' ... 'z'] = LETTER, ['{' ... 0x7f] = ANYWHERE, [0x80 ... 0xff] = ANYWHERE | IS_WIDE,
};

static bool take_octet(struct check *c, char octet)
{
	if (c->at == c->end || *c->at != octet)
		return false;
	c->at++;
	return true;
}

static bool take_part(struct check *c, struct span *out)
{
	const char *at = c->at, *end = c->end;
	if (at == end || !(classes[(uint8_t)*at] & BEGINS_NAME))
		return false;
	while (at < end && classes[(uint8_t)*at] & IN_NAME)
		at++;
	*out = (struct span){ c->at, (size_t)(at - c->at) };
	c->at = at;
	return true;
}

static bool take_name(struct check *c, struct name *out)
{
	*out = (struct name){ .prefix = { "", 0 } };
	if (!take_part(c, &out->local))
		return false;
	out->whole = out->local;
	if (c->at < c->end && *c->at == ':') {
		c->at++;
		out->prefix = out->local;
		if (!take_part(c, &out->local))
			return false;
		out->whole.size = (size_t)(c->at - out->whole.text);
	}
	return true;
}

/* Octets from 0x80 on: UTF-8 without the two characters behind U+FFFD, which are none of XML's (production 2). */
static bool is_carried(struct span text)
{
	if (text_utf8_check((struct bytes){ (const uint8_t *)text.text, text.size }) != text.size)
		return false;
	for (const char *at = text.text, *end = at + text.size; (at = memchr(at, 0xef, (size_t)(end - at)));)
		if (memcmp(++at, "\xbf\xbe", 2) == 0 || memcmp(at, "\xbf\xbf", 2) == 0)
			return false;
	return true;
}

/* The references that our writer writes. */
static bool decode(struct check *c, struct span *text)
{
	static const struct {
		const char *name;
		char octet;
	} references[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&#xD;", '\r' }, { "&#xA;", '\n' }, { "&#x9;", '\t' } };
	size_t size = 0;
	for (const char *at = text->text, *end = at + text->size; at < end;) {
		size_t i = 0, count = sizeof references / sizeof *references, n = 1;
		if (size == DECODED)
			return false;
		if (*at != '&') {
			c->decoded[size++] = *at++;
			continue;
		}
		for (; i < count; i++)
			if ((n = strlen(references[i].name)) <= (size_t)(end - at) && memcmp(at, references[i].name, n) == 0)
				break;
		if (i == count)
			return false;
		c->decoded[size++] = references[i].octet;
		at += n;
	}
	*text = (struct span){ c->decoded, size };
	return true;
}

/* Up to "<" or the quote, which is not taken. */
static bool take_text(struct check *c, bool is_attribute, struct span *out)
{
	const uint8_t taken = is_attribute ? IN_ATTRIBUTE : IN_TEXT;
	const char *at = c->at, *end = c->end;
	uint8_t seen = 0;
	for (; at < end && classes[(uint8_t)*at] & taken; at++)
		seen |= classes[(uint8_t)*at];
	*out = (struct span){ c->at, (size_t)(at - c->at) };
	c->at = at;
	return at < end && *at == (is_attribute ? '"' : '<') && (!(seen & IS_WIDE) || is_carried(*out)) &&
	       (!(seen & IS_REFERENCE) || decode(c, out));
}

/* ---- names ---- */

static size_t uri_find(const struct grammar *grammar, struct span uri)
{
	size_t i = 0;
	while (i < grammar->uri_count && !span_same(uri, grammar->uris[i], strlen(grammar->uris[i])))
		i++;
	return i;
}

static bool binding_find(const struct check *c, struct span prefix, size_t from, size_t *uri_r)
{
	for (size_t i = c->binding_count; i-- > from;)
		if (span_same(prefix, c->bindings[i].prefix.text, c->bindings[i].prefix.size)) {
			*uri_r = c->bindings[i].uri;
			return true;
		}
	return false;
}

/* Only namespaces of the schema are known, and a start tag names each prefix once. */
static bool bind(struct check *c, struct span prefix, struct span value, size_t outer)
{
	size_t uri = uri_find(c->grammar, value), ignored;
	if (uri == c->grammar->uri_count || c->binding_count == BINDINGS || binding_find(c, prefix, outer, &ignored) ||
	    (prefix.size >= 3 && strncasecmp(prefix.text, "xml", 3) == 0))
		return false;
	c->bindings[c->binding_count++] = (struct binding){ prefix, uri };
	return true;
}

/* ---- tags ---- */

struct given {
	struct span name, value;
};

/* Attributes up to ">"; declarations of namespaces are bound, the rest is given. Prefixed attributes are a doubt. */
static bool take_attributes(struct check *c, size_t outer, struct given *given, size_t *count_r)
{
	*count_r = 0;
	while (take_octet(c, ' ')) {
		struct name name;
		struct span value;
		if (!take_name(c, &name) || !take_octet(c, '=') || !take_octet(c, '"') || !take_text(c, true, &value) || value.text == c->decoded)
			return false;
		c->at++;
		if (span_same(name.prefix, "xmlns", 5) || (!name.prefix.size && span_same(name.local, "xmlns", 5))) {
			if (!bind(c, name.prefix.size ? name.local : name.prefix, value, outer))
				return false;
		} else if (name.prefix.size || *count_r == GRAMMAR_ATTRIBUTES) {
			return false;
		} else {
			given[(*count_r)++] = (struct given){ name.local, value };
		}
	}
	return take_octet(c, '>');
}

const struct content grammar_free_content = { .is_free = true };

static bool attributes_hold(const struct content *content, const struct given *given, size_t count)
{
	uint32_t seen = 0;
	for (size_t i = 0; i < count; i++) {
		size_t k = 0;
		while (k < content->attribute_count && !span_same(given[i].name, content->attributes[k].name, content->attributes[k].size))
			k++;
		if (k == content->attribute_count || (seen & UINT32_C(1) << k) || !value_holds(content->attributes[k].type, given[i].value))
			return false;
		seen |= UINT32_C(1) << k;
	}
	for (size_t k = 0; k < content->attribute_count; k++)
		if (content->attributes[k].is_required && !(seen & UINT32_C(1) << k))
			return false;
	return true;
}

static const struct element_rule *rule_among(const struct element_rule *const *rules, size_t count, size_t uri, struct span name)
{
	for (size_t i = 0; i < count; i++)
		if (rules[i]->uri == uri && (!rules[i]->name || span_same(name, rules[i]->name, rules[i]->size)))
			return rules[i];
	return NULL;
}

/* The particle that takes this element next. XSD 3.8.6 (unique particle attribution) leaves no choice; and where one is taken, the
 * content is one of the model's, whatever the schema says. */
static const struct element_rule *rule_next(struct level *level, size_t uri, struct span name)
{
	for (const struct content *content = level->content; level->particle < content->particle_count; level->particle++, level->count = 0) {
		const struct particle *particle = &content->particles[level->particle];
		const struct element_rule *rule =
			level->count < particle->most ? rule_among(particle->elements, particle->count, uri, name) : NULL;
		if (rule) {
			level->count++;
			return rule;
		}
		if (level->count < particle->least)
			return NULL;
	}
	return NULL;
}

static bool is_complete(const struct level *level)
{
	const struct content *content = level->content;
	if (level->particle < content->particle_count && level->count < content->particles[level->particle].least)
		return false;
	for (size_t i = level->particle + 1; i < content->particle_count; i++)
		if (content->particles[i].least)
			return false;
	return true;
}

/* What may stand here: at the root, within what is free, within the rest. */
static const struct element_rule *rule_here(struct check *c, size_t uri, struct span name)
{
	static const struct element_rule anything = { .content = &grammar_free_content };
	struct level *level = &c->levels[c->depth];
	if (!c->depth)
		return rule_among(c->grammar->roots, c->grammar->root_count, uri, name);
	return level->content->is_free ? &anything : rule_next(level, uri, name);
}

static bool take_start(struct check *c)
{
	struct given given[GRAMMAR_ATTRIBUTES];
	struct name name;
	size_t count, uri, outer = c->binding_count;
	if (c->depth == DEPTH || !take_octet(c, '<') || !take_name(c, &name) || !take_attributes(c, outer, given, &count) ||
	    !binding_find(c, name.prefix, 0, &uri))
		return false;
	const struct element_rule *rule = rule_here(c, uri, name.local);
	if (!rule || rule->content->is_outside || !attributes_hold(rule->content, given, count))
		return false;
	c->levels[++c->depth] = (struct level){ .content = rule->content, .name = name.whole, .bindings = outer };
	return true;
}

static bool take_end(struct check *c)
{
	const struct level *level = &c->levels[c->depth--];
	size_t n = level->name.size;
	c->binding_count = level->bindings;
	if ((size_t)(c->end - c->at) < n + 3 || memcmp(c->at, "</", 2) != 0 || memcmp(c->at + 2, level->name.text, n) != 0 || c->at[n + 2] != '>')
		return false;
	c->at += n + 3;
	return is_complete(level);
}

static void pass_declaration(struct check *c)
{
	static const char *const usual[] = { "<?xml version=\"1.0\" encoding=\"UTF-8\"?>", "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
		                             "<?xml version=\"1.0\"?>" };
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++) {
		size_t n = strlen(usual[i]);
		if ((size_t)(c->end - c->at) > n && memcmp(c->at, usual[i], n) == 0) {
			c->at += n;
			return;
		}
	}
}

static void pass_blanks(struct check *c)
{
	while (c->at < c->end && (*c->at == ' ' || *c->at == '\n' || *c->at == '\t'))
		c->at++;
}

bool grammar_accepts(const struct grammar *grammar, struct bytes document)
{
	struct check c;
	c.grammar = grammar;
	c.at = (const char *)document.data;
	c.end = c.at + document.size;
	c.depth = c.binding_count = 0;
	if (document.size > LARGEST || !document.size)
		return false;
	const char *start = c.at;
	pass_declaration(&c);
	if (c.at > start)
		pass_blanks(&c);
	if (!take_start(&c))
		return false;
	while (c.depth) {
		const struct content *content = c.levels[c.depth].content;
		const struct simple *simple = content->simple;
		struct span text;
		if (content->particle_count)  /* XSD 3.4.4 clause 2.3; what is empty takes no blank (2.1) */
			pass_blanks(&c);
		if ((simple || content->is_free) && (!take_text(&c, false, &text) || (simple && !value_holds(simple, text))))
			return false;
		bool is_end = simple || (c.end - c.at > 1 && c.at[1] == '/');
		if (!(is_end ? take_end : take_start)(&c))
			return false;
	}
	pass_blanks(&c);
	return c.at == c.end;
}
