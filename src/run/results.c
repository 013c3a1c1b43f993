/* results.c - the results of a run so far, shared by its threads */
#include "run/results.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/memory.h"
#include "base/search.h"
#include "state/state_file.h"

/* With 16 summaries, a file that changed between two runs costs about a sixteenth of the work. */
enum { MAX_SUMMARIES = 16 };

struct segment_range {
	uint32_t input, first, last;
};

struct csvr_results {
	struct csvr_summary_config config;
	/* Threads  that change a reassembly or add a summary hold it for reading, a snapshot for
	 *          writing. */
	pthread_rwlock_t snapshot_lock;
	pthread_mutex_t summaries_lock; /* between threads that add a summary */
	struct csvr_summary *summaries[MAX_SUMMARIES]; /* threads add to the last */
	size_t n_summaries;
	struct csvr_reassembly **reassemblies; /* in order of inputs */
	size_t n_reassemblies, reassemblies_capacity;
	unsigned char *is_done; /* a bit per input; NULL: no saved state has an input */
	size_t n_done_bytes;
	/* The inputs of the checkpoint, and its segments of partial files. */
	unsigned char *is_resumed;
	size_t n_resumed_bytes;
	struct segment_range *resumed_segments;
	size_t n_resumed_segments, resumed_segments_capacity;
};

enum csvr_status csvr_results_new(const struct csvr_summary_config *config,
				  struct csvr_results **results)
{
	pthread_rwlockattr_t attributes;
	*results = calloc(1, sizeof **results);
	if (*results == NULL)
		return CSVR_NO_MEMORY;
	(*results)->config = *config;
	pthread_rwlockattr_init(&attributes);
#ifdef __GLIBC__
	/* Otherwise a snapshot might starve while threads take and release the lock. */
	pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
#endif
	pthread_rwlock_init(&(*results)->snapshot_lock, &attributes);
	pthread_rwlockattr_destroy(&attributes);
	pthread_mutex_init(&(*results)->summaries_lock, NULL);
	enum csvr_status status = csvr_summary_new(config, &(*results)->summaries[0]);
	if (status == CSVR_OK) {
		(*results)->n_summaries = 1;
		return CSVR_OK;
	}
	csvr_results_free(*results);
	*results = NULL;
	return status;
}

void csvr_results_free(struct csvr_results *results)
{
	if (results == NULL)
		return;
	for (size_t i = 0; i < results->n_summaries; i++)
		csvr_summary_free(results->summaries[i]);
	for (size_t i = 0; i < results->n_reassemblies; i++)
		csvr_reassembly_free(results->reassemblies[i]);
	free(results->reassemblies);
	free(results->is_done);
	free(results->is_resumed);
	free(results->resumed_segments);
	pthread_rwlock_destroy(&results->snapshot_lock);
	pthread_mutex_destroy(&results->summaries_lock);
	free(results);
}

static struct csvr_summary *last_summary(const struct csvr_results *results)
{
	return results->summaries[results->n_summaries - 1];
}

/* ---- reassemblies ---- */

struct position {
	const struct csvr_results *results;
	uint32_t input;
};

static bool is_before(const void *context, size_t index)
{
	const struct position *position = context;
	return csvr_reassembly_input(position->results->reassemblies[index]) < position->input;
}

/* The index of the reassembly of `input`, or the one to insert it at. */
static size_t index_of(const struct csvr_results *results, uint32_t input)
{
	const struct position position = { results, input };
	return csvr_lower_bound(results->n_reassemblies, is_before, &position);
}

struct csvr_reassembly *csvr_results_reassembly(const struct csvr_results *results, uint32_t input)
{
	const size_t i = index_of(results, input);
	return i < results->n_reassemblies &&
			       csvr_reassembly_input(results->reassemblies[i]) == input
		       ? results->reassemblies[i]
		       : NULL;
}

