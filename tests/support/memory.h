/* memory: how much the process has had at most. */
#ifndef SEALGATE_TESTS_SUPPORT_MEMORY_H
#define SEALGATE_TESTS_SUPPORT_MEMORY_H

#include <stdio.h>

/* Sanitizers keep shadows of all memory, and what was freed for a while. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define MEMORY_TIMES 8
#else
#define MEMORY_TIMES 1
#endif

/* Resident, in kB, so far. */
static inline size_t memory_peak(void)
{
	size_t kb = 0;
	char line[200];
	FILE *file = fopen("/proc/self/status", "r");
	while (file && fgets(line, sizeof line, file))
		if (sscanf(line, "VmHWM: %zu kB", &kb) == 1)
			break;
	if (file)
		fclose(file);
	return kb;
}

#endif
