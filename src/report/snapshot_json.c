/* snapshot_json.c - the snapshot of a JSON report
 *
 * The text is not trusted. libjansson rejects other text than JSON. Other JSON than reports, and reports whose counts
 * contradict each other, are rejected here, so that a comparison can rely on them.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/snapshot.h"

#include "base/error.h"

#ifdef HAVE_JANSSON

#include <jansson.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/dynlib.h"

struct functions {
	__typeof__(json_set_alloc_funcs) *set_allocator;
	__typeof__(json_loadb) *load;
	__typeof__(json_object_get) *get;
	__typeof__(json_array_get) *item;
	__typeof__(json_array_size) *n_items;
	__typeof__(json_string_value) *string;
	__typeof__(json_string_length) *length;
	__typeof__(json_number_value) *number;
};

static const struct csvr_dynlib
	library = { .purpose = "to read a JSON report",
		    .files = { "libjansson.so.4", "libjansson.so" },
		    .functions = {
			    CSVR_DYNLIB_FUNCTION(struct functions, set_allocator,
						 json_set_alloc_funcs),
			    CSVR_DYNLIB_FUNCTION(struct functions, load, json_loadb),
			    CSVR_DYNLIB_FUNCTION(struct functions, get, json_object_get),
			    CSVR_DYNLIB_FUNCTION(struct functions, item, json_array_get),
			    CSVR_DYNLIB_FUNCTION(struct functions, n_items, json_array_size),
			    CSVR_DYNLIB_FUNCTION(struct functions, string, json_string_value),
			    CSVR_DYNLIB_FUNCTION(struct functions, length, json_string_length),
			    CSVR_DYNLIB_FUNCTION(struct functions, number, json_number_value),
		    } };

/* ---- memory ---- */

/* Some functions of libjansson end the program if there is no memory (2.14). So its allocations are listed, and the
 * first one that fails leaves it by a jump, after which all of them are freed. */
struct pool_item {
	struct pool_item *next, **link; /* *link is this item */
	max_align_t start[];
};

struct pool {
	struct pool_item *items;
	jmp_buf without_memory;
};

/* That of the call of csvr_snapshot_of_json of this thread; libjansson passes no context. */
static _Thread_local struct pool *current_pool;

static void *pool_alloc(size_t n_bytes)
{
	struct pool *pool = current_pool;
	struct pool_item *item = n_bytes <= SIZE_MAX - sizeof *item ? malloc(sizeof *item + n_bytes)
								    : NULL;
	if (item == NULL)
		longjmp(pool->without_memory, 1); /* NOLINT(cert-err52-cpp): see above */
	*item = (struct pool_item){ .next = pool->items, .link = &pool->items };
	if (item->next != NULL)
		item->next->link = &item->next;
	pool->items = item;
	return item->start;
}

static void pool_free(void *start)
{
	if (start == NULL)
		return;
	struct pool_item *item = (void *)((char *)start - offsetof(struct pool_item, start));
	*item->link = item->next;
	if (item->next != NULL)
		item->next->link = item->link;
	free(item);
}

/* Sets `*root`, or NULL with `*problem`. False: no memory. */
static bool load(struct pool *pool, const struct functions *functions, const char *text,
		 size_t n_bytes, json_t **root, json_error_t *problem)
{
	*root = NULL;
	current_pool = pool;
	functions->set_allocator(pool_alloc, pool_free);
	if (setjmp(pool->without_memory) != 0) { /* NOLINT(cert-err52-cpp) */
		*root = NULL;
		return false;
	}
	*root = functions->load(text, n_bytes, JSON_ALLOW_NUL | JSON_DECODE_INT_AS_REAL, problem);
	return true;
}

static void pool_clear(struct pool *pool)
{
	for (struct pool_item *item = pool->items, *next; item != NULL; item = next) {
		next = item->next;
		free(item);
	}
	pool->items = NULL;
	current_pool = NULL;
}

/* ---- values ---- */

