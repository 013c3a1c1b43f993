/* worker_groups.c - finds the groups of rows, and adds their cells, for --group-by */
#include "run/worker_groups.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"
#include "run/worker_internal.h"

enum csvr_status csvr_worker_groups_new(struct csvr_worker_groups **groups)
{
	*groups = calloc(1, sizeof **groups);
	return *groups != NULL ? CSVR_OK : CSVR_NO_MEMORY;
}

void csvr_worker_groups_free(struct csvr_worker_groups *groups)
{
	if (groups == NULL)
		return;
	free(groups->bytes);
	for (size_t k = 0; k < CSVR_MAX_GROUP_KEYS; k++)
		csvr_key_texts_clear(&groups->texts[k]);
	free(groups);
}

/* ---- the start of a chunk ---- */

/* Sets the number of the path. */
static enum csvr_status add_path(struct csvr_worker *w, size_t key)
{
	struct csvr_worker_groups *g = w->groups;
	const struct csvr_path_parts parts = csvr_inputs_split_path(w->config->inputs, w->input);
	const size_t n_directory = strlen(parts.directory), n_name = strlen(parts.name);
	const size_t n_bytes = n_directory + n_name;
	unsigned char *path = csvr_array_grow(g->bytes, &g->capacity, n_bytes + 1, 1);
	if (path == NULL)
		return CSVR_NO_MEMORY;
	g->bytes = path;
	memcpy(path, parts.directory, n_directory);
	memcpy(path + n_directory, parts.name, n_name);
	struct csvr_group_keys *keys = csvr_groups_keys(g->groups, key);
	g->keys.start[0] = path;
	g->keys.n_bytes[0] = (uint32_t)n_bytes;
	csvr_key_read(&g->keys, 0, &keys->seed);
	return csvr_group_keys_find(keys, &g->keys, 1, NULL, &g->path_number);
}

static enum csvr_status reject_ambiguous(struct csvr_worker *w, size_t key)
{
	const struct csvr_key_place *place = &w->header.key_places[key];
	const struct csvr_slice *one = &w->header.names[place->column];
	const struct csvr_slice *other = &w->header.names[place->other_column];
	return csvr_error_set(&w->chunk->error, CSVR_INVALID_FILE, 0,
			      "--group-by=%s: matches the columns '%.*s' and '%.*s'; give one of "
			      "the names",
			      w->config->parse_options->group_by.word[key], (int)one->n_bytes,
			      (const char *)one->start, (int)other->n_bytes,
			      (const char *)other->start);
}

/* Sets the source of each key. */
static enum csvr_status find_sources(struct csvr_worker *w, size_t n_columns,
				     struct csvr_key_source *sources)
{
	static const char path_title[] = "file";
	for (size_t k = 0; k < w->config->groups.n_keys; k++) {
		/* Without a header there are no rows. */
		const struct csvr_key_place none = { .kind = CSVR_KEY_ABSENT };
		const struct csvr_key_place *place = n_columns > 0 ? &w->header.key_places[k]
								   : &none;
		if (place->kind == CSVR_KEY_AMBIGUOUS)
			return reject_ambiguous(w, k);
		sources[k] = (struct csvr_key_source){ place->kind != CSVR_KEY_ABSENT,
						       UINT32_MAX,
						       { path_title, sizeof path_title - 1 } };
		if (place->kind != CSVR_KEY_IN_COLUMN)
			continue;
		const struct csvr_slice *name = &w->header.names[place->column];
		const char *item = w->config->parse_options->group_by.word[k];
		sources[k].column = place->column;
		sources[k].name = place->most_bytes == UINT32_MAX
					  ? (struct csvr_name){ (const char *)name->start,
								name->n_bytes }
					  : (struct csvr_name){ item, strlen(item) };
	}
	return CSVR_OK;
}

