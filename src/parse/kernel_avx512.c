/* kernel_avx512.c - the kernel templates for the instructions of base/simd_avx512.h */
#include "parse/kernel.h"

#if defined __x86_64__

#include <limits.h>

#include "parse/swar.h"

/* Distinct symbol names in profiles and debuggers. */
#define scan scan_avx512
#define convert convert_avx512
#define read_keys read_keys_avx512

#include "base/simd_avx512.h"
#include "parse/kernel_scan_template.h"
#include "parse/kernel_convert_template.h"
#include "parse/kernel_keys_template.h"
#include "base/simd_end.h"

static bool is_usable(void)
{
	return simd_usable();
}

const struct csvr_kernel csvr_kernel_avx512 = { "avx512", is_usable, scan,
						convert,  read_keys, count_byte };

#endif
