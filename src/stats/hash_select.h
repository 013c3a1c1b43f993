/* hash_select.h - the k-th least of many hashes
 *
 * Shape    any array. Hashes of about the size of the result are found by their leading bits, which takes a third
 *          of the time of a quickselect if hashes are as evenly distributed as they should be.
 * Errors   none
 * Threads  pure
 * Source   Hoare, "Algorithm 65: find" (1961), for those of the same leading bits
 */
#ifndef CSVR_STATS_HASH_SELECT_H
#define CSVR_STATS_HASH_SELECT_H

#include <stddef.h>
#include <stdint.h>

/* Element k, from 0, of the array if it were sorted. The array has fewer than 2^16 hashes, which are at most
 * `max_hash`; it is changed. */
uint64_t csvr_select_hash(uint64_t *hashes, size_t n, size_t k, uint64_t max_hash);

#endif
