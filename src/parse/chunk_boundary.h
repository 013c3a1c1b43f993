/* chunk_boundary.h - where the first record of a chunk cut from mid-file begins: a guess to be checked
 *
 * Nothing before the chunk is known, so a newline may stand inside quotes. The guess is right for
 * ordinary files; the caller must compare it with where the chunk before really ended, and read the
 * chunk again from there if they differ.
 *
 * Threads  pure, but for the room in `fields`
 */
#ifndef CSVR_PARSE_CHUNK_BOUNDARY_H
#define CSVR_PARSE_CHUNK_BOUNDARY_H

#include "parse/kernel.h"

/* text[from] is the byte before the chunk. Returns the position of the guessed first record in
 * (from, to], SIZE_MAX when none begins there. `n_columns` is what records of this file have;
 * `fields->text` and `fields->ends` are the caller's room, as for a scan. */
size_t csvr_boundary_guess(const struct csvr_kernel *kernel, const struct csvr_dialect *dialect,
			   size_t n_columns, size_t from, size_t to, struct csvr_fields *fields);

#endif