/* The reassembly of `input`, created if it does not exist; NULL: no memory. */
static struct csvr_reassembly *get_reassembly(struct csvr_results *results, uint32_t input,
					      uint32_t n_chunks, uint64_t chunk_bytes)
{
	struct csvr_reassembly *reassembly = csvr_results_reassembly(results, input);
	if (reassembly != NULL)
		return reassembly;
	struct csvr_reassembly **reassemblies = csvr_array_grow(results->reassemblies,
								&results->reassemblies_capacity,
								results->n_reassemblies + 1,
								sizeof(struct csvr_reassembly *));
	if (reassemblies == NULL)
		return NULL;
	results->reassemblies = reassemblies;
	reassembly = csvr_reassembly_new(input, n_chunks, chunk_bytes);
	if (reassembly == NULL)
		return NULL;
	const size_t i = index_of(results, input);
	memmove(reassemblies + i + 1, reassemblies + i,
		(results->n_reassemblies++ - i) * sizeof(struct csvr_reassembly *));
	reassemblies[i] = reassembly;
	return reassembly;
}

enum csvr_status csvr_results_register(struct csvr_results *results, const struct csvr_plan *plan)
{
	for (size_t i = 0; i < plan->n_units; i++) {
		const struct csvr_unit *unit = &plan->units[i];
		if (unit->n_chunks == 1)
			continue;
		const uint64_t chunk_bytes = unit->chunk > 0 ? unit->begin / unit->chunk
							     : unit->end;
		if (get_reassembly(results, unit->first_input, unit->n_chunks, chunk_bytes) == NULL)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

/* ---- saved states ---- */

static enum csvr_status mark_done(struct csvr_results *results, uint32_t input)
{
	const size_t n_bytes = input / 8 + (size_t)1;
	if (n_bytes > results->n_done_bytes) {
		size_t capacity = results->n_done_bytes;
		unsigned char *grown = csvr_array_grow(results->is_done, &capacity, n_bytes, 1);
		if (grown == NULL)
			return CSVR_NO_MEMORY;
		memset(grown + results->n_done_bytes, 0, capacity - results->n_done_bytes);
		results->is_done = grown;
		results->n_done_bytes = capacity;
	}
	results->is_done[input / 8] |= (unsigned char)(1u << input % 8);
	return CSVR_OK;
}

static bool has_bit(const unsigned char *bits, size_t n_bytes, uint32_t index)
{
	return index / 8 < n_bytes && (bits[index / 8] >> index % 8 & 1) != 0;
}

static bool is_done(const struct csvr_results *results, uint32_t input)
{
	return has_bit(results->is_done, results->n_done_bytes, input);
}

static enum csvr_status set_overlap_error(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "overlaps another saved state; pass each shard once");
}

/* False: the file changed between the runs that saved the states, but neither its size nor its time
 * did. */
static bool has_same_schema(struct csvr_reassembly *reassembly, const struct csvr_schema *schema)
{
	return schema->n_names == 0 || csvr_reassembly_needs_schema(reassembly) ||
	       csvr_schema_equals(csvr_reassembly_schema(reassembly), schema);
}

static enum csvr_status import_partial(struct csvr_results *results,
				       struct csvr_partial_file *partial, struct csvr_error *error)
{
	const struct csvr_schema *schema = &partial->schema;
	struct csvr_reassembly *reassembly =
		get_reassembly(results, partial->input, partial->n_chunks, partial->chunk_bytes);
	if (reassembly == NULL)
		return CSVR_NO_MEMORY;
	if (!csvr_reassembly_matches_chunks(reassembly, partial->n_chunks, partial->chunk_bytes))
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "splits big files in another way than this run; recreate it");
	if (!has_same_schema(reassembly, schema))
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "has other column names for a file than another saved state; "
				      "recreate all shards");
	const struct csvr_header_columns columns = csvr_schema_columns(schema);
	enum csvr_status status = csvr_reassembly_set_schema(reassembly, &columns);
	for (size_t i = 0; i < partial->n_segments && status == CSVR_OK; i++) {
		struct csvr_segment *segment = partial->segments[i];
		if (is_done(results, partial->input) ||
		    csvr_reassembly_has(reassembly, segment->first, segment->last))
			return set_overlap_error(error);
		partial->segments[i] = NULL;
		status = csvr_reassembly_queue(reassembly, segment);
	}
	return status;
}

