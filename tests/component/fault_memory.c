/* fault_memory: a library to preload into a program whose malloc is the C library's. fault_allocation(N) makes the Nth allocation from
 * now on fail, and those behind it where `all` is set; 0 ends it. It gives how many there were since the last call. For programs that
 * find it with dlsym(); nothing of it is ever installed. What libfyaml asks for itself is not counted: it looks at a missing node without a
 * check (0.7.12, fy_document_builder_process_event), which ends a process just as well, but says nothing.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

long fault_allocation(long which, bool all);

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);

static _Atomic long allocations, allocation_at;
static _Atomic bool allocation_all;

long fault_allocation(long which, bool all)
{
	atomic_store(&allocation_at, 0);
	long had = atomic_exchange(&allocations, 0);
	atomic_store(&allocation_all, all);
	atomic_store(&allocation_at, which);
	return had;
}

static bool allocation_fails(const void *caller)
{
	Dl_info info;
	if (dladdr(caller, &info) && info.dli_fname && strstr(info.dli_fname, "libfyaml"))
		return false;
	long which = atomic_load(&allocation_at), n = atomic_fetch_add(&allocations, 1) + 1;
	if (!which || n < which || (n > which && !atomic_load(&allocation_all)))
		return false;
	errno = ENOMEM;
	return true;
}

void *malloc(size_t size)
{
	return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	return allocation_fails(__builtin_return_address(0)) ? NULL : __libc_realloc(old, size);
}
