/* groups.c - the statistics of groups of rows: adding rows and cells */
#include "stats/groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "stats/groups_internal.h"

/* From PREFETCHED_GROUPS on, counts exceed the first-level cache. From MANY_GROUPS on, arrays grow by less than their size: they
 * are not copied. */
enum { FIRST_GROUPS = 16, PREFETCHED_GROUPS = 4096, MANY_GROUPS = 1 << 16 };

enum csvr_status csvr_groups_new(const struct csvr_group_config *config,
				 struct csvr_groups **groups)
{
	struct csvr_groups *new = calloc(1, sizeof *new);
	*groups = new;
	if (new == NULL)
		return CSVR_NO_MEMORY;
	new->config = *config;
	new->keys = calloc(config->n_keys, sizeof *new->keys);
	new->pairs = calloc(config->n_keys, sizeof *new->pairs);
	for (size_t k = 0; new->keys != NULL &&k < config->n_keys; k++)
		csvr_group_keys_init(&new->keys[k]);
	if (new->keys != NULL &&new->pairs != NULL)
		return CSVR_OK;
	csvr_groups_free(new);
	*groups = NULL;
	return CSVR_NO_MEMORY;
}

static void clear_details(struct csvr_group_column *column, size_t n_groups)
{
	for (size_t i = 0; column->details != NULL && i < n_groups; i++) {
		if (column->details[i] == NULL)
			continue;
		csvr_column_clear(column->details[i]);
		free(column->details[i]);
		column->details[i] = NULL;
	}
}

void csvr_group_column_clear(struct csvr_group_column *column, size_t n_groups)
{
	for (size_t i = 0; i < column->n_values; i++)
		csvr_group_values_clear(&column->values[i]);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		free(column->cells[class]);
	clear_details(column, n_groups);
	free(column->values);
	free(column->details);
	memset(column, 0, sizeof *column);
}

/* Frees all arrays by group. */
static void clear_columns(struct csvr_groups *groups)
{
	for (size_t i = 0; i < groups->columns_capacity; i++)
		csvr_group_column_clear(&groups->columns[i], groups->n_groups);
	csvr_lines_free(groups->n_rows, groups->rows_capacity * sizeof *groups->n_rows);
	groups->n_rows = NULL;
	groups->rows_capacity = groups->capacity = groups->n_groups = 0;
}

void csvr_groups_free(struct csvr_groups *groups)
{
	if (groups == NULL)
		return;
	clear_columns(groups);
	for (size_t k = 0; k < groups->config.n_keys; k++) {
		if (groups->keys != NULL)
			csvr_group_keys_clear(&groups->keys[k]);
		if (groups->pairs != NULL)
			csvr_number_pairs_clear(&groups->pairs[k]);
		free(groups->titles[k].text);
	}
	free(groups->keys);
	free(groups->pairs);
	free(groups->columns);
	free(groups->are_keys);
	csvr_collected_free(groups->nothing);
	free(groups->order);
	free(groups);
}

/* ---- resetting ---- */

static void reset_column(struct csvr_group_column *column, size_t n_groups)
{
	for (size_t i = 0; i < column->n_values; i++)
		csvr_group_values_reset(&column->values[i], n_groups);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		if (column->cells[class] != NULL)
			memset(column->cells[class], 0, n_groups * sizeof *column->cells[class]);
	clear_details(column, n_groups);
}

enum csvr_status csvr_groups_reserve_columns(struct csvr_groups *groups, size_t n_columns)
{
	if (n_columns > groups->columns_capacity) {
		size_t capacity = groups->columns_capacity;
		struct csvr_group_column *columns = csvr_array_grow(groups->columns, &capacity,
								    n_columns, sizeof *columns);
		if (columns == NULL)
			return CSVR_NO_MEMORY;
		groups->columns = columns;
		bool *are_keys = realloc(groups->are_keys, capacity * sizeof *are_keys);
		if (are_keys == NULL)
			return CSVR_NO_MEMORY;
		groups->are_keys = are_keys;
		for (size_t i = groups->columns_capacity; i < capacity; i++) {
			memset(&columns[i], 0, sizeof *columns);
			are_keys[i] = false;
		}
		groups->columns_capacity = capacity;
	}
	if (n_columns > groups->n_columns)
		groups->n_columns = n_columns;
	return CSVR_OK;
}