enum csvr_status csvr_results_import(struct csvr_results *results, struct csvr_summary *summary,
				     struct csvr_error *error)
{
	for (size_t i = 0; i < summary->n_files; i++) {
		const uint32_t input = summary->files[i].input;
		const struct csvr_reassembly *reassembly = csvr_results_reassembly(results, input);
		if (is_done(results, input) ||
		    (reassembly != NULL && csvr_reassembly_has(reassembly, 0, UINT32_MAX)))
			return set_overlap_error(error);
		if (mark_done(results, input) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < summary->n_partial_files && status == CSVR_OK; i++)
		status = import_partial(results, &summary->partial_files[i], error);
	for (size_t i = 0; i < summary->n_partial_files; i++)
		csvr_partial_file_clear(&summary->partial_files[i]);
	summary->n_partial_files = 0;
	if (status != CSVR_OK)
		return status;
	status = csvr_summary_merge(last_summary(results), summary);
	/* In a further pass all columns of a name collect the same ranges. */
	if (status == CSVR_INVALID_FILE)
		return csvr_error_set(
			error, status, 0,
			"has ranges of values that differ from those of another saved state; "
			"recreate it");
	return status;
}

/* ---- saved states that the checkpoint includes ---- */

static bool is_resumed(const struct csvr_results *results, uint32_t input)
{
	return has_bit(results->is_resumed, results->n_resumed_bytes, input);
}

static bool is_segment_resumed(const struct csvr_results *results, uint32_t input,
			       const struct csvr_segment *segment)
{
	bool is_included = is_resumed(results, input);
	for (size_t i = 0; i < results->n_resumed_segments && !is_included; i++) {
		const struct segment_range *range = &results->resumed_segments[i];
		is_included = range->input == input && range->first <= segment->first &&
			      range->last >= segment->last;
	}
	return is_included;
}

static enum csvr_status mark_segments_resumed(struct csvr_results *results,
					      const struct csvr_partial_file *partial)
{
	struct segment_range *ranges =
		csvr_array_grow(results->resumed_segments, &results->resumed_segments_capacity,
				results->n_resumed_segments + partial->n_segments, sizeof *ranges);
	if (ranges == NULL)
		return CSVR_NO_MEMORY;
	results->resumed_segments = ranges;
	for (size_t i = 0; i < partial->n_segments; i++)
		ranges[results->n_resumed_segments++] = (struct segment_range){
			partial->input, partial->segments[i]->first, partial->segments[i]->last
		};
	return CSVR_OK;
}

enum csvr_status csvr_results_mark_resumed(struct csvr_results *results)
{
	results->is_resumed = malloc(results->n_done_bytes + 1);
	if (results->is_resumed == NULL)
		return CSVR_NO_MEMORY;
	results->n_resumed_bytes = results->n_done_bytes;
	if (results->n_done_bytes > 0)
		memcpy(results->is_resumed, results->is_done, results->n_done_bytes);
	for (size_t i = 0; i < results->n_reassemblies; i++) {
		struct csvr_partial_file borrowed;
		enum csvr_status status = csvr_reassembly_borrow(results->reassemblies[i],
								 &borrowed);
		if (status == CSVR_OK)
			status = mark_segments_resumed(results, &borrowed);
		csvr_reassembly_return(&borrowed);
		if (status != CSVR_OK)
			return status;
	}
	return CSVR_OK;
}

enum csvr_status csvr_results_import_listed(struct csvr_results *results,
					    struct csvr_summary *summary, struct csvr_error *error)
{
	for (size_t i = 0; i < summary->n_partial_files; i++) {
		struct csvr_partial_file *partial = &summary->partial_files[i];
		size_t n = 0;
		for (size_t j = 0; j < partial->n_segments; j++) {
			if (is_segment_resumed(results, partial->input, partial->segments[j]))
				csvr_segment_free(partial->segments[j]);
			else
				partial->segments[n++] = partial->segments[j];
		}
		partial->n_segments = n;
	}
	size_t n_resumed = 0;
	for (size_t i = 0; i < summary->n_files; i++)
		n_resumed += is_resumed(results, summary->files[i].input);
	if (n_resumed == 0)
		return csvr_results_import(results, summary, error);
	if (n_resumed < summary->n_files)
		return csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"the checkpoint has only a part of this saved state; remove the "
			"checkpoint");
	struct csvr_summary *rest; /* its partial files: the checkpoint has all others */
	enum csvr_status status = csvr_summary_new(&results->config, &rest);
	while (status == CSVR_OK && summary->n_partial_files > 0) {
		struct csvr_partial_file partial =
			csvr_summary_pop_partial(summary, summary->n_partial_files - 1);
		status = csvr_summary_add_partial(rest, &partial);
		csvr_partial_file_clear(&partial);
	}
	if (status == CSVR_OK)
		status = csvr_results_import(results, rest, error);
	csvr_summary_free(rest);
	return status;
}

