/* team.c - the threads of a run: every parallel region is here
 *
 * Each thread takes units of the plan and counts them into a summary of its own. It merges the
 * summary into the results when no unit is left, or when a checkpoint is due. Merging never rounds
 * and does not depend on the order, so the report does not depend on the schedule.
 *
 * Threads  csvr_team_... are called by the thread that called csvr_run, outside a parallel region
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/error.h"
#include "input/dir_cache.h"
#include "input/remote_ops.h"
#include "input/source.h"
#include "perf/timing.h"
#include "run/run_internal.h"
#include "run/threads.h"

void csvr_team_try_threads(struct csvr_run_context *run)
{
	if (run->has_tried_threads)
		return;
	const int n_threads = csvr_threads_max_startable(run->n_threads);
	run->n_threads_failed = run->n_threads - n_threads;
	run->n_threads = n_threads;
	run->has_tried_threads = true;
}

/* ---- before the work ---- */

void csvr_team_probe_inputs(struct csvr_run_context *run)
{
	/* Inputs per turn: a stat takes a microsecond on a local disk, a millisecond on a busy file
	 * server. Fewer inputs than this are not worth starting threads. */
	enum { PROBE_BATCH = 256 };
	struct csvr_inputs *inputs = run->inputs;
	struct csvr_profile *profile = run->hooks->profile;
	const size_t n = inputs->n_items;
	if (n > PROBE_BATCH)
		csvr_team_try_threads(run);
	const int n_threads = run->n_threads;
	(void)n_threads; /* without OpenMP */
#pragma omp parallel default(none) shared(inputs, n, profile, n_threads) \
	num_threads(n_threads) if (n > PROBE_BATCH)
	{
		struct csvr_profile_thread *sampled = csvr_profile_attach(profile,
									  csvr_threads_id());
		struct csvr_dir_cache dir_cache;
		csvr_dir_cache_init(&dir_cache);
#pragma omp for schedule(dynamic, PROBE_BATCH) nowait
		for (size_t i = 0; i < n; i++)
			csvr_input_probe(inputs, &inputs->items[i], &dir_cache);
		csvr_dir_cache_clear(&dir_cache);
		csvr_profile_detach(sampled);
	}
}

/* Opens the input, which makes the source look for a seek index. If that fails the worker that
 * reads the input reports it; but all shards must split the input alike, so with shards it fails
 * here. */
static void index_input(const struct csvr_run_context *run, struct csvr_source *source,
			struct csvr_input *input)
{
	struct csvr_error error;
	errno = 0;
	const enum csvr_status status = csvr_source_open(source, input, &error);
	const int error_number = errno;
	if (status == CSVR_OK)
		csvr_source_close(source);
	if (status != CSVR_IO_ERROR || run->settings->shard.count == 1)
		return;
	input->kind = CSVR_INPUT_FAILED;
	input->size_bytes = 0;
	input->error_number = error_number != 0 ? error_number : EIO;
}

void csvr_team_index_inputs(struct csvr_run_context *run)
{
	struct csvr_inputs *inputs = run->inputs;
	const size_t n = inputs->n_items;
	size_t n_big = 0;
	for (size_t i = 0; i < n; i++)
		n_big += csvr_source_may_have_index(&inputs->items[i]);
	if (n_big == 0)
		return;
	if (n_big > 1)
		csvr_team_try_threads(run);
	const int n_threads = run->n_threads;
	(void)n_threads; /* without OpenMP */
#pragma omp parallel default(none) shared(run, inputs, n, n_big, n_threads) \
	num_threads(n_threads) if (n_big > 1)
	{
		struct csvr_dir_cache dir_cache;
		struct csvr_source source;
		csvr_dir_cache_init(&dir_cache);
		csvr_source_init(&source, inputs, &dir_cache);
		source.stop_flag = run->hooks->stop_flag;
#pragma omp for schedule(dynamic, 1) nowait
		for (size_t i = 0; i < n; i++)
			if (!csvr_run_is_stopped(run) &&
			    csvr_source_may_have_index(&inputs->items[i]))
				index_input(run, &source, &inputs->items[i]);
		csvr_source_clear(&source);
		csvr_dir_cache_clear(&dir_cache);
	}
}

