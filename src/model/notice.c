#include "model/notice.h"

#include <string.h>

#include "lib/base/text.h"

static const struct notice_kind kinds[] = {
#define NOTICE_KIND(name, who, what, blocks, lifts, disclosure, minutes) { name, who, what, blocks, lifts, disclosure, (minutes) * INT64_C(60000) },
#include "model/notice_kind.def"
#undef NOTICE_KIND
};

const struct notice_kind *notice_kind_find(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (text_equal(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

bool notice_kind_lifts(const struct notice_kind *kind, const char *other)
{
	size_t size = strlen(other);
	for (const char *at = kind->lifts; *at; at += strspn(at, " ")) {
		size_t n = strcspn(at, " ");
		if (n == size && strncmp(at, other, n) == 0)
			return true;
		at += n;
	}
	return false;
}

static int rank(const char *disclosure)
{
	return text_equal(disclosure, "open") ? 0 : text_equal(disclosure, "covert") ? 2 : 1;
}

const char *notice_disclosure_most(const char *a, const char *b)
{
	static const char *const names[] = { "open", "restricted", "covert" };
	return names[rank(a) > rank(b) ? rank(a) : rank(b)];
}
