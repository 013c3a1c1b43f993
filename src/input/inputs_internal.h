/* inputs_internal.h - functions that fill and reorder the list of inputs
 *
 * Shape    inputs.h and csvreport.h have the functions that only read it
 * Threads  one
 */
#ifndef CSVR_INPUT_INPUTS_INTERNAL_H
#define CSVR_INPUT_INPUTS_INTERNAL_H

#include <sys/stat.h>

#include "input/inputs.h"

/* Decodes the number before a name; returns the name. */
static inline const char *csvr_decode_directory_number(const char *bytes, uint32_t *number)
{
	unsigned shift = 0;
	*number = 0;
	for (; (*bytes & 0x80) != 0; shift += 7)
		*number |= (uint32_t)(*bytes++ & 0x7f) << shift;
	*number |= (uint32_t)*bytes++ << shift;
	return bytes;
}

/* csvr_inputs_split_path; inline for the sake of sorting. */
static inline struct csvr_path_parts csvr_path_parts_of(const struct csvr_inputs *inputs,
							const struct csvr_input *input)
{
	struct csvr_path_parts parts;
	parts.name = csvr_decode_directory_number(inputs->text + input->name, &parts.number);
	parts.directory = inputs->text + inputs->directories[parts.number];
	return parts;
}

/* Errors: CSVR_NO_MEMORY. Free with csvr_path_cache_free (NULL is fine). */
enum csvr_status csvr_path_cache_new(struct csvr_path_cache **path_cache);
void csvr_path_cache_free(struct csvr_path_cache *path_cache);

/* Makes the input CSVR_INPUT_FAILED, with this errno. */
void csvr_input_set_errno(struct csvr_input *input, int error_number);

/* Sets the kind, and of a regular file size, inode and time. A directory fails with EISDIR. */
void csvr_input_set_stat(struct csvr_input *input, const struct stat *status);

/* Reads the first bytes of a regular file: it becomes CSVR_INPUT_STATE if they are those of a
 * saved state, is_compressed if they are those of a compressed file. */
void csvr_input_sniff(struct csvr_inputs *inputs, struct csvr_input *input, int directory,
		      const char *path);

/* Probes and sniffs all local inputs from `first` on. */
void csvr_inputs_sniff_from(struct csvr_inputs *inputs, size_t first);

/* Appends an input; the path is copied. NULL: no memory. */
struct csvr_input *csvr_inputs_append(struct csvr_inputs *inputs, const char *path, size_t length,
				      enum csvr_input_kind kind);

/* Replaces the inputs by those with these `n_items` indices, in this order. Errors:
 * CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_permute(struct csvr_inputs *inputs, const uint32_t *old_index,
				     size_t n_items);

/* Sorts the inputs from `first` on in bytewise order of their paths. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_sort(struct csvr_inputs *inputs, size_t first);

#endif
