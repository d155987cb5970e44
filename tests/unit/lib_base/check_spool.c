/* Spools: in memory while they are small, in a file without a name when they are not. */
#include <dirent.h>
#include <string.h>
#include <sys/resource.h>
#include <signal.h>

#include "lib/base/spool.h"
#include "support/folder.h"
#include "support/suite.h"

static void fill(struct spool *spool, size_t size)
{
	char block[1000];
	for (size_t at = 0; at < size;) {
		size_t n = size - at < sizeof block ? size - at : sizeof block;
		for (size_t i = 0; i < n; i++)
			block[i] = (char)((at + i) * 31 >> 3);
		must_succeed(spool_add(spool, (struct bytes){ (const uint8_t *)block, n }, error));
		at += n;
	}
}

static int entries(const char *folder)
{
	int count = 0;
	DIR *dir = opendir(folder);
	ck_assert_ptr_nonnull(dir);
	for (struct dirent *e; (e = readdir(dir));)
		count += e->d_name[0] != '.';
	closedir(dir);
	return count;
}

START_TEST(what_was_written_is_read_at_any_place)
{
	static const size_t sizes[] = { 0, 1, SPOOL_MEMORY, SPOOL_MEMORY + 1, 3000000 };
	FOLDER(folder);
	for (size_t s = 0; s < sizeof sizes / sizeof *sizes; s++) {
		SPOOL_AUTO spool = spool_new(folder, 3000000);
		fill(spool, sizes[s]);
		struct blob blob = spool_blob(spool);
		ck_assert_uint_eq(blob.size, sizes[s]);
		for (size_t at = 0; at < sizes[s]; at += 77777) {
			char c;
			must_succeed(blob_read(&blob, at, &c, 1, error));
			ck_assert_int_eq(c, (char)(at * 31 >> 3));
		}
		ck_assert_int_eq(entries(folder), 0);  /* nobody finds it, and nothing stays behind */
	}
}
END_TEST

START_TEST(more_than_the_most_is_refused)
{
	FOLDER(folder);
	SPOOL_AUTO spool = spool_new(folder, 10);
	fill(spool, 10);
	must_fail(spool_add(spool, (struct bytes){ (const uint8_t *)"x", 1 }, error), TOO_LARGE);
	ck_assert_uint_eq(spool_size(spool), 10);
}
END_TEST

START_TEST(a_folder_that_is_not_there_is_an_error)
{
	SPOOL_AUTO spool = spool_new("/nowhere/at/all", (size_t)-1);
	static const uint8_t block[SPOOL_MEMORY + 1];
	must_fail(spool_add(spool, (struct bytes){ block, sizeof block }, error), IO);
}
END_TEST

START_TEST(a_disk_that_is_full_is_an_error)
{
	FOLDER(folder);
	SPOOL_AUTO spool = spool_new(folder, (size_t)-1);
	struct rlimit limit = { SPOOL_MEMORY * 2, SPOOL_MEMORY * 2 };
	static const uint8_t block[SPOOL_MEMORY];
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	must_succeed(spool_add(spool, (struct bytes){ block, sizeof block }, error));
	must_succeed(spool_add(spool, (struct bytes){ block, sizeof block }, error));
	must_fail(spool_add(spool, (struct bytes){ block, sizeof block }, error), IO);  /* EFBIG */
}
END_TEST

SUITE("spool", what_was_written_is_read_at_any_place, more_than_the_most_is_refused, a_folder_that_is_not_there_is_an_error, a_disk_that_is_full_is_an_error)
