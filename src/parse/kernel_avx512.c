/* kernel_avx512.c - the template in the words of base/lanes_avx512.h */
#include "parse/kernel.h"

#if defined __x86_64__

#include "parse/scalar.h"

/* Profiles and debuggers tell the kernels apart by these names. */
#define scan scan_avx512
#define column column_avx512

#include "base/lanes_avx512.h"
#include "parse/kernel_template.h"
#include "base/lanes_end.h"

static bool is_usable(void)
{
	return lanes_usable();
}

const struct csvr_kernel csvr_kernel_avx512 = { "avx512", is_usable, scan, column };

#endif
