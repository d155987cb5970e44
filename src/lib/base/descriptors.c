#include "lib/base/descriptors.h"

#include <limits.h>
#include <sys/resource.h>

/* The usual soft limit, 1024, is for programs that use select(). */
long descriptors_allow(long wanted)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 0;
	if (limit.rlim_cur < (rlim_t)wanted) {
		struct rlimit more = { .rlim_cur = limit.rlim_max < (rlim_t)wanted ? limit.rlim_max : (rlim_t)wanted, .rlim_max = limit.rlim_max };
		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			limit = more;
	}
	return limit.rlim_cur < LONG_MAX ? (long)limit.rlim_cur : LONG_MAX;
}
