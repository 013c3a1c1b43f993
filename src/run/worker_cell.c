/* worker_cell.c - classifies cells one by one, and counts them column by column
 *
 * Texts and common dates are collected and added to the column together, by csvr_worker_flush_cells: what
 * a column does with them costs less that way.
 */
#include <stdlib.h>

#include "base/text.h"
#include "parse/kernel.h"
#include "run/worker_internal.h"

_Static_assert((int)CSVR_TEXT_READABLE <= (int)CSVR_TEXT_MARGIN &&
		       (int)CSVR_QUICK_READABLE <= (int)CSVR_TEXT_MARGIN,
	       "the text of a window is followed by a margin");

/* Removes quotes and blanks that csvr_field_text must look at. The text stays valid until the cells are
 * flushed, which this may do. Errors: CSVR_NO_MEMORY. */
__attribute__((noinline)) static enum csvr_status find_text_carefully(struct csvr_worker *w,
								      struct csvr_column *column,
								      struct csvr_slice *text)
{
	const unsigned char *start = text->start, *end = start + text->n_bytes;
	if (*start != w->dialect.quote) {
		*text = csvr_field_text(start, end, w->dialect.quote, NULL);
		return CSVR_OK;
	}
	if (w->scratch == NULL)
		w->scratch = malloc(CSVR_MAX_CELL_BYTES + CSVR_TEXT_READABLE + 1);
	if (w->scratch == NULL)
		return CSVR_NO_MEMORY;
	if (w->cells.n_scratch_bytes + text->n_bytes > CSVR_MAX_CELL_BYTES) {
		const enum csvr_status status = csvr_worker_flush_cells(w, column);
		if (status != CSVR_OK)
			return status;
	}
	unsigned char *scratch = w->scratch + w->cells.n_scratch_bytes;
	*text = csvr_field_text(start, end, w->dialect.quote, scratch);
	if (text->start >= scratch && text->start <= scratch + (end - start))
		w->cells.n_scratch_bytes += (size_t)(text->start - scratch) + text->n_bytes;
	return CSVR_OK;
}

/* Turns a cell as written, which is not empty, into its text. Most are plain, or have a pair of quotes around
 * them and no others. */
static inline enum csvr_status find_text(struct csvr_worker *w, struct csvr_column *column,
					 struct csvr_slice *text)
{
	const unsigned char *start = text->start;
	const size_t n_bytes = text->n_bytes;
	const int quote = w->dialect.quote;
	const bool is_quoted = *start == quote && n_bytes >= 2 && start[n_bytes - 1] == quote;
	const struct csvr_slice inner = { start + is_quoted, n_bytes - 2 * is_quoted };
	const bool is_careful = inner.n_bytes == 0 || (*start == quote) != is_quoted ||
				csvr_is_blank(*inner.start) ||
				csvr_is_blank(inner.start[inner.n_bytes - 1]) ||
				(is_quoted && csvr_has_byte(inner.start, inner.n_bytes, quote));
	if (is_careful)
		return find_text_carefully(w, column, text);
	*text = inner;
	return CSVR_OK;
}

/* ---- groups ---- */

void csvr_worker_start_group(struct csvr_worker *w, struct csvr_cell_group *group, size_t n_bytes)
{
	struct csvr_cell_batch *cells = &w->cells;
	const enum csvr_cell_class class = w->decimal.class;
	if (csvr_quantity_of(class) != CSVR_N_QUANTITIES)
		return;
	const size_t n = class == CSVR_CELL_TEXT ? cells->n_texts : cells->n_booleans;
	group->n_bytes = (uint8_t)n_bytes;
	group->n_cells = 0;
	group->text = (uint16_t)(n - 1);
	group->class = (uint8_t) class;
	cells->groups.used[cells->groups.n_used++] = (uint8_t)(group - cells->groups.group);
}

static bool is_true(const struct csvr_text *boolean)
{
	return (boolean->bytes[0] | 0x20) == 't';
}

