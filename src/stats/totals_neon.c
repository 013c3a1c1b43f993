/* totals_neon.c - the template in the words of base/lanes_neon.h */
#include "stats/totals_kernels.h"

#if defined __aarch64__

#include "base/lanes_neon.h"
#include "stats/totals_template.h"

void csvr_batch_sums_neon(const int64_t *values, size_t n_values, struct csvr_batch_sums *t)
{
	totals(values, n_values, t);
}

#include "base/lanes_end.h"

#endif
