/* worker_key_texts.c - counts the texts of key columns by key
 *
 * The cells of a key column have statistics of their own, among those of all rows. Most keys are texts that many rows have: these
 * are counted while the groups of the rows are found, and added to the column once for each key, after the last row of the chunk.
 * Statistics do not depend on the order of texts, so the result is the same. Other cells are counted one by one: numbers, dates,
 * missing values, texts that look like these, texts in another encoding, and the first text, whose line is noted.
 */
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "run/worker_internal.h"
#include "stats/lookalikes.h"

/* So many texts are added before the counts could overflow. */
static const uint64_t most_counted = UINT64_C(1) << 31;

/* What is known of a new key: whether it is a text, and what it looks like. */
static struct csvr_key_count classify(struct csvr_worker *w, const struct csvr_cell_rules *rules,
				      const unsigned char *text, size_t n_bytes)
{
	struct csvr_key_count count = { .is_text = true, .lookalike = CSVR_N_LOOKALIKES };
	count.is_ascii = (csvr_or_of_bytes(text, n_bytes) & csvr_repeat(0x80)) == 0;
	if (n_bytes == 0 || n_bytes > CSVR_MAX_CELL_BYTES) {
		count.is_text = false;
	} else if (!csvr_is_certainly_plain(rules, text, n_bytes)) {
		csvr_decimal_parse(&w->groups->decimal, rules, text, n_bytes);
		count.is_text = w->groups->decimal.class == CSVR_CELL_TEXT;
		if (count.is_text)
			count.lookalike = (uint8_t)csvr_lookalike_of_text(rules, text, n_bytes);
	}
	return count;
}

/* Whether the cells of a key must be counted one by one. The first of a kind must, as its line is noted. */
static bool is_other(const struct csvr_key_texts *texts, const struct csvr_key_count *count,
		     const struct csvr_column *column)
{
	if (!count->is_text || (texts->has_converted && !count->is_ascii))
		return true;
	return count->lookalike != CSVR_N_LOOKALIKES &&
	       (column->lookalikes == NULL ||
		column->lookalikes->first[count->lookalike].line == 0);
}

/* Notes which of the keys that were found since the last call may be counted. */
static enum csvr_status note_new_keys(struct csvr_worker *w, size_t key, size_t column)
{
	struct csvr_key_texts *texts = &w->groups->texts[key];
	const struct csvr_group_keys *keys = csvr_groups_keys(w->groups->groups, key);
	const struct csvr_cell_rules *rules = csvr_header_rules(&w->header, column);
	struct csvr_key_count *counts = csvr_array_grow(texts->counts, &texts->capacity,
							keys->n_keys, sizeof *counts);
	if (counts == NULL)
		return CSVR_NO_MEMORY;
	texts->counts = counts;
	for (; texts->n_keys < keys->n_keys; texts->n_keys++) {
		size_t n_bytes;
		const unsigned char *text = csvr_group_key_text(keys, texts->n_keys, &n_bytes);
		counts[texts->n_keys] = classify(w, rules, text, n_bytes);
		counts[texts->n_keys].is_other = is_other(texts, &counts[texts->n_keys],
							  &w->chunk->stats.columns[column]);
	}
	return CSVR_OK;
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
	struct csvr_text texts[CSVR_MAX_BATCH];
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < counted->n_keys && status == CSVR_OK;) {
		size_t n = 0, n_bytes;
		for (; i < counted->n_keys && n < CSVR_MAX_BATCH; i++) {
			struct csvr_key_count *count = &counted->counts[i];
			if (count->n_cells == 0)
				continue;
			texts[n].bytes = csvr_group_key_text(keys, i, &n_bytes);
			texts[n].n_bytes = (uint32_t)n_bytes;
			texts[n++].n_cells = count->n_cells;
			column->cells[CSVR_CELL_TEXT] += count->n_cells;
			if (count->lookalike != CSVR_N_LOOKALIKES)
				column->lookalikes->n[count->lookalike] += count->n_cells;
			count->n_cells = 0;
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

/* Counts rows by the numbers of their keys. False: some must be counted one by one, and none is counted. */
static bool count_numbers(struct csvr_key_texts *texts, const uint32_t *numbers, size_t n,
			  const struct csvr_column *column)
{
	unsigned has_other = 0;
	for (size_t i = 0; i < n; i++) {
		struct csvr_key_count *count = &texts->counts[numbers[i]];
		count->n_cells++;
		has_other |= count->is_other;
	}
	if (has_other == 0) {
		texts->n_counted += n;
		return true;
	}
	for (size_t i = 0; i < n; i++) {
		struct csvr_key_count *count = &texts->counts[numbers[i]];
		count->n_cells--;
		count->is_other = is_other(texts, count,
					   column); /* since other batches were counted */
	}
	return false;
}

void csvr_worker_note_converted_key(struct csvr_worker *w, size_t key)
{
	struct csvr_key_texts *texts = &w->groups->texts[key];
	for (size_t i = 0; i < texts->n_keys && !texts->has_converted; i++)
		texts->counts[i].is_other |= !texts->counts[i].is_ascii;
	texts->has_converted = true;
}

enum csvr_status csvr_worker_count_key_texts(struct csvr_worker *w, size_t j, size_t first,
					     size_t last, bool *are_counted)
{
	struct csvr_worker_groups *g = w->groups;
	const size_t key = key_of_column(w, j);
	const struct csvr_column *column = &w->chunk->stats.columns[j];
	*are_counted = false;
	if (key == SIZE_MAX || g->is_full || column->first[CSVR_KIND_TEXT].line == 0)
		return CSVR_OK;
	struct csvr_key_texts *texts = &g->texts[key];
	if (texts->n_keys < csvr_groups_keys(g->groups, key)->n_keys &&
	    note_new_keys(w, key, j) != CSVR_OK)
		return CSVR_NO_MEMORY;
	const uint32_t *numbers = g->numbers[key] + (first - g->first_record);
	*are_counted = count_numbers(texts, numbers, last - first, column);
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
