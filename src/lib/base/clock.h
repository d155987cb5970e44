/* clock: the one source of time. Times are int64 milliseconds since 1970-01-01T00:00:00Z, as stored.
 *
 * Tests, and a gateway that plays an old voyage, set an offset or freeze it; monotonic time for time-outs is
 * never changed by that. Safe from every thread.
 */
#ifndef SEALGATE_LIB_BASE_CLOCK_H
#define SEALGATE_LIB_BASE_CLOCK_H

#include <stdint.h>

#include "lib/base/error.h"

#define CLOCK_TEXT_SIZE 32
#define CLOCK_NONE INT64_MIN  /* "no time" */

int64_t clock_now_ms(void);       /* wall clock as the gateway sees it */
int64_t clock_real_ms(void);      /* wall clock of the machine, for logs */
int64_t clock_mono_ms(void);      /* for durations and time-outs */
void clock_freeze(int64_t ms);    /* tests: the clock stands here until told otherwise */
void clock_thaw(void);
/* A played voyage: the clock shows `ms` now and goes on from there at its usual pace. Tests and demonstrations only. */
void clock_play(int64_t ms);

/* RFC 3339 with offset, fraction allowed ("2016-02-03T01:48:21.5+01:00"). A leap second counts as the next second.
 * Fails with BAD_FIELD; years 1970 to 9999. */
int clock_parse(const char *text, int64_t *ms_r, struct error *error) must_use;
/* "2016-02-03T01:48:21Z", with ".mmm" only where milliseconds are not zero. */
char *clock_format(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
/* UN/EDIFACT 2379 qualifier 304 as the WCO profile wants it: "20160203014821Z"; 102: "20160203". */
char *clock_format_304(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
char *clock_format_102(int64_t ms, char out[static CLOCK_TEXT_SIZE]);
/* "20160203", "20160203014821Z", "20160203014821+01" (2379 qualifiers 102 and 304). Fails with BAD_FIELD. */
int clock_parse_304(const char *text, int64_t *ms_r, struct error *error) must_use;

#endif
