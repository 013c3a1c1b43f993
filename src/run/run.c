/* run.c - the only place that knows about OpenMP: units of work to one summary
 *
 * One `omp parallel for` takes the units; each thread fills a summary of its own, and hands it over when
 * it has nothing left to take, or when it is asked to. Merging never rounds and its order does not
 * matter, so neither does the schedule. Pieces of big files meet in chains.
 *
 * Before the work stand the saved states: those among the inputs, and the checkpoint. Behind it stand
 * the other processes, if there are any.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/memory.h"
#include "base/stop_flag.h"
#include "base/version.h"
#include "csvreport.h"
#include "csvreport_perf.h"
#include "input/inputs.h"
#include "input/manifest.h"
#include "input/remote_ops.h"
#include "input/source.h"
#include "parse/kernel.h"
#include "perf/timing.h"
#include "run/checkpoint_thread.h"
#include "run/load_states.h"
#include "run/plan.h"
#include "run/ranks.h"
#include "run/reassembly.h"
#include "run/results.h"
#include "run/threads.h"
#include "run/worker.h"
#include "state/state_file.h"
#include "stats/statistics.h"
#include "stats/summary.h"

/* 256 KiB of text and its field ends fit the L2 cache of any CPU of the last ten years (at least
 * 256 KiB, mostly 1 MiB and more) or nearly so. With 2 MiB of it, 128, 256 and 512 KiB made no
 * difference: 153, 153 and 154 ms for one file of 350 MB. */
enum { BLOCK_BYTES = 256 * 1024 / CSVR_LIMITS_DIVISOR };

/* What all threads share. */
struct shared {
	struct csvr_settings *settings;
	struct csvr_inputs *inputs;
	struct csvr_plan plan;
	struct csvr_worker_config job;
	struct csvr_run_hooks *hooks; /* never NULL */
	const char *threads_from;
	int n_threads;
	int n_refused; /* threads that are not asked for, as the system would not start so many */
	bool has_tried; /* to start as many */
	bool has_looked; /* for saved states at all inputs, whatever their names */
	struct csvr_summary_config config;
	struct csvr_results *results;
	struct csvr_run_record run;
	uint64_t done_bytes; /* atomic */
	uint64_t done_inputs; /* atomic */
	int status; /* atomic: the first error that ends the run */
	int n_asked; /* atomic: how often all threads were asked to hand over */
	int n_answers; /* atomic: threads that did since */
	int n_segment_threads; /* with comm: the same number in all processes, whatever each has */
	bool is_awaited; /* other processes count on this one: it cannot just leave */
};

/* What belongs to one thread. */
struct local {
	struct shared *shared;
	struct csvr_worker *worker;
	struct csvr_summary *summary;
	struct csvr_chunk_stats chunk; /* for inputs of one chunk */
	uint64_t head_number; /* for which `header` holds */
	uint32_t header; /* index in summary->headers */
	bool has_header;
	struct csvr_name *names; /* of the head looked at last */
	size_t n_names, names_capacity;
	int n_answered; /* times it was asked to hand over, and did */
	struct csvr_span span;
	const struct csvr_unit *last_unit; /* NULL: none yet, or not timed */
	uint64_t last_begin_ns;
	size_t n_units;
};

static const struct csvr_chunk_hint nothing_known = { 0, 0 };

/* Whether the end within seconds of `stop` can be relied on. */
static void on_stop_polled(const struct shared *shared, bool is_begun)
{
	if (shared->hooks->on_stop_polled != NULL)
		shared->hooks->on_stop_polled(is_begun);
}

static bool is_stopped(const struct shared *shared)
{
	return csvr_stop_requested(shared->hooks->stop_flag);
}

/* ---- one input into the thread's summary ---- */

/* The names of the input read last, in local->names. */
static enum csvr_status name_columns(struct local *local, const struct csvr_header *head)
{
	struct csvr_name *names = csvr_array_grow(local->names, &local->names_capacity,
						  head->n_columns, sizeof *names);
	if (names == NULL)
		return CSVR_NO_MEMORY;
	local->names = names;
	local->n_names = head->n_columns;
	for (size_t i = 0; i < head->n_columns; i++)
		names[i] = head->is_selected[i]
				   ? (struct csvr_name){ (const char *)head->names[i].start,
							 head->names[i].n_bytes }
				   : (struct csvr_name){ NULL, 0 };
	return CSVR_OK;
}

/* The index of the header of the input read last. */
static enum csvr_status find_header(struct local *local, uint32_t input)
{
	uint64_t number;
	const struct csvr_header *head = csvr_worker_header(local->worker, &number);
	if (local->has_header && local->head_number == number)
		return CSVR_OK;
	enum csvr_status status = name_columns(local, head);
	if (status == CSVR_OK)
		status = csvr_summary_intern_layout(local->summary, local->names, local->n_names,
						    input, &local->header);
	local->has_header = status == CSVR_OK;
	local->head_number = number;
	return status;
}

/* After the last row of a file that was read whole: what becomes of it, but for its header. */
static struct csvr_file finish_file(struct csvr_file_stats *table, uint32_t input,
				    uint64_t size_bytes)
{
	table->size_bytes = size_bytes;
	csvr_file_stats_finish(table);
	const enum csvr_file_kind kind = table->n_rows > 0      ? CSVR_FILE_READ
					 : table->n_columns > 0 ? CSVR_FILE_HEADER_ONLY
								: CSVR_FILE_EMPTY;
	return (struct csvr_file){ .input = input, .kind = (uint32_t)kind & 3 };
}

/* A file of one line that should have been many. */
static enum csvr_status add_single_line(struct csvr_summary *summary, uint32_t input)
{
	struct csvr_error error;
	csvr_error_set(&error, CSVR_INVALID_FILE, 1,
		       "lines end in CR, but for an LF somewhere, so this is one line; convert it "
		       "with: tr '\\r' '\\n'");
	return csvr_summary_add_failure(summary, input, &error);
}

