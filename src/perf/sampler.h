/* sampler.h - a program samples its own threads by the CPU time they use
 *
 * Shape    each attached thread has a timer on its own CPU clock. The timer's signal (SIGPROF) is
 *          sent to that thread alone and carries the address of its samples: nothing is global
 * Units    rates are samples per second of a thread's CPU time. The kernel checks CPU timers once
 *          per tick (100 to 1000 per second) and counts the periods it missed; a sample's weight is
 *          1 plus these
 * Errors   a thread that cannot be sampled is counted, the run continues
 * Threads  each thread attaches and detaches itself, at any time; everything else is for one thread
 *          after the others have detached
 * Source   why backtrace() is safe in a signal handler: libgcc 12 and later finds the unwind tables
 *          of glibc 2.35 and later without a lock. Earlier versions take the loader's lock, which
 *          is held only while a thread loads a library, and none does here
 */
#ifndef CSVR_PERF_SAMPLER_H
#define CSVR_PERF_SAMPLER_H

#include "csvreport.h"
#include "csvreport_perf.h"
#include "perf/samples.h"

/* The samples of one thread. Threads with the same number are shown as one. */
struct csvr_profile_thread {
	struct csvr_profile_thread *next;
	int number;
	struct csvr_samples samples;
};

/* Detaches every thread that is still attached. */
void csvr_profile_stop(struct csvr_profile *profile);

/* All threads that were ever attached, in no order. None may be attached. */
const struct csvr_profile_thread *csvr_profile_threads(const struct csvr_profile *profile);

unsigned csvr_profile_rate(const struct csvr_profile *profile);

/* Threads that could not be sampled. */
size_t csvr_profile_n_not_sampled(const struct csvr_profile *profile);

#endif
