/* remote_ops.h - what the library asks of a program that can read over the network
 *
 * The library itself does not know how: a program that does hands this table to its list of inputs.
 *
 * Threads  `add`, `probe`, `sniff`, `schedule` are called by one thread; sources may be read by many
 */
#ifndef CSVR_INPUT_REMOTE_OPS_H
#define CSVR_INPUT_REMOTE_OPS_H

#include "csvreport_perf.h"
#include "input/backend.h"
#include "input/inputs.h"

/* Bytes of an input that one thread will read from front to back. */
struct csvr_byte_range {
	uint32_t input;
	uint64_t begin, end; /* end may be UINT64_MAX */
};

struct csvr_remote {
	/* Adds what `url` names: one object, or all below a prefix that the rules take, in bytewise
	 * order. What cannot be listed is an input that failed. Errors: CSVR_NO_MEMORY only. */
	enum csvr_status (*add)(void *context, struct csvr_inputs *inputs, const char *url,
				const struct csvr_walk_options *rules);
	/* Asks for kind, size, time and etag of all remote inputs that are CSVR_INPUT_UNPROBED, many at
	 * once. Errors: CSVR_NO_MEMORY only. */
	enum csvr_status (*probe)(void *context, struct csvr_inputs *inputs);
	/* Looks at the first bytes of all remote inputs that are CSVR_INPUT_REGULAR, not is_compressed and larger than
	 * `chunk_bytes`, many at once: what is compressed becomes is_compressed, a saved state has
	 * failed. What cannot be had stays as it is. Errors: CSVR_NO_MEMORY only. */
	enum csvr_status (*sniff)(void *context, struct csvr_inputs *inputs, uint64_t chunk_bytes);
	/* What `n_threads` threads are going to read, and in which order they begin: it is fetched
	 * ahead of them as far as there is room. Replaces what was said before. The extents are copied. */
	enum csvr_status (*schedule)(void *context, const struct csvr_inputs *inputs,
				     const struct csvr_byte_range *byte_ranges,
				     size_t n_byte_ranges, int n_threads);
	/* What went over the network so far. */
	void (*stats)(void *context, struct csvr_network *stats);
	const struct csvr_backend *backend; /* finds this table in source->inputs->remote */
	void *context;
};

/* Why an input that is remote failed: where nobody can read it, and where it is a saved state. */
extern const char csvr_remote_unsupported[];
extern const char csvr_remote_state_unsupported[];

/* Of the library that only csv-report-remote links: a table that keeps at most `n_connections` requests in
 * flight. Nothing is asked of the network yet. It outlives the inputs it is handed to.
 * Errors: CSVR_NO_MEMORY, CSVR_IO_ERROR; CSVR_INVALID_OPTION, where the environment says what cannot be. */
enum csvr_status csvr_remote_new(int n_connections, struct csvr_remote **remote,
				 struct csvr_error *error);
void csvr_remote_free(struct csvr_remote *remote);

#endif
