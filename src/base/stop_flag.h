/* stop_flag.h - the flag that requests an early end of a run
 *
 * Threads  any thread or signal handler sets it, any number poll it
 */
#ifndef CSVR_BASE_STOP_FLAG_H
#define CSVR_BASE_STOP_FLAG_H

#include <stdbool.h>
#include <stddef.h>

/* Whether the flag is set; NULL is a flag that nobody sets. */
static inline bool csvr_stop_requested(const int *stop_flag)
{
	return stop_flag != NULL && __atomic_load_n(stop_flag, __ATOMIC_RELAXED) != 0;
}

#endif