bool csvr_results_has(void *context, uint32_t input, uint32_t chunk, uint32_t n_chunks)
{
	const struct csvr_results *results = context;
	if (is_done(results, input))
		return true;
	const struct csvr_reassembly *reassembly = n_chunks > 1
							   ? csvr_results_reassembly(results, input)
							   : NULL;
	return reassembly != NULL && csvr_reassembly_has(reassembly, chunk, chunk);
}

/* ---- while the threads run ---- */

void csvr_results_lock_shared(struct csvr_results *results)
{
	pthread_rwlock_rdlock(&results->snapshot_lock);
}

void csvr_results_unlock_shared(struct csvr_results *results)
{
	pthread_rwlock_unlock(&results->snapshot_lock);
}

enum csvr_status csvr_results_add(struct csvr_results *results, struct csvr_summary *summary)
{
	csvr_results_lock_shared(results);
	pthread_mutex_lock(&results->summaries_lock);
	enum csvr_status status = csvr_summary_merge(last_summary(results), summary);
	pthread_mutex_unlock(&results->summaries_lock);
	csvr_results_unlock_shared(results);
	return status;
}

/* ---- snapshots ---- */

/* If the array is full, merges the two consecutive summaries that have the fewest bytes together. */
enum csvr_status csvr_results_start_generation(struct csvr_results *results)
{
	struct csvr_summary **summaries = results->summaries;
	if (last_summary(results)->n_files == 0)
		return CSVR_OK;
	if (results->n_summaries == MAX_SUMMARIES) {
		size_t least = 0;
		uint64_t least_bytes = UINT64_MAX;
		for (size_t i = 0; i + 1 < results->n_summaries; i++) {
			const uint64_t bytes = csvr_summary_totals(summaries[i]).size_bytes +
					       csvr_summary_totals(summaries[i + 1]).size_bytes;
			if (bytes < least_bytes) {
				least_bytes = bytes;
				least = i;
			}
		}
		enum csvr_status status = csvr_summary_merge(summaries[least],
							     summaries[least + 1]);
		if (status != CSVR_OK)
			return status;
		csvr_summary_free(summaries[least + 1]);
		results->n_summaries--;
		memmove(summaries + least + 1, summaries + least + 2,
			(results->n_summaries - least - 1) * sizeof(struct csvr_summary *));
	}
	enum csvr_status status = csvr_summary_new(&results->config,
						   &summaries[results->n_summaries]);
	results->n_summaries += status == CSVR_OK;
	return status;
}