/* Counts the cells of all groups, and empties these. */
static void flush_groups(struct csvr_cell_batch *cells, struct csvr_column *column)
{
	struct csvr_cell_groups *groups = &cells->groups;
	for (size_t i = 0; i < groups->n_used; i++) {
		struct csvr_cell_group *group = &groups->group[groups->used[i]];
		column->cells[group->class] += group->n_cells;
		if (group->class == CSVR_CELL_TEXT) {
			cells->texts[group->text].n_cells += group->n_cells;
		} else if (group->class == CSVR_CELL_BOOLEAN) {
			struct csvr_text *boolean = &cells->booleans[group->text];
			boolean->n_cells += group->n_cells;
			column->n_true += is_true(boolean) ? group->n_cells : 0;
		}
		group->n_bytes = 0;
	}
	groups->n_used = 0;
}

/* ---- order ---- */

void csvr_worker_add_order(struct csvr_worker *w, size_t n)
{
	struct csvr_ordered_cells *ordered = &w->ordered;
	if (n == ordered->n_added)
		return;
	const struct csvr_batch batch = { .values = w->values + ordered->n_added,
					  .n_values = n - ordered->n_added,
					  .scale = ordered->scale,
					  .kernels = w->config->batch_kernels };
	csvr_order_add_batch(ordered->order, &batch);
	ordered->n_added = n;
}

/* Adds the dates or times that are collected. */
static void add_times_to_order(struct csvr_worker *w, enum csvr_cell_class class,
			       struct csvr_cell_times *times)
{
	const struct csvr_batch batch = { .values = times->values + times->n_ordered,
					  .n_values = times->n - times->n_ordered,
					  .scale = times->scale,
					  .quantity = csvr_quantity_of(class),
					  .kernels = w->config->batch_kernels };
	if (batch.n_values == 0)
		return;
	csvr_order_add_batch(w->ordered.order, &batch);
	times->n_ordered = times->n;
}

/* Adds a number that is counted alone: values that were converted or collected come before it. */
static void add_number_to_order(struct csvr_worker *w, const struct csvr_number *number)
{
	csvr_worker_add_order(w, w->ordered.n_preceding);
	add_times_to_order(w, CSVR_CELL_DATE, &w->cells.dates);
	add_times_to_order(w, CSVR_CELL_DATETIME, &w->cells.datetimes);
	add_times_to_order(w, CSVR_CELL_TIME, &w->cells.times);
	csvr_order_add_number(w->ordered.order, number);
}

/* ---- flushing ---- */

static enum csvr_status flush_times(struct csvr_worker *w, struct csvr_column *column,
				    enum csvr_cell_class class, struct csvr_cell_times *times)
{
	if (times->n == 0)
		return CSVR_OK;
	if (w->ordered.order != NULL)
		add_times_to_order(w, class, times);
	struct csvr_batch_sums sums;
	w->config->batch_kernels->sum(times->values, times->n, &sums);
	const struct csvr_batch batch = { .values = times->values,
					  .n_values = times->n,
					  .scale = times->scale,
					  .quantity = csvr_quantity_of(class),
					  .sums = &sums,
					  .kernels = w->config->batch_kernels };
	times->n = times->n_ordered = 0;
	return csvr_column_add_batch(column, class, &batch);
}

