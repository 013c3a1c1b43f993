/* batch_kernels_scalar.c - the batch templates, compiled for any CPU with base/simd_scalar.h */
#include "stats/batch_kernels.h"

#include <string.h>

#include "stats/key_table.h"

#define KERNEL scalar
#include "base/simd_scalar.h"
#include "stats/batch_templates.h"

/* Of integers below 2^30: 2^8 fourth powers stay below 2^128. One lane of batch_powers_template.h would
 * be slower. */
static bool power_batch(const int64_t *values, size_t n_values, struct csvr_batch_powers *powers)
{
	enum { SCALAR_POWER_BITS = 30 };
	uint64_t bits = 0; /* of all magnitudes */
	for (size_t i = 0; i < n_values; i++)
		bits |= (uint64_t)magnitude(values[i]);
	if (bits >> SCALAR_POWER_BITS != 0)
		return false;
	*powers = (struct csvr_batch_powers){ 0, 0 };
	for (size_t i = 0; i < n_values; i++) {
		const int64_t square = values[i] * values[i];
		powers->cubes += (__int128)square * values[i];
		powers->fourths += (unsigned __int128)(uint64_t)square * (uint64_t)square;
	}
	return true;
}

static void group_batch(struct csvr_group_sums *groups, const uint32_t *ids, const int64_t *values,
			size_t n_values)
{
	for (size_t i = 0; i < n_values; i++) {
		struct csvr_group_sums *group = &groups[ids[i]];
		const int64_t x = values[i];
		group->sum += x;
		group->squares += (uint64_t)(x * x);
		group->n++;
		group->min = x < group->min ? x : group->min;
		group->negated_max = -x < group->negated_max ? -x : group->negated_max;
	}
}

#include "stats/batch_record_template.h"