enum csvr_status csvr_worker_groups_start(struct csvr_worker *w)
{
	struct csvr_worker_groups *g = w->groups;
	struct csvr_file_stats *stats = &w->chunk->stats;
	const struct csvr_group_config *config = &w->config->groups;
	const size_t n_columns = stats->n_columns;
	struct csvr_key_source sources[CSVR_MAX_GROUP_KEYS];
	enum csvr_status status = find_sources(w, n_columns, sources);
	if (status == CSVR_OK && stats->groups == NULL)
		status = csvr_groups_new(config, &stats->groups);
	if (status == CSVR_OK)
		status = csvr_groups_reset(stats->groups, n_columns, sources);
	g->groups = stats->groups;
	g->is_full = false;
	g->keys.is_marked = w->header.repeat.is_first;
	for (size_t k = 0; k < config->n_keys; k++)
		csvr_key_texts_reset(&g->texts[k]);
	for (size_t k = 0; k < config->n_keys && n_columns > 0 && status == CSVR_OK; k++)
		if (w->header.key_places[k].kind == CSVR_KEY_IS_PATH)
			status = add_path(w, k);
	return status;
}

bool csvr_worker_groups_column(const struct csvr_worker *w, size_t j)
{
	return w->groups != NULL && !w->groups->is_full &&
	       !csvr_groups_is_key(w->groups->groups, j);
}

/* ---- keys ---- */

/* How the cell of a key becomes its text. */
struct key_column {
	struct csvr_worker *w;
	size_t key;
	const struct csvr_cell_rules *rules;
	uint32_t most_bytes;
	/* Every text that is not ASCII is in Windows-1252: it is converted before it is looked up, since its bytes may be those of
	 * another text in UTF-8. */
	bool converts_all;
};

static bool is_ascii(const unsigned char *text, size_t n_bytes)
{
	return (csvr_or_of_bytes(text, n_bytes) & csvr_repeat(0x80)) == 0;
}

/* Cuts a text to the bytes that are the key, without a part of a character. */
static size_t cut(const unsigned char *text, size_t n_bytes, uint32_t most_bytes)
{
	if (n_bytes <= most_bytes)
		return n_bytes;
	size_t n = most_bytes;
	while (n > 0 && (text[n] & 0xc0) == 0x80)
		n--;
	return n;
}

static bool is_missing(struct csvr_worker *w, const struct csvr_cell_rules *rules,
		       const unsigned char *text, size_t n_bytes)
{
	if (n_bytes == 0)
		return true;
	if (csvr_is_certainly_text(rules, text, n_bytes))
		return false;
	csvr_decimal_parse(&w->groups->decimal, rules, text, n_bytes);
	return w->groups->decimal.class == CSVR_CELL_MISSING;
}

/* Converts a text that is in Windows-1252. The new one is in the buffer of the worker, and valid until the next is. */
static enum csvr_status convert(struct csvr_worker *w, const unsigned char **text, size_t *n_bytes)
{
	if (!csvr_is_1252(w->dialect.encoding, *text, *n_bytes))
		return CSVR_OK;
	unsigned char *converted = csvr_array_grow(w->converted, &w->converted_capacity,
						   *n_bytes * CSVR_1252_FACTOR + CSVR_TEXT_READABLE,
						   1);
	if (converted == NULL)
		return CSVR_NO_MEMORY;
	w->converted = converted;
	*n_bytes = csvr_utf8_from_1252(*text, *n_bytes, converted);
	*text = converted;
	return CSVR_OK;
}

/* See struct csvr_key_resolver. Without memory it leaves the text as it is; the next allocation fails, too. */
static void resolve(void *context, const unsigned char **text, size_t *n_bytes)
{
	const struct key_column *column = context;
	const unsigned char *as_written = *text;
	if (column->converts_all && !is_ascii(*text, *n_bytes))
		return; /* it was converted */
	/* Of a key that is a part of its cell, the whole cell has been looked at. */
	if (column->most_bytes == UINT32_MAX &&
	    is_missing(column->w, column->rules, *text, *n_bytes))
		*n_bytes = 0;
	else if (convert(column->w, text, n_bytes) == CSVR_OK)
		*n_bytes = cut(*text, *n_bytes, column->most_bytes);
	if (*text != as_written)
		csvr_worker_note_converted_key(column->w, column->key);
}

/* The cell as written of row i; without the '\r' of a line end. */
static struct csvr_slice cell_of(const struct csvr_worker *w, const struct csvr_column_slice *cells,
				 size_t i)
{
	const uint32_t *end = cells->ends + i * cells->stride;
	const unsigned char *start = w->text + (uint32_t)(end[-1] + 1), *stop = w->text + *end;
	if (cells->ends_line)
		stop = csvr_worker_strip_returns(start, stop);
	return (struct csvr_slice){ start, (size_t)(stop - start) };
}

