/* kernel_neon.c - the template in the words of base/lanes_neon.h */
#include "parse/kernel.h"

#if defined __aarch64__

#include "parse/scalar.h"

#include "base/lanes_neon.h"
#include "parse/kernel_template.h"
#include "base/lanes_end.h"

static bool is_usable(void)
{
	return lanes_usable();
}

const struct csvr_kernel csvr_kernel_neon = { "neon", is_usable, scan, column };

#endif
