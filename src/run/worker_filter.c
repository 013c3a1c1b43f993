/* worker_filter.c - the conditions of --where on the records of a worker
 *
 * A run of records is filtered before any of its cells is counted: batch by batch, the cells of the columns with
 * conditions are compared, and the ends of the fields of the records that are left are copied, so that these are a run again. Conditions apply in
 * their order. A record that does not satisfy one is not looked at by the next.
 */
#include "run/worker_filter.h"

#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "run/worker_internal.h"

struct csvr_worker_filter *csvr_worker_filter_new(size_t n_conditions)
{
	struct csvr_worker_filter *filter = calloc(1, sizeof *filter);
	if (filter != NULL)
		filter->n_conditions = n_conditions;
	return filter;
}

void csvr_worker_filter_free(struct csvr_worker_filter *filter)
{
	if (filter == NULL)
		return;
	free(filter->ends);
	free(filter->text);
	free(filter->long_text);
	free(filter);
}

void csvr_worker_start_filter(struct csvr_worker *w)
{
	struct csvr_worker_filter *filter = w->filter;
	if (filter->header_version == w->header_version)
		return;
	filter->header_version = w->header_version;
	memset(filter->guesses, 0, sizeof filter->guesses);
	filter->has_all_columns = true;
	for (size_t k = 0; k < filter->n_conditions; k++)
		filter->has_all_columns &= w->header.conditions[k].column != SIZE_MAX;
}

/* ---- one cell ---- */

static bool is_1252(const struct csvr_worker *w, struct csvr_slice text)
{
	return w->dialect.encoding != CSVR_ENCODING_UTF8 &&
	       csvr_is_1252(w->dialect.encoding, text.start, text.n_bytes);
}

/* Copies the text of a cell, from Windows-1252 if it is that, with a NUL after it. Globs end at a NUL, so those inside
 * become another control character. */
static enum csvr_status copy_text(struct csvr_worker *w, struct csvr_slice *text)
{
	struct csvr_worker_filter *filter = w->filter;
	const size_t n_bytes = text->n_bytes * CSVR_1252_FACTOR + CSVR_TEXT_MARGIN;
	unsigned char *copy = csvr_array_grow(filter->text, &filter->text_capacity, n_bytes, 1);
	if (copy == NULL)
		return CSVR_NO_MEMORY;
	filter->text = copy;
	if (is_1252(w, *text))
		text->n_bytes = csvr_utf8_from_1252(text->start, text->n_bytes, copy);
	else
		memcpy(copy, text->start, text->n_bytes);
	text->start = copy;
	copy[text->n_bytes] = '\0';
	for (unsigned char *nul = copy;
	     (nul = memchr(nul, '\0', (size_t)(copy + text->n_bytes - nul))) != NULL;)
		*nul = '\1';
	return CSVR_OK;
}

/* Removes quotes and blanks that csvr_field_text must look at. */
__attribute__((noinline)) static enum csvr_status unquote(struct csvr_worker *w,
							  struct csvr_slice *text)
{
	struct csvr_worker_filter *filter = w->filter;
	unsigned char *scratch = w->scratch;
	if (text->n_bytes > CSVR_MAX_CELL_BYTES) {
		scratch = csvr_array_grow(filter->long_text, &filter->long_text_capacity,
					  text->n_bytes + CSVR_TEXT_MARGIN, 1);
		if (scratch == NULL)
			return CSVR_NO_MEMORY;
		filter->long_text = scratch;
	}
	*text = csvr_field_text(text->start, text->start + text->n_bytes, &w->dialect, scratch);
	return CSVR_OK;
}

/* Compares a cell as written. `*text` becomes its text. */
static enum csvr_status relate(struct csvr_worker *w, struct csvr_condition *condition,
			       struct csvr_slice *text, enum csvr_relation *relation)
{
	const struct csvr_slice cell = *text;
	enum csvr_status status = CSVR_OK;
	if (cell.n_bytes > 0 && !csvr_worker_find_plain_text(w, cell, text)) {
		*text = cell;
		status = unquote(w, text);
	}
	if (status == CSVR_OK && (condition->comparison == CSVR_LIKE ||
				  (condition->quantity == CSVR_N_QUANTITIES && is_1252(w, *text))))
		status = copy_text(w, text);
	if (status == CSVR_OK)
		*relation = csvr_condition_relate(condition, &w->filter->decimal, *text);
	return status;
}

