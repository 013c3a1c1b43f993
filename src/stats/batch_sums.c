/* batch_sums.c - the functions for a kernel, by name */
#include "stats/batch_sums.h"

#include <string.h>

#include "stats/batch_sums_kernels.h"

csvr_batch_sums_fn csvr_batch_sums_for(const char *kernel)
{
#if defined __x86_64__
	if (strcmp(kernel, "avx512") == 0)
		return csvr_batch_sums_avx512;
	if (strcmp(kernel, "avx2") == 0)
		return csvr_batch_sums_avx2;
#elif defined __aarch64__
	if (strcmp(kernel, "neon") == 0)
		return csvr_batch_sums_neon;
#else
	(void)kernel;
#endif
	return csvr_batch_sums_scalar;
}

csvr_batch_powers_fn csvr_batch_powers_for(const char *kernel)
{
#if defined __x86_64__
	if (strcmp(kernel, "avx512") == 0)
		return csvr_batch_powers_avx512;
	if (strcmp(kernel, "avx2") == 0)
		return csvr_batch_powers_avx2;
#elif defined __aarch64__
	if (strcmp(kernel, "neon") == 0)
		return csvr_batch_powers_neon;
#else
	(void)kernel;
#endif
	return csvr_batch_powers_scalar;
}
