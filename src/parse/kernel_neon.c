/* kernel_neon.c - the kernel templates for the instructions of base/simd_neon.h */
#include "parse/kernel.h"

#if defined __aarch64__

#include <limits.h>

#include "parse/swar.h"

/* Distinct symbol names in profiles and debuggers. */
#define scan scan_neon
#define convert convert_neon
#define read_keys read_keys_neon

#include "base/simd_neon.h"
#include "parse/kernel_scan_template.h"
#include "parse/kernel_convert_template.h"
#include "parse/kernel_keys_template.h"
#include "base/simd_end.h"

static bool is_usable(void)
{
	return simd_usable();
}

const struct csvr_kernel csvr_kernel_neon = { "neon",  is_usable, scan,
					      convert, read_keys, count_byte };

#endif
