/* s3_list.h - parses one page of a bucket listing
 *
 * Source   S3 API reference: ListObjectsV2, with encoding-type=url
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_S3_LIST_H
#define CSVR_INPUT_REMOTE_S3_LIST_H

#include "csvreport.h"

struct csvr_s3_object {
	const char *key; /* decoded */
	uint64_t size_bytes;
	int64_t mtime_ns; /* whole seconds, as in the Last-Modified of the object; 0: unknown */
	const char *etag; /* with its quotes; "": unknown */
};

/* Errors: CSVR_NO_MEMORY. The strings are valid during the call. */
typedef enum csvr_status (*csvr_s3_object_fn)(void *context, const struct csvr_s3_object *object);

/* Calls `on_object` for all objects of a page, in order. `*next` is the continuation token of the next page;
 * free it. NULL: this is the last page. Errors: CSVR_NO_MEMORY; CSVR_INVALID_FILE: not a valid page. */
enum csvr_status csvr_s3_list_parse(const unsigned char *bytes, size_t n_bytes,
				    csvr_s3_object_fn on_object, void *context, char **next,
				    struct csvr_error *error);

#endif
