/* batch_sums_kernels.h - the functions that batch_sums.c chooses from */
#ifndef CSVR_STATS_BATCH_SUMS_KERNELS_H
#define CSVR_STATS_BATCH_SUMS_KERNELS_H

#include "stats/batch_sums.h"

/* Each is a csvr_batch_sums_fn (batch_sums.h): sets `*sums` to minimum, maximum, sum and sum of
 * squares; or a csvr_batch_powers_fn: sets `*powers`. */
void csvr_batch_sums_scalar(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums);
bool csvr_batch_powers_scalar(const int64_t *values, size_t n_values,
			      struct csvr_batch_powers *powers);
#if defined __x86_64__
void csvr_batch_sums_avx2(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums);
bool csvr_batch_powers_avx2(const int64_t *values, size_t n_values,
			    struct csvr_batch_powers *powers);
void csvr_batch_sums_avx512(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums);
bool csvr_batch_powers_avx512(const int64_t *values, size_t n_values,
			      struct csvr_batch_powers *powers);
#elif defined __aarch64__
void csvr_batch_sums_neon(const int64_t *values, size_t n_values, struct csvr_batch_sums *sums);
bool csvr_batch_powers_neon(const int64_t *values, size_t n_values,
			    struct csvr_batch_powers *powers);
#endif

#endif
