/* object_version.h - whether two descriptions of a remote object are of the same version
 *
 * Source   RFC 9110 (entity tags)
 * Errors   none
 * Threads  pure
 */
#ifndef CSVR_INPUT_REMOTE_OBJECT_VERSION_H
#define CSVR_INPUT_REMOTE_OBJECT_VERSION_H

#include <stdbool.h>
#include <stdint.h>

/* A strong etag changes with every byte of the object, so it may be sent as If-Match. */
bool csvr_etag_is_strong(const char *etag);

/* Compares two etags without their quotes and without the mark of a weak one: some servers omit these in
 * listings but not in responses, or the other way round. */
bool csvr_etag_matches(const char *a, const char *b);

/* Modification times of objects are whole seconds. The nanoseconds are filled with a hash of the etag, if
 * there is one, so two versions of the same second have different times, also in saved states and
 * checkpoints. */
int64_t csvr_object_version_time(int64_t mtime_ns, const char *etag);

#endif