/* What begins as a saved state is one, and the run begins again with it, as it does for a file that was
 * cut and is compressed; but where they were looked at already it is a state that cannot be used, and a
 * file like others. */
static bool is_new(const struct shared *shared, enum csvr_status status, struct csvr_error *error)
{
	if (!shared->has_looked)
		return true;
	if (status == CSVR_RETRY_AS_COMPRESSED) {
		csvr_error_set(
			error, CSVR_FILE_CHANGED, 0,
			"was not compressed when it was listed, and is now; run again when nothing "
			"writes to it");
		return false;
	}
	csvr_error_set(
		error, CSVR_INVALID_FILE, 0,
		"is a saved state that cannot be used: cut short, altered, or of another version");
	return false;
}

static enum csvr_status read_whole(struct local *local, uint32_t index)
{
	struct csvr_chunk_stats *chunk = &local->chunk;
	struct csvr_file_stats *table = &chunk->stats;
	csvr_worker_read(local->worker, &local->shared->inputs->items[index], 0, UINT64_MAX,
			 nothing_known, chunk);
	if (chunk->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (chunk->status == CSVR_INTERRUPTED)
		return CSVR_OK; /* it was not read */
	if (chunk->status == CSVR_RETRY_AS_STATE)
		return is_new(local->shared, chunk->status, &chunk->error)
			       ? CSVR_RETRY_AS_STATE
			       : csvr_summary_add_failure(local->summary, index, &chunk->error);
	if (chunk->status != CSVR_OK)
		return csvr_summary_add_failure(local->summary, index, &chunk->error);
	struct csvr_file file = finish_file(table, index, chunk->size_bytes);
	uint64_t ignored;
	if (file.kind == CSVR_FILE_HEADER_ONLY &&
	    csvr_worker_header(local->worker, &ignored)->has_bare_cr)
		return add_single_line(local->summary, index);
	if (file.kind == CSVR_FILE_READ) {
		enum csvr_status status = find_header(local, index);
		if (status != CSVR_OK)
			return status;
		file.layout = local->header & (CSVR_MAX_LAYOUTS - 1);
	}
	return csvr_summary_add_file(local->summary, &file, table);
}

/* ---- the chunks of a big one ---- */

/* A chain that is complete into a summary. */
static enum csvr_status add_chain(struct csvr_reassembly *reassembly,
				  const struct csvr_inputs *inputs, struct csvr_summary *summary)
{
	struct csvr_chunk_stats *chunk = csvr_reassembly_result(reassembly);
	const struct csvr_schema *schema = csvr_reassembly_schema(reassembly);
	const uint32_t index = csvr_reassembly_input(reassembly);
	const struct csvr_input *input = &inputs->items[index];
	if (chunk->status == CSVR_OK && chunk->stats.n_columns != schema->n_names &&
	    chunk->stats.n_columns > 0)
		chunk->status = csvr_error_set(&chunk->error, CSVR_FILE_CHANGED, 0,
					       "its header changed between two looks at it");
	if (chunk->status != CSVR_OK)
		return csvr_summary_add_failure(summary, index, &chunk->error);
	/* Where it was read out of states alone, nobody knows the text of a compressed file but from its
	 * end. */
	struct csvr_file file = finish_file(&chunk->stats, index,
					    input->is_compressed ? chunk->next : input->size_bytes);
	if (file.kind == CSVR_FILE_HEADER_ONLY && schema->has_bare_cr)
		return add_single_line(summary, index);
	if (file.kind == CSVR_FILE_READ) {
		uint32_t header;
		enum csvr_status status = csvr_summary_intern_layout(summary, schema->names,
								     schema->n_names, index,
								     &header);
		if (status != CSVR_OK)
			return status;
		file.layout = header & (CSVR_MAX_LAYOUTS - 1);
	}
	return csvr_summary_add_file(summary, &file, &chunk->stats);
}

struct rereading {
	struct csvr_results *results;
	struct csvr_worker *worker;
};

/* A read may take for ever, and a saving is not to wait for it. */
static void reread(void *context, const struct csvr_input *input, uint64_t begin, uint64_t end,
		   struct csvr_chunk_hint known, struct csvr_chunk_stats *chunk)
{
	const struct rereading *rereading = context;
	csvr_results_unlock_shared(rereading->results);
	csvr_worker_read(rereading->worker, input, begin, end, known, chunk);
	csvr_results_lock_shared(rereading->results);
}

/* Takes in what has its turn; the caller holds the chain, and has entered what was found. */
static enum csvr_status advance_chain(struct csvr_reassembly *reassembly,
				      struct csvr_worker *worker, const struct shared *shared,
				      struct csvr_summary *summary)
{
	const struct csvr_input *input = &shared->inputs->items[csvr_reassembly_input(reassembly)];
	struct rereading rereading = { shared->results, worker };
	bool is_complete;
	enum csvr_status status = csvr_reassembly_merge_ready(reassembly, reread, &rereading, input,
							      &is_complete);
	if (status == CSVR_OK && is_complete)
		status = add_chain(reassembly, shared->inputs, summary);
	return status;
}

static enum csvr_status put_chunk(struct local *local, struct csvr_reassembly *reassembly,
				  struct csvr_segment *segment)
{
	uint64_t ignored;
	const struct csvr_header *head = csvr_worker_header(local->worker, &ignored);
	bool is_mine;
	enum csvr_status status = CSVR_OK;
	if (segment->chunk.status == CSVR_OK && segment->chunk.stats.n_columns > 0 &&
	    csvr_reassembly_needs_schema(reassembly)) {
		status = name_columns(local, head);
		local->has_header = false; /* these names may be others */
		if (status == CSVR_OK)
			status = csvr_reassembly_set_schema(reassembly, local->names,
							    local->n_names, head->has_bare_cr);
	}
	if (status != CSVR_OK) {
		csvr_segment_free(segment);
		return status;
	}
	status = csvr_reassembly_add(reassembly, segment, &is_mine);
	if (status == CSVR_OK && is_mine)
		status = advance_chain(reassembly, local->worker, local->shared, local->summary);
	return status;
}

static enum csvr_status read_chunk(struct local *local, const struct csvr_unit *unit)
{
	struct shared *shared = local->shared;
	struct csvr_segment *segment = csvr_segment_new(unit->chunk, unit->chunk);
	if (segment == NULL)
		return CSVR_NO_MEMORY;
	csvr_worker_read(local->worker, &shared->inputs->items[unit->first_input], unit->begin,
			 unit->end, nothing_known, &segment->chunk);
	struct csvr_chunk_stats *chunk = &segment->chunk;
	if ((chunk->status == CSVR_RETRY_AS_STATE || chunk->status == CSVR_RETRY_AS_COMPRESSED) &&
	    !is_new(shared, chunk->status, &chunk->error))
		chunk->status = chunk->error.status;
	const enum csvr_status ended = chunk->status;
	if (ended == CSVR_NO_MEMORY || ended == CSVR_INTERRUPTED || ended == CSVR_RETRY_AS_STATE ||
	    ended == CSVR_RETRY_AS_COMPRESSED) {
		csvr_segment_free(segment);
		return ended == CSVR_INTERRUPTED ? CSVR_OK : ended; /* it was not read */
	}
	csvr_results_lock_shared(shared->results);
	enum csvr_status status =
		put_chunk(local, csvr_results_reassembly(shared->results, unit->first_input),
			  segment);
	csvr_results_unlock_shared(shared->results);
	return status;
}

/* ---- one unit ---- */

static enum csvr_status read_unit(struct local *local, const struct csvr_unit *unit)
{
	if (unit->n_chunks > 1)
		return read_chunk(local, unit);
	enum csvr_status status = CSVR_OK;
	for (uint32_t i = 0; i < unit->n_inputs && status == CSVR_OK; i++)
		status = read_whole(local, unit->first_input + i);
	return status;
}

/* Tells the watch, from the first thread, what all threads have done. */
static void report_progress(struct shared *shared, uint64_t n_bytes, uint64_t n_inputs)
{
	uint64_t done_bytes = __atomic_add_fetch(&shared->done_bytes, n_bytes, __ATOMIC_RELAXED);
	uint64_t done_inputs = __atomic_add_fetch(&shared->done_inputs, n_inputs, __ATOMIC_RELAXED);
	if (shared->hooks->progress == NULL || csvr_threads_id() != 0)
		return;
	shared->hooks->progress(shared->hooks->context, done_bytes, shared->plan.size_bytes,
				done_inputs, shared->inputs->n_items);
}

static void advance(void *context, uint64_t n_bytes)
{
	report_progress(context, n_bytes, 0);
}

static uint64_t finished_inputs(const struct csvr_unit *unit)
{
	return unit->n_chunks == 1 ? unit->n_inputs : unit->chunk + 1 == unit->n_chunks;
}

/* ---- threads ---- */

static void abandon(struct shared *shared, enum csvr_status status)
{
	int none = CSVR_OK;
	if (status != CSVR_OK)
		__atomic_compare_exchange_n(&shared->status, &none, (int)status, false,
					    __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static bool is_given_up(struct shared *shared)
{
	return __atomic_load_n(&shared->status, __ATOMIC_RELAXED) != CSVR_OK;
}

static enum csvr_status local_init(struct local *local, struct shared *shared)
{
	memset(local, 0, sizeof *local);
	local->shared = shared;
	if (shared->hooks->timing != NULL)
		csvr_span_begin(&local->span);
	csvr_chunk_stats_init(&local->chunk);
	enum csvr_status status = csvr_summary_new(&shared->config, &local->summary);
	return status == CSVR_OK ? csvr_worker_new(&shared->job, &local->worker) : status;
}

static void local_clear(struct local *local)
{
	csvr_chunk_stats_clear(&local->chunk);
	csvr_summary_free(local->summary);
	csvr_worker_free(local->worker);
	free(local->names);
}

/* Hands over what this thread has found, and begins anew. */
static enum csvr_status hand_over(struct local *local)
{
	struct shared *shared = local->shared;
	uint64_t ignored;
	const struct csvr_header *head = csvr_worker_header(local->worker, &ignored);
	for (size_t i = 0; i < shared->config.n_selected; i++)
		local->summary->matched[i] |= head->matched != NULL && head->matched[i];
	enum csvr_status status = csvr_results_add(shared->results, local->summary);
	csvr_summary_free(local->summary);
	local->summary = NULL;
	local->has_header = false;
	return status;
}

/* Does so if it was asked to since the last time. */
static enum csvr_status answer(struct local *local)
{
	struct shared *shared = local->shared;
	const int n_asked = __atomic_load_n(&shared->n_asked, __ATOMIC_ACQUIRE);
	if (n_asked == local->n_answered)
		return CSVR_OK;
	local->n_answered = n_asked;
	enum csvr_status status = hand_over(local);
	if (status == CSVR_OK)
		status = csvr_summary_new(&shared->config, &local->summary);
	__atomic_add_fetch(&shared->n_answers, 1, __ATOMIC_RELEASE);
	return status;
}

static void take_unit(struct local *local, const struct csvr_unit *unit)
{
	struct shared *shared = local->shared;
	if (shared->hooks->timing != NULL) {
		local->last_unit = unit;
		local->last_begin_ns = csvr_clock_wall_ns();
		local->n_units++;
	}
	enum csvr_status status = read_unit(local, unit);
	if (status == CSVR_OK)
		status = answer(local);
	abandon(shared, status);
	report_progress(shared, 0, finished_inputs(unit));
}

/* The time of one segment of work after those before. In between the thread waited for other processes,
 * so its wall time goes on. */
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

/* Where this thread's time went. The last it does: from here on it only waits for the others. */
static void note_time(struct local *local)
{
	const struct shared *shared = local->shared;
	struct csvr_timing *timing = shared->hooks->timing;
	if (timing == NULL || local->worker == NULL)
		return;
	const struct csvr_io_time reading = csvr_worker_io_time(local->worker);
	struct csvr_thread_time time = { .n_units = local->n_units,
					 .read_ns = reading.read_ns,
					 .n_bytes = reading.n_bytes,
					 .slowest_input_ns = reading.slowest_input_ns,
					 .slowest_input = SIZE_MAX,
					 .last_unit_input = SIZE_MAX };
	if (reading.slowest_input != NULL) {
		time.slowest_input = (size_t)(reading.slowest_input - shared->inputs->items);
		time.is_slowest_stream = reading.slowest_input->kind == CSVR_INPUT_STREAM;
	}
	const struct csvr_unit *unit = local->last_unit;
	if (unit != NULL) {
		time.last_unit_ns = csvr_clock_wall_ns() - local->last_begin_ns;
		time.last_unit_input = unit->first_input;
		time.n_last_unit_inputs = unit->n_inputs;
		time.is_last_unit_chunk = unit->n_chunks > 1;
		time.is_last_unit_stream = shared->inputs->items[unit->first_input].kind ==
					   CSVR_INPUT_STREAM;
	}
	csvr_span_end(&local->span);
	time.span = local->span;
	add_time(&timing->threads[csvr_threads_id()], &time);
	if (csvr_threads_id() == 0)
		timing->n_threads = csvr_threads_count();
}

/* Before the first parallel region: no more threads than can be had. */
static void try_threads(struct shared *shared)
{
	if (shared->has_tried)
		return;
	const int n_threads = csvr_threads_max_startable(shared->n_threads);
	shared->n_refused = shared->n_threads - n_threads;
	shared->n_threads = n_threads;
	shared->has_tried = true;
}

static enum csvr_status probe_remote(struct csvr_inputs *inputs)
{
	const struct csvr_remote *remote = inputs->remote;
	return remote == NULL ? CSVR_OK : remote->probe(remote->context, inputs);
}

static void probe_inputs(struct shared *shared)
{
	/* Some hundred names a turn: asking takes a microsecond here, a millisecond on a busy file
	 * server. Few names are not worth waking threads. */
	enum { NAMES_A_TURN = 256 };
	struct csvr_inputs *inputs = shared->inputs;
	struct csvr_profile *profile = shared->hooks->profile;
	const size_t n = inputs->n_items;
	if (n > NAMES_A_TURN)
		try_threads(shared);
	const int n_threads = shared->n_threads;
	(void)n_threads; /* without OpenMP */
#pragma omp parallel default(none) shared(inputs, n, profile, n_threads) \
	num_threads(n_threads) if (n > NAMES_A_TURN)
	{
		struct csvr_profile_thread *sampled = csvr_profile_attach(profile,
									  csvr_threads_id());
		struct csvr_dir_cache dir_cache;
		csvr_dir_cache_init(&dir_cache);
#pragma omp for schedule(dynamic, NAMES_A_TURN) nowait
		for (size_t i = 0; i < n; i++)
			csvr_input_probe(inputs, &inputs->items[i], &dir_cache);
		csvr_dir_cache_clear(&dir_cache);
		csvr_profile_detach(sampled);
	}
}

/* What is far away is fetched ahead of the threads. */
static enum csvr_status expect(const struct shared *shared, size_t first, size_t last)
{
	const struct csvr_remote *remote = shared->inputs->remote;
	struct csvr_byte_range *byte_ranges;
	size_t n_extents;
	if (remote == NULL)
		return CSVR_OK;
	enum csvr_status status = csvr_plan_prefetch_ranges(&shared->plan, shared->inputs, first,
							    last, shared->job.block_bytes,
							    shared->n_threads, &byte_ranges,
							    &n_extents);
	if (status == CSVR_OK)
		status = remote->schedule(remote->context, shared->inputs, byte_ranges, n_extents,
					  shared->n_threads);
	free(byte_ranges);
	return status;
}

/* Has the source find out what a big compressed input is made of. Where that cannot be read this time,
 * whoever reads it later says why; but shares must all cut it the same, so it is of none then. */
static void index_input(const struct shared *shared, struct csvr_source *source,
			struct csvr_input *input)
{
	struct csvr_error error;
	errno = 0;
	const enum csvr_status status = csvr_source_open(source, input, &error);
	const int error_number = errno;
	if (status == CSVR_OK)
		csvr_source_close(source);
	if (status != CSVR_IO_ERROR || shared->settings->shard.count == 1)
		return;
	input->kind = CSVR_INPUT_FAILED;
	input->size_bytes = 0;
	input->error_number = error_number != 0 ? error_number : EIO;
}

/* What big compressed inputs are made of. */
static void index_inputs(struct shared *shared)
{
	struct csvr_inputs *inputs = shared->inputs;
	const size_t n = inputs->n_items;
	size_t n_big = 0;
	for (size_t i = 0; i < n; i++)
		n_big += csvr_source_may_have_index(&inputs->items[i]);
	if (n_big == 0)
		return;
	if (n_big > 1)
		try_threads(shared);
	const int n_threads = shared->n_threads;
	(void)n_threads; /* without OpenMP */
#pragma omp parallel default(none) shared(shared, inputs, n, n_big, n_threads) \
	num_threads(n_threads) if (n_big > 1)
	{
		struct csvr_dir_cache dir_cache;
		struct csvr_source source;
		csvr_dir_cache_init(&dir_cache);
		csvr_source_init(&source, inputs, &dir_cache);
		source.stop_flag = shared->hooks->stop_flag;
#pragma omp for schedule(dynamic, 1) nowait
		for (size_t i = 0; i < n; i++)
			if (!is_stopped(shared) && csvr_source_may_have_index(&inputs->items[i]))
				index_input(shared, &source, &inputs->items[i]);
		csvr_source_clear(&source);
		csvr_dir_cache_clear(&dir_cache);
	}
}

/* Units [first, last) of the plan. */
static void work(struct shared *shared, size_t first, size_t last)
{
	const struct csvr_plan *plan = &shared->plan;
	const int n_threads = shared->n_threads;
	struct csvr_profile *profile = shared->hooks->profile;
	abandon(shared, expect(shared, first, last));
#pragma omp parallel default(none) shared(shared, plan, profile, first, last, n_threads) \
	num_threads(n_threads)
	{
		csvr_threads_pin_once(n_threads);
		struct csvr_profile_thread *sampled = csvr_profile_attach(profile,
									  csvr_threads_id());
		struct local local;
		abandon(shared, local_init(&local, shared));
#pragma omp for schedule(runtime) nowait
		for (size_t i = first; i < last; i++)
			if (!is_given_up(shared) && !is_stopped(shared))
				take_unit(&local, &plan->units[i]);
		if (!is_given_up(shared))
			abandon(shared, hand_over(&local));
		note_time(&local);
		local_clear(&local);
		csvr_profile_detach(sampled);
	}
}

/* ---- checkpoint ---- */

static const char *text_or_nothing(const char *text)
{
	return text != NULL ? text : "";
}

static void describe_run(struct shared *shared)
{
	const struct csvr_provenance *runner = &shared->settings->runner;
	shared->run = (struct csvr_run_record){ .version = CSVR_VERSION_STRING,
						.command = text_or_nothing(runner->command),
						.host = text_or_nothing(runner->host),
						.job = text_or_nothing(runner->job),
						.kernel = shared->job.kernel->name,
						.n_threads = (uint64_t)shared->n_threads,
						.shard_index = shared->settings->shard.index,
						.shard_count = shared->settings->shard.count,
						.begin_ns = csvr_clock_realtime_ns() };
}

static void ask(void *context)
{
	struct shared *shared = context;
	__atomic_store_n(&shared->n_answers, 0, __ATOMIC_RELEASE);
	__atomic_add_fetch(&shared->n_asked, 1, __ATOMIC_RELEASE);
}

static bool is_answered(void *context)
{
	struct shared *shared = context;
	return __atomic_load_n(&shared->n_answers, __ATOMIC_ACQUIRE) >= shared->n_threads;
}

/* Saves all that has been handed over. What is wrong has been said by who saves. */
static void save(void *context)
{
	struct shared *shared = context;
	const struct csvr_checkpoint_hooks *checkpoint = shared->hooks->checkpoint;
	struct csvr_encoder bytes;
	struct csvr_run_record run = shared->run;
	run.end_ns = csvr_clock_realtime_ns();
	csvr_encoder_init(&bytes);
	enum csvr_status status = csvr_results_snapshot(shared->results, shared->settings,
							shared->inputs, &run, &bytes);
	if (status == CSVR_OK)
		(void)checkpoint->save(checkpoint->context, bytes.bytes, bytes.n_bytes);
	else
		abandon(shared, status);
	csvr_encoder_clear(&bytes);
}

/* ---- what is left to settle ---- */

struct settling {
	struct shared *shared;
	struct csvr_worker *worker;
	struct csvr_summary *summary;
};

/* The segments of saved states and other processes have not had their turn yet. */
static enum csvr_status settle(void *context, struct csvr_reassembly *reassembly)
{
	struct settling *settling = context;
	struct csvr_results *results = settling->shared->results;
	csvr_results_lock_shared(results);
	enum csvr_status status = advance_chain(reassembly, settling->worker, settling->shared,
						settling->summary);
	csvr_results_unlock_shared(results);
	return status;
}

static enum csvr_status settle_chains(struct shared *shared)
{
	struct settling settling = { shared, NULL, NULL };
	enum csvr_status status = csvr_summary_new(&shared->config, &settling.summary);
	if (status == CSVR_OK)
		status = csvr_worker_new(&shared->job, &settling.worker);
	if (status == CSVR_OK)
		status = csvr_results_resolve(shared->results, settle, &settling);
	if (status == CSVR_OK)
		status = csvr_results_add(shared->results, settling.summary);
	csvr_worker_free(settling.worker);
	csvr_summary_free(settling.summary);
	return status;
}

/* ---- the work ---- */

static enum csvr_status work_alone(struct shared *shared, struct csvr_error *error)
{
	const struct csvr_run_hooks *hooks = shared->hooks;
	const struct csvr_checkpointer_config duty = { .checkpoint = hooks->checkpoint,
						       .stop = hooks->stop_flag,
						       .ask = ask,
						       .is_answered = is_answered,
						       .save = save,
						       .context = shared };
	struct csvr_checkpointer *keeper;
	enum csvr_status status = csvr_checkpointer_start(&duty, &keeper, error);
	if (status != CSVR_OK)
		return status;
	work(shared, 0, shared->plan.n_units);
	status = (enum csvr_status)shared->status;
	if (status == CSVR_OK && !is_stopped(shared))
		status = settle_chains(shared);
	csvr_checkpointer_stop(keeper);
	return status;
}

/* What each process says of itself in a collection; all learn what any has said. */
enum { HAS_MORE = 1, WAS_STOPPED = 2 };

static bool is_first(const struct shared *shared)
{
	const struct csvr_comm *comm = shared->hooks->comm;
	return comm == NULL || comm->rank == 0;
}

/* All that was found goes to the first process, which saves it unless the run is over. */
static enum csvr_status collect(struct shared *shared, uint64_t *marks, struct csvr_error *error)
{
	const struct csvr_comm *comm = shared->hooks->comm;
	/* Not earlier: what a stop has left out of the segment before is to be known. */
	if (is_stopped(shared))
		*marks |= WAS_STOPPED;
	enum csvr_status status = csvr_ranks_reduce(comm, &shared->results, &shared->config,
						    shared->inputs->n_items, marks, error);
	if (status == CSVR_OK && comm->rank > 0)
		status = csvr_results_register(shared->results, &shared->plan);
	if (status == CSVR_OK && comm->rank == 0 && *marks == HAS_MORE &&
	    shared->hooks->checkpoint != NULL)
		save(shared);
	return status;
}

static bool is_due(const struct shared *shared, uint64_t saved_ns)
{
	const struct csvr_checkpoint_hooks *checkpoint = shared->hooks->checkpoint;
	return shared->hooks->comm->rank == 0 && checkpoint != NULL &&
	       (double)(csvr_clock_wall_ns() - saved_ns) > checkpoint->interval_s * 1e9;
}

/* Units of the plan from `first` to `last` count as done by others, who have taken them: nearer to the
 * truth than what this process has done itself. */
static void count_as_done(struct shared *shared, size_t first, size_t last)
{
	for (size_t i = first; i < last && shared->hooks->progress != NULL; i++) {
		const struct csvr_unit *unit = &shared->plan.units[i];
		shared->done_bytes += csvr_unit_bytes(shared->inputs, unit);
		shared->done_inputs += finished_inputs(unit);
	}
}

/* Takes a segment and works on it; with none left, or told to stop, `*is_over`. */
static enum csvr_status take_segment(struct shared *shared, struct csvr_slice_schedule *segments,
				     bool *is_over)
{
	const struct csvr_comm *comm = shared->hooks->comm;
	const size_t behind = segments->at;
	uint64_t ticket;
	size_t first, last;
	*is_over = is_stopped(shared);
	if (*is_over)
		return CSVR_OK;
	enum csvr_status status = comm->fetch_ticket(comm->context, &ticket);
	if (status != CSVR_OK)
		return status;
	*is_over = !csvr_slice_schedule_find(segments, ticket, &first, &last);
	if (*is_over)
		return CSVR_OK;
	if (is_first(shared))
		count_as_done(shared, behind, first);
	work(shared, first, last);
	return (enum csvr_status)shared->status;
}

/* One segment after the other, until nothing is left.
 *
 * A collection takes all processes, so all must go into the same ones. Let `n` be the number of
 * collections that are over: it is the same in all processes that are not in one. `called`, which they
 * share, only grows; the first raises it to n + 1 when something is to be saved, any does that was told
 * to stop. A process goes into collection n + 1 when it finds after a segment that `called` is n + 1,
 * or that no segment is left (or it was told to stop: then it has raised it itself). Nobody raises it
 * to n + 2 before collection n + 1 is over, and that needs all.
 *
 * None is missing: if one went in because it was called for, the others find that too, at the end of
 * their segment. If one went in because no segment was left, the others find none left either, or are
 * called. A segment always ends, or the process fails, which ends all. So neither processes without
 * work, nor more processes than units, nor no units at all are special.
 *
 * All go on or none: that is decided by the marks, which all learn. The run is stopped if one process
 * was: units of the segment in its hands are not read. Otherwise it goes on as long as one process has
 * not seen the end of the work; those that have go straight into the next collection. When all have
 * seen it all segments were handed out, and whoever took one has worked through it. */
static enum csvr_status work_together(struct shared *shared, struct csvr_error *error)
{
	const struct csvr_comm *comm = shared->hooks->comm;
	struct csvr_slice_schedule segments = { .n_units = shared->plan.n_units,
						.n_processes = comm->count,
						.n_threads = shared->n_segment_threads };
	uint64_t saved_ns = csvr_clock_wall_ns(), n_collected = 0, marks = HAS_MORE;
	enum csvr_status status = CSVR_OK;
	while (status == CSVR_OK && marks == HAS_MORE) {
		bool is_over;
		uint64_t called;
		status = take_segment(shared, &segments, &is_over);
		if (status != CSVR_OK)
			break;
		const bool calls = is_due(shared, saved_ns) || is_stopped(shared);
		status = comm->fetch_max(comm->context, calls ? n_collected + 1 : 0, &called);
		if (status != CSVR_OK || (called <= n_collected && !is_over))
			continue;
		marks = is_over ? 0 : HAS_MORE;
		status = collect(shared, &marks, error);
		n_collected++;
		saved_ns = csvr_clock_wall_ns();
	}
	if (status != CSVR_OK)
		return status;
	shared->is_awaited = false;
	return (marks & WAS_STOPPED) != 0 ? CSVR_INTERRUPTED : CSVR_OK;
}

/* ---- before the work ---- */

static void tell(const struct shared *shared, const struct csvr_state_set *states,
		 const struct csvr_resume_info *resumed)
{
	shared->hooks->info = (struct csvr_run_info){ .n_threads = shared->n_threads,
						      .threads_from = shared->threads_from,
						      .kernel = shared->job.kernel->name,
						      .n_units = shared->plan.n_units,
						      .n_inputs = shared->inputs->n_items,
						      .size_bytes = shared->plan.size_bytes,
						      .n_states = states->n_items,
						      .is_resumed = resumed->is_there,
						      .resumed_bytes = resumed->size_bytes,
						      .n_resumed = resumed->n_inputs,
						      .n_changed = resumed->n_changed };
}

static enum csvr_status choose_tools(struct shared *shared, struct csvr_error *error)
{
	const struct csvr_settings *settings = shared->settings;
	shared->job = (struct csvr_worker_config){
		.inputs = shared->inputs,
		.parse_options = &settings->reading,
		.kernel = csvr_kernel_choose(settings->tuning.kernel),
		.block_bytes = settings->tuning.block_bytes > 0 ? settings->tuning.block_bytes
								: BLOCK_BYTES,
		.has_fixed_blocks = settings->tuning.block_bytes > 0,
		.is_timed = shared->hooks->timing != NULL,
		.stop_flag = shared->hooks->stop_flag
	};
	if (shared->job.kernel == NULL)
		return csvr_error_set(error, CSVR_INVALID_OPTION, 0,
				      "no kernel '%s' that this CPU can run; --version names them",
				      settings->tuning.kernel);
	shared->job.batch_sums = csvr_batch_sums_for(shared->job.kernel->name);
	if (shared->hooks->progress != NULL) {
		shared->job.on_progress = advance;
		shared->job.context = shared;
	}
	shared->n_threads = csvr_threads_available(settings->tuning.n_threads, SIZE_MAX,
						   &shared->threads_from);
	return CSVR_OK;
}

/* Whether the list of inputs must be known to others than this run. */
static bool is_listed(const struct shared *shared)
{
	const struct csvr_settings *settings = shared->settings;
	return settings->report.format == CSVR_FORMAT_STATE || settings->report.provenance ||
	       settings->shard.count > 1 || shared->hooks->checkpoint != NULL;
}

/* All that is known before anything is read: what saved states hold, and what is left to do. */
static enum csvr_status prepare(struct shared *shared, struct csvr_state_set *states,
				struct csvr_error *error)
{
	struct csvr_settings *settings = shared->settings;
	struct csvr_inputs *inputs = shared->inputs;
	const struct csvr_checkpoint_hooks *checkpoint = shared->hooks->checkpoint;
	struct csvr_resume_info resumed;
	enum csvr_status status = csvr_state_set_open(states, settings, inputs, error);
	if (status == CSVR_OK && is_listed(shared))
		status = csvr_manifests_init(inputs, csvr_plan_chunk_bytes(settings),
					     settings->shard.index, settings->shard.count);
	if (status == CSVR_OK && settings->report.format != CSVR_FORMAT_STATE)
		status = csvr_states_check_complete(inputs, settings->is_partial, error);
	if (status == CSVR_OK)
		status = csvr_inputs_rank(inputs);
	if (status != CSVR_OK)
		return status;
	shared->job.collection = csvr_collection_of(&settings->statistics);
	shared->config = (struct csvr_summary_config){ settings->reading.by_position,
						       settings->report.per_file,
						       settings->reading.select.n_words,
						       shared->job.collection, inputs->ranks };
	status = csvr_results_new(&shared->config, &shared->results);
	if (status == CSVR_OK)
		status = csvr_plan_build(&shared->plan, inputs, settings->tuning.chunk_bytes);
	if (status != CSVR_OK)
		return status;
	if (settings->shard.count > 1)
		csvr_plan_keep_shard(&shared->plan, inputs, settings->shard.index,
				     settings->shard.count);
	status = csvr_results_register(shared->results, &shared->plan);
	if (status == CSVR_OK)
		status = csvr_states_resume(checkpoint != NULL ? checkpoint->path : NULL, settings,
					    inputs, &shared->config, shared->results, &resumed,
					    error);
	if (status == CSVR_OK)
		status = csvr_states_merge(states, &shared->config, shared->results, error);
	if (status == CSVR_OK && resumed.is_there)
		status = csvr_plan_skip_done(&shared->plan, inputs, csvr_results_has,
					     shared->results);
	if (status == CSVR_OK)
		status = csvr_plan_order(&shared->plan, inputs);
	if (status == CSVR_OK)
		tell(shared, states, &resumed);
	return status;
}

static struct csvr_work_plan work_of(struct shared *shared)
{
	return (struct csvr_work_plan){ .inputs = shared->inputs,
					.plan = &shared->plan,
					.config = shared->config,
					.n_threads = shared->n_threads };
}

/* What the first process has prepared, for one of the others. */
static enum csvr_status prepare_as_told(struct shared *shared, struct csvr_error *error)
{
	struct csvr_work_plan work = work_of(shared);
	enum csvr_status status = csvr_ranks_broadcast_plan(shared->hooks->comm, &work, error);
	if (status == CSVR_OK)
		status = csvr_inputs_rank(shared->inputs);
	if (status != CSVR_OK)
		return status;
	shared->n_segment_threads = work.n_threads;
	shared->config = work.config;
	shared->config.ranks = shared->inputs->ranks;
	shared->job.collection = work.config.collection;
	status = csvr_results_new(&shared->config, &shared->results);
	return status == CSVR_OK ? csvr_results_register(shared->results, &shared->plan) : status;
}

/* The first process prepares, the others learn from it what there is to do. `status` is what this one
 * has come to so far. */
static enum csvr_status prepare_together(struct shared *shared, struct csvr_state_set *states,
					 enum csvr_status status, struct csvr_error *error)
{
	const struct csvr_comm *comm = shared->hooks->comm;
	if (status == CSVR_OK && is_first(shared)) {
		probe_inputs(shared);
		status = probe_remote(shared->inputs);
		index_inputs(shared);
		/* Files whose tables are not known would be cut otherwise than they were, and what is kept
		 * of them be given up: it stays as it is. */
		if (status == CSVR_OK && is_stopped(shared))
			status = CSVR_INTERRUPTED;
		if (status == CSVR_OK)
			status = prepare(shared, states, error);
	}
	if (comm == NULL)
		return status;
	const enum csvr_status agreed = csvr_ranks_agree(comm, is_first(shared) ? status : CSVR_OK,
							 error);
	shared->is_awaited = agreed == CSVR_OK;
	if (agreed != CSVR_OK)
		return agreed;
	if (status != CSVR_OK) /* only here */
		return status;
	if (!is_first(shared))
		return prepare_as_told(shared, error);
	struct csvr_work_plan work = work_of(shared);
	shared->n_segment_threads = shared->n_threads;
	return csvr_ranks_broadcast_plan(comm, &work, error);
}

/* ---- behind the work ---- */

/* A file of which a report lacks chunks is left out whole. */
static enum csvr_status fail_partial(struct csvr_summary *summary)
{
	enum csvr_status status = CSVR_OK;
	while (summary->n_partial_files > 0 && status == CSVR_OK) {
		struct csvr_partial_file gone =
			csvr_summary_pop_partial(summary, summary->n_partial_files - 1);
		struct csvr_error error;
		csvr_error_set(
			&error, CSVR_INVALID_FILE, 0,
			"only a part of it was read: the states with the rest of it are missing");
		status = csvr_summary_add_failure(summary, gone.input, &error);
		csvr_partial_file_clear(&gone);
	}
	return status;
}

static enum csvr_status end_run(struct shared *shared, struct csvr_summary **summary)
{
	enum csvr_status status = csvr_results_finish(shared->results, summary);
	if (status == CSVR_OK && shared->settings->report.format != CSVR_FORMAT_STATE)
		status = fail_partial(*summary);
	shared->run.end_ns = csvr_clock_realtime_ns();
	if (status == CSVR_OK && shared->plan.n_units > 0)
		status = csvr_summary_add_run(*summary, &shared->run);
	if (status == CSVR_OK)
		status = csvr_summary_finish(*summary);
	return status;
}

/* ---- the run ---- */

static enum csvr_status run_all(struct shared *shared, struct csvr_state_set *states,
				struct csvr_summary **summary, struct csvr_error *error)
{
	struct csvr_run_hooks *hooks = shared->hooks;
	const struct csvr_comm *comm = hooks->comm;
	enum csvr_status status = prepare_together(shared, states, choose_tools(shared, error),
						   error);
	if (status == CSVR_OK)
		status = csvr_null_set_init(&shared->job.nulls,
					    shared->settings->reading.null_values);
	if (status != CSVR_OK)
		return status;
	/* No more threads than there is work for. */
	const size_t n_units = shared->plan.n_units;
	if (comm == NULL && (size_t)shared->n_threads > n_units)
		shared->n_threads = n_units > 0 ? (int)n_units : 1;
	try_threads(shared);
	hooks->info.n_threads = shared->n_threads;
	hooks->info.n_threads_failed = shared->n_refused;
	describe_run(shared);
	csvr_threads_set_schedule();
	status = csvr_timing_work_begin(hooks->timing, shared->n_threads, csvr_threads_cpus());
	on_stop_polled(shared, true);
	if (status == CSVR_OK)
		status = comm == NULL ? work_alone(shared, error) : work_together(shared, error);
	if (status == CSVR_OK && comm != NULL && is_first(shared))
		status = settle_chains(shared);
	on_stop_polled(shared, false);
	csvr_timing_work_end(hooks->timing);
	if (hooks->timing != NULL && shared->inputs->remote != NULL)
		shared->inputs->remote->stats(shared->inputs->remote->context,
					      &hooks->timing->network);
	/* What could not be settled any more waits in its chain, and is saved. */
	if (status == CSVR_OK && is_first(shared) && is_stopped(shared))
		status = CSVR_INTERRUPTED;
	if (status == CSVR_INTERRUPTED && is_first(shared) && hooks->checkpoint != NULL)
		save(shared);
	return status == CSVR_OK && is_first(shared) ? end_run(shared, summary) : status;
}

static enum csvr_status run_once(struct csvr_settings *settings, struct csvr_inputs *inputs,
				 struct csvr_run_hooks *hooks, bool has_looked,
				 struct csvr_summary **summary, struct csvr_error *error)
{
	struct shared shared = {
		.settings = settings, .inputs = inputs, .hooks = hooks, .has_looked = has_looked
	};
	struct csvr_state_set states = { 0 };
	enum csvr_status status = run_all(&shared, &states, summary, error);
	if (status != CSVR_OK && shared.is_awaited)
		hooks->comm->abort_all(hooks->comm->context,
				       status == CSVR_NO_MEMORY ? NULL : error);
	csvr_state_set_clear(&states);
	csvr_results_free(shared.results);
	csvr_plan_clear(&shared.plan);
	csvr_null_set_clear(&shared.job.nulls);
	return status;
}

/* Whether a run that begins again would find something used up. */
static bool has_streams(const struct csvr_inputs *inputs)
{
	bool has = false;
	for (size_t i = 0; i < inputs->n_items && inputs->n_items > 1; i++)
		has |= inputs->items[i].kind == CSVR_INPUT_STREAM;
	return has;
}

enum csvr_status csvr_run(struct csvr_settings *settings, struct csvr_inputs *inputs,
			  struct csvr_run_hooks *hooks, struct csvr_summary **summary,
			  struct csvr_error *error)
{
	struct csvr_run_hooks nobody = { 0 };
	if (hooks == NULL)
		hooks = &nobody;
	*summary = NULL;
	/* Other processes cannot be made to begin again; other shares must cut the same files. */
	bool has_looked = hooks->comm != NULL || hooks->checkpoint != NULL ||
			  inputs->n_states > 0 || settings->shard.count > 1 || has_streams(inputs);
	const uint64_t chunk_bytes = csvr_plan_chunk_bytes(settings);
	enum csvr_status status = has_looked ? csvr_inputs_sniff(inputs, chunk_bytes) : CSVR_OK;
	if (status == CSVR_OK)
		status = run_once(settings, inputs, hooks, has_looked, summary, error);
	if (status == CSVR_RETRY_AS_STATE || status == CSVR_RETRY_AS_COMPRESSED) {
		status = csvr_inputs_sniff(inputs, chunk_bytes);
		if (status == CSVR_OK)
			status = run_once(settings, inputs, hooks, true, summary, error);
	}
	if (status == CSVR_OK)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error) : status;
}

enum csvr_status csvr_state_write(const struct csvr_summary *summary,
				  const struct csvr_inputs *inputs,
				  const struct csvr_settings *settings, FILE *stream)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	enum csvr_status status = csvr_state_encode(&bytes, settings, inputs, &summary, 1);
	if (status == CSVR_OK && fwrite(bytes.bytes, 1, bytes.n_bytes, stream) != bytes.n_bytes)
		status = CSVR_IO_ERROR;
	csvr_encoder_clear(&bytes);
	return status;
}

/* ---- settings and failures ---- */

static const char *const default_nulls[] = { "NA", "N/A", "NULL", "null", "None" };

void csvr_settings_init(struct csvr_settings *settings)
{
	*settings = (struct csvr_settings){
		.walk = { .max_depth = -1 },
		.reading = { .delimiter = CSVR_AUTO,
			     .quote = '"',
			     .comment = CSVR_NONE,
			     .null_values = { default_nulls,
					      sizeof default_nulls / sizeof default_nulls[0] } },
		.report = { .round_digits = -1, .width = 80 },
		.shard = { 1, 1 },
	};
}

const char *csvr_summary_failure(const struct csvr_summary *summary,
				 const struct csvr_inputs *inputs, size_t index,
				 struct csvr_error *error)
{
	const struct csvr_failure *failure = &summary->failures[index];
	csvr_error_set(error, CSVR_INVALID_FILE, failure->line, "%s", failure->message);
	return csvr_inputs_path(inputs, failure->input);
}