struct reader {
	struct functions functions;
	struct csvr_snapshot *snapshot;
	enum csvr_status status; /* CSVR_INVALID_FILE, CSVR_NO_MEMORY, or CSVR_OK so far */
};

static bool fail(struct reader *reader, enum csvr_status status)
{
	reader->status = status;
	return false;
}

static const json_t *member(const struct reader *reader, const json_t *object, const char *name)
{
	return reader->functions.get(object, name);
}

/* A count, which a double holds exactly. */
static bool read_count(struct reader *reader, const json_t *value, double *count)
{
	static const double most = 9007199254740992.0; /* 2^53 */
	if (value == NULL || !json_is_number(value))
		return fail(reader, CSVR_INVALID_FILE);
	*count = reader->functions.number(value);
	if (!(*count >= 0) || *count > most || *count != (double)(uint64_t)*count)
		return fail(reader, CSVR_INVALID_FILE);
	return true;
}

static bool read_text(struct reader *reader, const json_t *value, struct csvr_name *text)
{
	if (value == NULL || !json_is_string(value))
		return fail(reader, CSVR_INVALID_FILE);
	*text = csvr_snapshot_text(reader->snapshot, reader->functions.string(value),
				   reader->functions.length(value));
	return text->text != NULL || fail(reader, CSVR_NO_MEMORY);
}

/* A number, or a date or time in quotes, of a column; unknown if it is absent or null. */
static void read_value(const struct reader *reader, const json_t *object, const char *name,
		       const struct csvr_snapshot_column *column, struct csvr_snapshot_value *into)
{
	char key[64];
	double seconds;
	const json_t *value = member(reader, object, name);
	snprintf(key, sizeof key, "%s_approximate", name);
	const json_t *estimate = member(reader, object, key);
	const bool is_estimate = estimate != NULL && json_is_true(estimate);
	const enum csvr_quantity quantity = csvr_snapshot_quantity(column);
	if (value == NULL || quantity == CSVR_N_QUANTITIES)
		return;
	if (json_is_number(value) && quantity == CSVR_QUANTITY_NUMBER)
		csvr_snapshot_set(into, reader->functions.number(value), is_estimate);
	else if (json_is_string(value) && quantity != CSVR_QUANTITY_NUMBER &&
		 csvr_time_parse(reader->functions.string(value), reader->functions.length(value),
				 quantity, &seconds))
		csvr_snapshot_set(into, seconds, is_estimate);
}

/* ---- columns ---- */

static bool read_type(struct reader *reader, const json_t *object,
		      struct csvr_snapshot_column *column)
{
	const json_t *type = member(reader, object, "type");
	const char *name = type != NULL ? reader->functions.string(type) : NULL;
	for (int i = 0; i < CSVR_N_TYPES && name != NULL; i++)
		if (strcmp(csvr_type_name((enum csvr_type)i), name) == 0) {
			column->type = (enum csvr_type)i;
			return true;
		}
	return fail(reader, CSVR_INVALID_FILE);
}

static bool read_cells(struct reader *reader, const json_t *object,
		       struct csvr_snapshot_column *column)
{
	const json_t *cells = member(reader, object, "cells");
	double n = 0;
	if (cells == NULL || !read_count(reader, member(reader, object, "rows"), &column->n_rows) ||
	    !read_count(reader, member(reader, object, "invalid"), &column->n_invalid))
		return fail(reader, CSVR_INVALID_FILE);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		const char *name = csvr_class_name((enum csvr_cell_class) class);
		if (!read_count(reader, member(reader, cells, name), &column->cells[class]))
			return false;
		n += column->cells[class];
	}
	return (n == column->n_rows && column->n_invalid <= csvr_snapshot_n_present(column)) ||
	       fail(reader, CSVR_INVALID_FILE);
}