/* Counts a cell that condition `k` could not compare, of the record at text[record). */
static enum csvr_status count_other(struct csvr_worker *w, size_t k, struct csvr_slice text,
				    size_t record)
{
	struct csvr_condition_stats *stats = csvr_filter_stats_at(&w->chunk->stats.filter, k,
								  w->filter->n_conditions);
	if (stats == NULL)
		return CSVR_NO_MEMORY;
	if (stats->n_other++ > 0)
		return CSVR_OK;
	if (is_1252(w, text) && copy_text(w, &text) != CSVR_OK)
		return CSVR_NO_MEMORY;
	csvr_first_cell_note(&stats->first, csvr_worker_line_of(w, record), text.start,
			     text.n_bytes);
	return CSVR_OK;
}

/* Sets `*is_kept` to whether a cell as written satisfies condition `k`. */
static enum csvr_status filter_cell(struct csvr_worker *w, size_t k, struct csvr_slice cell,
				    size_t record, bool *is_kept)
{
	struct csvr_condition *condition = &w->header.conditions[k];
	enum csvr_relation relation;
	const enum csvr_status status = relate(w, condition, &cell, &relation);
	if (status != CSVR_OK)
		return status;
	*is_kept = csvr_condition_accepts(condition, relation);
	return relation == CSVR_RELATION_OTHER ? count_other(w, k, cell, record) : CSVR_OK;
}

/* ---- a batch ---- */

/* The cells of one column, and the ends before the records. */
struct batch {
	struct csvr_column_slice cells;
	const uint32_t *before;
};

static inline size_t record_start(const struct batch *batch, size_t i)
{
	return (uint32_t)(batch->before[i * batch->cells.stride] + 1);
}

/* The cell as written; without the '\r' of a line end. */
static inline struct csvr_slice cell_at(const struct csvr_worker *w, const struct batch *batch,
					size_t i)
{
	const uint32_t *end = batch->cells.ends + i * batch->cells.stride;
	const unsigned char *start = w->text + (uint32_t)(end[-1] + 1);
	const unsigned char *stop = w->text + *end;
	if (batch->cells.ends_line)
		stop = csvr_worker_strip_returns(start, stop);
	return (struct csvr_slice){ start, (size_t)(stop - start) };
}

/* Filters a cell that is not a plain number of the guessed scale. */
static enum csvr_status filter_reject(struct csvr_worker *w, size_t k, const struct batch *batch,
				      size_t i, struct csvr_scale_rejects *rejects)
{
	struct csvr_worker_filter *filter = w->filter;
	const struct csvr_slice cell = cell_at(w, batch, i);
	bool is_kept;
	if (filter->is_kept[i] == 0)
		return CSVR_OK;
	const enum csvr_status status = filter_cell(w, k, cell, record_start(batch, i), &is_kept);
	filter->is_kept[i] = status == CSVR_OK && is_kept;
	csvr_scale_rejects_note(rejects, &filter->decimal, cell.n_bytes, filter->guesses[k].scale);
	return status;
}

/* Of `n` numbers of the guessed scale, marks those that satisfy condition `k`. */
static void compare_values(struct csvr_worker *w, size_t k, size_t n, uint8_t *marks)
{
	struct csvr_worker_filter *filter = w->filter;
	struct csvr_condition *condition = &w->header.conditions[k];
	const unsigned scale = filter->guesses[k].scale;
	const struct csvr_interval interval = csvr_condition_interval(condition, scale);
	const int64_t *values = filter->values;
	for (size_t i = 0; i < n; i++)
		marks[i] = csvr_interval_has(&interval, values[i]);
	int64_t null;
	for (size_t i = 0; i < condition->rules->n_null_numbers; i++) {
		if (!csvr_null_number(condition->rules, i, scale, &null))
			continue;
		for (size_t j = 0; j < n; j++)
			if (values[j] == null)
				marks[j] = csvr_condition_accepts(condition, CSVR_RELATION_MISSING);
	}
}

/* Filters a batch by a condition whose value is a number. */
static enum csvr_status filter_numbers(struct csvr_worker *w, size_t k, const struct batch *batch)
{
	struct csvr_worker_filter *filter = w->filter;
	struct csvr_scale_guess *guess = &filter->guesses[k];
	struct csvr_scale_rejects rejects = { 0, 0, 0, 0 };
	const size_t n_cells = batch->cells.n_cells;
	uint8_t marks[CSVR_MAX_CELLS] = { 0 };
	const size_t n_values = w->config->kernel->convert(&batch->cells, guess->scale,
							   w->dialect.quote, filter->values,
							   filter->rejects);
	compare_values(w, k, n_values, marks);
	if (n_values == n_cells) {
		for (size_t i = 0; i < n_cells; i++)
			filter->is_kept[i] &= marks[i];
		return CSVR_OK;
	}
	enum csvr_status status = CSVR_OK;
	const size_t n_rejects = n_cells - n_values;
	for (size_t i = 0, r = 0; i < n_cells && status == CSVR_OK; i++) {
		if (r < n_rejects && filter->rejects[r] == i) {
			status = filter_reject(w, k, batch, i, &rejects);
			r++;
		} else {
			filter->is_kept[i] &= marks[i - r];
		}
	}
	csvr_scale_guess_adjust(guess, &rejects, n_cells);
	return status;
}

