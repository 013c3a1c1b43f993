/* remote_context.h - what all remote inputs of a run share
 *
 * Threads  made and ended by one thread; each part says itself who may use it meanwhile
 */
#ifndef CSVR_INPUT_REMOTE_REMOTE_CONTEXT_H
#define CSVR_INPUT_REMOTE_REMOTE_CONTEXT_H

#include "input/remote/http_client.h"
#include "input/remote/prefetch.h"
#include "input/remote/s3_config.h"
#include "input/remote_ops.h"

/* The context of struct csvr_remote. */
struct csvr_remote_context {
	struct csvr_remote remote; /* its own table */
	struct csvr_s3 *s3; /* NULL: settings are wrong */
	struct csvr_error s3_error; /* what is, then */
	struct csvr_http_client *client;
	struct csvr_prefetcher *prefetcher;
};

#endif
