/* batch_kernels_neon.c - the batch templates, compiled with base/simd_neon.h */
#include "stats/batch_kernels.h"

#include <string.h>

#include "stats/key_table.h"

#if defined __aarch64__

#define KERNEL neon
#include "base/simd_neon.h"
#include "stats/batch_templates.h"

#include "stats/batch_powers_template.h"

#include "stats/batch_groups_template.h"

#include "stats/batch_record_template.h"

#include "base/simd_end.h"

#endif