/* Whether a cell can be compared with a text as it is written. */
static bool compares_bytes(const struct csvr_worker *w, const struct csvr_condition *condition)
{
	return condition->quantity == CSVR_N_QUANTITIES &&
	       (condition->comparison == CSVR_EQUAL || condition->comparison == CSVR_NOT_EQUAL) &&
	       (condition->is_ascii || w->dialect.encoding == CSVR_ENCODING_UTF8);
}

/* Filters a cell, which is not empty, without a closer look at it. False: it needs one. */
static inline bool filter_plain(const struct csvr_worker *w, struct csvr_condition *condition,
				bool is_by_bytes, struct csvr_slice cell, bool *is_kept)
{
	struct csvr_slice text;
	enum csvr_relation relation;
	if (is_by_bytes) {
		if (!csvr_worker_find_plain_text(w, cell, &text))
			return false;
		const bool is_equal = !condition->means_missing &&
				      text.n_bytes == condition->value_bytes &&
				      memcmp(text.start, condition->value, text.n_bytes) == 0;
		*is_kept = is_equal == (condition->comparison == CSVR_EQUAL);
		return true;
	}
	if (condition->quantity == CSVR_N_QUANTITIES ||
	    !csvr_condition_relate_time(condition, cell, &relation) ||
	    relation == CSVR_RELATION_OTHER)
		return false;
	*is_kept = csvr_condition_accepts(condition, relation);
	return true;
}

/* Filters a batch by a condition whose value is not a number. */
static enum csvr_status filter_others(struct csvr_worker *w, size_t k, const struct batch *batch)
{
	struct csvr_worker_filter *filter = w->filter;
	struct csvr_condition *condition = &w->header.conditions[k];
	const bool is_by_bytes = compares_bytes(w, condition);
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < batch->cells.n_cells && status == CSVR_OK; i++) {
		const struct csvr_slice cell = cell_at(w, batch, i);
		bool is_kept = false;
		if (filter->is_kept[i] == 0)
			continue;
		if (cell.n_bytes == 0 || !filter_plain(w, condition, is_by_bytes, cell, &is_kept))
			status = filter_cell(w, k, cell, record_start(batch, i), &is_kept);
		filter->is_kept[i] = is_kept;
	}
	return status;
}

/* Marks the records [first, first + n_records) of the run, at most a batch, that satisfy all conditions. Sets `*n_kept`
 * to their number. */
static enum csvr_status filter_batch(struct csvr_worker *w, const struct csvr_record_run *run,
				     size_t first, size_t n_records, size_t *n_kept)
{
	struct csvr_worker_filter *filter = w->filter;
	const uint32_t *ends = run->ends + first * run->stride;
	enum csvr_status status = CSVR_OK;
	memset(filter->is_kept, 1, n_records);
	for (size_t k = 0; k < filter->n_conditions && status == CSVR_OK; k++) {
		const struct csvr_condition *condition = &w->header.conditions[k];
		const size_t j = condition->column;
		const struct batch batch = { { w->text, ends + j, run->stride, n_records,
					       j + 1 == run->n_fields, w->dialect.decimal },
					     ends - 1 };
		status = condition->quantity == CSVR_QUANTITY_NUMBER ? filter_numbers(w, k, &batch)
								     : filter_others(w, k, &batch);
	}
	*n_kept = 0;
	for (size_t i = 0; i < n_records; i++)
		*n_kept += filter->is_kept[i];
	return status;
}

/* ---- a run ---- */

/* All rows of a file are filtered if it lacks the column of a condition. */
static enum csvr_status count_without(struct csvr_worker *w, size_t n_rows)
{
	for (size_t k = 0; k < w->filter->n_conditions; k++) {
		if (w->header.conditions[k].column != SIZE_MAX)
			continue;
		struct csvr_condition_stats *stats =
			csvr_filter_stats_at(&w->chunk->stats.filter, k, w->filter->n_conditions);
		if (stats == NULL)
			return CSVR_NO_MEMORY;
		stats->n_rows_without += n_rows;
	}
	return CSVR_OK;
}

/* Copies the ends of a record, and the one before it. The margins permit to copy some more. */
static inline void copy_ends(uint32_t *to, const uint32_t *from, size_t n)
{
	enum { FEW = 8, MORE = CSVR_ENDS_MARGIN };
	if (n <= FEW)
		memcpy(to, from, FEW * sizeof *to);
	else if (n <= MORE)
		memcpy(to, from, MORE * sizeof *to);
	else
		memcpy(to, from, n * sizeof *to);
}