/* Appends the text of a cell, as UTF-8 and as much of it as is the key, to the buffer; sets where it is. */
static enum csvr_status append_text(const struct key_column *column, struct csvr_slice cell,
				    size_t *offset, uint32_t *n_key)
{
	struct csvr_worker_groups *g = column->w->groups;
	unsigned char *bytes = csvr_array_grow(g->bytes, &g->capacity,
					       g->n_bytes + cell.n_bytes + 1, 1);
	if (bytes == NULL)
		return CSVR_NO_MEMORY;
	g->bytes = bytes;
	const struct csvr_slice field = csvr_field_text(cell.start, cell.start + cell.n_bytes,
							&column->w->dialect, bytes + g->n_bytes);
	const unsigned char *text = field.start;
	size_t n_bytes = field.n_bytes;
	if (column->most_bytes != UINT32_MAX || column->converts_all) {
		if (is_missing(column->w, column->rules, text, n_bytes))
			n_bytes = 0;
		if (convert(column->w, &text, &n_bytes) != CSVR_OK)
			return CSVR_NO_MEMORY;
		if (text == column->w->converted)
			csvr_worker_note_converted_key(column->w, column->key);
		n_bytes = cut(text, n_bytes, column->most_bytes);
		/* Only a text from another encoding may be longer than its cell; it is in another buffer. */
		bytes = csvr_array_grow(g->bytes, &g->capacity, g->n_bytes + n_bytes + 1, 1);
		if (bytes == NULL)
			return CSVR_NO_MEMORY;
		g->bytes = bytes;
	}
	memmove(bytes + g->n_bytes, text, n_bytes);
	*offset = g->n_bytes;
	*n_key = (uint32_t)n_bytes;
	g->n_bytes += n_bytes;
	return CSVR_OK;
}

/* Adds keys to the list of those that need a closer look, since they must be converted, or their cells may be missing values,
 * which shows only in the whole cell. Both are ascending. */
static void add_suspects(const struct key_column *column, struct csvr_key_batch *keys, size_t n)
{
	uint8_t found[CSVR_KEY_BATCH];
	size_t n_found = 0, n_read = 0;
	const struct csvr_cell_rules *rules = column->rules;
	for (size_t i = 0; i < n; i++) {
		const bool is_listed = n_read < keys->n_rejects && keys->rejects[n_read] == i;
		n_read += is_listed;
		const unsigned char first = keys->n_bytes[i] > 0 ? *keys->start[i] : 0;
		const bool may_be_number = rules->n_null_numbers > 0 && first <= '9';
		if (is_listed ||
		    (column->converts_all && !is_ascii(keys->start[i], keys->n_bytes[i])) ||
		    (keys->n_bytes[i] > 0 && (rules->starts_null_word[first] || may_be_number)))
			found[n_found++] = (uint8_t)i;
	}
	memcpy(keys->rejects, found, n_found);
	keys->n_rejects = n_found;
}

