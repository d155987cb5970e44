/* clerk: one thread that does things when they are due: what was submitted is looked at, answers leave. Whatever it works on
 * needs no lock.
 *
 * clerk_start / clerk_stop. Work is given from any thread.
 */
#ifndef SEALGATE_SANDBOX_CLERK_H
#define SEALGATE_SANDBOX_CLERK_H

#include <stdbool.h>
#include <stddef.h>

struct clerk;

typedef void clerk_do_fn(void *context, void *thing);

struct clerk *clerk_start(void);
/* Does what is left at once, due or not, and ends. Nothing may be given meanwhile but by what it does. */
void clerk_stop(struct clerk **clerk);
/* In so many milliseconds; things due at the same time are done in the order in which they were given. */
void clerk_give(struct clerk *clerk, int in_ms, clerk_do_fn *what, void *context, void *thing);
size_t clerk_waiting(struct clerk *clerk);

#endif