enum csvr_status csvr_worker_flush_cells(struct csvr_worker *w, struct csvr_column *column)
{
	struct csvr_cell_batch *cells = &w->cells;
	flush_groups(cells, column);
	column->quantities[CSVR_QUANTITY_DATE].notation |= cells->notation;
	cells->notation = 0;
	enum csvr_status status = flush_times(w, column, CSVR_CELL_DATE, &cells->dates);
	if (status == CSVR_OK)
		status = flush_times(w, column, CSVR_CELL_DATETIME, &cells->datetimes);
	if (status == CSVR_OK)
		status = flush_times(w, column, CSVR_CELL_TIME, &cells->times);
	column->cells[CSVR_CELL_TEXT] += cells->n_texts;
	if (cells->n_texts > 0 && status == CSVR_OK)
		status = csvr_column_add_texts(column, cells->texts, cells->n_texts);
	if (cells->n_booleans > 0 && column->collected != NULL && status == CSVR_OK)
		status = csvr_collected_add_texts(column->collected, cells->booleans,
						  cells->n_booleans);
	cells->n_texts = cells->n_booleans = 0;
	cells->n_scratch_bytes = 0;
	return status;
}

/* ---- classes ---- */

static enum csvr_status add_text(struct csvr_worker *w, struct csvr_column *column,
				 const struct csvr_slice *text)
{
	struct csvr_cell_batch *cells = &w->cells;
	if (cells->n_texts == CSVR_MAX_BATCH) {
		const enum csvr_status status = csvr_worker_flush_cells(w, column);
		if (status != CSVR_OK)
			return status;
	}
	cells->texts[cells->n_texts++] = (struct csvr_text){ text->start, (uint32_t)text->n_bytes,
							     1 };
	return CSVR_OK;
}

static enum csvr_status add_boolean(struct csvr_worker *w, struct csvr_column *column,
				    const struct csvr_slice *text)
{
	struct csvr_cell_batch *cells = &w->cells;
	if (cells->n_booleans == CSVR_MAX_BATCH) {
		const enum csvr_status status = csvr_worker_flush_cells(w, column);
		if (status != CSVR_OK)
			return status;
	}
	cells->booleans[cells->n_booleans++] = (struct csvr_text){ text->start,
								   (uint32_t)text->n_bytes, 1 };
	return CSVR_OK;
}

static struct csvr_cell_times *times_of(struct csvr_cell_batch *cells, enum csvr_cell_class class)
{
	return class == CSVR_CELL_DATE       ? &cells->dates
	       : class == CSVR_CELL_DATETIME ? &cells->datetimes
					     : &cells->times;
}

/* Whether the order of a column needs dates to be flushed before those of the other class: a batch of both would
 * not have the order of the rows. */
static bool must_flush_dates(const struct csvr_worker *w)
{
	return w->ordered.order != NULL && w->cells.dates.n + w->cells.datetimes.n > 0;
}

/* Adds a date or time to those of its class, which have one scale. False: there is no room, or it has more digits
 * than these, or others must be flushed before. */
static inline bool collect_time(struct csvr_worker *w, const struct csvr_quick_time *time)
{
	struct csvr_cell_batch *cells = &w->cells;
	struct csvr_cell_times *times = times_of(cells, time->class);
	if (times->n == CSVR_MAX_BATCH || (times->n > 0 && times->scale < time->n_digits))
		return false;
	if (times->n == 0) {
		if (must_flush_dates(w))
			return false;
		times->scale = time->n_digits;
	}
	int64_t value = time->value;
	for (unsigned i = time->n_digits; i < times->scale; i++)
		value *= 10;
	times->values[times->n++] = value;
	cells->notation |= time->notation;
	return true;
}

static enum csvr_status add_time(struct csvr_worker *w, struct csvr_column *column,
				 const struct csvr_quick_time *time)
{
	if (collect_time(w, time))
		return CSVR_OK;
	const enum csvr_status status = csvr_worker_flush_cells(w, column);
	collect_time(w, time);
	return status;
}

bool csvr_worker_take_time(struct csvr_worker *w, const struct csvr_column *column,
			   struct csvr_slice cell)
{
	struct csvr_quick_time time;
	return w->config->nulls.first_byte[*cell.start] == CSVR_FIRST_OF_DATE &&
	       csvr_quick_time_read(&time, cell.start, cell.n_bytes) &&
	       column->first[csvr_kind_of(time.class)].line != 0 && collect_time(w, &time);
}

