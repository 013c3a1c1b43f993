/* kernel.c - the table of kernels */
#include "parse/kernel.h"

#include <string.h>

static const struct csvr_kernel *const kernels[] = {
#if defined __x86_64__
	&csvr_kernel_avx512,
	&csvr_kernel_avx2,
#elif defined __aarch64__
	&csvr_kernel_neon,
#endif
	&csvr_kernel_scalar,
};

const struct csvr_kernel *csvr_kernel_at(size_t index)
{
	return index < sizeof kernels / sizeof kernels[0] ? kernels[index] : NULL;
}

const struct csvr_kernel *csvr_kernel_choose(const char *name)
{
	const struct csvr_kernel *kernel;
	for (size_t i = 0; (kernel = csvr_kernel_at(i)) != NULL; i++)
		if ((name == NULL || strcmp(name, kernel->name) == 0) && kernel->is_usable())
			return kernel;
	return NULL;
}

const char *csvr_kernel_name(size_t index, bool *is_usable)
{
	const struct csvr_kernel *kernel = csvr_kernel_at(index);
	if (kernel == NULL)
		return NULL;
	*is_usable = kernel->is_usable();
	return kernel->name;
}
