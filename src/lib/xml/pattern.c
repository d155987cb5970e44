/* Glushkov's construction: each character of the pattern is a position; which may follow which is written down while the
 * pattern is read. A counted repeat is read again for each time it may stand. */
#include "lib/xml/pattern.h"

#include <stdlib.h>
#include <string.h>

#define WORDS 4
#define NEST 16

struct set {  /* of positions; 0 stands before the first */
	uint64_t words[WORDS];
};

struct pattern {
	size_t count;
	struct set last;                            /* where a match may end */
	struct set follow[PATTERN_POSITIONS + 1];
	struct set of_octet[128];                   /* positions that take this octet */
};

struct piece {
	bool may_be_empty;
	struct set first, last;
};

struct reader {
	struct pattern *pattern;
	const char *at;
	unsigned depth;
	bool failed;
};

static void set_add(struct set *set, size_t position)
{
	set->words[position / 64] |= UINT64_C(1) << (position % 64);
}

static void set_join(struct set *set, const struct set *other)
{
	for (size_t i = 0; i < WORDS; i++)
		set->words[i] |= other->words[i];
}

/* Everything that may follow the positions of this set. */
static struct set set_followers(const struct pattern *pattern, const struct set *set)
{
	struct set out = { 0 };
	for (size_t i = 0; i < WORDS; i++)
		for (uint64_t left = set->words[i]; left; left &= left - 1)
			set_join(&out, &pattern->follow[i * 64 + (size_t)__builtin_ctzll(left)]);
	return out;
}

/* ---- reading ---- */

static struct piece read_choice(struct reader *r);

static struct piece fail(struct reader *r)
{
	r->failed = true;
	return (struct piece){ 0 };
}

static void let_follow(struct reader *r, const struct set *last, const struct set *first)
{
	for (size_t i = 0; i < WORDS; i++)
		for (uint64_t left = last->words[i]; left; left &= left - 1)
			set_join(&r->pattern->follow[i * 64 + (size_t)__builtin_ctzll(left)], first);
}

static struct piece concatenate(struct reader *r, struct piece a, struct piece b)
{
	let_follow(r, &a.last, &b.first);
	struct piece out = { .may_be_empty = a.may_be_empty && b.may_be_empty, .first = a.first, .last = b.last };
	if (a.may_be_empty)
		set_join(&out.first, &b.first);
	if (b.may_be_empty)
		set_join(&out.last, &a.last);
	return out;
}

static struct piece position_new(struct reader *r, const bool octets[128])
{
	if (r->pattern->count == PATTERN_POSITIONS)
		return fail(r);
	size_t position = ++r->pattern->count;
	struct piece out = { 0 };
	for (size_t i = 0; i < 128; i++)
		if (octets[i])
			set_add(&r->pattern->of_octet[i], position);
	set_add(&out.first, position);
	set_add(&out.last, position);
	return out;
}

/* One character, plain or escaped; false: it is one of these, or none that is taken. \d adds ten, and begins no range. */
static bool read_character(struct reader *r, const char *special, bool octets[128], unsigned char *one_r)
{
	unsigned char c = (unsigned char)*r->at++;
	*one_r = 0;
	if (c == '\\') {
		if (!*r->at)
			return false;
		c = (unsigned char)*r->at++;
		if (c == 'd') {
			memset(octets + '0', true, 10);
			return true;
		}
		if (!strchr(".\\?*+(){}|[]-^", c))
			return false;
	} else if (c <= ' ' || c >= 127 || strchr(special, c)) {
		return false;
	}
	octets[c] = true;
	*one_r = c;
	return true;
}

static struct piece read_class(struct reader *r)
{
	bool octets[128] = { false };
	for (bool first = true; *r->at != ']'; first = false) {
		unsigned char from, to;
		bool is_hyphen = *r->at == '-';
		if (!*r->at || !read_character(r, "[]^$", octets, &from) || (is_hyphen && !first && *r->at != ']'))
			return fail(r);
		if (is_hyphen || *r->at != '-' || r->at[1] == ']')
			continue;
		r->at++;
		if (!*r->at || *r->at == '-' || !from || !read_character(r, "[]^$", octets, &to) || !to || from > to)
			return fail(r);
		memset(octets + from, true, (size_t)(to - from) + 1);
	}
	r->at++;
	return position_new(r, octets);
}