/* Adds the incomplete reassemblies to `borrowed` as partial files, whose segments they still own. */
static enum csvr_status borrow_segments(struct csvr_results *results, struct csvr_summary *borrowed)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < results->n_reassemblies && status == CSVR_OK; i++) {
		struct csvr_partial_file partial;
		status = csvr_reassembly_borrow(results->reassemblies[i], &partial);
		if (status == CSVR_OK && partial.n_segments > 0)
			status = csvr_summary_add_partial(borrowed, &partial);
		csvr_reassembly_return(&partial);
	}
	return status;
}

static void return_segments(struct csvr_summary *borrowed)
{
	for (size_t i = 0; i < borrowed->n_partial_files; i++)
		csvr_reassembly_return(&borrowed->partial_files[i]);
	borrowed->n_partial_files = 0;
}

static enum csvr_status encode_all(struct csvr_results *results,
				   const struct csvr_settings *settings,
				   const struct csvr_inputs *inputs,
				   const struct csvr_run_record *run, struct csvr_encoder *bytes)
{
	const struct csvr_summary *summaries[MAX_SUMMARIES + 1];
	struct csvr_summary *borrowed;
	enum csvr_status status = csvr_summary_new(&results->config, &borrowed);
	if (status != CSVR_OK)
		return status;
	status = csvr_summary_add_run(borrowed, run);
	if (status == CSVR_OK)
		status = borrow_segments(results, borrowed);
	for (size_t i = 0; i < results->n_summaries && status == CSVR_OK; i++) {
		summaries[i] = results->summaries[i];
		status = csvr_summary_finish(results->summaries[i]);
	}
	if (status == CSVR_OK)
		status = csvr_summary_finish(borrowed);
	summaries[results->n_summaries] = borrowed;
	if (status == CSVR_OK)
		status = csvr_state_encode(bytes, settings, inputs, summaries,
					   results->n_summaries + 1);
	return_segments(borrowed);
	csvr_summary_free(borrowed);
	return status == CSVR_OK ? csvr_results_start_generation(results) : status;
}

enum csvr_status csvr_results_snapshot(struct csvr_results *results,
				       const struct csvr_settings *settings,
				       const struct csvr_inputs *inputs,
				       const struct csvr_run_record *run,
				       struct csvr_encoder *bytes)
{
	pthread_rwlock_wrlock(&results->snapshot_lock);
	enum csvr_status status = encode_all(results, settings, inputs, run, bytes);
	pthread_rwlock_unlock(&results->snapshot_lock);
	return status;
}

/* ---- the end ---- */

enum csvr_status csvr_results_resolve(struct csvr_results *results, csvr_resolve_fn resolve,
				      void *context)
{
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < results->n_reassemblies && status == CSVR_OK; i++)
		if (!csvr_reassembly_is_complete(results->reassemblies[i]) &&
		    csvr_reassembly_has(results->reassemblies[i], 0, UINT32_MAX))
			status = resolve(context, results->reassemblies[i]);
	return status;
}

enum csvr_status csvr_results_finish(struct csvr_results *results, struct csvr_summary **summary)
{
	enum csvr_status status = CSVR_OK;
	*summary = results->summaries[0];
	for (size_t i = 1; i < results->n_summaries; i++) {
		if (status == CSVR_OK)
			status = csvr_summary_merge(*summary, results->summaries[i]);
		csvr_summary_free(results->summaries[i]);
	}
	results->n_summaries = 0;
	for (size_t i = 0; i < results->n_reassemblies && status == CSVR_OK; i++) {
		struct csvr_partial_file partial;
		status = csvr_reassembly_detach(results->reassemblies[i], &partial);
		if (status == CSVR_OK && partial.n_segments > 0)
			status = csvr_summary_add_partial(*summary, &partial);
		csvr_partial_file_clear(&partial);
	}
	if (status == CSVR_OK)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return status;
}
