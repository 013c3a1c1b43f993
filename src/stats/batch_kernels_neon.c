/* batch_kernels_neon.c - the batch templates, compiled with base/simd_neon.h */
#include "stats/batch_kernels.h"

#include <string.h>

#include "stats/key_table.h"

#if defined __aarch64__

/* Distinct symbol names in profiles and debuggers. */
#define sum_batch sum_batch_neon
#define power_batch power_batch_neon
#define convert_batch convert_batch_neon
#define hash_batch hash_batch_neon
#define count_batch count_batch_neon
#define place_batch place_batch_neon
#define prefix_batch prefix_batch_neon
#define multiply_batches multiply_batches_neon
#define order_batch order_batch_neon

#include "base/simd_neon.h"
#include "stats/batch_sums_template.h"

#include "stats/batch_powers_template.h"

#include "stats/batch_doubles_template.h"

#include "stats/batch_keys_template.h"

#include "stats/batch_places_template.h"

#include "stats/batch_products_template.h"

#include "stats/batch_order_template.h"

#include "base/simd_end.h"

extern const struct csvr_batch_kernels csvr_batch_kernels_neon;
const struct csvr_batch_kernels csvr_batch_kernels_neon = {
	.name = "neon",
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

#endif
