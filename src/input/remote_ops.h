/* remote_ops.h - the operations on remote inputs
 *
 * The library itself does not use the network. A program that does passes this table to its list of inputs.
 *
 * Threads  one thread calls `add`, `probe`, `sniff` and `schedule`; many threads may read sources
 */
#ifndef CSVR_INPUT_REMOTE_OPS_H
#define CSVR_INPUT_REMOTE_OPS_H

#include "csvreport_perf.h"
#include "input/backend.h"
#include "input/inputs.h"

/* Bytes of an input that one thread will read sequentially. */
struct csvr_byte_range {
	uint32_t input;
	uint64_t begin, end; /* end may be UINT64_MAX */
};

struct csvr_remote {
	/* Adds the object `url`, or all objects below a prefix that `rules` include, in bytewise order. If the
	 * listing fails, adds an input that has failed. Errors: CSVR_NO_MEMORY only. */
	enum csvr_status (*add)(void *context, struct csvr_inputs *inputs, const char *url,
				const struct csvr_walk_options *rules);
	/* Determines kind, size, time and etag of all remote inputs that are CSVR_INPUT_UNPROBED, by many
	 * requests at a time. Errors: CSVR_NO_MEMORY only. */
	enum csvr_status (*probe)(void *context, struct csvr_inputs *inputs);
	/* Reads the first bytes of all remote inputs that are CSVR_INPUT_REGULAR, not is_compressed, and larger
	 * than `chunk_bytes`, by many requests at a time. Sets is_compressed of compressed ones, and fails
	 * saved states. Inputs that cannot be read are left unchanged. Errors: CSVR_NO_MEMORY only. */
	enum csvr_status (*sniff)(void *context, struct csvr_inputs *inputs, uint64_t chunk_bytes);
	/* Schedules the byte ranges that `n_threads` threads will read, in the order in which they start; they
	 * are fetched ahead as far as memory allows. Replaces the previous schedule. The byte ranges are
	 * copied. */
	enum csvr_status (*schedule)(void *context, const struct csvr_inputs *inputs,
				     const struct csvr_byte_range *byte_ranges,
				     size_t n_byte_ranges, int n_threads);
	/* The network statistics so far. */
	void (*stats)(void *context, struct csvr_network *stats);
	const struct csvr_backend *backend; /* uses this table, source->inputs->remote */
	void *context;
};

/* Errors of remote inputs: the program cannot read them; they are saved states. */
extern const char csvr_remote_unsupported[];
extern const char csvr_remote_state_unsupported[];

/* In the library that only csv-report-remote links. At most `n_connections` requests are in flight. Sends
 * nothing yet. The table must outlive the inputs that it is passed to.
 * Errors: CSVR_NO_MEMORY, CSVR_IO_ERROR. */
enum csvr_status csvr_remote_new(int n_connections, struct csvr_remote **remote,
				 struct csvr_error *error);
void csvr_remote_free(struct csvr_remote *remote);

#endif
