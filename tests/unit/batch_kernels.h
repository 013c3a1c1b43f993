/* batch_kernels.h - the batch kernels of each instruction set of this CPU in turn
 *
 * Threads  no threads: each program has one sequence
 */
#ifndef CSVR_TESTS_BATCH_KERNELS_H
#define CSVR_TESTS_BATCH_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

#include "csvreport.h"
#include "stats/batch_kernels.h"

/* Those of another instruction set with each call. */
static inline const struct csvr_batch_kernels *next_batch_kernels(void)
{
	static size_t next;
	const char *kernel;
	bool is_usable = false;
	do {
		kernel = csvr_kernel_name(next++, &is_usable);
		if (kernel == NULL)
			next = 0;
	} while (kernel == NULL || !is_usable);
	return csvr_batch_kernels_for(kernel);
}

#endif
