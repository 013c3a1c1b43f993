/* remote_context.h - what all remote inputs of a run share
 *
 * Threads  created and freed by one thread; the headers of the members say which threads may use them
 */
#ifndef CSVR_INPUT_REMOTE_REMOTE_CONTEXT_H
#define CSVR_INPUT_REMOTE_REMOTE_CONTEXT_H

#include "input/remote/http_client.h"
#include "input/remote/prefetch.h"
#include "input/remote/s3_config.h"
#include "input/remote_ops.h"

/* The context of struct csvr_remote. */
struct csvr_remote_context {
	struct csvr_remote remote; /* the operations, with this context */
	struct csvr_s3 *s3; /* NULL: invalid settings */
	struct csvr_error s3_error; /* why `s3` is NULL */
	struct csvr_http_client *client;
	struct csvr_prefetcher *prefetcher;
};

#endif
