/* prefetch.h - objects fetched in parts, ahead of those who read them
 *
 * What is going to be read is told as extents, in the order in which readers begin them. Parts of
 * some MiB are asked for in that order as long as there is room, so many at once that the waiting is
 * hidden; a read waits for the part that it needs only. What nobody expected is fetched when it is read.
 *
 * Shape    a pool for a run; a pull for each opening of an object by a reader
 * Units    bytes of the object, as it lies there
 * Memory   (connections + 2 * threads) parts of at most 4.5 MiB, and beyond these one part and 1 MiB for
 *          each thread that reads, 3 MiB of heads
 * Threads  csvr_prefetch_schedule while nothing is open; a pull belongs to one thread
 */
#ifndef CSVR_INPUT_REMOTE_PREFETCH_H
#define CSVR_INPUT_REMOTE_PREFETCH_H

#include "input/remote/http_client.h"
#include "input/remote_ops.h"

struct csvr_prefetcher;
struct csvr_prefetch_reader;

/* What carries requests: a transfer, or what stands for one in tests. See http_client.h for what these are
 * to do. Submitted requests end in bounded time, whoever waits for what. */
struct csvr_transport {
	enum csvr_status (*submit)(void *context, struct csvr_http_request *request);
	void (*cancel)(void *context, struct csvr_http_request *request);
	void *context;
};

/* Pieces of 8 MiB, and a block of up to 1 MiB behind them, are two parts. */
#define CSVR_PART_BYTES ((UINT64_C(9) << 19) + 4096)

/* `part_bytes` 0: the default. Errors: CSVR_NO_MEMORY. All pulls are closed before it is freed. */
enum csvr_status csvr_prefetcher_new(const struct csvr_transport *transport, int n_connections,
				     uint64_t part_bytes, struct csvr_prefetcher **prefetcher);
void csvr_prefetcher_free(struct csvr_prefetcher *prefetcher);

/* See remote.h. Extents of objects whose size is not known are not fetched ahead. */
enum csvr_status csvr_prefetch_schedule(struct csvr_prefetcher *prefetcher,
					const struct csvr_inputs *inputs,
					const struct csvr_byte_range *byte_ranges,
					size_t n_byte_ranges, int n_threads);

/* Begins to read an object of known size; `begin` is that of the extent that is going to be read, if one
 * was told of. Errors: CSVR_NO_MEMORY. Closing gives up what was not read. */
enum csvr_status csvr_prefetch_reader_open(struct csvr_prefetcher *prefetcher,
					   const struct csvr_inputs *inputs,
					   const struct csvr_input *input, uint64_t begin,
					   struct csvr_prefetch_reader **reader);
void csvr_prefetch_reader_close(struct csvr_prefetch_reader *reader);

/* As csvr_source_read. Errors: CSVR_IO_ERROR, CSVR_FILE_CHANGED, CSVR_NO_MEMORY. */
enum csvr_status csvr_prefetch_reader_read(struct csvr_prefetch_reader *reader, uint64_t offset,
					   void *buffer, size_t n_bytes, size_t *n_read,
					   struct csvr_error *error);

/* The most bytes that parts took up at once. */
uint64_t csvr_prefetcher_max_bytes(struct csvr_prefetcher *prefetcher);

#endif
