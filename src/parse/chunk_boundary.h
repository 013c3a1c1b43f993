/* chunk_boundary.h - guesses where the first record of a chunk starts; the caller checks it
 *
 * The bytes before the chunk are unknown, so a newline may be inside quotes. The guess is right
 * for ordinary files; the caller must compare it with the actual end of the previous chunk, and
 * read this chunk again from there if they differ.
 *
 * Threads  pure, except for the buffers in `fields`
 */
#ifndef CSVR_PARSE_CHUNK_BOUNDARY_H
#define CSVR_PARSE_CHUNK_BOUNDARY_H

#include "parse/kernel.h"

/* text[from] is the last byte before the chunk. Returns the guessed position of the first record
 * in (from, to], SIZE_MAX if none starts there. `n_columns` is the number of fields in a record
 * of this file; the caller provides `fields->text` and `fields->ends`, as for a scan. */
size_t csvr_boundary_guess(const struct csvr_kernel *kernel, const struct csvr_dialect *dialect,
			   size_t n_columns, size_t from, size_t to, struct csvr_fields *fields);

#endif
