/* worker_key_texts.c - counts the texts of key columns by key
 *
 * The cells of a key column have statistics of their own, among those of all rows. Most keys are texts that many rows have: these
 * are counted while the groups of the rows are found, and added to the column once for each key, after the last row of the chunk.
 * Statistics do not depend on the order of texts, so the result is the same. Other cells are counted one by one: numbers, dates,
 * missing values, texts that look like these, texts in another encoding, and the first text, whose line is noted.
 */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "run/worker_internal.h"
#include "stats/lookalikes.h"

/* So many texts are added before the counts could overflow. */
static const uint64_t most_counted = UINT64_C(1) << 31;

void csvr_key_texts_reset(struct csvr_key_texts *texts)
{
	texts->n_keys = 0;
	texts->n_others = 0;
	texts->n_counted = 0;
	texts->has_converted = false;
}

void csvr_key_texts_clear(struct csvr_key_texts *texts)
{
	free(texts->are_other);
	free(texts->kinds);
	free(texts->n_added);
	free(texts->n_rows);
}

/* ---- keys ---- */

static struct csvr_key_kind classify(struct csvr_worker *w, const struct csvr_cell_rules *rules,
				     const unsigned char *text, size_t n_bytes)
{
	struct csvr_key_kind kind = { .is_text = true, .lookalike = CSVR_N_LOOKALIKES };
	kind.is_ascii = (csvr_or_of_bytes(text, n_bytes) & csvr_repeat(0x80)) == 0;
	if (n_bytes == 0 || n_bytes > CSVR_MAX_CELL_BYTES) {
		kind.is_text = false;
	} else if (!csvr_is_certainly_plain(rules, text, n_bytes)) {
		csvr_decimal_parse(&w->groups->decimal, rules, text, n_bytes);
		kind.is_text = w->groups->decimal.class == CSVR_CELL_TEXT;
		if (kind.is_text)
			kind.lookalike = (uint8_t)csvr_lookalike_of_text(rules, text, n_bytes);
	}
	return kind;
}

/* Whether the cells of a key must be counted one by one. The first of a kind must, as its line is noted. */
static bool is_other(const struct csvr_key_texts *texts, const struct csvr_key_kind *kind,
		     const struct csvr_column *column)
{
	if (!kind->is_text || (texts->has_converted && !kind->is_ascii))
		return true;
	return kind->lookalike != CSVR_N_LOOKALIKES &&
	       (column->lookalikes == NULL || column->lookalikes->first[kind->lookalike].line == 0);
}

static void set_other(struct csvr_key_texts *texts, size_t number, bool value)
{
	texts->n_others += (size_t)value - texts->are_other[number];
	texts->are_other[number] = value;
}

/* Makes room for all keys that were found. */
static enum csvr_status reserve(struct csvr_key_texts *texts, size_t n_keys)
{
	uint8_t *are_other = csvr_array_grow(texts->are_other, &texts->other_capacity, n_keys, 1);
	if (are_other == NULL)
		return CSVR_NO_MEMORY;
	texts->are_other = are_other;
	struct csvr_key_kind *kinds = csvr_array_grow(texts->kinds, &texts->kinds_capacity, n_keys,
						      sizeof *kinds);
	if (kinds == NULL)
		return CSVR_NO_MEMORY;
	texts->kinds = kinds;
	uint64_t *n_added = csvr_array_grow(texts->n_added, &texts->added_capacity, n_keys,
					    sizeof *n_added);
	if (n_added == NULL)
		return CSVR_NO_MEMORY;
	texts->n_added = n_added;
	return CSVR_OK;
}

/* The same for the rows with each key, which are counted here if there are several keys. */
static enum csvr_status reserve_rows(struct csvr_key_texts *texts, size_t n_keys)
{
	uint64_t *n_rows = csvr_array_grow(texts->n_rows, &texts->rows_capacity, n_keys,
					   sizeof *n_rows);
	if (n_rows == NULL)
		return CSVR_NO_MEMORY;
	texts->n_rows = n_rows;
	memset(n_rows + texts->n_keys, 0, (n_keys - texts->n_keys) * sizeof *n_rows);
	return CSVR_OK;
}

