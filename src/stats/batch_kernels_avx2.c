/* batch_kernels_avx2.c - the batch templates, compiled with base/simd_avx2.h */
#include "stats/batch_kernels.h"

#include <string.h>

#include "stats/key_table.h"

#if defined __x86_64__

#define KERNEL avx2
#include "base/simd_avx2.h"
#include "stats/batch_templates.h"

#include "stats/batch_powers_template.h"

#include "stats/batch_groups_template.h"

#include "stats/batch_record_template.h"

#include "base/simd_end.h"

#endif
