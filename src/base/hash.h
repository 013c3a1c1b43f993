/* hash.h - bytes to a number, for tables in memory
 *
 * Who writes a file chooses its names, but not such that they all fall on one place: the hash of a process
 * is not that of the next. So nothing may depend on it but where something stands in a table.
 *
 * Source   FNV-1a (Fowler, Noll, Vo), from another beginning
 * Errors   none
 * Threads  any
 */
#ifndef CSVR_BASE_HASH_H
#define CSVR_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

uint64_t csvr_hash(const void *bytes, size_t n_bytes);

#endif
