/* unit.c - one unit of work: inputs or a chunk into the summary of a thread
 *
 * Shape    an input that is read whole goes straight into the summary. A chunk goes into the
 *          reassembly of its input; the thread that adds the chunk that is next in file order
 *          merges it and those after it that are ready.
 * Errors   CSVR_NO_MEMORY ends the run, CSVR_RETRY_AS_STATE and CSVR_RETRY_AS_COMPRESSED restart
 *          it; any other error is a failure of the input, and recorded in the summary
 * Threads  each has its own struct csvr_thread_context
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdio.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/internal_status.h"
#include "base/memory.h"
#include "run/run_internal.h"

/* csvr_worker_read: the start of the chunk is not known. */
static const uint64_t no_start = 0;

/* ---- an input that is read whole ---- */

/* The columns of the header, valid until the next call. No names: no memory. */
static struct csvr_header_columns columns_of(struct csvr_thread_context *thread,
					     const struct csvr_header *header)
{
	struct csvr_header_columns columns = { .are_selected = header->is_selected };
	struct csvr_name *names = csvr_array_grow(thread->names, &thread->names_capacity,
						  header->n_columns, sizeof *names);
	if (names == NULL)
		return columns;
	thread->names = names;
	for (size_t i = 0; i < header->n_columns; i++)
		names[i] = (struct csvr_name){ (const char *)header->names[i].start,
					       header->names[i].n_bytes };
	columns.names = names;
	columns.n_columns = header->n_columns;
	return columns;
}

/* Sets the layout of the file read last, which has a header. */
static enum csvr_status find_layout(struct csvr_thread_context *thread, struct csvr_file *file)
{
	uint64_t version;
	const struct csvr_header *header = csvr_worker_header(thread->worker, &version);
	if (thread->has_layout && thread->header_version == version) {
		file->layout = thread->layout & (CSVR_MAX_LAYOUTS - 1);
		return CSVR_OK;
	}
	const struct csvr_header_columns columns = columns_of(thread, header);
	const enum csvr_status status = columns.names == NULL
						? CSVR_NO_MEMORY
						: csvr_summary_intern_layout(thread->summary,
									     &columns, file);
	/* The layout of a file with only a header does not hold for one with rows. The reverse is true: once a
	 * file with rows has a column, headers alone add nothing to it. */
	thread->has_layout = status == CSVR_OK && file->kind == CSVR_FILE_READ;
	thread->layout = file->layout;
	thread->header_version = version;
	return status;
}

/* Finishes the statistics of a file after its last row. The caller sets the layout of the result. */
static struct csvr_file finish_file(struct csvr_file_stats *stats, uint32_t input,
				    uint64_t size_bytes)
{
	stats->size_bytes = size_bytes;
	csvr_file_stats_finish(stats);
	const enum csvr_file_kind kind = stats->n_rows > 0       ? CSVR_FILE_READ
					 : stats->n_filtered > 0 ? CSVR_FILE_FILTERED
					 : stats->n_columns > 0  ? CSVR_FILE_HEADER_ONLY
								 : CSVR_FILE_EMPTY;
	return (struct csvr_file){ .input = input, .kind = (uint32_t)kind & 7 };
}

/* Sets `*error` to the reason why a file that begins as a saved state cannot be used as one. */
static void explain_bad_state(const struct csvr_inputs *inputs, uint32_t index,
			      struct csvr_error *error)
{
	struct csvr_state_file state;
	struct csvr_error reason;
	const struct csvr_path_parts parts = csvr_inputs_split_path(inputs, &inputs->items[index]);
	char *path;
	csvr_error_set(error, CSVR_INVALID_FILE, 0,
		       "saved state has invalid contents; recreate it");
	if (asprintf(&path, "%s%s", parts.directory, parts.name) < 0)
		return;
	if (csvr_state_file_open(&state, path, &reason) == CSVR_INVALID_FILE)
		*error = reason;
	csvr_state_file_clear(&state);
	free(path);
}

/* Whether the run must restart because input `index` turned out to be a saved state, or compressed
 * although it was split. If the run has sniffed every input, a restart would not help: the input
 * fails, and `*error` receives the reason. */
static bool must_restart(const struct csvr_run_context *run, uint32_t index,
			 enum csvr_status status, struct csvr_error *error)
{
	if (!run->has_sniffed)
		return true;
	if (status == CSVR_RETRY_AS_COMPRESSED)
		csvr_error_set(
			error, CSVR_FILE_CHANGED, 0,
			"compressed since it was listed; run again when nothing writes to it");
	else
		explain_bad_state(run->inputs, index, error);
	return false;
}

