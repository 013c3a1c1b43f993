/* s3_list.h - one page of a listing of a bucket
 *
 * Source   the S3 reference: ListObjectsV2, with encoding-type=url
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_S3_LIST_H
#define CSVR_INPUT_REMOTE_S3_LIST_H

#include "csvreport.h"

struct csvr_s3_object {
	const char *key; /* as it is, decoded */
	uint64_t size_bytes;
	int64_t mtime_ns; /* whole seconds, as objects themselves tell it; 0: not told */
	const char *etag; /* with its quotes; "": not told */
};

/* Errors: CSVR_NO_MEMORY. The texts are good during the call. */
typedef enum csvr_status (*csvr_s3_object_fn)(void *context, const struct csvr_s3_object *object);

/* Tells all objects of a page, in its order. `*next` is what to ask for the next page with, to be freed;
 * NULL: this was the last. Errors: CSVR_NO_MEMORY; CSVR_INVALID_FILE where it is no such page. */
enum csvr_status csvr_s3_list_parse(const unsigned char *bytes, size_t n_bytes,
				    csvr_s3_object_fn on_object, void *context, char **next,
				    struct csvr_error *error);

#endif
