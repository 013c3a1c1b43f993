/* totals_kernels.h - the functions that totals.c chooses from */
#ifndef CSVR_STATS_TOTALS_KERNELS_H
#define CSVR_STATS_TOTALS_KERNELS_H

#include "stats/totals.h"

void csvr_totals_scalar(const int64_t *values, size_t n_values, struct csvr_totals *totals);
#if defined __x86_64__
void csvr_totals_avx2(const int64_t *values, size_t n_values, struct csvr_totals *totals);
void csvr_totals_avx512(const int64_t *values, size_t n_values, struct csvr_totals *totals);
#elif defined __aarch64__
void csvr_totals_neon(const int64_t *values, size_t n_values, struct csvr_totals *totals);
#endif

#endif