static enum csvr_status read_whole(struct csvr_thread_context *thread, uint32_t index)
{
	struct csvr_chunk_stats *chunk = &thread->chunk;
	csvr_worker_read(thread->worker, &thread->run->inputs->items[index], 0, UINT64_MAX,
			 no_start, chunk);
	if (chunk->status == CSVR_NO_MEMORY)
		return CSVR_NO_MEMORY;
	if (chunk->status == CSVR_INTERRUPTED)
		return CSVR_OK; /* it was not read */
	if (chunk->status == CSVR_RETRY_AS_STATE &&
	    must_restart(thread->run, index, chunk->status, &chunk->error))
		return CSVR_RETRY_AS_STATE;
	if (chunk->status != CSVR_OK)
		return csvr_summary_add_failure(thread->summary, index, &chunk->error);
	struct csvr_file file = finish_file(&chunk->stats, index, chunk->size_bytes);
	enum csvr_status status = CSVR_OK;
	if (csvr_file_has_header(&file))
		status = find_layout(thread, &file);
	if (status == CSVR_OK)
		status = csvr_summary_add_file(thread->summary, &file, &chunk->stats);
	if (status != CSVR_OK || file.kind != CSVR_FILE_READ)
		return status;
	return csvr_summary_prepare_next(thread->summary, file.layout, thread->header_version,
					 &chunk->stats);
}

/* ---- a chunk of a split input ---- */

/* Adds the input of a complete reassembly to a summary. */
static enum csvr_status add_reassembled(struct csvr_reassembly *reassembly,
					const struct csvr_inputs *inputs,
					struct csvr_summary *summary)
{
	struct csvr_chunk_stats *chunk = csvr_reassembly_result(reassembly);
	const struct csvr_schema *schema = csvr_reassembly_schema(reassembly);
	const uint32_t index = csvr_reassembly_input(reassembly);
	const struct csvr_input *input = &inputs->items[index];
	if (chunk->status == CSVR_OK && chunk->stats.n_columns != schema->n_names &&
	    chunk->stats.n_columns > 0)
		chunk->status =
			csvr_error_set(&chunk->error, CSVR_FILE_CHANGED, 0,
				       "its header changed while it was read; run again when "
				       "nothing writes to it");
	if (chunk->status != CSVR_OK)
		return csvr_summary_add_failure(summary, index, &chunk->error);
	/* The decompressed size of an input that came from saved states is known from its end
	 * alone. */
	struct csvr_file file = finish_file(&chunk->stats, index,
					    input->is_compressed ? chunk->next : input->size_bytes);
	if (csvr_file_has_header(&file)) {
		const struct csvr_header_columns columns = csvr_schema_columns(schema);
		const enum csvr_status status = csvr_summary_intern_layout(summary, &columns,
									   &file);
		if (status != CSVR_OK)
			return status;
	}
	return csvr_summary_add_file(summary, &file, &chunk->stats);
}

struct reread_context {
	struct csvr_results *results;
	struct csvr_worker *worker;
};

/* Releases the lock meanwhile: the read may block for long, and a checkpoint must not wait for
 * it. */
static void reread(void *context, const struct csvr_input *input, uint64_t begin, uint64_t end,
		   uint64_t start, struct csvr_chunk_stats *chunk)
{
	const struct reread_context *reading = context;
	csvr_results_unlock_shared(reading->results);
	csvr_worker_read(reading->worker, input, begin, end, start, chunk);
	csvr_results_lock_shared(reading->results);
}

enum csvr_status csvr_unit_merge_chunks(struct csvr_run_context *run,
					struct csvr_reassembly *reassembly,
					struct csvr_worker *worker, struct csvr_summary *summary)
{
	const struct csvr_input *input = &run->inputs->items[csvr_reassembly_input(reassembly)];
	struct reread_context context = { run->results, worker };
	bool is_complete;
	enum csvr_status status = csvr_reassembly_merge_ready(reassembly, reread, &context, input,
							      &is_complete);
	if (status == CSVR_OK && is_complete)
		status = add_reassembled(reassembly, run->inputs, summary);
	return status;
}

/* Adds the segment, which it takes over, and merges what is ready. */
static enum csvr_status add_segment(struct csvr_thread_context *thread,
				    struct csvr_reassembly *reassembly,
				    struct csvr_segment *segment)
{
	uint64_t ignored;
	const struct csvr_header *header = csvr_worker_header(thread->worker, &ignored);
	bool is_acquired;
	enum csvr_status status = CSVR_OK;
	if (segment->chunk.status == CSVR_OK && segment->chunk.stats.n_columns > 0 &&
	    csvr_reassembly_needs_schema(reassembly)) {
		const struct csvr_header_columns columns = columns_of(thread, header);
		status = columns.names == NULL ? CSVR_NO_MEMORY
					       : csvr_reassembly_set_schema(reassembly, &columns);
	}
	if (status != CSVR_OK) {
		csvr_segment_free(segment);
		return status;
	}
	status = csvr_reassembly_add(reassembly, segment, &is_acquired);
	if (status == CSVR_OK && is_acquired)
		status = csvr_unit_merge_chunks(thread->run, reassembly, thread->worker,
						thread->summary);
	return status;
}

