/* timing.h - the marks that a run leaves on its clock
 *
 * Shape    csvr_timing_init and _end enclose these two; each takes NULL for a run that is not timed
 * Threads  the calling thread, outside the parallel region; each thread fills its own record within
 */
#ifndef CSVR_PERF_TIMING_H
#define CSVR_PERF_TIMING_H

#include "csvreport_perf.h"

/* The inputs are listed; `n_threads` threads start to work on the `n_cpus` CPUs that the process may
 * use (0: not known). Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_timing_work_begin(struct csvr_timing *timing, int n_threads, int n_cpus);

/* The work is over. */
void csvr_timing_work_end(struct csvr_timing *timing);

#endif
