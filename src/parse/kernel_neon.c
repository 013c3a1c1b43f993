/* kernel_neon.c - the template in the words of base/lanes_neon.h */
#include "parse/kernel.h"

#if defined __aarch64__

#include "parse/scalar.h"

/* Profiles and debuggers tell the kernels apart by these names. */
#define scan scan_neon
#define column column_neon

#include "base/lanes_neon.h"
#include "parse/kernel_template.h"
#include "base/lanes_end.h"

static bool is_usable(void)
{
	return lanes_usable();
}

const struct csvr_kernel csvr_kernel_neon = { "neon", is_usable, scan, column };

#endif