static bool read_histogram(struct reader *reader, const json_t *object,
			   struct csvr_snapshot_column *column)
{
	const json_t *from = member(reader, object, "histogram");
	struct csvr_snapshot_value min = { 0 }, max = { 0 };
	if (from == NULL || json_is_null(from))
		return true;
	const json_t *counts = member(reader, from, "counts");
	const json_t *error = member(reader, from, "max_error");
	read_value(reader, from, "min", column, &min);
	read_value(reader, from, "max", column, &max);
	const size_t n = counts != NULL ? reader->functions.n_items(counts) : 0;
	if (n == 0 || n > CSVR_HISTOGRAM_BINS)
		return fail(reader, CSVR_INVALID_FILE);
	if (!min.is_known || !max.is_known)
		return true;
	struct csvr_snapshot_histogram *histogram = calloc(1, sizeof *histogram);
	if (histogram == NULL)
		return fail(reader, CSVR_NO_MEMORY);
	column->histogram = histogram;
	histogram->min = min.value;
	histogram->max = max.value;
	histogram->n_bins = n;
	double sum = 0;
	for (size_t i = 0; i < n; i++) {
		if (!read_count(reader, reader->functions.item(counts, i), &histogram->counts[i]))
			return false;
		sum += histogram->counts[i];
	}
	if (error != NULL && !read_count(reader, error, &histogram->max_error))
		return false;
	return (sum == csvr_snapshot_n_values(column) && histogram->min <= histogram->max) ||
	       fail(reader, CSVR_INVALID_FILE);
}

static bool read_distinct(struct reader *reader, const json_t *object,
			  struct csvr_snapshot_column *column)
{
	const json_t *distinct = member(reader, object, "distinct");
	const json_t *more = member(reader, object, "distinct_more_than");
	const json_t *estimate = member(reader, object, "distinct_approximate");
	double n;
	column->has_more = more != NULL;
	if (more != NULL)
		distinct = more;
	if (distinct == NULL || json_is_null(distinct))
		return true;
	if (!read_count(reader, distinct, &n))
		return false;
	csvr_snapshot_set(&column->distinct, n, estimate != NULL && json_is_true(estimate));
	return true;
}

static bool read_item(struct reader *reader, const json_t *object, struct csvr_snapshot_item *item)
{
	const json_t *value = member(reader, object, "value");
	if (!read_count(reader, member(reader, object, "count"), &item->n_cells))
		return false;
	if (value == NULL || !json_is_number(value))
		return read_text(reader, value, &item->text);
	return csvr_snapshot_set_number(reader->snapshot, item, reader->functions.number(value)) ||
	       fail(reader, CSVR_NO_MEMORY);
}

static bool read_items(struct reader *reader, const json_t *object,
		       struct csvr_snapshot_column *column)
{
	const json_t *top = member(reader, object, "top");
	const size_t n = top != NULL ? reader->functions.n_items(top) : 0;
	double sum = 0;
	if (n == 0)
		return true;
	struct csvr_snapshot_item *items = n <= CSVR_MAX_ITEMS ? calloc(n, sizeof *items) : NULL;
	if (items == NULL)
		return fail(reader, n <= CSVR_MAX_ITEMS ? CSVR_NO_MEMORY : CSVR_INVALID_FILE);
	column->items = items;
	column->n_items = n;
	for (size_t i = 0; i < n; i++) {
		if (!read_item(reader, reader->functions.item(top, i), &items[i]))
			return false;
		sum += items[i].n_cells;
	}
	return sum <= csvr_snapshot_n_present(column) || fail(reader, CSVR_INVALID_FILE);
}

static bool read_column(struct reader *reader, const json_t *object,
			struct csvr_snapshot_column *column)
{
	if (!read_text(reader, member(reader, object, "name"), &column->name) ||
	    !read_type(reader, object, column) || !read_cells(reader, object, column))
		return false;
	read_value(reader, object, "min", column, &column->min);
	read_value(reader, object, "max", column, &column->max);
	read_value(reader, object, "mean", column, &column->mean);
	read_value(reader, object, "stddev", column, &column->stddev);
	for (size_t i = 0; i < CSVR_SNAPSHOT_PERCENTILES; i++)
		read_value(reader, object, csvr_snapshot_percentile_names[i], column,
			   &column->percentiles[i]);
	return read_histogram(reader, object, column) && read_distinct(reader, object, column) &&
	       read_items(reader, object, column);
}

