/* worker_cell.c - classifies cells one by one, and counts them column by column
 *
 * Texts and common dates are collected and added to the column together, by csvr_worker_flush_cells: what
 * a column does with them costs less that way.
 */
#include <stdlib.h>

#include "base/text.h"
#include "base/utf8.h"
#include "parse/kernel.h"
#include "parse/record_syntax.h"
#include "run/worker_internal.h"
#include "stats/lookalikes.h"

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
	if (*start != w->dialect.quote &&
	    csvr_find_opening_quote(start, 0, text->n_bytes, &w->dialect) == text->n_bytes) {
		*text = csvr_field_text(start, end, &w->dialect, NULL);
		return CSVR_OK;
	}
	if (w->cells.n_scratch_bytes + text->n_bytes > CSVR_MAX_CELL_BYTES) {
		const enum csvr_status status = csvr_worker_flush_cells(w, column);
		if (status != CSVR_OK)
			return status;
	}
	unsigned char *scratch = w->scratch + w->cells.n_scratch_bytes;
	*text = csvr_field_text(start, end, &w->dialect, scratch);
	if (text->start >= scratch && text->start <= scratch + (end - start)) {
		w->cells.n_scratch_bytes += (size_t)(text->start - scratch) + text->n_bytes;
		w->cells.scratch_origin[w->cells.texts.n] = (uint32_t)(start - w->text);
	}
	return CSVR_OK;
}

/* Turns a cell as written, which is not empty, into its text. Most are plain, or have a pair of quotes around
 * them and no others. */
static inline enum csvr_status find_text(struct csvr_worker *w, struct csvr_column *column,
					 struct csvr_slice *text)
{
	const struct csvr_slice cell = *text;
	if (csvr_worker_find_plain_text(w, cell, text))
		return CSVR_OK;
	*text = cell;
	return find_text_carefully(w, column, text);
}

/* ---- groups ---- */

/* The texts of a class; NULL: its cells are only counted. */
static struct csvr_cell_texts *texts_of(struct csvr_cell_batch *cells, enum csvr_cell_class class)
{
	return class == CSVR_CELL_TEXT      ? &cells->texts
	       : class == CSVR_CELL_BOOLEAN ? &cells->booleans
					    : NULL;
}

void csvr_worker_start_group(struct csvr_worker *w, struct csvr_cell_group *group, size_t n_bytes)
{
	struct csvr_cell_batch *cells = &w->cells;
	const enum csvr_cell_class class = w->decimal.class;
	if (csvr_quantity_of(class) != CSVR_N_QUANTITIES)
		return;
	const struct csvr_cell_texts *texts = texts_of(cells, class);
	group->n_bytes = (uint8_t)n_bytes;
	group->n_cells = 0;
	group->text = texts != NULL ? (uint16_t)(texts->n - 1) : 0;
	group->class = (uint8_t) class;
	group->lookalike = (uint8_t)w->lookalike;
	cells->groups.used[cells->groups.n_used++] = (uint8_t)(group - cells->groups.group);
}

