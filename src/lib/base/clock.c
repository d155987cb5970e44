#include "lib/base/clock.h"

#include <ctype.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static _Atomic int64_t frozen = CLOCK_NONE;
static _Atomic int64_t shift;

static int64_t clock_read_ms(clockid_t id)
{
	struct timespec now;
	clock_gettime(id, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t clock_real_ms(void)
{
	return clock_read_ms(CLOCK_REALTIME);
}

int64_t clock_now_ms(void)
{
	int64_t at = atomic_load(&frozen);
	return at == CLOCK_NONE ? clock_real_ms() + atomic_load(&shift) : at;
}

int64_t clock_mono_ms(void)
{
	return clock_read_ms(CLOCK_MONOTONIC);
}

void clock_freeze(int64_t ms)
{
	atomic_store(&frozen, ms);
}

void clock_thaw(void)
{
	atomic_store(&frozen, CLOCK_NONE);
}

void clock_play(int64_t ms)
{
	atomic_store(&shift, ms - clock_real_ms());
}

/* Exactly `count` digits at *at; moves it on. -1: no. */
static int digits(const char **at, int count)
{
	int value = 0;
	for (int i = 0; i < count; i++) {
		if (!isdigit((unsigned char)(*at)[i]))
			return -1;
		value = value * 10 + ((*at)[i] - '0');
	}
	*at += count;
	return value;
}

static int days_in_month(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

static bool instant(int year, int month, int day, int hour, int minute, int second, int64_t *ms_r)
{
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour < 0 || hour > 23 ||
	    minute < 0 || minute > 59 || second < 0 || second > 60)
		return false;
	struct tm tm = { .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute };
	*ms_r = ((int64_t)timegm(&tm) + second) * 1000;
	return true;
}

/* ".5" -> 500; digits past the third are dropped. -1: no digit behind the point. */
static int fraction(const char **at)
{
	int ms = 0, scale = 100;
	if (**at != '.')
		return 0;
	++*at;
	if (!isdigit((unsigned char)**at))
		return -1;
	for (; isdigit((unsigned char)**at); ++*at, scale /= 10)
		ms += (**at - '0') * scale;
	return ms;
}

/* "Z", "+hh:mm"; minutes. Returns false where it is neither. */
static bool offset(const char **at, int *minutes_r)
{
	*minutes_r = 0;
	if (**at == 'Z' || **at == 'z') {
		++*at;
		return true;
	}
	if (**at != '+' && **at != '-')
		return false;
	int sign = *(*at)++ == '-' ? -1 : 1;
	int hours = digits(at, 2);
	if (hours < 0 || hours > 23 || *(*at)++ != ':')
		return false;
	int minutes = digits(at, 2);
	if (minutes < 0 || minutes > 59)
		return false;
	*minutes_r = sign * (hours * 60 + minutes);
	return true;
}

/* Years 1970 to 9999 in UTC, whatever the offset made of it: what was read can be written and read again. */
static bool is_within(int64_t ms)
{
	return ms >= 0 && ms < INT64_C(253402300800000);
}

int clock_parse(const char *text, int64_t *ms_r, struct error *error)
{
	const char *at = text;
	int year = digits(&at, 4), month = -1, day = -1, hour = -1, minute = -1, second = -1, ms = -1, zone = 0;
	int64_t value;
	bool ok = year >= 0 && *at++ == '-' && (month = digits(&at, 2)) >= 0 && *at++ == '-' && (day = digits(&at, 2)) >= 0 &&
	          (*at == 'T' || *at == 't' || *at == ' ') && at++ && (hour = digits(&at, 2)) >= 0 && *at++ == ':' &&
	          (minute = digits(&at, 2)) >= 0 && *at++ == ':' && (second = digits(&at, 2)) >= 0 &&
	          (ms = fraction(&at)) >= 0 && offset(&at, &zone) && *at == '\0' &&
	          instant(year, month, day, hour, minute, second, &value) && is_within(value + ms - (int64_t)zone * 60000);
	if (!ok)
		FAIL(error, BAD_FIELD, "time \"%.40s\" is not an RFC 3339 date-time with offset, such as 2016-02-03T01:48:21Z", text);
	*ms_r = value + ms - (int64_t)zone * 60000;
	return 0;
}

int clock_parse_304(const char *text, int64_t *ms_r, struct error *error)
{
	const char *at = text;
	int year = digits(&at, 4), month = digits(&at, 2), day = month < 0 ? -1 : digits(&at, 2);
	int hour = 0, minute = 0, second = 0, zone = 0;
	bool ok = year >= 0 && month >= 0 && day >= 0;
	if (ok && *at) {
		ok = (hour = digits(&at, 2)) >= 0 && (minute = digits(&at, 2)) >= 0 && (second = digits(&at, 2)) >= 0;
		if (ok && (*at == '+' || *at == '-')) {
			int sign = *at++ == '-' ? -1 : 1;
			int hours = digits(&at, 2);
			ok = hours >= 0 && hours <= 23;
			zone = sign * hours * 60;
		} else if (ok && *at == 'Z') {
			at++;
		}
	}
	int64_t value;
	if (!ok || *at || !instant(year, month, day, hour, minute, second, &value) || !is_within(value - (int64_t)zone * 60000))
		FAIL(error, BAD_FIELD, "time \"%.40s\" has not the form 20160203 or 20160203014821Z", text);
	*ms_r = value - (int64_t)zone * 60000;
	return 0;
}

static struct tm split(int64_t ms, int *rest_r)
{
	int64_t seconds = ms / 1000, rest = ms % 1000;
	if (rest < 0) {
		rest += 1000;
		seconds--;
	}
	time_t t = (time_t)seconds;
	struct tm tm;
	gmtime_r(&t, &tm);
	*rest_r = (int)rest;
	return tm;
}

/* So many digits, with noughts before them; gives what stands behind. */
static char *put_digits(char *out, int value, int digits)
{
	unsigned left = (unsigned)value;
	for (int i = digits; i-- > 0; left /= 10)
		out[i] = (char)('0' + left % 10);
	return out + digits;
}

char *clock_format(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	int rest;
	struct tm tm = split(ms, &rest);
	const int parts[] = { tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec };
	char *at = put_digits(out, tm.tm_year + 1900, 4);
	for (size_t i = 0; i < 5; i++) {
		*at++ = "--T::"[i];
		at = put_digits(at, parts[i], 2);
	}
	if (rest) {
		*at++ = '.';
		at = put_digits(at, rest, 3);
	}
	memcpy(at, "Z", 2);
	return out;
}

char *clock_format_304(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	int rest;
	struct tm tm = split(ms, &rest);
	const int parts[] = { tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec };
	char *at = put_digits(out, tm.tm_year + 1900, 4);
	for (size_t i = 0; i < 5; i++)
		at = put_digits(at, parts[i], 2);
	memcpy(at, "Z", 2);
	return out;
}

char *clock_format_102(int64_t ms, char out[static CLOCK_TEXT_SIZE])
{
	int rest;
	struct tm tm = split(ms, &rest);
	strftime(out, CLOCK_TEXT_SIZE, "%Y%m%d", &tm);
	return out;
}
