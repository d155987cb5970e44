/* fuzz: what fuzz targets share. A target is a file with LLVMFuzzerTestOneInput; tests/fuzz/replay.c (in `make check`) or
 * libFuzzer (./configure --enable-fuzzing, tests/fuzz/run.sh) drives it.
 *
 * A target does more than not crash: it checks a property that holds for every input, by `property`.
 */
#ifndef SEALGATE_TESTS_FUZZ_FUZZ_H
#define SEALGATE_TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/base/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define property(holds)                                                                        \
	do {                                                                                    \
		if (!(holds)) {                                                                 \
			fprintf(stderr, "%s:%d: does not hold: %s\n", __FILE__, __LINE__, #holds); \
			abort();                                                                \
		}                                                                               \
	} while (0)

/* For calls that must succeed here. */
#define works(call)                                                                            \
	do {                                                                                    \
		struct error error_ = { 0 }, *error = &error_;                                  \
		if ((call) < 0) {                                                               \
			fprintf(stderr, "%s:%d: %s failed: %s\n", __FILE__, __LINE__, #call, error_.text); \
			abort();                                                                \
		}                                                                               \
	} while (0)

/* Octets up to `mark`, and what stands behind it; false: there is no mark, and all is in *first_r. */
static inline bool fuzz_split(struct bytes in, char mark, struct bytes *first_r, struct bytes *rest_r)
{
	for (size_t i = 0; i < in.size; i++)
		if (in.data[i] == (uint8_t)mark) {
			*first_r = (struct bytes){ in.data, i };
			*rest_r = (struct bytes){ in.data + i + 1, in.size - i - 1 };
			return true;
		}
	*first_r = in;
	*rest_r = (struct bytes){ 0 };
	return false;
}

#endif
