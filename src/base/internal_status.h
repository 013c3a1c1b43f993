/* internal_status.h - statuses between functions of the library, which no public function returns
 *
 * Shape    values of enum csvr_status after the public ones
 * Threads  constants
 */
#ifndef CSVR_BASE_INTERNAL_STATUS_H
#define CSVR_BASE_INTERNAL_STATUS_H

#include "csvreport.h"

/* An input that was to be read as CSV is a saved state: restart the run and load it as one. */
#define CSVR_RETRY_AS_STATE ((enum csvr_status)(CSVR_TOO_MANY_GROUPS + 1))

/* An input that was split into chunks is compressed: restart the run and read it whole. */
#define CSVR_RETRY_AS_COMPRESSED ((enum csvr_status)(CSVR_TOO_MANY_GROUPS + 2))

/* A chunk that starts at a guessed record could not be read to its end: read it again from the
 * offset where the chunk before it ends. */
#define CSVR_NEEDS_CHUNK_START ((enum csvr_status)(CSVR_TOO_MANY_GROUPS + 3))

#endif
