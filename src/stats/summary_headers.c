/* summary_headers.c - the headers of the files as sets of names, and their tables */
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/memory.h"
#include "base/text.h"
#include "stats/summary_internal.h"

/* ---- names ---- */

static uint64_t hash_name(const void *owner, size_t index)
{
	const struct csvr_name *name = &((const struct csvr_summary *)owner)->names[index].name;
	return csvr_hash(name->text, name->n_bytes);
}

/* The index of a name that is added if it is new, with itself as its folded name. `text` must live as long as the
 * summary; NULL: the name is copied. */
static enum csvr_status intern_text(struct csvr_summary *summary, const struct csvr_name *name,
				    const char *text, uint32_t *index)
{
	struct csvr_slots *slots = &summary->names_by_text;
	const enum csvr_status status = csvr_slots_reserve(slots, summary->n_names, hash_name,
							   summary);
	if (status != CSVR_OK)
		return status;
	const size_t mask = slots->size - 1;
	size_t slot = csvr_hash(name->text, name->n_bytes) & mask;
	for (; slots->slots[slot] != CSVR_NO_INDEX; slot = (slot + 1) & mask) {
		const struct csvr_name *other = &summary->names[slots->slots[slot]].name;
		*index = slots->slots[slot];
		if (other->n_bytes == name->n_bytes &&
		    memcmp(other->text, name->text, name->n_bytes) == 0)
			return CSVR_OK;
	}
	struct csvr_header_name *names = csvr_array_grow(summary->names, &summary->names_capacity,
							 summary->n_names + 1, sizeof *names);
	if (names == NULL)
		return CSVR_NO_MEMORY;
	summary->names = names;
	if (text == NULL)
		text = csvr_arena_copy(&summary->strings, name->text, name->n_bytes);
	if (text == NULL)
		return CSVR_NO_MEMORY;
	*index = slots->slots[slot] = (uint32_t)summary->n_names;
	names[summary->n_names++] = (struct csvr_header_name){ .name = { text, name->n_bytes },
							       .folded = *index };
	return CSVR_OK;
}

/* Finds the folded name of a name that was just added. */
static enum csvr_status fold_name(struct csvr_summary *summary, uint32_t index)
{
	const struct csvr_name *name = &summary->names[index].name;
	char *copy = csvr_arena_copy(&summary->strings, name->text, name->n_bytes);
	if (copy == NULL)
		return CSVR_NO_MEMORY;
	const struct csvr_name folded = { copy, csvr_fold_name(copy, name->n_bytes) };
	uint32_t folded_index;
	summary->names[index].folded = index;
	if (folded.n_bytes == name->n_bytes && memcmp(copy, name->text, name->n_bytes) == 0)
		return CSVR_OK;
	const enum csvr_status status = intern_text(summary, &folded, copy, &folded_index);
	if (status == CSVR_OK)
		summary->names[index].folded = folded_index;
	return status;
}

enum csvr_status csvr_summary_intern_name(struct csvr_summary *summary,
					  const struct csvr_name *name, uint32_t *index)
{
	const size_t n_before = summary->n_names;
	enum csvr_status status = intern_text(summary, name, NULL, index);
	if (status != CSVR_OK || summary->n_names == n_before)
		return status;
	return fold_name(summary, *index);
}

enum csvr_status csvr_summary_fold_names(struct csvr_summary *summary)
{
	enum csvr_status status = CSVR_OK;
	const size_t n_names = summary->n_names; /* folded ones are appended */
	for (size_t i = 0; i < n_names && status == CSVR_OK; i++)
		status = fold_name(summary, (uint32_t)i);
	return status;
}

static int compare_indices(const void *a, const void *b)
{
	const uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;
	return (left > right) - (left < right);
}

size_t csvr_sort_names(uint32_t *names, size_t n_names)
{
	bool is_sorted = true;
	for (size_t i = 1; i < n_names && is_sorted; i++)
		is_sorted = names[i - 1] < names[i];
	if (is_sorted)
		return n_names;
	qsort(names, n_names, sizeof *names, compare_indices);
	size_t n = 1;
	for (size_t i = 1; i < n_names; i++)
		if (names[i] != names[n - 1])
			names[n++] = names[i];
	return n;
}

