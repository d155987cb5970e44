/* folder: a temporary folder of a test, removed at its end. */
#ifndef SEALGATE_TESTS_SUPPORT_FOLDER_H
#define SEALGATE_TESTS_SUPPORT_FOLDER_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static inline int folder_remove_one(const char *path, const struct stat *stat, int flag, struct FTW *ftw)
{
	(void)stat, (void)flag, (void)ftw;
	return remove(path);
}

static inline void folder_remove(char (*path)[64])
{
	nftw(*path, folder_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* FOLDER(path): char path[64], made now, removed when it goes out of scope. */
#define FOLDER(name)                                                            \
	__attribute__((cleanup(folder_remove))) char name[64] = "/tmp/sealgate-test-XXXXXX"; \
	ck_assert_ptr_nonnull(mkdtemp(name))

#endif