enum csvr_status csvr_key_title_add(struct csvr_key_title *title, const char *text, size_t n_bytes)
{
	if (title->is_present) {
		title->differs |= title->n_bytes != n_bytes ||
				  memcmp(title->text, text, n_bytes) != 0;
		return CSVR_OK;
	}
	char *copy = csvr_array_grow(title->text, &title->capacity, n_bytes + 1, 1);
	if (copy == NULL)
		return CSVR_NO_MEMORY;
	memcpy(copy, text, n_bytes);
	title->text = copy;
	title->n_bytes = n_bytes;
	title->is_present = true;
	return CSVR_OK;
}

static enum csvr_status set_sources(struct csvr_groups *groups,
				    const struct csvr_key_source *sources)
{
	for (size_t i = 0; i < groups->columns_capacity; i++)
		groups->are_keys[i] = false;
	for (size_t k = 0; k < groups->config.n_keys; k++) {
		const struct csvr_key_source *source = &sources[k];
		groups->titles[k].is_present = groups->titles[k].differs = false;
		if (!source->is_present)
			continue;
		if (source->column != UINT32_MAX)
			groups->are_keys[source->column] = true;
		if (csvr_key_title_add(&groups->titles[k], source->name.text,
				       source->name.n_bytes) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	return CSVR_OK;
}

enum csvr_status csvr_groups_reset(struct csvr_groups *groups, size_t n_columns,
				   const struct csvr_key_source *sources)
{
	if (groups->capacity > 64 * (groups->n_groups + FIRST_GROUPS))
		clear_columns(groups);
	for (size_t i = 0; i < groups->columns_capacity && groups->n_groups > 0; i++)
		reset_column(&groups->columns[i], groups->n_groups);
	if (groups->n_groups > 0)
		memset(groups->n_rows, 0, groups->n_groups * sizeof *groups->n_rows);
	for (size_t k = 0; k < groups->config.n_keys; k++) {
		csvr_group_keys_reset(&groups->keys[k]);
		csvr_number_pairs_reset(&groups->pairs[k]);
	}
	memset(groups->n_files_without, 0, sizeof groups->n_files_without);
	memset(groups->n_rows_without, 0, sizeof groups->n_rows_without);
	groups->n_groups = groups->n_ordered = 0;
	groups->has_too_many = false;
	if (csvr_groups_reserve_columns(groups, n_columns) != CSVR_OK)
		return CSVR_NO_MEMORY;
	groups->n_columns = n_columns;
	return set_sources(groups, sources);
}

/* ---- groups ---- */

struct csvr_group_keys *csvr_groups_keys(struct csvr_groups *groups, size_t key)
{
	return &groups->keys[key];
}

/* Makes an array of counts larger; the new ones are 0. NULL: no memory. */
static uint64_t *grow_counts(uint64_t *counts, size_t capacity, size_t new_capacity)
{
	uint64_t *grown = realloc(counts, new_capacity * sizeof *grown);
	if (grown != NULL)
		memset(grown + capacity, 0, (new_capacity - capacity) * sizeof *grown);
	return grown;
}

static enum csvr_status grow_column(struct csvr_group_column *column, size_t capacity,
				    size_t new_capacity)
{
	for (size_t i = 0; i < column->n_values; i++)
		if (csvr_group_values_grow(&column->values[i], new_capacity) != CSVR_OK)
			return CSVR_NO_MEMORY;
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		if (column->cells[class] == NULL)
			continue;
		uint64_t *cells = grow_counts(column->cells[class], capacity, new_capacity);
		if (cells == NULL)
			return CSVR_NO_MEMORY;
		column->cells[class] = cells;
	}
	if (column->details == NULL)
		return CSVR_OK;
	struct csvr_column **details = realloc(column->details,
					       new_capacity * sizeof(struct csvr_column *));
	if (details == NULL)
		return CSVR_NO_MEMORY;
	memset(details + capacity, 0, (new_capacity - capacity) * sizeof(struct csvr_column *));
	column->details = details;
	return CSVR_OK;
}

enum csvr_status csvr_groups_reserve(struct csvr_groups *groups)
{
	const size_t n_ids = csvr_groups_n_ids(groups);
	if (n_ids > groups->capacity) {
		size_t capacity = groups->capacity > 0 ? groups->capacity : FIRST_GROUPS;
		while (capacity < n_ids)
			capacity += capacity < MANY_GROUPS ? capacity : capacity / 4;
		/* More are not permitted, but for the missing key, which may exist without rows. */
		const uint64_t most = groups->config.max_groups + 1;
		if (n_ids <= most && most < capacity)
			capacity = most;
		uint64_t *n_rows = csvr_lines_grow(groups->n_rows,
						   groups->rows_capacity * sizeof *n_rows,
						   capacity * sizeof *n_rows);
		if (n_rows == NULL)
			return CSVR_NO_MEMORY;
		groups->n_rows = n_rows;
		groups->rows_capacity = capacity;
		for (size_t i = 0; i < groups->columns_capacity; i++)
			if (grow_column(&groups->columns[i], groups->capacity, capacity) != CSVR_OK)
				return CSVR_NO_MEMORY;
		groups->capacity = capacity;
		csvr_groups_limit(groups, 1);
	}
	groups->n_groups = n_ids;
	return CSVR_OK;
}

bool csvr_groups_exceed(const struct csvr_groups *groups)
{
	/* That of missing keys may exist without rows. */
	const bool has_empty = groups->config.n_keys == 1 && groups->n_groups > 0 &&
			       groups->n_rows[CSVR_MISSING_KEY] == 0;
	return groups->n_groups - has_empty > groups->config.max_groups;
}

bool csvr_groups_are_too_many(const struct csvr_groups *groups)
{
	return groups->has_too_many;
}

enum csvr_status csvr_groups_add_rows(struct csvr_groups *groups,
				      uint32_t (*numbers)[CSVR_MAX_BATCH], size_t n, uint32_t *ids,
				      bool *is_full)
{
	memcpy(ids, numbers[0], n * sizeof *ids);
	for (size_t k = 1; k < groups->config.n_keys; k++)
		if (csvr_number_pairs_find(&groups->pairs[k - 1], ids, numbers[k], n) != CSVR_OK)
			return CSVR_NO_MEMORY;
	if (csvr_groups_n_ids(groups) != groups->n_groups && csvr_groups_reserve(groups) != CSVR_OK)
		return CSVR_NO_MEMORY;
	if (groups->n_groups > PREFETCHED_GROUPS)
		for (size_t i = 0; i < n; i++)
			__builtin_prefetch(&groups->n_rows[ids[i]], 1);
	for (size_t i = 0; i < n; i++)
		groups->n_rows[ids[i]]++;
	groups->has_too_many |= csvr_groups_exceed(groups);
	*is_full = groups->has_too_many;
	return CSVR_OK;
}

size_t csvr_groups_n_found(const struct csvr_groups *groups)
{
	return groups->n_groups;
}

const uint64_t *csvr_groups_row_counts(const struct csvr_groups *groups)
{
	return groups->n_rows;
}

void csvr_groups_numbers(const struct csvr_groups *groups, size_t id,
			 uint32_t numbers[CSVR_MAX_GROUP_KEYS])
{
	for (size_t k = groups->config.n_keys; k-- > 1;) {
		const uint64_t pair = groups->pairs[k - 1].pairs[id];
		numbers[k] = (uint32_t)pair;
		id = pair >> 32;
	}
	numbers[0] = (uint32_t)id;
}

/* ---- cells ---- */

struct csvr_column *csvr_group_detail(const struct csvr_groups *groups,
				      struct csvr_group_column *column, size_t id)
{
	if (column->details == NULL)
		column->details = calloc(groups->capacity, sizeof(struct csvr_column *));
	if (column->details == NULL)
		return NULL;
	if (column->details[id] == NULL) {
		struct csvr_column *detail = malloc(sizeof *detail);
		if (detail == NULL)
			return NULL;
		csvr_column_init(detail);
		column->details[id] = detail;
		if (csvr_column_collect(detail, groups->config.collection) != CSVR_OK)
			return NULL;
		/* There will be at least as many groups: what many collect is small from the start. */
		csvr_collected_limit(detail->collected, groups->n_groups);
	}
	return column->details[id];
}

uint64_t *csvr_group_cells(const struct csvr_groups *groups, struct csvr_group_column *column,
			   enum csvr_cell_class class)
{
	if (column->cells[class] == NULL)
		column->cells[class] = calloc(groups->capacity, sizeof *column->cells[class]);
	return column->cells[class];
}

enum csvr_status csvr_groups_add_cell(struct csvr_groups *groups, size_t column,
				      enum csvr_cell_class class, uint32_t id)
{
	uint64_t *cells = csvr_group_cells(groups, &groups->columns[column], class);
	if (cells == NULL)
		return CSVR_NO_MEMORY;
	cells[id]++;
	return CSVR_OK;
}

static int compare_words(const void *left, const void *right)
{
	const uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
	return (a > b) - (a < b);
}

/* Adds the values of each group to what it collects, as a batch of its own. */
static enum csvr_status collect_batch(struct csvr_groups *groups, struct csvr_group_column *column,
				      const struct csvr_batch *batch, const uint32_t *ids)
{
	uint64_t sorted[CSVR_MAX_BATCH]; /* group << 8 | index */
	int64_t values[CSVR_MAX_BATCH];
	for (size_t i = 0; i < batch->n_values; i++)
		sorted[i] = (uint64_t)ids[i] << 8 | i;
	qsort(sorted, batch->n_values, sizeof *sorted, compare_words);
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0, end; i < batch->n_values && status == CSVR_OK; i = end) {
		for (end = i; end < batch->n_values && sorted[end] >> 8 == sorted[i] >> 8; end++)
			values[end - i] = batch->values[sorted[end] & 0xff];
		struct csvr_batch_sums sums;
		batch->kernels->sum(values, end - i, &sums);
		struct csvr_batch part = *batch;
		part.values = values;
		part.n_values = end - i;
		part.sums = &sums;
		struct csvr_column *detail = csvr_group_detail(groups, column, sorted[i] >> 8);
		status = detail != NULL ? csvr_collected_add_batch(detail->collected, &part)
					: CSVR_NO_MEMORY;
	}
	return status;
}