/* ---- headers ---- */

static uint64_t hash_header(const void *owner, size_t index)
{
	const struct csvr_summary *summary = owner;
	const struct csvr_header_set *header = &summary->headers[index];
	return csvr_hash(summary->header_names + header->first,
			 header->n_names * sizeof *summary->header_names);
}

/* The slot of the header with these names, or the free slot for it. */
static uint32_t *find_slot(const struct csvr_summary *summary, const uint32_t *names,
			   size_t n_names)
{
	const struct csvr_slots *slots = &summary->headers_by_names;
	const size_t n_bytes = n_names * sizeof *names, mask = slots->size - 1;
	size_t slot = csvr_hash(names, n_bytes) & mask;
	for (;; slot = (slot + 1) & mask) {
		const uint32_t index = slots->slots[slot];
		if (index == CSVR_NO_INDEX ||
		    (summary->headers[index].n_names == n_names &&
		     memcmp(summary->header_names + summary->headers[index].first, names,
			    n_bytes) == 0))
			return &slots->slots[slot];
	}
}

enum csvr_status csvr_summary_find_header(struct csvr_summary *summary, const uint32_t *names,
					  size_t n_names, uint32_t *index)
{
	const enum csvr_status status = csvr_slots_reserve(&summary->headers_by_names,
							   summary->n_headers, hash_header,
							   summary);
	if (status == CSVR_OK)
		*index = *find_slot(summary, names, n_names);
	return status;
}

enum csvr_status csvr_summary_add_header(struct csvr_summary *summary, const uint32_t *names,
					 size_t n_names, uint32_t table)
{
	const enum csvr_status status = csvr_slots_reserve(&summary->headers_by_names,
							   summary->n_headers, hash_header,
							   summary);
	if (status != CSVR_OK)
		return status;
	struct csvr_header_set *headers = csvr_array_grow(summary->headers,
							  &summary->headers_capacity,
							  summary->n_headers + 1, sizeof *headers);
	if (headers == NULL)
		return CSVR_NO_MEMORY;
	summary->headers = headers;
	uint32_t *list = csvr_array_grow(summary->header_names, &summary->header_names_capacity,
					 summary->n_header_names + n_names, sizeof *list);
	if (list == NULL)
		return CSVR_NO_MEMORY;
	summary->header_names = list;
	uint32_t *slot = find_slot(summary, names, n_names);
	memcpy(list + summary->n_header_names, names, n_names * sizeof *list);
	headers[summary->n_headers] = (struct csvr_header_set){ summary->n_header_names,
								(uint32_t)n_names, table };
	summary->n_header_names += n_names;
	*slot = (uint32_t)summary->n_headers++;
	return CSVR_OK;
}

enum csvr_status csvr_summary_restore_header(struct csvr_summary *summary, const uint32_t *names,
					     size_t n_names, uint32_t table)
{
	uint32_t known;
	const enum csvr_status status = csvr_summary_find_header(summary, names, n_names, &known);
	if (status != CSVR_OK)
		return status;
	return known != CSVR_NO_INDEX ? CSVR_INVALID_FILE
				      : csvr_summary_add_header(summary, names, n_names, table);
}

/* ---- tables ---- */

enum csvr_status csvr_summary_add_table(struct csvr_summary *summary, uint32_t *index)
{
	struct csvr_data_table *tables = csvr_array_grow(summary->tables, &summary->tables_capacity,
							 summary->n_tables + 1, sizeof *tables);
	if (tables == NULL)
		return CSVR_NO_MEMORY;
	summary->tables = tables;
	*index = (uint32_t)summary->n_tables;
	memset(&tables[summary->n_tables], 0, sizeof *tables);
	tables[summary->n_tables++].first_input = CSVR_NO_INDEX;
	return CSVR_OK;
}

