/* batch_kernels_scalar.c - the batch templates, compiled for any CPU with base/simd_scalar.h */
#include "stats/batch_kernels.h"

#include <string.h>

#include "stats/key_table.h"

/* Distinct symbol names in profiles and debuggers. */
#define sum_batch sum_batch_scalar
#define power_batch power_batch_scalar
#define convert_batch convert_batch_scalar
#define hash_batch hash_batch_scalar
#define count_batch count_batch_scalar
#define place_batch place_batch_scalar
#define prefix_batch prefix_batch_scalar
#define multiply_batches multiply_batches_scalar
#define order_batch order_batch_scalar

#include "base/simd_scalar.h"
#include "stats/batch_sums_template.h"

#include "stats/batch_doubles_template.h"

#include "stats/batch_keys_template.h"

#include "stats/batch_places_template.h"

#include "stats/batch_products_template.h"

#include "stats/batch_order_template.h"

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

extern const struct csvr_batch_kernels csvr_batch_kernels_scalar;
const struct csvr_batch_kernels csvr_batch_kernels_scalar = {
	.name = "scalar",
	.sum = sum_batch,
	.sum_powers = power_batch,
	.to_doubles = convert_batch,
	.to_hashes = hash_batch,
	.count_keys = count_batch,
	.find_places = place_batch,
	.number_prefixes = prefix_batch,
	.sum_products = multiply_batches,
	.order = order_batch,
};
