/* thread_times.c - the timing of each thread of a run
 *
 * Threads  each writes its own record of the timing
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "base/clock.h"
#include "run/run_internal.h"
#include "run/threads.h"

/* Adds the time of one slice of the work to that of the slices before it. Between two slices the
 * thread waited for other ranks, which counts as wall time. */
static void add_time(struct csvr_thread_time *sum, const struct csvr_thread_time *time)
{
	const struct csvr_span *span = &time->span;
	if (sum->span.wall_ns == 0) {
		*sum = *time;
		return;
	}
	sum->span.wall_ns = span->begin_ns + span->wall_ns - sum->span.begin_ns;
	sum->span.cpu_ns += span->cpu_ns;
	if (sum->span.queued_ns != CSVR_CLOCK_UNKNOWN)
		sum->span.queued_ns = span->queued_ns != CSVR_CLOCK_UNKNOWN
					      ? sum->span.queued_ns + span->queued_ns
					      : CSVR_CLOCK_UNKNOWN;
	sum->read_ns += time->read_ns;
	sum->n_bytes += time->n_bytes;
	sum->n_units += time->n_units;
	if (time->slowest_input_ns > sum->slowest_input_ns) {
		sum->slowest_input_ns = time->slowest_input_ns;
		sum->slowest_input = time->slowest_input;
		sum->is_slowest_stream = time->is_slowest_stream;
	}
	if (time->n_units > 0) {
		sum->last_unit_ns = time->last_unit_ns;
		sum->last_unit_input = time->last_unit_input;
		sum->n_last_unit_inputs = time->n_last_unit_inputs;
		sum->is_last_unit_chunk = time->is_last_unit_chunk;
		sum->is_last_unit_stream = time->is_last_unit_stream;
	}
}

void csvr_thread_times_add(struct csvr_thread_context *thread)
{
	const struct csvr_run_context *run = thread->run;
	struct csvr_timing *timing = run->hooks->timing;
	if (timing == NULL || thread->worker == NULL)
		return;
	const struct csvr_io_time io = csvr_worker_io_time(thread->worker);
	struct csvr_thread_time time = { .n_units = thread->n_units,
					 .read_ns = io.read_ns,
					 .n_bytes = io.n_bytes,
					 .slowest_input_ns = io.slowest_input_ns,
					 .slowest_input = SIZE_MAX,
					 .last_unit_input = SIZE_MAX };
	if (io.slowest_input != NULL) {
		time.slowest_input = (size_t)(io.slowest_input - run->inputs->items);
		time.is_slowest_stream = io.slowest_input->kind == CSVR_INPUT_STREAM;
	}
	const struct csvr_unit *unit = thread->last_unit;
	if (unit != NULL) {
		time.last_unit_ns = csvr_clock_wall_ns() - thread->last_unit_begin_ns;
		time.last_unit_input = unit->first_input;
		time.n_last_unit_inputs = unit->n_inputs;
		time.is_last_unit_chunk = unit->n_chunks > 1;
		time.is_last_unit_stream = run->inputs->items[unit->first_input].kind ==
					   CSVR_INPUT_STREAM;
	}
	csvr_span_end(&thread->span);
	time.span = thread->span;
	add_time(&timing->threads[csvr_threads_id()], &time);
	if (csvr_threads_id() == 0)
		timing->n_threads = csvr_threads_count();
}
