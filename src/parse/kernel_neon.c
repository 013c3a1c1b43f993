/* kernel_neon.c - the template in the words of base/simd_neon.h */
#include "parse/kernel.h"

#if defined __aarch64__

#include "parse/swar.h"

/* Profiles and debuggers tell the kernels apart by these names. */
#define scan scan_neon
#define convert convert_neon

#include "base/simd_neon.h"
#include "parse/kernel_template.h"
#include "base/simd_end.h"

static bool is_usable(void)
{
	return simd_usable();
}

const struct csvr_kernel csvr_kernel_neon = { "neon", is_usable, scan, convert };

#endif