static struct piece read_atom(struct reader *r)
{
	bool octets[128] = { false };
	unsigned char one;
	if (*r->at == '[') {
		r->at++;
		return *r->at == ']' ? fail(r) : read_class(r);
	}
	if (*r->at != '(')
		return read_character(r, ".?*+(){}|[]^$", octets, &one) ? position_new(r, octets) : fail(r);
	r->at++;
	if (++r->depth > NEST)
		return fail(r);
	struct piece out = read_choice(r);
	r->depth--;
	return !r->failed && *r->at++ == ')' ? out : fail(r);
}

/* {n}, {n,}, {n,m}: *most_r SIZE_MAX is without end. False: it is none. */
static bool read_count(struct reader *r, size_t *least_r, size_t *most_r)
{
	char *end;
	if (*++r->at < '0' || *r->at > '9')
		return false;
	*least_r = *most_r = strtoul(r->at, &end, 10);
	if (*end == ',') {
		r->at = end + 1;
		*most_r = SIZE_MAX;
		if (*r->at != '}') {
			if (*r->at < '0' || *r->at > '9')
				return false;
			*most_r = strtoul(r->at, &end, 10);
		} else {
			end++;
		}
	}
	r->at = end + 1;
	return *end == '}' && *most_r > 0 && *least_r <= *most_r;
}

static struct piece read_again(struct reader *r, const char *atom)
{
	const char *back = r->at;
	r->at = atom;
	struct piece out = read_atom(r);
	r->at = back;
	return out;
}

static struct piece read_piece(struct reader *r)
{
	const char *atom = r->at;
	struct piece one = read_atom(r);
	size_t least = 1, most = 1;
	if (r->failed)
		return one;
	if (*r->at == '{') {
		if (!read_count(r, &least, &most))
			return fail(r);
	} else if (*r->at == '?' || *r->at == '*' || *r->at == '+') {
		least = *r->at == '+';
		most = *r->at == '?' ? 1 : SIZE_MAX;
		r->at++;
	}
	struct piece out = one;
	size_t count = 1, until = most != SIZE_MAX ? most : least;
	if (most == SIZE_MAX && least < 2)
		let_follow(r, &one.last, &one.first);
	out.may_be_empty |= least == 0;
	for (; count < until && !r->failed; count++) {
		struct piece next = read_again(r, atom);
		if (most == SIZE_MAX && count + 1 == least)
			let_follow(r, &next.last, &next.first);
		next.may_be_empty |= count >= least;
		out = concatenate(r, out, next);
	}
	return out;
}

static struct piece read_choice(struct reader *r)
{
	struct piece out = { 0 };
	for (;; r->at++) {
		if (!*r->at || *r->at == '|' || *r->at == ')')  /* each piece takes a position, which bounds the reading */
			return fail(r);
		struct piece branch = { .may_be_empty = true };
		while (!r->failed && *r->at && *r->at != '|' && *r->at != ')')
			branch = concatenate(r, branch, read_piece(r));
		out.may_be_empty |= branch.may_be_empty;
		set_join(&out.first, &branch.first);
		set_join(&out.last, &branch.last);
		if (r->failed || *r->at != '|')
			return out;
	}
}

struct pattern *pattern_compile(struct arena *arena, const char *text)
{
	struct pattern *pattern = arena_alloc(arena, sizeof *pattern);
	struct reader r = { .pattern = pattern, .at = text };
	struct piece all = read_choice(&r);
	if (r.failed || *r.at)
		return NULL;
	pattern->follow[0] = all.first;
	pattern->last = all.last;
	if (all.may_be_empty)
		set_add(&pattern->last, 0);
	return pattern;
}

/* ---- matching ---- */

bool pattern_matches(const struct pattern *pattern, const char *text, size_t size)
{
	struct set now = { { 1 } };
	for (size_t i = 0; i < size; i++) {
		unsigned char c = (unsigned char)text[i];
		if (c >= 128)
			return false;
		struct set next = set_followers(pattern, &now);
		uint64_t any = 0;
		for (size_t k = 0; k < WORDS; k++)
			any |= now.words[k] = next.words[k] & pattern->of_octet[c].words[k];
		if (!any)
			return false;
	}
	uint64_t any = 0;
	for (size_t k = 0; k < WORDS; k++)
		any |= now.words[k] & pattern->last.words[k];
	return any != 0;
}
