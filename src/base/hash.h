/* hash.h - hashes of bytes, for tables in memory
 *
 * csvr_hash is seeded for each process, so that the author of a file cannot choose names that all collide.
 * So nothing but the position in a table may depend on it.
 *
 * Source   FNV-1a (Fowler, Noll, Vo), with a seed
 * Errors   none
 * Threads  any
 */
#ifndef CSVR_BASE_HASH_H
#define CSVR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t csvr_hash(const void *bytes, size_t n_bytes);

/* FNV-1a without a seed: the same in every process, for values that are saved. Starts with
 * CSVR_FNV1A_START; `value` is usually one byte. */
#define CSVR_FNV1A_START UINT64_C(0xcbf29ce484222325)

static inline uint64_t csvr_fnv1a(uint64_t hash, uint64_t value)
{
	return (hash ^ value) * UINT64_C(0x100000001b3);
}

#endif
