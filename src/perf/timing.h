/* timing.h - the phases of a timed run
 *
 * Shape    called between csvr_timing_init and csvr_timing_finish; NULL is accepted: the run is not
 *          timed
 * Threads  the thread that called csvr_run, outside parallel regions; within them each thread fills
 *          its own csvr_thread_time
 */
#ifndef CSVR_PERF_TIMING_H
#define CSVR_PERF_TIMING_H

#include "csvreport_perf.h"

/* Ends the listing of inputs: `n_threads` threads start to work on the `n_cpus` CPUs that the
 * process may use (0: unknown). A run that restarts calls it again. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_timing_work_begin(struct csvr_timing *timing, int n_threads, int n_cpus);

/* Ends the work: the report follows. */
void csvr_timing_work_end(struct csvr_timing *timing);

#endif