/* ---- one thread ---- */

static enum csvr_status thread_init(struct csvr_thread_context *thread,
				    struct csvr_run_context *run, struct csvr_unit_queue *queue)
{
	memset(thread, 0, sizeof *thread);
	thread->run = run;
	thread->queue = queue;
	if (run->hooks->timing != NULL)
		csvr_span_begin(&thread->span);
	csvr_chunk_stats_init(&thread->chunk);
	enum csvr_status status = csvr_summary_new(&run->config, &thread->summary);
	return status == CSVR_OK ? csvr_worker_new(&run->worker_config, &thread->worker) : status;
}

static void thread_clear(struct csvr_thread_context *thread)
{
	csvr_chunk_stats_clear(&thread->chunk);
	csvr_summary_free(thread->summary);
	csvr_worker_free(thread->worker);
	free(thread->names);
}

/* Merges the summary of the thread into the results; the thread has none after that. */
static enum csvr_status flush_summary(struct csvr_thread_context *thread)
{
	struct csvr_run_context *run = thread->run;
	uint64_t ignored;
	const struct csvr_header *header = csvr_worker_header(thread->worker, &ignored);
	for (size_t i = 0; header->matched != NULL && i < run->config.n_selected; i++) {
		thread->summary->matched[i] |= header->matched[i];
		csvr_suggestion_merge(&thread->summary->suggestions[i], &header->suggestions[i]);
	}
	enum csvr_status status = csvr_results_add(run->results, thread->summary);
	csvr_summary_free(thread->summary);
	thread->summary = NULL;
	thread->has_layout = false;
	return status;
}

/* Flushes the summary if the checkpoint thread has requested it since the last flush. */
static enum csvr_status flush_if_requested(struct csvr_thread_context *thread)
{
	struct csvr_run_context *run = thread->run;
	const int n_requests = __atomic_load_n(&run->n_flush_requests, __ATOMIC_ACQUIRE);
	if (n_requests == thread->n_flushes)
		return CSVR_OK;
	thread->n_flushes = n_requests;
	enum csvr_status status = flush_summary(thread);
	if (status == CSVR_OK)
		status = csvr_summary_new(&run->config, &thread->summary);
	__atomic_add_fetch(&run->n_flushed, 1, __ATOMIC_RELEASE);
	return status;
}

/* Every thread counts what it has done; the first one reports the sum. */
static void report_progress(struct csvr_run_context *run, uint64_t n_bytes, uint64_t n_inputs)
{
	uint64_t done_bytes = __atomic_add_fetch(&run->done_bytes, n_bytes, __ATOMIC_RELAXED);
	uint64_t done_inputs = __atomic_add_fetch(&run->done_inputs, n_inputs, __ATOMIC_RELAXED);
	if (run->hooks->progress == NULL || csvr_threads_id() != 0)
		return;
	run->hooks->progress(run->hooks->context, done_bytes, run->planned_bytes, done_inputs,
			     run->inputs->n_items);
}

void csvr_team_on_progress(void *run, uint64_t n_bytes)
{
	report_progress(run, n_bytes, 0);
}

void csvr_team_on_input_read(struct csvr_run_context *run)
{
	if (run->hooks->progress != NULL)
		report_progress(run, 0, 1);
}

void csvr_team_start_unit(struct csvr_thread_context *thread, const struct csvr_unit *unit)
{
	if (thread->run->hooks->timing == NULL)
		return;
	thread->last_unit = unit;
	thread->last_unit_begin_ns = csvr_clock_wall_ns();
	thread->n_units++;
}

