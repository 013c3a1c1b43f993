/* prefetch_internal.h - what the prefetcher, its byte ranges and its readers share
 *
 * Threads  everything is protected by the prefetcher's lock, which the caller of these functions holds
 */
#ifndef CSVR_INPUT_REMOTE_PREFETCH_INTERNAL_H
#define CSVR_INPUT_REMOTE_PREFETCH_INTERNAL_H

#include <pthread.h>

#include "input/remote/prefetch.h"

enum { CSVR_PREFETCH_PREFIXES = 48 };

/* The chunks of one input are read at about the same time, by some dozens of threads. */
enum { CSVR_PREFETCH_FAILURES = 64 };

/* A request and the bytes it receives. */
struct csvr_prefetch_part {
	struct csvr_prefetch_part *next; /* of its range, in order of offset */
	struct csvr_prefetcher *prefetcher;
	struct csvr_http_request request;
	char *url, *etag; /* copies: a request in flight may outlive the inputs */
	uint64_t begin, end;
	struct csvr_prefetch_range *range; /* NULL: of no range */
	pthread_cond_t *completed; /* of the reader that waits for it, or NULL */
	bool has_slot;
	bool is_complete; /* the request has ended */
	bool is_cancelled;
};

/* A byte range of the schedule that has started: parts of it were requested. */
struct csvr_prefetch_range {
	struct csvr_prefetch_range *next;
	size_t index; /* in the schedule; SIZE_MAX: the schedule was replaced */
	const struct csvr_inputs *inputs;
	const struct csvr_input *input;
	uint64_t end, part_bytes;
	uint64_t requested_end; /* bytes before this offset were requested */
	struct csvr_prefetch_part *first, *last;
	size_t n_parts;
	bool has_failed; /* a part has: no more parts are requested ahead */
	bool is_claimed; /* by a reader */
};

/* The first bytes of an object. */
struct csvr_prefetch_prefix {
	const struct csvr_input *input; /* NULL: unused */
	struct csvr_prefetch_part *part;
	int n_readers; /* it is kept while there are any */
	uint64_t last_used; /* for least recently used replacement */
};

/* Why an input failed: reads of its other chunks would fail too, each after its own retries. */
struct csvr_prefetch_failure {
	const struct csvr_input *input; /* NULL: unused */
	struct csvr_error error;
};

enum csvr_range_stage { CSVR_RANGE_PENDING, CSVR_RANGE_ACTIVE, CSVR_RANGE_FINISHED };

struct csvr_prefetcher {
	struct csvr_transport transport;
	int n_connections;
	uint64_t part_bytes;
	pthread_mutex_t lock;
	const struct csvr_inputs *inputs;
	struct csvr_byte_range *byte_ranges;
	uint32_t *by_input; /* indexes of byte_ranges, sorted by input and begin */
	unsigned char *stages; /* enum csvr_range_stage of each byte range */
	size_t n_byte_ranges;
	size_t next; /* all byte ranges before it are active or finished */
	struct csvr_prefetch_range *first, *last; /* the active ones, in order of their start */
	size_t n_slots, n_slots_used, max_parts_per_range;
	struct csvr_prefetch_prefix prefixes[CSVR_PREFETCH_PREFIXES];
	pthread_cond_t prefix_completed;
	uint64_t n_prefix_reads;
	struct csvr_prefetch_failure failures[CSVR_PREFETCH_FAILURES]; /* the latest ones */
	size_t n_failures;
	uint64_t n_bytes, max_bytes; /* of all parts: now, and at most so far */
};

/* Requests [begin, end) of an input. NULL: no memory. */
struct csvr_prefetch_part *csvr_prefetch_part_new(struct csvr_prefetcher *prefetcher,
						  const struct csvr_inputs *inputs,
						  const struct csvr_input *input, uint64_t begin,
						  uint64_t end, bool is_priority);

/* Frees a part whose request has ended. */
void csvr_prefetch_part_free(struct csvr_prefetch_part *part);

/* Cancels and frees the parts of a range that is gone. Releases the lock while it cancels. */
void csvr_prefetch_parts_cancel(struct csvr_prefetcher *prefetcher,
				struct csvr_prefetch_part *parts);

/* Claims the byte range of `input` that starts at `begin`, for one reader. NULL: the schedule has no such
 * range, or another reader has claimed it, or no memory. */
struct csvr_prefetch_range *csvr_prefetch_range_claim(struct csvr_prefetcher *prefetcher,
						      const struct csvr_input *input,
						      uint64_t begin);

/* Requests the next part of a range. NULL: no memory. */
struct csvr_prefetch_part *csvr_prefetch_range_fetch(struct csvr_prefetcher *prefetcher,
						     struct csvr_prefetch_range *range,
						     bool is_priority);

/* Frees a range. Its parts have been freed, or the caller has taken them. */
void csvr_prefetch_range_finish(struct csvr_prefetcher *prefetcher,
				struct csvr_prefetch_range *range);

/* Requests parts until all slots are used. */
void csvr_prefetch_fill(struct csvr_prefetcher *prefetcher);

#endif