/* ---- tables ---- */

static bool read_table(struct reader *reader, const json_t *object,
		       struct csvr_snapshot_table *table)
{
	const json_t *columns = member(reader, object, "columns");
	if (columns == NULL || !json_is_array(columns) ||
	    !read_count(reader, member(reader, object, "rows"), &table->n_rows))
		return fail(reader, CSVR_INVALID_FILE);
	const size_t n = reader->functions.n_items(columns);
	table->columns = calloc(n + 1, sizeof *table->columns);
	if (table->columns == NULL)
		return fail(reader, CSVR_NO_MEMORY);
	table->n_columns = n;
	for (size_t i = 0; i < n; i++)
		if (!read_column(reader, reader->functions.item(columns, i), &table->columns[i]))
			return false;
	return true;
}

static bool read_report(struct reader *reader, const json_t *root)
{
	struct csvr_snapshot *snapshot = reader->snapshot;
	const json_t *tables = member(reader, root, "tables");
	double n_files;
	if (!read_count(reader, member(reader, root, "files"), &n_files))
		return false;
	const size_t n = tables != NULL ? reader->functions.n_items(tables) : 1;
	snapshot->tables = n > 0 ? calloc(n, sizeof *snapshot->tables) : NULL;
	if (snapshot->tables == NULL)
		return fail(reader, n > 0 ? CSVR_NO_MEMORY : CSVR_INVALID_FILE);
	snapshot->n_tables = n;
	if (tables == NULL)
		return read_table(reader, root, &snapshot->tables[0]);
	for (size_t t = 0; t < n; t++) {
		const json_t *table = reader->functions.item(tables, t);
		if (!read_text(reader, member(reader, table, "name"), &snapshot->tables[t].name) ||
		    !read_table(reader, table, &snapshot->tables[t]))
			return false;
	}
	return true;
}

enum csvr_status csvr_snapshot_of_json(const char *text, size_t n_bytes,
				       struct csvr_snapshot **snapshot, struct csvr_error *error)
{
	struct reader reader = { .status = CSVR_OK };
	struct pool pool = { .items = NULL };
	json_error_t problem;
	json_t *root;
	*snapshot = NULL;
	const enum csvr_status status = csvr_dynlib_open(&library, &reader.functions, error);
	if (status != CSVR_OK)
		return status;
	if (!load(&pool, &reader.functions, text, n_bytes, &root, &problem)) {
		pool_clear(&pool);
		return csvr_error_set_no_memory(error);
	}
	if (root == NULL) {
		pool_clear(&pool);
		return csvr_error_set(
			error, CSVR_INVALID_FILE, problem.line > 0 ? (uint64_t)problem.line : 0,
			"neither a saved state nor valid JSON (%.100s); save it again "
			"with --format=json --output=FILE",
			problem.text);
	}
	reader.snapshot = csvr_snapshot_new();
	if (reader.snapshot == NULL)
		reader.status = CSVR_NO_MEMORY;
	else if (read_report(&reader, root))
		csvr_snapshot_finish(reader.snapshot);
	pool_clear(&pool);
	if (reader.status != CSVR_OK) {
		csvr_snapshot_free(reader.snapshot);
		return reader.status == CSVR_NO_MEMORY
			       ? csvr_error_set_no_memory(error)
			       : csvr_error_set(error, CSVR_INVALID_FILE, 0,
						"JSON, but not a report of csv-report; save one "
						"with --format=json --output=FILE");
	}
	*snapshot = reader.snapshot;
	return CSVR_OK;
}

#else

enum csvr_status csvr_snapshot_of_json(const char *text, size_t n_bytes,
				       struct csvr_snapshot **snapshot, struct csvr_error *error)
{
	(void)text;
	(void)n_bytes;
	*snapshot = NULL;
	return csvr_error_set(
		error, CSVR_INVALID_FILE, 0,
		"not a saved state, and this csv-report was built without libjansson, "
		"which reads JSON; save the report with --format=state");
}

#endif