/* Appends the marked records of a batch to `n_before` that are kept. */
static void append_kept(struct csvr_worker_filter *filter, const struct csvr_record_run *run,
			size_t first, size_t n_records, size_t n_before)
{
	const size_t n = run->n_fields + 1;
	const uint32_t *from = run->ends - 1 + first * run->stride;
	uint32_t *to = filter->ends + n_before * n;
	/* Without a branch for short records: which are kept cannot be predicted. */
	if (n <= CSVR_ENDS_MARGIN) {
		for (size_t i = 0; i < n_records; i++, from += run->stride) {
			copy_ends(to, from, n);
			to += n & -(size_t)filter->is_kept[i];
		}
		return;
	}
	for (size_t i = 0; i < n_records; i++, from += run->stride) {
		if (filter->is_kept[i] == 0)
			continue;
		copy_ends(to, from, n);
		to += n;
	}
}

/* Copies the first `n_records` records of a run, all of which are kept. */
static void copy_first(struct csvr_worker_filter *filter, const struct csvr_record_run *run,
		       size_t n_records)
{
	const size_t n = run->n_fields + 1;
	const uint32_t *from = run->ends - 1;
	for (size_t i = 0; i < n_records; i++)
		copy_ends(filter->ends + i * n, from + i * run->stride, n);
}

static enum csvr_status reserve_ends(struct csvr_worker_filter *filter,
				     const struct csvr_record_run *run)
{
	const size_t n = (run->n_records + 1) * (run->n_fields + 1) + CSVR_ENDS_MARGIN;
	uint32_t *ends = csvr_array_grow(filter->ends, &filter->ends_capacity, n, sizeof *ends);
	if (ends == NULL)
		return CSVR_NO_MEMORY;
	filter->ends = ends;
	return CSVR_OK;
}

static void note_kept(struct csvr_worker *w, const struct csvr_record_run *run,
		      struct csvr_record_run *kept, size_t n_kept)
{
	w->chunk->stats.n_filtered += run->n_records - n_kept;
	kept->n_records = kept->n_rows = n_kept;
}

enum csvr_status csvr_worker_filter_run(struct csvr_worker *w, const struct csvr_record_run *run,
					struct csvr_record_run *kept)
{
	struct csvr_worker_filter *filter = w->filter;
	size_t n_kept = 0;
	bool is_copied = false; /* not all records so far are kept */
	*kept = *run;
	if (!filter->has_all_columns) {
		note_kept(w, run, kept, 0);
		return count_without(w, run->n_records);
	}
	for (size_t i = 0; i < run->n_records; i += CSVR_MAX_CELLS) {
		const size_t left = run->n_records - i;
		const size_t n = left < CSVR_MAX_CELLS ? left : CSVR_MAX_CELLS;
		size_t n_more;
		enum csvr_status status = filter_batch(w, run, i, n, &n_more);
		if (status == CSVR_OK && n_more < n && !is_copied) {
			status = reserve_ends(filter, run);
			if (status == CSVR_OK && n_kept > 0)
				copy_first(filter, run, n_kept);
			is_copied = true;
		}
		if (status != CSVR_OK)
			return status;
		if (is_copied && n_more > 0)
			append_kept(filter, run, i, n, n_kept);
		n_kept += n_more;
	}
	if (is_copied) {
		kept->ends = filter->ends + 1;
		kept->stride = run->n_fields + 1;
	}
	note_kept(w, run, kept, n_kept);
	return CSVR_OK;
}

/* ---- a record ---- */

enum csvr_status csvr_worker_filter_record(struct csvr_worker *w, size_t first, size_t last,
					   bool *is_kept)
{
	struct csvr_worker_filter *filter = w->filter;
	size_t start, n_fields = 0;
	csvr_worker_field_bytes(w, first, &start);
	*is_kept = false;
	if (!filter->has_all_columns)
		return count_without(w, 1);
	while (first + n_fields < last && !csvr_worker_is_line_end(w, first + n_fields))
		n_fields++;
	n_fields++;
	*is_kept = true;
	enum csvr_status status = CSVR_OK;
	for (size_t k = 0; k < filter->n_conditions && *is_kept && status == CSVR_OK; k++) {
		const size_t j = w->header.conditions[k].column;
		struct csvr_slice cell = { w->text + start, 0 };
		size_t at;
		if (j < n_fields) {
			cell.n_bytes = csvr_worker_field_bytes(w, first + j, &at);
			cell.start = w->text + at;
		}
		status = filter_cell(w, k, cell, start, is_kept);
	}
	return status;
}
