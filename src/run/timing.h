/* timing.h - the marks that a run leaves on its clock
 *
 * Shape    csvr_timing_init and _end enclose these two; each takes NULL for a run that is not timed
 * Threads  the calling thread, outside the parallel region; each thread fills its own record within
 */
#ifndef CSVR_RUN_TIMING_H
#define CSVR_RUN_TIMING_H

#include "csvreport.h"

/* The listing is over, `n_threads` begin to work. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_timing_work_begin(struct csvr_timing *timing, int n_threads);

/* The work is over. */
void csvr_timing_work_end(struct csvr_timing *timing);

#endif