enum csvr_status csvr_groups_add_batch(struct csvr_groups *groups, size_t column,
				       const struct csvr_batch *batch, const uint32_t *ids)
{
	struct csvr_group_column *to = &groups->columns[column];
	struct csvr_group_values *values = csvr_group_values_get(to, groups->capacity,
								 batch->quantity, batch->scale);
	if (values == NULL)
		return CSVR_NO_MEMORY;
	const enum csvr_status status = csvr_group_values_add(values, groups->n_groups,
							      groups->capacity, batch, ids);
	return status == CSVR_OK && groups->config.collection != 0
		       ? collect_batch(groups, to, batch, ids)
		       : status;
}

/* Sets `*value` to the number as an integer below 10^18 times 10^-scale. False: it is none. */
static bool is_short(const struct csvr_number *number, int64_t *value, unsigned *scale)
{
	if (number->n_parts != 1 || number->exponent < 1 - CSVR_MAX_GROUP_SCALES ||
	    number->exponent >= CSVR_MAX_GROUP_SCALES)
		return false;
	uint64_t magnitude = number->part[0];
	for (int i = 0; i < number->exponent && magnitude < CSVR_EXACT_LIMIT; i++)
		magnitude *= 10;
	*value = number->is_negative ? -(int64_t)magnitude : (int64_t)magnitude;
	*scale = number->exponent < 0 ? (unsigned)-number->exponent : 0;
	return magnitude < CSVR_EXACT_LIMIT;
}

