/* inputs_internal.h - how a walk and the arguments fill the list of inputs
 *
 * Shape    inputs stand as they were appended; they are read by what inputs.h and csvreport.h say
 * Threads  collected by one thread
 */
#ifndef CSVR_INPUT_INPUTS_INTERNAL_H
#define CSVR_INPUT_INPUTS_INTERNAL_H

#include "input/inputs.h"

/* Appends an input of kind `kind`; NULL when there is no memory. The path is copied. */
struct csvr_input *csvr_inputs_append(struct csvr_inputs *inputs, const char *path, size_t length,
				      enum csvr_input_kind kind);

/* Leaves the `n_items` inputs that had these indices, in this order. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_permute(struct csvr_inputs *inputs, const uint32_t *old_index,
				     size_t n_items);

/* Puts the inputs from `first` on in the bytewise order of their paths. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_sort(struct csvr_inputs *inputs, size_t first);

#endif
