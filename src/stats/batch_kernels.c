/* batch_kernels.c - the records, by name */
#include "stats/batch_kernels.h"

#include <string.h>

extern const struct csvr_batch_kernels csvr_batch_kernels_scalar;
#if defined __x86_64__
extern const struct csvr_batch_kernels csvr_batch_kernels_avx2, csvr_batch_kernels_avx512;
#elif defined __aarch64__
extern const struct csvr_batch_kernels csvr_batch_kernels_neon;
#endif

static const struct csvr_batch_kernels *const kernels[] = {
#if defined __x86_64__
	&csvr_batch_kernels_avx512,
	&csvr_batch_kernels_avx2,
#elif defined __aarch64__
	&csvr_batch_kernels_neon,
#endif
};

const struct csvr_batch_kernels *csvr_batch_kernels_for(const char *kernel)
{
	for (size_t i = 0; i < sizeof kernels / sizeof kernels[0]; i++)
		if (strcmp(kernels[i]->name, kernel) == 0)
			return kernels[i];
	return &csvr_batch_kernels_scalar;
}
