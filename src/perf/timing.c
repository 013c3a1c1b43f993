/* timing.c - the phases of a timed run */
#include "perf/timing.h"

#include <stdlib.h>

#include "base/clock.h"

/* Until csvr_timing_finish the members hold the values at the start, which it subtracts. */
void csvr_timing_init(struct csvr_timing *timing)
{
	*timing = (struct csvr_timing){ .wall_ns = csvr_clock_wall_ns() };
	csvr_clock_process(&timing->user_ns, &timing->system_ns);
	timing->device_bytes = csvr_clock_device_bytes();
	csvr_span_begin(&timing->listing);
}

static uint64_t process_ns(void)
{
	uint64_t user_ns, system_ns;
	csvr_clock_process(&user_ns, &system_ns);
	return user_ns + system_ns;
}

enum csvr_status csvr_timing_work_begin(struct csvr_timing *timing, int n_threads, int n_cpus)
{
	if (timing == NULL)
		return CSVR_OK;
	const bool is_restarted = timing->threads != NULL;
	free(timing->threads);
	timing->threads = calloc((size_t)n_threads, sizeof *timing->threads);
	if (timing->threads == NULL)
		return CSVR_NO_MEMORY;
	timing->n_threads = n_threads;
	if (is_restarted) /* the time of the first attempt is not charged to any thread */
		return CSVR_OK;
	timing->n_cpus = n_cpus;
	csvr_span_end(&timing->listing);
	const uint64_t all_ns = process_ns() - timing->user_ns - timing->system_ns;
	if (all_ns > timing->listing.cpu_ns)
		timing->helpers_ns = all_ns - timing->listing.cpu_ns;
	return CSVR_OK;
}

void csvr_timing_work_end(struct csvr_timing *timing)
{
	if (timing != NULL)
		csvr_span_begin(&timing->reporting);
}

void csvr_timing_finish(struct csvr_timing *timing)
{
	csvr_span_end(&timing->reporting);
	const uint64_t device_bytes = csvr_clock_device_bytes();
	if (device_bytes != CSVR_CLOCK_UNKNOWN && timing->device_bytes != CSVR_CLOCK_UNKNOWN)
		timing->device_bytes = device_bytes - timing->device_bytes;
	else
		timing->device_bytes = CSVR_CLOCK_UNKNOWN;
	uint64_t user_ns, system_ns;
	csvr_clock_process(&user_ns, &system_ns);
	timing->user_ns = user_ns - timing->user_ns;
	timing->system_ns = system_ns - timing->system_ns;
	timing->wall_ns = csvr_clock_wall_ns() - timing->wall_ns;
}

void csvr_timing_clear(struct csvr_timing *timing)
{
	free(timing->threads);
	timing->threads = NULL;
}