enum csvr_status csvr_groups_add_number(struct csvr_groups *groups, size_t column,
					enum csvr_cell_class class, uint32_t id,
					const struct csvr_number *number)
{
	struct csvr_group_column *to = &groups->columns[column];
	int64_t value;
	unsigned scale;
	const bool collects = groups->config.collection != 0;
	if (collects || !is_short(number, &value, &scale)) {
		struct csvr_column *detail = csvr_group_detail(groups, to, id);
		return detail != NULL ? csvr_column_add(detail, class, number) : CSVR_NO_MEMORY;
	}
	struct csvr_group_values *values = csvr_group_values_get(to, groups->capacity,
								 number->quantity, scale);
	if (values == NULL || (number->quantity != CSVR_QUANTITY_NUMBER &&
			       csvr_groups_add_cell(groups, column, class, id) != CSVR_OK))
		return CSVR_NO_MEMORY;
	return csvr_group_values_add_one(values, groups->n_groups, groups->capacity, value, id);
}

bool csvr_groups_want_text(const struct csvr_groups *groups, enum csvr_cell_class class)
{
	return (class == CSVR_CELL_TEXT || class == CSVR_CELL_BOOLEAN) &&
	       (groups->config.has_texts || groups->config.collection != 0);
}

enum csvr_status csvr_groups_add_text(struct csvr_groups *groups, size_t column,
				      enum csvr_cell_class class, uint32_t id,
				      const struct csvr_text *text)
{
	struct csvr_column *detail = csvr_group_detail(groups, &groups->columns[column], id);
	if (detail == NULL)
		return CSVR_NO_MEMORY;
	if (class == CSVR_CELL_BOOLEAN) {
		detail->n_true += (text->bytes[0] | 0x20) == 't';
		return detail->collected != NULL
			       ? csvr_collected_add_texts(detail->collected, text, 1)
			       : CSVR_OK;
	}
	bool are_ascii;
	const enum csvr_status status = csvr_column_order_texts(detail, text, 1, &are_ascii);
	return status == CSVR_OK ? csvr_column_add_texts(detail, text, 1, are_ascii) : status;
}

/* ---- queries ---- */

size_t csvr_groups_n_keys(const struct csvr_groups *groups)
{
	return groups->config.n_keys;
}

struct csvr_name csvr_groups_title(const struct csvr_groups *groups, size_t key)
{
	const struct csvr_key_title *title = &groups->titles[key];
	return title->is_present && !title->differs
		       ? (struct csvr_name){ title->text, title->n_bytes }
		       : (struct csvr_name){ NULL, 0 };
}

bool csvr_groups_is_key(const struct csvr_groups *groups, size_t index)
{
	return index < groups->n_columns && groups->are_keys[index];
}

uint64_t csvr_groups_n_files_without(const struct csvr_groups *groups, size_t key, uint64_t *n_rows)
{
	*n_rows = groups->n_rows_without[key];
	return groups->n_files_without[key];
}

bool csvr_groups_have_keys(const struct csvr_groups *groups)
{
	for (size_t k = 0; k < groups->config.n_keys; k++)
		if (groups->titles[k].is_present)
			return true;
	return false;
}