void csvr_data_table_clear(struct csvr_data_table *table)
{
	for (size_t i = 0; i < table->n_columns; i++)
		csvr_column_clear(&table->columns[i].stats);
	free(table->columns);
	csvr_pairs_clear(&table->pairs);
	csvr_groups_free(table->groups);
	csvr_rows_clear(&table->rows);
	csvr_slots_clear(&table->by_name);
}

size_t csvr_summary_fold_header(const struct csvr_summary *summary,
				const struct csvr_header_set *header, uint32_t *folded)
{
	for (size_t i = 0; i < header->n_names; i++)
		folded[i] = summary->names[summary->header_names[header->first + i]].folded;
	return csvr_sort_names(folded, header->n_names);
}

static bool are_similar_sets(const uint32_t *a, size_t n_a, const uint32_t *b, size_t n_b)
{
	size_t n_common = 0;
	for (size_t i = 0, j = 0; i < n_a && j < n_b;) {
		const bool is_less = a[i]<b[j], is_greater = a[i]> b[j];
		n_common += !is_less && !is_greater;
		i += !is_greater;
		j += !is_less;
	}
	return 3 * n_common >= n_a + n_b;
}

/* Chooses the table of the last header, which is new: that of the header before it if they are similar, else a new
 * one. Consecutive files often have similar headers, whose columns need not be kept apart until the end. */
static enum csvr_status choose_table(struct csvr_summary *summary, uint32_t *table)
{
	struct csvr_header_set *last = &summary->headers[summary->n_headers - 1];
	bool are_similar = false;
	if (summary->config.tables == CSVR_TABLES_SIMILAR && summary->n_headers > 1) {
		uint32_t *a = malloc((last->n_names + (last - 1)->n_names) * sizeof *a);
		if (a == NULL)
			return CSVR_NO_MEMORY;
		uint32_t *b = a + last->n_names;
		const size_t n_a = csvr_summary_fold_header(summary, last, a);
		const size_t n_b = csvr_summary_fold_header(summary, last - 1, b);
		are_similar = are_similar_sets(a, n_a, b, n_b);
		free(a);
	}
	if (are_similar)
		*table = (last - 1)->table;
	else if (csvr_summary_add_table(summary, table) != CSVR_OK)
		return CSVR_NO_MEMORY;
	last->table = *table;
	return CSVR_OK;
}

/* Finds or adds the header with these names, which are sorted in place. */
static enum csvr_status intern_header(struct csvr_summary *summary, uint32_t *names, size_t n_names,
				      uint32_t *table)
{
	uint32_t header;
	n_names = csvr_sort_names(names, n_names);
	enum csvr_status status = csvr_summary_find_header(summary, names, n_names, &header);
	if (status != CSVR_OK)
		return status;
	if (header != CSVR_NO_INDEX) {
		*table = summary->headers[header].table;
		return CSVR_OK;
	}
	status = csvr_summary_add_header(summary, names, n_names, CSVR_NO_INDEX);
	if (status == CSVR_OK)
		status = choose_table(summary, table);
	if (status == CSVR_OK && csvr_summary_has_too_many_headers(summary)) {
		status = csvr_summary_make_one_table(summary);
		*table = 0;
	}
	return status;
}

enum csvr_status csvr_summary_find_table(struct csvr_summary *summary,
					 const struct csvr_header_columns *columns, uint32_t *table)
{
	*table = 0;
	if (summary->is_one_table)
		return summary->n_tables > 0 ? CSVR_OK : csvr_summary_add_table(summary, table);
	uint32_t *names = malloc((columns->n_columns + 1) * sizeof *names);
	enum csvr_status status = names != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	for (size_t i = 0; i < columns->n_columns && status == CSVR_OK; i++)
		status = csvr_summary_intern_name(summary, &columns->names[i], &names[i]);
	if (status == CSVR_OK)
		status = intern_header(summary, names, columns->n_columns, table);
	free(names);
	return status;
}
