/* fault: a library to preload. It makes the calls of a program fail as a test wants them to; nothing of it is ever installed.
 *
 * Writes: write, pwrite, fsync, fdatasync and ftruncate are counted on files whose path holds FAULT_FILES.
 *   FAULT_AT=N      the Nth of them (from 1) meets FAULT_KIND; the others go through
 *   FAULT_KIND      kill (before the call), torn (half of it is written, then kill), eio, enospc
 *                   It says so on stderr: "fault: eio at write 7".
 *   FAULT_TIMES=M   M calls in a row rather than one
 *   FAULT_WHILE=F   every write on them fails with ENOSPC while the file F is there: a full disk
 *   FAULT_SLOW=F    while the file F is there each fsync and fdatasync on them takes so many milliseconds more as stands in it
 *   FAULT_COUNT=F   how many there were is written there at the program's own end
 * Clock: FAULT_CLOCK=F has milliseconds in it, which are added to the time of day; looked at ten times a second.
 * For memory there is fault_memory.c.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const char *files, *kind, *full;
static long at, times;
static _Atomic long calls;

__attribute__((constructor)) static void fault_read(void)
{
	files = getenv("FAULT_FILES");
	kind = getenv("FAULT_KIND");
	full = getenv("FAULT_WHILE");
	at = getenv("FAULT_AT") ? atol(getenv("FAULT_AT")) : 0;
	times = getenv("FAULT_TIMES") ? atol(getenv("FAULT_TIMES")) : 1;
}

/* The next definition behind this one, as the dynamic linker has it. */
#define NEXT(name)                                               \
	static __typeof__(&name) next_##name;                    \
	if (!next_##name)                                        \
		*(void **)&next_##name = dlsym(RTLD_NEXT, #name)

/* ---- writes ---- */

static bool is_watched(int fd)
{
	char link[64], path[1024];
	if (!files)
		return false;
	snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, sizeof path - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return strstr(path, files);
}

enum verdict { GOES_THROUGH, FAILS, TORN };

/* What becomes of a call; errno is set where it fails. */
static enum verdict call_judge(int fd, bool writes)
{
	if (!is_watched(fd))
		return GOES_THROUGH;
	if (writes && full && access(full, F_OK) == 0) {
		errno = ENOSPC;
		return FAILS;
	}
	long n = atomic_fetch_add(&calls, 1) + 1;
	if (!at || !kind || n < at || n >= at + times)
		return GOES_THROUGH;
	dprintf(2, "fault: %s at write %ld\n", kind, n);
	if (strcmp(kind, "torn") == 0 && writes)
		return TORN;
	if (strcmp(kind, "kill") == 0 || strcmp(kind, "torn") == 0)
		kill(getpid(), SIGKILL);
	errno = strcmp(kind, "enospc") == 0 ? ENOSPC : EIO;
	return FAILS;
}

/* An fsync that finds no room is reported as EIO, whatever was asked for: no file system says ENOSPC there only. */
static int sync_judge(int fd)
{
	return call_judge(fd, false) == GOES_THROUGH ? 0 : -1;
}

#define WRITE_BODY(name, ...)                                                     \
	NEXT(name);                                                               \
	switch (call_judge(fd, true)) {                                           \
	case GOES_THROUGH:                                                        \
		return next_##name(fd, data, size __VA_OPT__(, ) __VA_ARGS__);    \
	case TORN:                                                                \
		(void)!next_##name(fd, data, size / 2 __VA_OPT__(, ) __VA_ARGS__); \
		kill(getpid(), SIGKILL);                                          \
		return -1;                                                        \
	default:                                                                  \
		return -1;                                                        \
	}

ssize_t write(int fd, const void *data, size_t size)
{
	WRITE_BODY(write)
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t offset)
{
	WRITE_BODY(pwrite, offset)
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t offset)
{
	WRITE_BODY(pwrite64, offset)
}

static void sync_wait(int fd)
{
	const char *path = getenv("FAULT_SLOW");
	FILE *file = path && is_watched(fd) ? fopen(path, "r") : NULL;
	long ms = 0;
	if (!file)
		return;
	if (fscanf(file, "%ld", &ms) == 1)
		nanosleep(&(struct timespec){ ms / 1000, ms % 1000 * 1000000 }, NULL);
	fclose(file);
}

int fsync(int fd)
{
	NEXT(fsync);
	sync_wait(fd);
	return sync_judge(fd) < 0 ? -1 : next_fsync(fd);
}

int fdatasync(int fd)
{
	NEXT(fdatasync);
	sync_wait(fd);
	return sync_judge(fd) < 0 ? -1 : next_fdatasync(fd);
}

__attribute__((destructor)) static void count_write(void)
{
	const char *path = getenv("FAULT_COUNT");
	FILE *out = path ? fopen(path, "w") : NULL;
	if (!out)
		return;
	fprintf(out, "%ld\n", atomic_load(&calls));
	fclose(out);
}

/* ---- the clock ---- */

static int64_t clock_shift_ms(void)
{
	static _Atomic int64_t shift, looked;
	const char *path = getenv("FAULT_CLOCK");
	struct timespec now;
	NEXT(clock_gettime);
	if (!path || next_clock_gettime(CLOCK_MONOTONIC, &now) != 0)
		return 0;
	int64_t tenth = (int64_t)now.tv_sec * 10 + now.tv_nsec / 100000000;
	if (atomic_exchange(&looked, tenth) != tenth) {
		char text[32] = "";
		int fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
			atomic_store(&shift, atoll(text));
		if (fd >= 0)
			close(fd);
	}
	return atomic_load(&shift);
}

int clock_gettime(clockid_t clock, struct timespec *time_r)
{
	NEXT(clock_gettime);
	int rc = next_clock_gettime(clock, time_r);
	if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE)) {
		int64_t ms = clock_shift_ms(), nanoseconds = time_r->tv_nsec + ms % 1000 * 1000000;
		time_r->tv_sec += ms / 1000 + (nanoseconds < 0 ? -1 : nanoseconds / 1000000000);
		time_r->tv_nsec = (nanoseconds + 1000000000) % 1000000000;
	}
	return rc;
}

time_t time(time_t *time_r)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (time_r)
		*time_r = now.tv_sec;
	return now.tv_sec;
}

int gettimeofday(struct timeval *restrict time_r, void *restrict zone)
{
	struct timespec now;
	(void)zone;
	int rc = clock_gettime(CLOCK_REALTIME, &now);
	*time_r = (struct timeval){ now.tv_sec, now.tv_nsec / 1000 };
	return rc;
}
