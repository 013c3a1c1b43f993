/* flow.h - an object read by one request, from front to back: its size, or parts of it, cannot be had
 *
 * Memory   1 MiB; the server is held up while that is full
 * Threads  a flow belongs to one thread
 */
#ifndef CSVR_INPUT_FLOW_H
#define CSVR_INPUT_FLOW_H

#include "input/discover.h"
#include "input/transfer.h"

struct csvr_flow;

/* Asks for the object. Errors: CSVR_NO_MEMORY. Closing gives up what has not come. */
enum csvr_status csvr_flow_open(struct csvr_transfer *transfer, const struct csvr_inputs *inputs,
				const struct csvr_input *input, struct csvr_flow **flow);
void csvr_flow_close(struct csvr_flow *flow);

/* What has come, up to `n_bytes`; waits if that is nothing. 0 is the end. Errors: CSVR_SYSTEM,
 * CSVR_CHANGED, CSVR_NO_MEMORY, behind the bytes that came before it. */
enum csvr_status csvr_flow_read(struct csvr_flow *flow, void *buffer, size_t n_bytes,
				size_t *n_read, struct csvr_error *error);

#endif
