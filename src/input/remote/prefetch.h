/* prefetch.h - fetches byte ranges of remote objects ahead of their readers
 *
 * The caller schedules the byte ranges that will be read, in the order in which readers start. Parts of a
 * few MiB are requested in that order as long as slots are free, enough at a time to hide the latency. A
 * read waits only for the part it needs. Bytes outside the schedule are fetched on demand.
 *
 * Shape    one prefetcher per run; one reader each time a thread opens an object
 * Units    bytes of the object as stored, before decompression
 * Memory   (connections + 2 * threads) parts of at most 4.5 MiB, plus one part and 1 MiB per reading
 *          thread, plus 3 MiB of prefixes
 * Threads  csvr_prefetch_schedule: only while nothing is open; a reader belongs to one thread
 */
#ifndef CSVR_INPUT_REMOTE_PREFETCH_H
#define CSVR_INPUT_REMOTE_PREFETCH_H

#include "input/remote/http_client.h"
#include "input/remote_ops.h"

struct csvr_prefetcher;
struct csvr_prefetch_reader;

/* Executes requests: an HTTP client, or a replacement in tests. http_client.h specifies both functions.
 * Every submitted request must end in bounded time, whoever waits for what. */
struct csvr_transport {
	enum csvr_status (*submit)(void *context, struct csvr_http_request *request);
	void (*cancel)(void *context, struct csvr_http_request *request);
	void *context;
};

/* A chunk of 8 MiB and the block of up to 1 MiB after it are two parts. */
#define CSVR_PART_BYTES ((UINT64_C(9) << 19) + 4096)

/* `part_bytes` 0: the default. Errors: CSVR_NO_MEMORY. Close all readers before freeing it. */
enum csvr_status csvr_prefetcher_new(const struct csvr_transport *transport, int n_connections,
				     uint64_t part_bytes, struct csvr_prefetcher **prefetcher);
void csvr_prefetcher_free(struct csvr_prefetcher *prefetcher);

/* See `schedule` in remote_ops.h. Byte ranges of objects of unknown size are ignored. */
enum csvr_status csvr_prefetch_schedule(struct csvr_prefetcher *prefetcher,
					const struct csvr_inputs *inputs,
					const struct csvr_byte_range *byte_ranges,
					size_t n_byte_ranges, int n_threads);

/* Opens an object of known size. `begin` is the start of the scheduled byte range that will be read, if
 * there is one. Errors: CSVR_NO_MEMORY. Closing cancels the requests for bytes that were not read. */
enum csvr_status csvr_prefetch_reader_open(struct csvr_prefetcher *prefetcher,
					   const struct csvr_inputs *inputs,
					   const struct csvr_input *input, uint64_t begin,
					   struct csvr_prefetch_reader **reader);
void csvr_prefetch_reader_close(struct csvr_prefetch_reader *reader);

/* The reader goes on with the scheduled byte range that starts at `begin`, if there is one that no reader has, and does not
 * need the one that it has read any more. */
void csvr_prefetch_reader_advance(struct csvr_prefetch_reader *reader, uint64_t begin);

/* Like csvr_source_read. Errors: CSVR_IO_ERROR, CSVR_FILE_CHANGED, CSVR_NO_MEMORY. */
enum csvr_status csvr_prefetch_reader_read(struct csvr_prefetch_reader *reader, uint64_t offset,
					   void *buffer, size_t n_bytes, size_t *n_read,
					   struct csvr_error *error);

/* The maximum of the bytes held in parts at a time. */
uint64_t csvr_prefetcher_max_bytes(struct csvr_prefetcher *prefetcher);

#endif