/* Classifies the keys that were found since the last call. */
static enum csvr_status note_new_keys(struct csvr_worker *w, size_t key, size_t column)
{
	struct csvr_key_texts *texts = &w->groups->texts[key];
	const struct csvr_group_keys *keys = csvr_groups_keys(w->groups->groups, key);
	const struct csvr_cell_rules *rules = csvr_header_rules(&w->header, column);
	if (texts->n_keys == keys->n_keys)
		return CSVR_OK;
	if (reserve(texts, keys->n_keys) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (w->config->groups.n_keys > 1 && reserve_rows(texts, keys->n_keys) != CSVR_OK)
		return CSVR_NO_MEMORY;
	for (; texts->n_keys < keys->n_keys; texts->n_keys++) {
		size_t n_bytes;
		const unsigned char *text = csvr_group_key_text(keys, texts->n_keys, &n_bytes);
		struct csvr_key_kind *kind = &texts->kinds[texts->n_keys];
		*kind = classify(w, rules, text, n_bytes);
		texts->are_other[texts->n_keys] = false;
		set_other(texts, texts->n_keys,
			  is_other(texts, kind, &w->chunk->stats.columns[column]));
		texts->n_added[texts->n_keys] = 0;
	}
	return CSVR_OK;
}

/* How many rows have each key. */
static const uint64_t *row_counts(const struct csvr_worker *w, size_t key)
{
	return w->config->groups.n_keys == 1 ? csvr_groups_row_counts(w->groups->groups)
					     : w->groups->texts[key].n_rows;
}

/* The key whose text is the whole cell of column `j`; SIZE_MAX: there is none. */
static size_t key_of_column(const struct csvr_worker *w, size_t j)
{
	for (size_t k = 0; k < w->config->groups.n_keys; k++) {
		const struct csvr_key_place *place = &w->header.key_places[k];
		if (place->kind == CSVR_KEY_IN_COLUMN && place->column == j &&
		    place->most_bytes == UINT32_MAX)
			return k;
	}
	return SIZE_MAX;
}

/* Adds the counted texts of a key to its column. */
static enum csvr_status add_texts(struct csvr_worker *w, size_t key)
{
	struct csvr_key_texts *counted = &w->groups->texts[key];
	const struct csvr_group_keys *keys = csvr_groups_keys(w->groups->groups, key);
	struct csvr_column *column = &w->chunk->stats.columns[w->header.key_places[key].column];
	const uint64_t *n_rows = row_counts(w, key);
	struct csvr_text texts[CSVR_MAX_BATCH];
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < counted->n_keys && status == CSVR_OK;) {
		size_t n = 0, n_bytes;
		for (; i < counted->n_keys && n < CSVR_MAX_BATCH; i++) {
			const uint64_t n_cells = n_rows[i] - counted->n_added[i];
			if (n_cells == 0)
				continue;
			texts[n].bytes = csvr_group_key_text(keys, i, &n_bytes);
			texts[n].n_bytes = (uint32_t)n_bytes;
			texts[n++].n_cells = (uint32_t)n_cells;
			column->cells[CSVR_CELL_TEXT] += n_cells;
			if (counted->kinds[i].lookalike != CSVR_N_LOOKALIKES)
				column->lookalikes->n[counted->kinds[i].lookalike] += n_cells;
			counted->n_added[i] = n_rows[i];
		}
		bool are_ascii;
		if (n > 0)
			status = csvr_column_order_texts(column, texts, n, &are_ascii);
		if (n > 0 && status == CSVR_OK)
			status = csvr_column_add_texts(column, texts, n, are_ascii);
	}
	counted->n_counted = 0;
	return status;
}

/* ---- rows ---- */

/* Notes that cells of these keys are counted one by one; other batches may have changed which must be. */
static void skip_numbers(struct csvr_key_texts *texts, const uint32_t *numbers, size_t n,
			 const struct csvr_column *column)
{
	for (size_t i = 0; i < n; i++) {
		const uint32_t number = numbers[i];
		texts->n_added[number]++;
		set_other(texts, number, is_other(texts, &texts->kinds[number], column));
	}
}

enum csvr_status csvr_worker_skip_key_texts(struct csvr_worker *w)
{
	struct csvr_worker_groups *g = w->groups;
	for (size_t k = 0; k < w->config->groups.n_keys && !g->is_full; k++) {
		const struct csvr_key_place *place = &w->header.key_places[k];
		if (place->kind != CSVR_KEY_IN_COLUMN || place->most_bytes != UINT32_MAX)
			continue;
		if (note_new_keys(w, k, place->column) != CSVR_OK)
			return CSVR_NO_MEMORY;
		if (w->config->groups.n_keys > 1)
			g->texts[k].n_rows[g->numbers[k][0]]++;
		skip_numbers(&g->texts[k], g->numbers[k], 1,
			     &w->chunk->stats.columns[place->column]);
	}
	return CSVR_OK;
}

void csvr_worker_note_converted_key(struct csvr_worker *w, size_t key)
{
	struct csvr_key_texts *texts = &w->groups->texts[key];
	for (size_t i = 0; i < texts->n_keys && !texts->has_converted; i++)
		set_other(texts, i, texts->are_other[i] || !texts->kinds[i].is_ascii);
	texts->has_converted = true;
}

enum csvr_status csvr_worker_count_key_texts(struct csvr_worker *w, size_t j, size_t first,
					     size_t last, bool *are_counted)
{
	struct csvr_worker_groups *g = w->groups;
	const size_t key = key_of_column(w, j), n = last - first;
	const struct csvr_column *column = &w->chunk->stats.columns[j];
	*are_counted = false;
	if (key == SIZE_MAX || g->is_full)
		return CSVR_OK;
	struct csvr_key_texts *texts = &g->texts[key];
	if (note_new_keys(w, key, j) != CSVR_OK)
		return CSVR_NO_MEMORY;
	const uint32_t *numbers = g->numbers[key] + (first - g->first_record);
	/* If only the missing key is counted one by one, the number of its rows shows whether some are in the batch. */
	const uint64_t *n_rows = row_counts(w, key);
	bool has_other = texts->has_oversized || column->first[CSVR_KIND_TEXT].line == 0;
	for (size_t i = 0; i < n && w->config->groups.n_keys > 1; i++)
		texts->n_rows[numbers[i]]++;
	if (texts->n_others == 1)
		has_other |= n_rows[CSVR_MISSING_KEY] != texts->n_added[CSVR_MISSING_KEY];
	else
		for (size_t i = 0; i < n; i++)
			has_other |= texts->are_other[numbers[i]];
	if (has_other) {
		skip_numbers(texts, numbers, n, column);
		return CSVR_OK;
	}
	*are_counted = true;
	texts->n_counted += n;
	return texts->n_counted < most_counted ? CSVR_OK : add_texts(w, key);
}

enum csvr_status csvr_worker_finish_key_texts(struct csvr_worker *w)
{
	enum csvr_status status = CSVR_OK;
	for (size_t k = 0; k < w->config->groups.n_keys && status == CSVR_OK; k++)
		if (w->groups->texts[k].n_counted > 0)
			status = add_texts(w, k);
	return status;
}