/* Adjacent chunks that a thread reads as one. */
struct joined_chunks {
	struct csvr_thread_context *thread;
	const struct csvr_unit *last;
};

/* A csvr_extend_fn. */
static bool take_following(void *context, uint64_t *end)
{
	struct joined_chunks *joined = context;
	struct csvr_thread_context *thread = joined->thread;
	const struct csvr_unit *unit = csvr_run_has_failed(thread->run)
					       ? NULL
					       : csvr_unit_queue_take_following(thread->queue,
										joined->last);
	if (unit == NULL)
		return false;
	csvr_team_start_unit(thread, unit);
	joined->last = unit;
	*end = unit->end;
	return true;
}

/* See least_bytes_left. New groups and their merging take as long as it does to read so many rows for each of them. */
static void note_cost_of_groups(struct csvr_thread_context *thread,
				const struct csvr_file_stats *stats, uint64_t n_bytes)
{
	enum { ROWS_OF_GROUP = 16 };
	if (stats->groups == NULL || stats->n_rows == 0)
		return;
	const double bytes_of_row = (double)n_bytes / (double)stats->n_rows;
	const double n_rows = ROWS_OF_GROUP * (double)csvr_groups_n_found(stats->groups);
	thread->least_bytes_left = (uint64_t)(n_rows * bytes_of_row);
}

/* Reads the chunk, and those after it that the thread takes. */
static enum csvr_status read_chunk(struct csvr_thread_context *thread, const struct csvr_unit *unit)
{
	struct csvr_run_context *run = thread->run;
	struct csvr_segment *segment = csvr_segment_new(unit->chunk, unit->chunk);
	if (segment == NULL)
		return CSVR_NO_MEMORY;
	struct csvr_chunk_stats *chunk = &segment->chunk;
	struct joined_chunks joined = { thread, unit };
	const struct csvr_extension extension = { take_following, &joined };
	csvr_worker_read_extended(thread->worker, &run->inputs->items[unit->first_input],
				  unit->begin, unit->end, &extension, chunk);
	segment->last = joined.last->chunk;
	if (chunk->status == CSVR_OK)
		note_cost_of_groups(thread, &chunk->stats, chunk->next - chunk->start);
	if (csvr_unit_finished_inputs(joined.last) > 0)
		csvr_team_on_input_read(run);
	if ((chunk->status == CSVR_RETRY_AS_STATE || chunk->status == CSVR_RETRY_AS_COMPRESSED) &&
	    !must_restart(run, unit->first_input, chunk->status, &chunk->error))
		chunk->status = chunk->error.status;
	const enum csvr_status result = chunk->status;
	if (result == CSVR_NO_MEMORY || result == CSVR_INTERRUPTED ||
	    result == CSVR_RETRY_AS_STATE || result == CSVR_RETRY_AS_COMPRESSED) {
		csvr_segment_free(segment);
		return result == CSVR_INTERRUPTED ? CSVR_OK : result; /* it was not read */
	}
	csvr_results_lock_shared(run->results);
	enum csvr_status status =
		add_segment(thread, csvr_results_reassembly(run->results, unit->first_input),
			    segment);
	csvr_results_unlock_shared(run->results);
	thread->has_layout = false; /* a new header may have renumbered the layouts */
	return status;
}

/* ---- a unit ---- */

enum csvr_status csvr_unit_read(struct csvr_thread_context *thread, const struct csvr_unit *unit)
{
	enum csvr_status status = CSVR_OK;
	if (unit->n_chunks > 1)
		status = read_chunk(thread, unit);
	for (uint32_t i = 0; unit->n_chunks == 1 && i < unit->n_inputs && status == CSVR_OK; i++) {
		status = read_whole(thread, unit->first_input + i);
		csvr_team_on_input_read(thread->run);
	}
	/* Known early, the error costs the user less time. */
	if (status == CSVR_OK && csvr_run_correlates_too_many(thread->run, thread->summary))
		return CSVR_INVALID_OPTION;
	if (status == CSVR_OK && csvr_run_has_too_many_groups(thread->summary))
		return CSVR_TOO_MANY_GROUPS;
	return status;
}
