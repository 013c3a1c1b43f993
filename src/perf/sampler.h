/* sampler.h - a program that samples its own threads by the processor time they use
 *
 * Shape    each thread that enters gets a timer on its own CPU clock, whose signal (SIGPROF) is
 *          sent to it alone and carries the address of its table of stacks: nothing is global
 * Units    rates are samples per second of a thread's CPU time. A kernel looks at CPU timers once
 *          per tick (100 to 1000 a second) and counts the periods it missed; each sample weighs 1
 *          plus these
 * Errors   a thread that cannot be sampled is counted, the run goes on
 * Threads  entering and leaving are for each thread itself, at any time; all else is for one
 *          thread when the others have left
 * Source   that backtrace() may be used in a handler: libgcc from version 12 finds the tables of
 *          glibc 2.35 and later without a lock; before that it takes the loader's, which only
 *          waits while another thread loads a library, and nothing here does
 */
#ifndef CSVR_PERF_SAMPLER_H
#define CSVR_PERF_SAMPLER_H

#include "csvreport.h"
#include "csvreport_perf.h"
#include "perf/samples.h"

/* One thread's part; threads of the same number are one thread to the reader. */
struct csvr_profile_thread {
	struct csvr_profile_thread *next;
	int number;
	struct csvr_samples samples;
};

/* Ends the sampling of every thread that is still in. */
void csvr_profile_stop(struct csvr_profile *profile);

/* The parts of all threads that have ever entered, in no order. None may be in any more. */
const struct csvr_profile_thread *csvr_profile_threads(const struct csvr_profile *profile);

unsigned csvr_profile_rate(const struct csvr_profile *profile);

/* Threads that could not be sampled. */
size_t csvr_profile_n_not_sampled(const struct csvr_profile *profile);

#endif