/* `unit` NULL: another thread has taken it. */
static void process_unit(struct csvr_thread_context *thread, const struct csvr_unit *unit)
{
	if (unit == NULL)
		return;
	csvr_team_start_unit(thread, unit);
	enum csvr_status status = csvr_unit_read(thread, unit);
	if (status == CSVR_OK)
		status = flush_if_requested(thread);
	csvr_run_fail(thread->run, status);
}

/* ---- the work ---- */

/* Starts fetching the remote inputs of the queue ahead of the threads. */
static enum csvr_status schedule_prefetch(const struct csvr_run_context *run,
					  struct csvr_unit_queue *queue)
{
	const struct csvr_remote *remote = run->inputs->remote;
	struct csvr_byte_range *byte_ranges;
	size_t n_byte_ranges;
	if (remote == NULL)
		return CSVR_OK;
	enum csvr_status status = csvr_unit_queue_prefetch_ranges(queue, run->inputs,
								  run->worker_config.block_bytes,
								  run->n_threads, &byte_ranges,
								  &n_byte_ranges);
	if (status == CSVR_OK)
		status = remote->schedule(remote->context, run->inputs, byte_ranges, n_byte_ranges,
					  run->n_threads);
	free(byte_ranges);
	return status;
}

static bool has_ended(struct csvr_run_context *run)
{
	return csvr_run_has_failed(run) || csvr_run_is_stopped(run);
}

/* All threads call it. */
static void process_units(struct csvr_thread_context *thread, struct csvr_unit_queue *queue)
{
	struct csvr_run_context *run = thread->run;
#pragma omp for schedule(runtime) nowait
	for (size_t i = 0; i < queue->n_units; i++)
		if (!has_ended(run) && csvr_unit_queue_left(queue, i) >= thread->least_bytes_left)
			process_unit(thread, csvr_unit_queue_take(queue, i));
	/* A thread on its way to a chunk may have ended before it. */
	if (queue->order == NULL)
		return;
#pragma omp barrier
#pragma omp for schedule(runtime) nowait
	for (size_t i = 0; i < queue->n_units; i++)
		if (!has_ended(run))
			process_unit(thread, csvr_unit_queue_take(queue, i));
}

void csvr_team_process_units(struct csvr_run_context *run, size_t first, size_t last)
{
	struct csvr_unit_queue queue;
	const int n_threads = run->n_threads;
	struct csvr_profile *profile = run->hooks->profile;
	csvr_run_fail(run, csvr_unit_queue_init(&queue, &run->plan, first, last,
						run->joins_chunks ? n_threads : 0));
	if (!csvr_run_has_failed(run))
		csvr_run_fail(run, schedule_prefetch(run, &queue));
#pragma omp parallel default(none) shared(run, queue, profile, n_threads) num_threads(n_threads)
	{
		csvr_threads_pin_once(n_threads);
		struct csvr_profile_thread *sampled = csvr_profile_attach(profile,
									  csvr_threads_id());
		struct csvr_thread_context thread;
		csvr_run_fail(run, thread_init(&thread, run, &queue));
		process_units(&thread, &queue);
		if (!csvr_run_has_failed(run))
			csvr_run_fail(run, flush_summary(&thread));
		csvr_thread_times_add(&thread);
		thread_clear(&thread);
		csvr_profile_detach(sampled);
	}
	csvr_unit_queue_clear(&queue);
}

/* ---- after the work ---- */

static void run_parallel(int n_threads, size_t n, void (*work)(void *context, size_t index),
			 void *context)
{
	(void)n_threads; /* without OpenMP */
#pragma omp parallel for default(none) shared(n, work, context) schedule(dynamic, 1) \
	num_threads(n_threads)
	for (size_t i = 0; i < n; i++)
		work(context, i);
}

struct csvr_parallel csvr_team_parallel(const struct csvr_settings *settings)
{
	const char *from;
	const int n_threads = csvr_threads_available(settings->tuning.n_threads, SIZE_MAX, &from);
	return (struct csvr_parallel){ .n_threads = csvr_threads_max_startable(n_threads),
				       .run = run_parallel };
}
