/* batch_templates.h - the batch templates that all instruction sets have, in terms of a simd_*.h
 *
 * Included after batch_kernels.h, key_table.h and string.h, a simd_*.h, and the definition of KERNEL, its name. Templates
 * of third and fourth powers and of groups, and batch_record_template.h follow.
 */
/* Distinct symbol names in profiles and debuggers: sum_batch is sum_batch_avx2. */
#define JOIN_NAMES(name, kernel) name##_##kernel
#define NAME_OF_KERNEL(name, kernel) JOIN_NAMES(name, kernel)
#define sum_batch NAME_OF_KERNEL(sum_batch, KERNEL)
#define power_batch NAME_OF_KERNEL(power_batch, KERNEL)
#define convert_batch NAME_OF_KERNEL(convert_batch, KERNEL)
#define hash_batch NAME_OF_KERNEL(hash_batch, KERNEL)
#define count_batch NAME_OF_KERNEL(count_batch, KERNEL)
#define place_batch NAME_OF_KERNEL(place_batch, KERNEL)
#define prefix_batch NAME_OF_KERNEL(prefix_batch, KERNEL)
#define multiply_batches NAME_OF_KERNEL(multiply_batches, KERNEL)
#define order_batch NAME_OF_KERNEL(order_batch, KERNEL)
#define group_batch NAME_OF_KERNEL(group_batch, KERNEL)

#include "stats/batch_sums_template.h"

#include "stats/batch_doubles_template.h"

#include "stats/batch_keys_template.h"

#include "stats/batch_places_template.h"

#include "stats/batch_products_template.h"

#include "stats/batch_order_template.h"
