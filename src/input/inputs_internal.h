/* inputs_internal.h - how a walk and the arguments fill the list of inputs
 *
 * Shape    inputs stand as they were appended; they are read by what inputs.h and csvreport.h say
 * Threads  collected by one thread
 */
#ifndef CSVR_INPUT_INPUTS_INTERNAL_H
#define CSVR_INPUT_INPUTS_INTERNAL_H

#include <sys/stat.h>

#include "input/inputs.h"

static inline const char *csvr_get_number(const char *bytes, uint32_t *number)
{
	unsigned shift = 0;
	*number = 0;
	for (; (*bytes & 0x80) != 0; shift += 7)
		*number |= (uint32_t)(*bytes++ & 0x7f) << shift;
	*number |= (uint32_t)*bytes++ << shift;
	return bytes;
}
/* Inlined where inputs are sorted. */
static inline struct csvr_path_parts csvr_path_parts_of(const struct csvr_inputs *inputs,
							const struct csvr_input *input)
{
	struct csvr_path_parts parts;
	parts.name = csvr_get_number(inputs->text + input->name, &parts.number);
	parts.directory = inputs->text + inputs->directories[parts.number];
	return parts;
}

/* Errors: CSVR_NO_MEMORY. Free with csvr_path_cache_free (NULL is fine). */
enum csvr_status csvr_path_cache_new(struct csvr_path_cache **path_cache);
void csvr_path_cache_free(struct csvr_path_cache *path_cache);

void csvr_input_set_errno(struct csvr_input *input, int error_number);
void csvr_input_set_stat(struct csvr_input *input, const struct stat *status);

/* Makes a regular file that begins as a saved state does one; says of one that begins as compressed
 * files do that it is. */
void csvr_input_sniff(struct csvr_inputs *inputs, struct csvr_input *input, int directory,
		      const char *path);

/* The same for all inputs from `first` on. */
void csvr_inputs_sniff_from(struct csvr_inputs *inputs, size_t first);

/* Appends an input of kind `kind`; NULL when there is no memory. The path is copied. */
struct csvr_input *csvr_inputs_append(struct csvr_inputs *inputs, const char *path, size_t length,
				      enum csvr_input_kind kind);

/* Leaves the `n_items` inputs that had these indices, in this order. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_permute(struct csvr_inputs *inputs, const uint32_t *old_index,
				     size_t n_items);

/* Puts the inputs from `first` on in the bytewise order of their paths. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_sort(struct csvr_inputs *inputs, size_t first);

#endif