/* Reads the keys that need a closer look. */
static enum csvr_status read_rejects(const struct key_column *column,
				     const struct csvr_column_slice *cells,
				     const struct csvr_key_seed *seed)
{
	struct csvr_worker_groups *g = column->w->groups;
	struct csvr_key_batch *keys = &g->keys;
	size_t offsets[CSVR_KEY_BATCH] = { 0 };
	g->n_bytes = 0;
	for (size_t k = 0; k < keys->n_rejects; k++) {
		const size_t i = keys->rejects[k];
		if (append_text(column, cell_of(column->w, cells, i), &offsets[k],
				&keys->n_bytes[i]) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	/* Now the buffer does not move any more. */
	for (size_t k = 0; k < keys->n_rejects; k++) {
		keys->start[keys->rejects[k]] = g->bytes + offsets[k];
		csvr_key_read(keys, keys->rejects[k], seed);
	}
	return CSVR_OK;
}

/* Whether some cell as written, with its line end, exceeds CSVR_MAX_CELL_BYTES. */
static bool has_oversized(const struct csvr_column_slice *cells)
{
	const uint32_t *end = cells->ends;
	const size_t last = (cells->n_cells - 1) * cells->stride;
	bool has = false;
	if (end[last] - (uint32_t)(end[-1] + 1) <= CSVR_MAX_CELL_BYTES)
		return false; /* all of them together do not */
	for (size_t i = 0; i < cells->n_cells; i++, end += cells->stride)
		has |= *end - (uint32_t)(end[-1] + 1) > CSVR_MAX_CELL_BYTES;
	return has;
}

/* The cells of key `key`, which is a column of these `n` records. */
static struct csvr_column_slice cells_of_key(const struct csvr_worker *w, size_t key,
					     const struct csvr_record_run *run, size_t first,
					     size_t n)
{
	const size_t column = w->header.key_places[key].column;
	return (struct csvr_column_slice){ w->text,
					   run->ends + first * run->stride + column,
					   run->stride,
					   n,
					   column + 1 == run->n_fields,
					   w->dialect.decimal };
}

static void read_cells(struct csvr_worker *w, size_t key, const struct csvr_column_slice *cells)
{
	struct csvr_worker_groups *g = w->groups;
	g->texts[key].has_oversized = has_oversized(cells);
	w->config->kernel->read_keys(cells, &w->dialect, &csvr_groups_keys(g->groups, key)->seed,
				     w->header.key_places[key].most_bytes, &g->keys);
}

/* Sets the numbers of key `key` in cells that were read. */
static enum csvr_status number_cells(struct csvr_worker *w, size_t key,
				     const struct csvr_column_slice *cells)
{
	struct csvr_worker_groups *g = w->groups;
	const struct csvr_key_place *place = &w->header.key_places[key];
	struct key_column column = { w, key, csvr_header_rules(&w->header, place->column),
				     place->most_bytes, w->dialect.encoding == CSVR_ENCODING_1252 };
	const struct csvr_key_resolver resolver = { resolve, &column };
	struct csvr_group_keys *keys = csvr_groups_keys(g->groups, key);
	if (place->most_bytes != UINT32_MAX || column.converts_all)
		add_suspects(&column, &g->keys, cells->n_cells);
	if (g->keys.n_rejects > 0 && read_rejects(&column, cells, &keys->seed) != CSVR_OK)
		return CSVR_NO_MEMORY;
	return csvr_group_keys_find(keys, &g->keys, cells->n_cells, &resolver, g->numbers[key]);
}

/* Finds the groups of `n` records, which may have fewer fields than columns. `is_read`: the cells of key 0 have been read. */
static enum csvr_status find_groups(struct csvr_worker *w, const struct csvr_record_run *run,
				    size_t first, size_t n, bool is_read)
{
	struct csvr_worker_groups *g = w->groups;
	if (g->is_full)
		return CSVR_OK;
	for (size_t k = 0; k < w->config->groups.n_keys; k++) {
		const struct csvr_key_place *place = &w->header.key_places[k];
		if (place->kind == CSVR_KEY_IN_COLUMN && place->column < run->n_fields) {
			const struct csvr_column_slice cells = cells_of_key(w, k, run, first, n);
			if (k > 0 || !is_read)
				read_cells(w, k, &cells);
			if (number_cells(w, k, &cells) != CSVR_OK)
				return CSVR_NO_MEMORY;
			continue;
		}
		/* The missing key is added like any other. */
		if (csvr_group_keys_find(csvr_groups_keys(g->groups, k), &g->keys, 0, NULL, NULL) !=
		    CSVR_OK)
			return CSVR_NO_MEMORY;
		const uint32_t number = place->kind == CSVR_KEY_IS_PATH
						? g->path_number
						: (uint32_t)CSVR_MISSING_KEY;
		for (size_t i = 0; i < n; i++)
			g->numbers[k][i] = number;
	}
	return csvr_groups_add_rows(g->groups, g->numbers, n, g->ids, &g->is_full);
}

enum csvr_status csvr_worker_find_groups(struct csvr_worker *w, struct csvr_record_run *run,
					 size_t first, size_t *last)
{
	struct csvr_worker_groups *g = w->groups;
	const struct csvr_key_place *place = &w->header.key_places[0];
	bool is_read = false;
	g->first_record = first;
	if (run->n_rows < *last) {
		if (!g->is_full && place->kind == CSVR_KEY_IN_COLUMN && place->column == 0) {
			const struct csvr_column_slice cells = cells_of_key(w, 0, run, first,
									    *last - first);
			read_cells(w, 0, &cells);
			is_read = true;
		}
		if (!is_read || g->keys.has_marked) {
			const size_t end = csvr_worker_find_break(w, run, first, *last);
			is_read &= end == *last;
			*last = end;
		}
		run->n_rows = *last;
	}
	return first < *last ? find_groups(w, run, first, *last - first, is_read) : CSVR_OK;
}

enum csvr_status csvr_worker_find_group_of_record(struct csvr_worker *w, size_t first,
						  size_t n_fields)
{
	const struct csvr_record_run run = { .ends = w->fields.ends + first,
					     .stride = n_fields,
					     .n_fields = n_fields,
					     .n_records = 1 };
	const enum csvr_status status = find_groups(w, &run, 0, 1, false);
	return status == CSVR_OK ? csvr_worker_skip_key_texts(w) : status;
}

/* ---- cells ---- */

/* The text of a cell as written: it may be in the scratch memory of the worker, or its buffer for converted texts. */
static enum csvr_status text_of(struct csvr_worker *w, struct csvr_slice cell,
				struct csvr_text *text)
{
	*text = (struct csvr_text){ cell.start, 0, 1 };
	if (cell.n_bytes > CSVR_MAX_CELL_BYTES)
		return CSVR_OK; /* its bytes are unknown */
	struct csvr_slice plain;
	if (!csvr_worker_find_plain_text(w, cell, &plain))
		plain = csvr_field_text(cell.start, cell.start + cell.n_bytes, &w->dialect,
					w->scratch);
	if (convert(w, &plain.start, &plain.n_bytes) != CSVR_OK)
		return CSVR_NO_MEMORY;
	text->bytes = plain.start;
	text->n_bytes = (uint32_t)plain.n_bytes;
	return CSVR_OK;
}

static enum csvr_status add_number(struct csvr_worker *w, size_t j, struct csvr_slice cell,
				   uint32_t id)
{
	struct csvr_decimal *decimal = &w->groups->decimal;
	struct csvr_slice text;
	if (!csvr_worker_find_plain_text(w, cell, &text))
		text = csvr_field_text(cell.start, cell.start + cell.n_bytes, &w->dialect,
				       w->scratch);
	csvr_decimal_parse(decimal, csvr_header_rules(&w->header, j), text.start, text.n_bytes);
	const struct csvr_number number = { decimal->part,
					    decimal->n_parts,
					    decimal->exponent,
					    decimal->is_negative,
					    csvr_quantity_of(decimal->class),
					    decimal->notation };
	return csvr_groups_add_number(w->groups->groups, j, decimal->class, id, &number);
}

static enum csvr_status add_cell(struct csvr_worker *w, size_t j, enum csvr_cell_class class,
				 struct csvr_slice cell, uint32_t id)
{
	struct csvr_groups *groups = w->groups->groups;
	if (csvr_quantity_of(class) != CSVR_N_QUANTITIES)
		return add_number(w, j, cell, id);
	if (csvr_groups_want_text(groups, class)) {
		struct csvr_text text;
		if (text_of(w, cell, &text) != CSVR_OK ||
		    csvr_groups_add_text(groups, j, class, id, &text) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	return csvr_groups_add_cell(groups, j, class, id);
}

enum csvr_status csvr_worker_group_cell(struct csvr_worker *w, size_t j, enum csvr_cell_class class,
					struct csvr_slice cell)
{
	return add_cell(w, j, class, cell, w->groups->ids[0]);
}

enum csvr_status csvr_worker_group_cells(struct csvr_worker *w, size_t j, size_t first_record,
					 const struct csvr_column_slice *cells,
					 const struct csvr_batch *batch)
{
	struct csvr_worker_groups *g = w->groups;
	const uint32_t *ids = g->ids + (first_record - g->first_record), *value_ids = ids;
	const size_t n_rejects = cells->n_cells - batch->n_values;
	enum csvr_status status = CSVR_OK;
	for (size_t i = 0; i < n_rejects && status == CSVR_OK; i++) {
		const size_t row = w->rejects[i];
		status = add_cell(w, j, (enum csvr_cell_class)g->classes[i], cell_of(w, cells, row),
				  ids[row]);
	}
	if (status != CSVR_OK || batch->n_values == 0)
		return status;
	if (n_rejects > 0) {
		size_t n = 0, n_read = 0;
		for (size_t row = 0; row < cells->n_cells; row++) {
			const bool is_rejected = n_read < n_rejects && w->rejects[n_read] == row;
			n_read += is_rejected;
			g->value_ids[n] = ids[row];
			n += !is_rejected;
		}
		value_ids = g->value_ids;
	}
	return csvr_groups_add_batch(g->groups, j, batch, value_ids);
}