/* Counts the cells of all groups, and empties these. */
static void flush_groups(struct csvr_cell_batch *cells, struct csvr_column *column)
{
	struct csvr_cell_groups *groups = &cells->groups;
	for (size_t i = 0; i < groups->n_used; i++) {
		struct csvr_cell_group *group = &groups->group[groups->used[i]];
		struct csvr_cell_texts *texts = texts_of(cells, group->class);
		column->cells[group->class] += group->n_cells;
		/* The first cell of the group was counted: the column has the counts. */
		if (group->lookalike != CSVR_N_LOOKALIKES)
			column->lookalikes->n[group->lookalike] += group->n_cells;
		if (texts != NULL)
			texts->text[group->text].n_cells += group->n_cells;
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

/* The dates or times of a class. */
static inline struct csvr_cell_times *times_of(struct csvr_cell_batch *cells,
					       enum csvr_cell_class class)
{
	return &cells->times[class - CSVR_CELL_DATE];
}

/* Adds the dates or times of a class that are collected. */
static void add_times_to_order(struct csvr_worker *w, enum csvr_cell_class class)
{
	struct csvr_cell_times *times = times_of(&w->cells, class);
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
	for (int of = CSVR_CELL_DATE; of <= CSVR_CELL_TIME; of++)
		add_times_to_order(w, (enum csvr_cell_class)of);
	csvr_order_add_number(w->ordered.order, number);
}

/* ---- encoding ---- */

/* The line of the record whose first byte is at text[record), or of the record that is counted field by field. */
static uint64_t line_of_record(const struct csvr_worker *w, size_t record)
{
	return w->record.n_fields > 0 ? w->record.line : csvr_worker_line_of(w, record);
}

/* The position of the first byte of the record that has a field at `position`. */
static size_t record_at(const struct csvr_worker *w, size_t position)
{
	size_t low = 0, high = w->fields.n_fields; /* the field is one of [low, high) */
	while (high - low > 1) {
		const size_t middle = low + (high - low) / 2;
		if (w->fields.ends[middle - 1] < position)
			low = middle;
		else
			high = middle;
	}
	/* Before a record is a line end, or a byte order mark that was dropped. */
	while (low > 0 && w->text[w->fields.ends[low - 1]] == w->dialect.delimiter)
		low--;
	return (uint32_t)(w->fields.ends[(ptrdiff_t)low - 1] + 1);
}

/* Counts the cells of text `index` of the batch, which are not UTF-8. */
static void note_not_utf8(struct csvr_worker *w, const struct csvr_text *text, size_t index)
{
	struct csvr_line_count *count = &w->chunk->stats.issues[CSVR_ROW_NOT_UTF8];
	const bool is_in_window = text->bytes >= w->text && text->bytes < w->text + w->text_length;
	const size_t position = is_in_window ? (size_t)(text->bytes - w->text)
					     : w->cells.scratch_origin[index];
	const uint64_t offset = w->text_offset + position;
	/* The columns of a batch are counted one after the other, so the first cell is not found first. */
	if (count->n == 0 || offset < w->first_not_utf8) {
		count->first_line = line_of_record(w, record_at(w, position));
		w->first_not_utf8 = offset;
	}
	count->n += text->n_cells;
}

/* Converts those of the texts that are in Windows-1252. Errors: CSVR_NO_MEMORY. */
static enum csvr_status convert_texts(struct csvr_worker *w, struct csvr_text *texts,
				      size_t n_texts)
{
	const enum csvr_encoding encoding = w->dialect.encoding;
	uint8_t found[CSVR_MAX_BATCH];
	size_t n_found = 0, n_bytes = CSVR_TEXT_READABLE;
	for (size_t i = 0; i < n_texts && encoding != CSVR_ENCODING_UTF8; i++) {
		const struct csvr_text *text = &texts[i];
		if ((csvr_or_of_bytes(text->bytes, text->n_bytes) & csvr_repeat(0x80)) == 0 ||
		    !csvr_is_1252(encoding, text->bytes, text->n_bytes))
			continue;
		found[n_found++] = (uint8_t)i;
		n_bytes += (size_t)text->n_bytes * CSVR_1252_FACTOR;
	}
	if (n_found == 0)
		return CSVR_OK;
	unsigned char *out = csvr_array_grow(w->converted, &w->converted_capacity, n_bytes, 1);
	if (out == NULL)
		return CSVR_NO_MEMORY;
	w->converted = out;
	for (size_t i = 0; i < n_found; i++) {
		struct csvr_text *text = &texts[found[i]];
		if (encoding == CSVR_ENCODING_AUTO)
			note_not_utf8(w, text, found[i]);
		const size_t n = csvr_utf8_from_1252(text->bytes, text->n_bytes, out);
		*text = (struct csvr_text){ out, (uint32_t)n, text->n_cells };
		out += n;
	}
	return CSVR_OK;
}

/* ---- flushing ---- */

static enum csvr_status flush_times(struct csvr_worker *w, struct csvr_column *column,
				    enum csvr_cell_class class)
{
	struct csvr_cell_times *times = times_of(&w->cells, class);
	if (times->n == 0)
		return CSVR_OK;
	if (w->ordered.order != NULL)
		add_times_to_order(w, class);
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

static enum csvr_status flush_texts(struct csvr_worker *w, struct csvr_column *column)
{
	struct csvr_cell_texts *texts = &w->cells.texts;
	const size_t n = texts->n;
	texts->n = 0;
	if (n == 0)
		return CSVR_OK;
	column->cells[CSVR_CELL_TEXT] += n;
	bool are_ascii;
	enum csvr_status status = csvr_column_order_texts(column, texts->text, n, &are_ascii);
	if (status == CSVR_OK && !are_ascii)
		status = convert_texts(w, texts->text, n);
	return status == CSVR_OK ? csvr_column_add_texts(column, texts->text, n, are_ascii)
				 : status;
}

static enum csvr_status flush_booleans(struct csvr_column *column, struct csvr_cell_texts *booleans)
{
	const size_t n = booleans->n;
	booleans->n = 0;
	column->cells[CSVR_CELL_BOOLEAN] += n;
	for (size_t i = 0; i < n; i++)
		if ((booleans->text[i].bytes[0] | 0x20) == 't')
			column->n_true += booleans->text[i].n_cells;
	return n > 0 && column->collected != NULL
		       ? csvr_collected_add_texts(column->collected, booleans->text, n)
		       : CSVR_OK;
}

enum csvr_status csvr_worker_flush_cells(struct csvr_worker *w, struct csvr_column *column)
{
	struct csvr_cell_batch *cells = &w->cells;
	flush_groups(cells, column);
	column->quantities[CSVR_QUANTITY_DATE].notation |= cells->notation;
	cells->notation = 0;
	cells->n_scratch_bytes = 0;
	enum csvr_status status = CSVR_OK;
	for (int of = CSVR_CELL_DATE; of <= CSVR_CELL_TIME && status == CSVR_OK; of++)
		status = flush_times(w, column, (enum csvr_cell_class)of);
	if (status == CSVR_OK)
		status = flush_texts(w, column);
	if (status == CSVR_OK)
		status = flush_booleans(column, &cells->booleans);
	return status;
}

/* ---- classes ---- */

/* Whether the order of a column needs dates to be flushed before those of the other class: a batch of both would
 * not have the order of the rows. */
static bool must_flush_dates(struct csvr_worker *w)
{
	struct csvr_cell_batch *cells = &w->cells;
	const size_t n_dates = times_of(cells, CSVR_CELL_DATE)->n +
			       times_of(cells, CSVR_CELL_DATETIME)->n;
	return w->ordered.order != NULL && n_dates > 0;
}

/* Adds a date or time to those of its class, which have one scale. False: it has more digits than these, or others
 * must be flushed before. */
static inline bool collect_time(struct csvr_worker *w, const struct csvr_quick_time *time)
{
	struct csvr_cell_batch *cells = &w->cells;
	struct csvr_cell_times *times = times_of(cells, time->class);
	if (times->n > 0 && times->scale < time->n_digits)
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

/* Reads text, which is not empty, if it is a date or time in a common notation. */
static inline bool read_time(const struct csvr_worker *w, struct csvr_slice text,
			     struct csvr_quick_time *time)
{
	return w->rules->starts_time[*text.start] &&
	       csvr_quick_time_read(time, text.start, text.n_bytes);
}

bool csvr_worker_take_time(struct csvr_worker *w, const struct csvr_column *column,
			   struct csvr_slice cell)
{
	struct csvr_quick_time time;
	if (!read_time(w, cell, &time) || column->first[csvr_kind_of(time.class)].line == 0 ||
	    !collect_time(w, &time))
		return false;
	w->decimal.class = time.class;
	return true;
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
	struct csvr_cell_texts *texts = texts_of(&w->cells, decimal->class);
	if (texts != NULL)
		csvr_worker_add_text(texts, text);
	else
		column->cells[decimal->class]++;
	return CSVR_OK;
}

/* Notes a cell as the first one, in UTF-8. */
static void note_cell(const struct csvr_worker *w, struct csvr_first_cell *first,
		      const struct csvr_slice *text, size_t record)
{
	const uint64_t line = line_of_record(w, record);
	if (!csvr_is_1252(w->dialect.encoding, text->start, text->n_bytes)) {
		csvr_first_cell_note(first, line, text->start, text->n_bytes);
		return;
	}
	unsigned char converted[CSVR_1252_FACTOR * (CSVR_EXAMPLE_BYTES + 1)];
	const size_t n_bytes = text->n_bytes <= CSVR_EXAMPLE_BYTES ? text->n_bytes
								   : CSVR_EXAMPLE_BYTES + 1;
	csvr_first_cell_note(first, line, converted,
			     csvr_utf8_from_1252(text->start, n_bytes, converted));
}

/* Counts what a text or a null word looks like, and numbers with affixes. */
static inline enum csvr_status note_lookalike(struct csvr_worker *w, struct csvr_column *column,
					      const struct csvr_slice *text, size_t record)
{
	w->lookalike = CSVR_N_LOOKALIKES;
	if (text->n_bytes == 0)
		return CSVR_OK;
	if (w->decimal.class == CSVR_CELL_TEXT)
		w->lookalike = csvr_lookalike_of_text(w->rules, text->start, text->n_bytes);
	else if (w->decimal.class == CSVR_CELL_MISSING)
		w->lookalike = csvr_lookalike_of_null(text->start, text->n_bytes);
	else if (w->decimal.has_affixes)
		w->lookalike = CSVR_LOOKALIKE_AFFIXED;
	if (w->lookalike == CSVR_N_LOOKALIKES)
		return CSVR_OK;
	struct csvr_lookalikes *lookalikes = csvr_column_lookalikes(column);
	if (lookalikes == NULL)
		return CSVR_NO_MEMORY;
	struct csvr_first_cell *first = &lookalikes->first[w->lookalike];
	lookalikes->n[w->lookalike]++;
	if (first->line == 0)
		note_cell(w, first, text, record);
	if (w->lookalike == CSVR_LOOKALIKE_AFFIXED)
		csvr_lookalikes_add_unit(lookalikes, w->decimal.unit);
	return CSVR_OK;
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
	note_cell(w, &column->first[kind], text, record);
}

enum csvr_status csvr_worker_count_oversized(struct csvr_worker *w, struct csvr_column *column,
					     size_t record)
{
	const struct csvr_slice none = { w->text + record, 0 };
	w->decimal.class = CSVR_CELL_TEXT;
	note_first(w, column, &none, record);
	/* A text without bytes is added alone. */
	const enum csvr_status status = csvr_worker_flush_cells(w, column);
	if (status != CSVR_OK)
		return status;
	csvr_worker_add_text(&w->cells.texts, &none);
	return csvr_worker_flush_cells(w, column);
}

enum csvr_status csvr_worker_count_cell(struct csvr_worker *w, struct csvr_column *column,
					struct csvr_slice text, size_t record)
{
	if (text.n_bytes > CSVR_MAX_CELL_BYTES)
		return csvr_worker_count_oversized(w, column, record);
	const enum csvr_status status = text.n_bytes > 0 ? find_text(w, column, &text) : CSVR_OK;
	if (status != CSVR_OK)
		return status;
	struct csvr_quick_time time;
	if (text.n_bytes == 0) {
		w->decimal.class = CSVR_CELL_MISSING;
	} else if (csvr_is_certainly_text(w->rules, text.start, text.n_bytes)) {
		w->decimal.class = CSVR_CELL_TEXT;
	} else if (csvr_worker_has_times(column) && read_time(w, text, &time)) {
		w->decimal.class = time.class;
		note_first(w, column, &text, record);
		return add_time(w, column, &time);
	} else {
		csvr_decimal_parse(&w->decimal, w->rules, text.start, text.n_bytes);
	}
	note_first(w, column, &text, record);
	if (note_lookalike(w, column, &text, record) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return add_cell(w, column, &text);
}