/* Counts a cell whose class and value are w->decimal. */
static enum csvr_status add_cell(struct csvr_worker *w, struct csvr_column *column,
				 const struct csvr_slice *text)
{
	const struct csvr_decimal *decimal = &w->decimal;
	const enum csvr_quantity quantity = csvr_quantity_of(decimal->class);
	if (quantity != CSVR_N_QUANTITIES) {
		const struct csvr_number number = { decimal->part,     decimal->n_parts,
						    decimal->exponent, decimal->is_negative,
						    quantity,          decimal->notation };
		if (w->ordered.order != NULL)
			add_number_to_order(w, &number);
		return csvr_column_add(column, decimal->class, &number);
	}
	if (decimal->class == CSVR_CELL_TEXT)
		return add_text(w, column, text);
	column->cells[decimal->class]++;
	if (decimal->class != CSVR_CELL_BOOLEAN)
		return CSVR_OK;
	column->n_true += decimal->part[0];
	return add_boolean(w, column, text);
}

/* Notes the cell if it is the first of its kind. */
static inline void note_first(struct csvr_worker *w, struct csvr_column *column,
			      const struct csvr_slice *text, size_t record)
{
	const enum csvr_cell_class class = w->decimal.class;
	const enum csvr_kind kind = csvr_kind_of(class);
	if (kind == CSVR_N_KINDS || column->first[kind].line != 0 || class == CSVR_CELL_NAN ||
	    class == CSVR_CELL_INFINITE)
		return;
	const uint64_t line = w->record.n_fields > 0 ? w->record.line
						     : csvr_worker_line_of(w, record);
	csvr_column_note_first(column, kind, line, text->start, text->n_bytes);
}

enum csvr_status csvr_worker_count_oversized(struct csvr_worker *w, struct csvr_column *column,
					     size_t record)
{
	const struct csvr_slice none = { w->text + record, 0 };
	w->decimal.class = CSVR_CELL_TEXT;
	note_first(w, column, &none, record);
	/* A text without bytes is added alone. */
	enum csvr_status status = csvr_worker_flush_cells(w, column);
	if (status == CSVR_OK)
		status = add_text(w, column, &none);
	return status == CSVR_OK ? csvr_worker_flush_cells(w, column) : status;
}

enum csvr_status csvr_worker_count_cell(struct csvr_worker *w, struct csvr_column *column,
					struct csvr_slice text, size_t record)
{
	if (text.n_bytes == 0) {
		w->decimal.class = CSVR_CELL_MISSING;
		column->cells[CSVR_CELL_MISSING]++;
		return CSVR_OK;
	}
	if (text.n_bytes > CSVR_MAX_CELL_BYTES)
		return csvr_worker_count_oversized(w, column, record);
	const enum csvr_status status = find_text(w, column, &text);
	if (status != CSVR_OK)
		return status;
	const struct csvr_null_set *nulls = &w->config->nulls;
	const enum csvr_first_byte first = text.n_bytes > 0 ? nulls->first_byte[*text.start]
							    : CSVR_FIRST_ANY;
	const bool has_times = (column->first[CSVR_KIND_DATE].line |
				column->first[CSVR_KIND_TIME].line) != 0;
	struct csvr_quick_time time;
	if (first == CSVR_FIRST_OF_TEXT ||
	    (first == CSVR_FIRST_OF_WORD && text.n_bytes > nulls->longest_word)) {
		w->decimal.class = CSVR_CELL_TEXT;
	} else if (first == CSVR_FIRST_OF_DATE && has_times &&
		   csvr_quick_time_read(&time, text.start, text.n_bytes)) {
		w->decimal.class = time.class;
		note_first(w, column, &text, record);
		return add_time(w, column, &time);
	} else {
		csvr_decimal_parse(&w->decimal, nulls, text.start, text.n_bytes);
	}
	note_first(w, column, &text, record);
	return add_cell(w, column, &text);
}
