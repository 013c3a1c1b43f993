/* summary_codec.c - what was found to bytes and back */
#include "state/summary_codec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

typedef unsigned __int128 u128;

enum { NONE = UINT32_MAX };

/* What is told of an input before its file is: that it was read; and that this column stands at this
 * position of its header, unless it is NONE. */
struct mention {
	uint32_t number, column, position;
};

/* Each kind of thing has its put and its get beside each other, so that they stay alike. A get returns
 * false when the reader is bad or there is no memory; `out_of_memory` tells which. */
struct getting {
	struct csvr_decoder *reader;
	struct csvr_summary *summary;
	const uint32_t *input; /* index of each number */
	size_t n_inputs;
	struct mention *mentions;
	size_t n_mentions, mentions_capacity;
	uint32_t *files; /* the number of each of summary->files, ascending */
	bool out_of_memory;
};

struct putting {
	struct csvr_encoder *bytes;
	const uint32_t *number; /* NULL: the index */
};

static bool no_memory(struct getting *get)
{
	get->out_of_memory = true;
	return false;
}

static bool refuse(struct getting *get)
{
	return csvr_decoder_fail(get->reader);
}

static bool is_fine(const struct getting *get)
{
	return !get->reader->is_bad && !get->out_of_memory;
}

/* Items of which each takes at least `least_bytes` of the state and `item_bytes` of memory; NULL with
 * `*n_items` 0 is none. */
static void *get_items(struct getting *get, size_t *n_items, size_t least_bytes, size_t item_bytes)
{
	*n_items = csvr_decoder_count(get->reader, least_bytes);
	if (*n_items == 0)
		return NULL;
	void *items = calloc(*n_items, item_bytes);
	if (items == NULL) {
		*n_items = 0;
		get->out_of_memory = true;
	}
	return items;
}

static const char *get_text(struct getting *get, struct csvr_arena *strings, size_t *n_bytes)
{
	const char *text = csvr_decoder_text(get->reader, n_bytes);
	if (get->reader->is_bad)
		return NULL;
	const char *copy = csvr_arena_copy(strings, text, *n_bytes);
	if (copy == NULL)
		get->out_of_memory = true;
	return copy;
}

/* A text that is a string: it holds no NUL. */
static const char *get_string(struct getting *get)
{
	size_t n_bytes;
	const char *text = get_text(get, &get->summary->strings, &n_bytes);
	if (text != NULL && strlen(text) != n_bytes)
		refuse(get);
	return text;
}

static void put_input(struct putting *put, uint32_t input)
{
	csvr_encoder_put_varint(put->bytes, put->number != NULL ? put->number[input] : input);
}

/* The number of an input; 0 if there is none such. */
static uint32_t get_number(struct getting *get)
{
	const uint64_t number = csvr_decoder_varint(get->reader);
	if (number < get->n_inputs && number < NONE)
		return (uint32_t)number;
	refuse(get);
	return 0;
}

static uint32_t input_of(const struct getting *get, uint32_t number)
{
	if (number >= get->n_inputs)
		return 0; /* it was refused */
	return get->input != NULL ? get->input[number] : number;
}

/* Of a file that is told of; it has to be there. */
static uint32_t get_mention(struct getting *get, uint32_t column)
{
	const uint32_t number = get_number(get), input = input_of(get, number);
	const uint32_t position =
		column != NONE ? (uint32_t)csvr_decoder_varint_max(get->reader, UINT32_MAX) : 0;
	struct mention *mentions = csvr_array_grow(get->mentions, &get->mentions_capacity,
						   get->n_mentions + 1, sizeof *mentions);
	if (mentions == NULL) {
		get->out_of_memory = true;
		return 0;
	}
	get->mentions = mentions;
	mentions[get->n_mentions++] = (struct mention){ number, column, position };
	get->summary->has_lost_inputs |= input == NONE;
	return input;
}

static void put_place(struct putting *put, const struct csvr_location *place)
{
	csvr_encoder_put_varint(put->bytes, place->line);
	if (place->line > 0)
		put_input(put, place->input);
}

static void get_place(struct getting *get, struct csvr_location *place)
{
	place->line = csvr_decoder_varint(get->reader);
	if (place->line > 0)
		place->input = get_mention(get, NONE);
}

/* ---- columns ---- */

/* Squares have bins for twice the exponents of the sums, always. */
static void put_exact(struct csvr_encoder *bytes, const struct csvr_exact_sum *exact)
{
	csvr_encoder_put_varint(bytes, exact->n_sums);
	if (exact->n_sums == 0)
		return;
	csvr_encoder_put_zigzag(bytes, exact->sum_base);
	for (size_t i = 0; i < exact->n_sums; i++) {
		const __int128 sum = exact->sums[i];
		const u128 folded = (u128)sum << 1 ^ (sum < 0 ? ~(u128)0 : 0);
		csvr_encoder_put_varint_wide(
			bytes, (uint64_t[]){ (uint64_t)folded, (uint64_t)(folded >> 64) }, 2);
	}
	for (size_t i = 0; i < exact->n_squares; i++)
		csvr_encoder_put_varint_wide(bytes, exact->squares[i].word, 3);
}

static bool get_exact(struct getting *get, struct csvr_exact_sum *exact, uint64_t n_numbers)
{
	enum { MOST_BINS = CSVR_EXACT_MAX_EXPONENT - CSVR_EXACT_MIN_EXPONENT + 1 };
	struct csvr_decoder *reader = get->reader;
	const size_t n = csvr_decoder_count(reader, 3);
	if (n == 0)
		return is_fine(get);
	const int64_t base = csvr_decoder_zigzag(reader);
	if (n > MOST_BINS || base < CSVR_EXACT_MIN_EXPONENT ||
	    base > CSVR_EXACT_MAX_EXPONENT + 1 - (int64_t)n)
		return refuse(get);
	if (csvr_exact_sum_reserve(exact, (int)base, (int)base + (int)n) != CSVR_OK)
		return no_memory(get);
	for (size_t i = 0; i < n; i++) {
		uint64_t word[2];
		csvr_decoder_varint_wide(reader, word, 2);
		const u128 folded = (u128)word[1] << 64 | word[0];
		/* A number adds less than that to a bin. */
		if ((folded >> 1) + (folded & 1) > (u128)n_numbers * CSVR_EXACT_LIMIT)
			return refuse(get);
		const u128 bits = folded >> 1 ^ ((folded & 1) != 0 ? ~(u128)0 : 0);
		memcpy(&exact->sums[i], &bits, sizeof bits);
	}
	for (size_t i = 0; i < exact->n_squares; i++)
		csvr_decoder_varint_wide(reader, exact->squares[i].word, 3);
	return is_fine(get);
}

static void put_column(struct csvr_encoder *bytes, const struct csvr_column *column)
{
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++)
		csvr_encoder_put_varint(bytes, column->cells[class]);
	if (column->cells[CSVR_CELL_NUMBER] == 0)
		return;
	csvr_encoder_put_double(bytes, column->min);
	csvr_encoder_put_double(bytes, column->max);
	put_exact(bytes, &column->exact);
}

/* A column that is new. `n_rows` is what its cells must add up to. */
static bool get_column(struct getting *get, struct csvr_column *column, uint64_t n_rows)
{
	uint64_t n_left = n_rows;
	csvr_column_init(column);
	for (int class = 0; class < CSVR_N_CELL_CLASSES; class ++) {
		column->cells[class] = csvr_decoder_varint_max(get->reader, n_left);
		n_left -= column->cells[class];
	}
	if (get->reader->is_bad || n_left != 0)
		return refuse(get);
	if (column->cells[CSVR_CELL_NUMBER] == 0)
		return true;
	column->min = csvr_decoder_double(get->reader);
	column->max = csvr_decoder_double(get->reader);
	if (!(column->min <= column->max) || !isfinite(column->min) || !isfinite(column->max))
		return refuse(get);
	return get_exact(get, &column->exact, column->cells[CSVR_CELL_NUMBER]);
}

/* ---- tables ---- */

static void put_table(struct csvr_encoder *bytes, const struct csvr_file_stats *table)
{
	csvr_encoder_put_varint(bytes, table->n_columns);
	csvr_encoder_put_varint(bytes, table->n_rows);
	csvr_encoder_put_varint(bytes, table->n_extra_fields);
	csvr_encoder_put_varint(bytes, table->n_lines);
	csvr_encoder_put_varint(bytes, table->size_bytes);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		csvr_encoder_put_varint(bytes, table->issues[i].n);
		csvr_encoder_put_varint(bytes, table->issues[i].first_line);
	}
	for (size_t i = 0; i < table->n_columns; i++) {
		put_column(bytes, &table->columns[i]);
		csvr_encoder_put_varint(bytes, table->columns[i].invalid_line);
	}
}

/* Columns that are not selected have no cells at all. */
static bool get_table(struct getting *get, struct csvr_file_stats *table)
{
	struct csvr_decoder *reader = get->reader;
	const size_t n_columns = csvr_decoder_count(reader, CSVR_N_CELL_CLASSES);
	if (csvr_file_stats_reset(table, n_columns) != CSVR_OK)
		return no_memory(get);
	table->n_rows = csvr_decoder_varint(reader);
	table->n_extra_fields = csvr_decoder_varint(reader);
	table->n_lines = csvr_decoder_varint(reader);
	table->size_bytes = csvr_decoder_varint(reader);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		table->issues[i].n = csvr_decoder_varint(reader);
		table->issues[i].first_line = csvr_decoder_varint(reader);
		if ((table->issues[i].n > 0) != (table->issues[i].first_line > 0))
			return refuse(get);
	}
	for (size_t i = 0; i < n_columns; i++) {
		struct csvr_column *column = &table->columns[i];
		const struct csvr_decoder before = *reader;
		static const unsigned char nothing[CSVR_N_CELL_CLASSES];
		const unsigned char *cells = csvr_decoder_bytes(reader, CSVR_N_CELL_CLASSES);
		const bool is_empty = cells != NULL && memcmp(cells, nothing, sizeof nothing) == 0;
		if (!is_empty) {
			*reader = before;
			if (!get_column(get, column, table->n_rows))
				return false;
		}
		column->invalid_line = csvr_decoder_varint(reader);
		if ((column->invalid_line > 0) != (column->cells[CSVR_CELL_INVALID] > 0))
			return refuse(get);
	}
	return is_fine(get);
}

/* ---- columns and headers of the summary ---- */

enum { NO_LABEL, ONE_LABEL, LABELS_DIFFER };

static void put_columns(struct putting *put, const struct csvr_summary *summary)
{
	struct csvr_encoder *bytes = put->bytes;
	csvr_encoder_put_varint(bytes, summary->n_columns);
	for (size_t i = 0; i < summary->n_columns; i++) {
		const struct csvr_summary_column *column = &summary->columns[i];
		csvr_encoder_put_text(bytes, column->name, column->name_bytes);
		csvr_encoder_put_varint(bytes, column->labels_differ   ? LABELS_DIFFER
					       : column->label != NULL ? ONE_LABEL
								       : NO_LABEL);
		if (column->label != NULL && !column->labels_differ)
			csvr_encoder_put_text(bytes, column->label, column->label_bytes);
		put_input(put, (uint32_t)(column->order >> 32));
		csvr_encoder_put_varint(bytes, (uint32_t)column->order);
		csvr_encoder_put_varint(bytes, column->n_files);
		csvr_encoder_put_varint(bytes, column->n_rows);
		put_place(put, &column->first_invalid);
		put_column(bytes, &column->stats);
	}
}

static bool get_summary_column(struct getting *get, struct csvr_summary_column *column)
{
	struct csvr_decoder *reader = get->reader;
	csvr_column_init(&column->stats);
	column->name = get_text(get, &get->summary->strings, &column->name_bytes);
	const uint64_t label = csvr_decoder_varint_max(reader, LABELS_DIFFER);
	column->labels_differ = label == LABELS_DIFFER;
	if (label == ONE_LABEL)
		column->label = get_text(get, &get->summary->strings, &column->label_bytes);
	const uint64_t input = get_mention(get, (uint32_t)(column - get->summary->columns));
	if (!is_fine(get))
		return false;
	column->order = input << 32 | get->mentions[get->n_mentions - 1].position;
	column->n_files = csvr_decoder_varint(reader);
	column->n_rows = csvr_decoder_varint(reader);
	get_place(get, &column->first_invalid);
	return is_fine(get) && get_column(get, &column->stats, column->n_rows) &&
	       ((column->first_invalid.line > 0) == (column->stats.cells[CSVR_CELL_INVALID] > 0) ||
		refuse(get));
}

static bool get_columns(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	size_t n_columns;
	summary->columns = get_items(get, &n_columns, 7 + CSVR_N_CELL_CLASSES,
				     sizeof *summary->columns);
	summary->columns_capacity = n_columns;
	for (size_t i = 0; i < n_columns; i++) {
		summary->n_columns = i + 1;
		if (!get_summary_column(get, &summary->columns[i]))
			return false;
	}
	return is_fine(get);
}

/* A position that was not selected is 0, others one more than their column. */
static void put_headers(struct csvr_encoder *bytes, const struct csvr_summary *summary)
{
	csvr_encoder_put_varint(bytes, summary->n_headers);
	for (size_t i = 0; i < summary->n_headers; i++) {
		const struct csvr_column_layout *header = &summary->headers[i];
		csvr_encoder_put_varint(bytes, header->n_files);
		csvr_encoder_put_varint(bytes, header->n_columns);
		for (size_t j = 0; j < header->n_columns; j++)
			csvr_encoder_put_varint(bytes, (uint32_t)(header->column[j] + 1));
	}
}

static bool get_headers(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	size_t n_headers;
	summary->headers = get_items(get, &n_headers, 2, sizeof *summary->headers);
	summary->headers_capacity = n_headers;
	if (n_headers >
	    CSVR_MAX_LAYOUTS) /* in 2 GiB of bytes at least: more than a test can have */
		return refuse(get); /* LCOV_EXCL_LINE */
	for (size_t i = 0; i < n_headers && is_fine(get); i++) {
		struct csvr_column_layout *header = &summary->headers[i];
		summary->n_headers = i + 1;
		header->n_files = csvr_decoder_varint(get->reader);
		header->column = get_items(get, &header->n_columns, 1, sizeof *header->column);
		for (size_t j = 0; j < header->n_columns; j++)
			header->column[j] = (uint32_t)csvr_decoder_varint_max(get->reader,
									      summary->n_columns) -
					    1;
	}
	return is_fine(get);
}

/* ---- files ---- */

static void put_files(struct putting *put, const struct csvr_summary *summary)
{
	struct csvr_encoder *bytes = put->bytes;
	csvr_encoder_put_varint(bytes, summary->n_files);
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		put_input(put, file->input);
		csvr_encoder_put_varint(bytes, (uint64_t)file->header << 2 | file->kind);
	}
	csvr_encoder_put_varint(bytes, summary->config.keeps_file_stats);
	for (size_t i = 0; summary->config.keeps_file_stats && i < summary->n_files; i++)
		if (summary->files[i].kind != CSVR_FILE_BAD)
			put_table(bytes, summary->tables[i]);
	csvr_encoder_put_varint(bytes, summary->n_failures);
	for (size_t i = 0; i < summary->n_failures; i++) {
		const struct csvr_failure *failure = &summary->failures[i];
		put_input(put, failure->input);
		csvr_encoder_put_varint(bytes, failure->line);
		csvr_encoder_put_text(bytes, failure->message, strlen(failure->message));
	}
}

/* Tables are dropped where nobody keeps them. */
static bool get_file_table(struct getting *get, size_t index)
{
	struct csvr_summary *summary = get->summary;
	const struct csvr_file *file = &summary->files[index];
	struct csvr_file_stats *table = calloc(1, sizeof *table);
	if (table == NULL)
		return no_memory(get);
	bool is_good = get_table(get, table);
	if (is_good && file->kind == CSVR_FILE_READ)
		is_good = table->n_columns == summary->headers[file->header].n_columns ||
			  refuse(get);
	if (is_good && summary->config.keeps_file_stats) {
		summary->tables[index] = table;
		return true;
	}
	csvr_file_stats_clear(table);
	free(table);
	return is_good;
}

static bool get_tables(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	const bool has_tables = csvr_decoder_varint_max(get->reader, 1) != 0;
	if (summary->config.keeps_file_stats) {
		if (!has_tables && summary->n_files > 0)
			return refuse(get); /* the caller has looked before */
		summary->tables = calloc(summary->n_files + 1, sizeof(struct csvr_file_stats *));
		summary->tables_capacity = summary->n_files + 1;
		if (summary->tables == NULL)
			return no_memory(get);
	}
	for (size_t i = 0; has_tables && i < summary->n_files; i++)
		if (summary->files[i].kind != CSVR_FILE_BAD && !get_file_table(get, i))
			return false;
	return is_fine(get);
}

/* The file of an input; NULL: there is none. */
static const struct csvr_file *file_of(const struct getting *get, uint32_t number)
{
	size_t low = 0, high = get->summary->n_files;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (get->files[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < get->summary->n_files && get->files[low] == number ? &get->summary->files[low]
									: NULL;
}

/* Each bad file has one, and nothing else does. */
static bool get_failures(struct getting *get, size_t n_bad)
{
	struct csvr_summary *summary = get->summary;
	bool *is_told = calloc(summary->n_files + 1, sizeof *is_told);
	if (is_told == NULL)
		return no_memory(get);
	summary->failures = get_items(get, &summary->n_failures, 3, sizeof *summary->failures);
	summary->failures_capacity = summary->n_failures;
	for (size_t i = 0; i < summary->n_failures && is_fine(get); i++) {
		struct csvr_failure *failure = &summary->failures[i];
		const uint32_t number = get_number(get);
		const struct csvr_file *file = file_of(get, number);
		failure->input = input_of(get, number);
		failure->line = csvr_decoder_varint(get->reader);
		failure->message = get_string(get);
		if (file == NULL || file->kind != CSVR_FILE_BAD || is_told[file - summary->files])
			refuse(get);
		else
			is_told[file - summary->files] = true;
	}
	free(is_told);
	return is_fine(get) && (summary->n_failures == n_bad || refuse(get));
}

static bool are_there(struct getting *get)
{
	const struct csvr_summary *summary = get->summary;
	for (size_t i = 0; i < get->n_mentions; i++) {
		const struct mention *mention = &get->mentions[i];
		const struct csvr_file *file = file_of(get, mention->number);
		if (file == NULL || file->kind == CSVR_FILE_BAD)
			return refuse(get);
		if (mention->column == NONE)
			continue;
		if (file->kind != CSVR_FILE_READ)
			return refuse(get);
		const struct csvr_column_layout *header = &summary->headers[file->header];
		if (mention->position >= header->n_columns ||
		    header->column[mention->position] != mention->column)
			return refuse(get);
	}
	return true;
}

/* Headers and columns say in how many files they are. */
static bool is_counted(struct getting *get)
{
	const struct csvr_summary *summary = get->summary;
	uint64_t *n_of = calloc(summary->n_headers + summary->n_columns + 1, sizeof *n_of);
	if (n_of == NULL)
		return no_memory(get);
	uint64_t *n_having = n_of + summary->n_headers;
	bool is_good = true;
	for (size_t i = 0; i < summary->n_files; i++)
		if (summary->files[i].kind == CSVR_FILE_READ)
			n_of[summary->files[i].header]++;
	for (size_t i = 0; i < summary->n_headers; i++) {
		const struct csvr_column_layout *header = &summary->headers[i];
		is_good &= header->n_files == n_of[i];
		for (size_t j = 0; j < header->n_columns; j++)
			if (header->column[j] != NONE)
				n_having[header->column[j]] += header->n_files;
	}
	for (size_t i = 0; i < summary->n_columns; i++)
		is_good &= summary->columns[i].n_files == n_having[i];
	free(n_of);
	return is_good || refuse(get);
}

static bool get_files(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	size_t n_files, n_bad = 0;
	summary->files = get_items(get, &n_files, 2, sizeof *summary->files);
	summary->files_capacity = n_files;
	get->files = calloc(n_files + 1, sizeof *get->files);
	if (get->files == NULL)
		return no_memory(get);
	for (size_t i = 0; i < n_files && is_fine(get); i++) {
		/* In ascending order, so no input is there twice. */
		const uint32_t number = get->files[i] = get_number(get);
		if (i > 0 && number <= get->files[i - 1])
			return refuse(get);
		const uint32_t input = input_of(get, number);
		summary->has_lost_inputs |= input == NONE;
		const uint64_t what = csvr_decoder_varint(get->reader);
		const uint64_t header = what >> 2;
		const enum csvr_file_kind kind = (enum csvr_file_kind)(what & 3);
		if (kind == CSVR_FILE_READ ? header >= summary->n_headers : header != 0)
			return refuse(get);
		summary->files[i] = (struct csvr_file){ input, (uint32_t)header & 0x3fffffff,
							(uint32_t)kind & 3 };
		n_bad += kind == CSVR_FILE_BAD;
		summary->n_files = i + 1;
	}
	return is_fine(get) && is_counted(get) && are_there(get) && get_tables(get) &&
	       get_failures(get, n_bad);
}

/* ---- partial files ---- */

static void put_schema(struct csvr_encoder *bytes, const struct csvr_schema *schema)
{
	csvr_encoder_put_varint(bytes, schema->has_bare_cr);
	csvr_encoder_put_varint(bytes, schema->n_names);
	for (size_t i = 0; i < schema->n_names; i++) {
		const struct csvr_name *name = &schema->names[i];
		csvr_encoder_put_varint(bytes, name->text != NULL);
		if (name->text != NULL)
			csvr_encoder_put_text(bytes, name->text, name->n_bytes);
	}
}

static bool get_schema(struct getting *get, struct csvr_schema *schema)
{
	csvr_schema_init(schema);
	schema->has_bare_cr = csvr_decoder_varint_max(get->reader, 1) != 0;
	schema->names = get_items(get, &schema->n_names, 1, sizeof *schema->names);
	for (size_t i = 0; i < schema->n_names && is_fine(get); i++)
		if (csvr_decoder_varint_max(get->reader, 1) != 0)
			schema->names[i].text = get_text(get, &schema->strings,
							 &schema->names[i].n_bytes);
	return is_fine(get);
}

/* How a chunk ended, by its number in the bytes: these stay as they are, whatever becomes of the enum. */
static const enum csvr_status endings[] = { CSVR_OK, CSVR_IO_ERROR, CSVR_INVALID_FILE,
					    CSVR_FILE_CHANGED, CSVR_NEEDS_CHUNK_START };
enum { N_ENDINGS = sizeof endings / sizeof endings[0] };

static uint64_t ending_of(enum csvr_status status)
{
	uint64_t i = 0;
	while (i + 1 < N_ENDINGS && endings[i] != status)
		i++;
	return i; /* another would have ended the run; to read the chunk again is never wrong */
}

/* Offsets are one more than they are, so that "none", UINT64_MAX, is 0. */
static void put_segment(struct csvr_encoder *bytes, const struct csvr_segment *segment)
{
	const struct csvr_chunk_stats *chunk = &segment->chunk;
	csvr_encoder_put_varint(bytes, segment->first);
	csvr_encoder_put_varint(bytes, segment->last);
	csvr_encoder_put_varint(bytes, ending_of(chunk->status));
	csvr_encoder_put_varint(bytes, chunk->start + 1);
	csvr_encoder_put_varint(bytes, chunk->next);
	csvr_encoder_put_varint(bytes, (uint64_t)chunk->newline);
	if (chunk->status == CSVR_OK) {
		put_table(bytes, &chunk->table);
	} else {
		csvr_encoder_put_varint(bytes, chunk->error.line);
		csvr_encoder_put_text(bytes, chunk->error.message, strlen(chunk->error.message));
	}
}

static bool get_segment(struct getting *get, struct csvr_segment *segment, uint32_t n_chunks)
{
	struct csvr_decoder *reader = get->reader;
	struct csvr_chunk_stats *chunk = &segment->chunk;
	segment->first = (uint32_t)csvr_decoder_varint_max(reader, n_chunks - 1);
	segment->last = (uint32_t)csvr_decoder_varint_max(reader, n_chunks - 1);
	chunk->status = chunk->error.status =
		endings[csvr_decoder_varint_max(reader, N_ENDINGS - 1)];
	chunk->start = csvr_decoder_varint(reader) - 1;
	chunk->next = csvr_decoder_varint(reader);
	chunk->newline = (int)csvr_decoder_varint_max(reader, '\r');
	const bool is_line_end = chunk->newline == 0 || chunk->newline == '\n' ||
				 chunk->newline == '\r';
	if (reader->is_bad || segment->last < segment->first || !is_line_end)
		return refuse(get);
	if (chunk->status == CSVR_OK)
		return get_table(get, &chunk->table);
	size_t n_bytes;
	chunk->error.line = csvr_decoder_varint(reader);
	const char *text = csvr_decoder_text(reader, &n_bytes);
	if (n_bytes >= sizeof chunk->error.message || memchr(text, '\0', n_bytes) != NULL)
		return refuse(get);
	memcpy(chunk->error.message, text, n_bytes);
	chunk->error.message[n_bytes] = '\0';
	return is_fine(get);
}

static void put_partial(struct putting *put, const struct csvr_summary *summary)
{
	struct csvr_encoder *bytes = put->bytes;
	csvr_encoder_put_varint(bytes, summary->n_partial);
	for (size_t i = 0; i < summary->n_partial; i++) {
		const struct csvr_partial_file *partial = &summary->partial[i];
		put_input(put, partial->input);
		csvr_encoder_put_varint(bytes, partial->n_chunks);
		csvr_encoder_put_varint(bytes, partial->chunk_bytes);
		put_schema(bytes, &partial->schema);
		csvr_encoder_put_varint(bytes, partial->n_segments);
		for (size_t j = 0; j < partial->n_segments; j++)
			put_segment(bytes, partial->segments[j]);
	}
}

/* Stretches stand in order and do not overlap; those that were read have the columns of the head. */
static bool get_segments(struct getting *get, struct csvr_partial_file *partial)
{
	const size_t n = csvr_decoder_count(get->reader, 8);
	uint64_t next = 0;
	if (n == 0)
		return refuse(get);
	for (size_t i = 0; i < n; i++) {
		struct csvr_segment *segment = csvr_segment_new(0, 0);
		if (segment == NULL)
			return no_memory(get);
		bool is_good = get_segment(get, segment, partial->n_chunks);
		const struct csvr_file_stats *table = &segment->chunk.table;
		is_good = is_good && segment->first >= next &&
			  (table->n_columns == partial->schema.n_names ||
			   (table->n_columns == 0 && table->n_rows == 0));
		next = (uint64_t)segment->last + 1;
		if (!csvr_partial_file_add(partial, segment))
			return no_memory(get);
		if (!is_good)
			return is_fine(get) ? refuse(get) : false;
	}
	return is_fine(get);
}

static bool get_partial(struct getting *get)
{
	const size_t n = csvr_decoder_count(get->reader, 14);
	uint64_t next = 0;
	for (size_t i = 0; i < n && is_fine(get); i++) {
		struct csvr_partial_file partial = { 0 };
		const uint32_t number = get_number(get);
		if (number < next || file_of(get, number) != NULL)
			return refuse(get);
		next = number + UINT64_C(1);
		partial.input = input_of(get, number);
		partial.n_chunks = (uint32_t)csvr_decoder_varint_max(get->reader, UINT32_MAX);
		partial.chunk_bytes = csvr_decoder_varint(get->reader);
		if (get->reader->is_bad || partial.n_chunks < 2 || partial.chunk_bytes == 0 ||
		    partial.chunk_bytes > UINT64_MAX / partial.n_chunks)
			return refuse(get);
		bool is_good = get_schema(get, &partial.schema) && get_segments(get, &partial);
		if (is_good && csvr_summary_add_partial(get->summary, &partial) != CSVR_OK)
			is_good = no_memory(get);
		csvr_partial_file_clear(&partial);
		if (!is_good)
			return false;
	}
	return is_fine(get);
}

/* ---- runs ---- */

static void put_runs(struct csvr_encoder *bytes, const struct csvr_summary *summary)
{
	csvr_encoder_put_varint(bytes, summary->n_runs);
	for (size_t i = 0; i < summary->n_runs; i++) {
		const struct csvr_run_record *run = &summary->runs[i];
		csvr_encoder_put_text(bytes, run->version, strlen(run->version));
		csvr_encoder_put_text(bytes, run->command, strlen(run->command));
		csvr_encoder_put_text(bytes, run->host, strlen(run->host));
		csvr_encoder_put_text(bytes, run->job, strlen(run->job));
		csvr_encoder_put_text(bytes, run->kernel, strlen(run->kernel));
		csvr_encoder_put_varint(bytes, run->n_threads);
		csvr_encoder_put_varint(bytes, run->shard_index);
		csvr_encoder_put_varint(bytes, run->shard_count);
		csvr_encoder_put_zigzag(bytes, run->begin_ns);
		csvr_encoder_put_zigzag(bytes, run->end_ns);
	}
}

static bool get_runs(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	summary->runs = get_items(get, &summary->n_runs, 10, sizeof *summary->runs);
	summary->runs_capacity = summary->n_runs;
	for (size_t i = 0; i < summary->n_runs && is_fine(get); i++) {
		struct csvr_run_record *run = &summary->runs[i];
		run->version = get_string(get);
		run->command = get_string(get);
		run->host = get_string(get);
		run->job = get_string(get);
		run->kernel = get_string(get);
		run->n_threads = csvr_decoder_varint(get->reader);
		run->shard_index = csvr_decoder_varint(get->reader);
		run->shard_count = csvr_decoder_varint(get->reader);
		run->begin_ns = csvr_decoder_zigzag(get->reader);
		run->end_ns = csvr_decoder_zigzag(get->reader);
	}
	return is_fine(get);
}

/* ---- the whole ---- */

void csvr_summary_encode(struct csvr_encoder *bytes, const struct csvr_summary *summary,
			 const uint32_t *number)
{
	struct putting put = { bytes, number };
	csvr_encoder_put_varint(bytes, summary->config.n_selected);
	for (size_t i = 0; i < summary->config.n_selected; i++)
		csvr_encoder_put_varint(bytes, summary->matched[i]);
	csvr_encoder_put_varint(bytes, summary->n_rows);
	csvr_encoder_put_varint(bytes, summary->size_bytes);
	csvr_encoder_put_varint(bytes, summary->n_extra_fields);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		csvr_encoder_put_varint(bytes, summary->issues[i].n);
		put_place(&put, &summary->issues[i].first);
	}
	put_columns(&put, summary);
	put_headers(bytes, summary);
	put_files(&put, summary);
	put_partial(&put, summary);
	put_runs(bytes, summary);
}

static bool get_totals(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	struct csvr_decoder *reader = get->reader;
	if (csvr_decoder_varint(reader) != summary->config.n_selected)
		return refuse(get);
	for (size_t i = 0; i < summary->config.n_selected; i++)
		summary->matched[i] = csvr_decoder_varint_max(reader, 1) != 0;
	summary->n_rows = csvr_decoder_varint(reader);
	summary->size_bytes = csvr_decoder_varint(reader);
	summary->n_extra_fields = csvr_decoder_varint(reader);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		summary->issues[i].n = csvr_decoder_varint(reader);
		get_place(get, &summary->issues[i].first);
		if ((summary->issues[i].n > 0) != (summary->issues[i].first.line > 0))
			return refuse(get);
	}
	return is_fine(get);
}

enum csvr_status csvr_summary_decode(struct csvr_decoder *reader,
				     const struct csvr_summary_config *config,
				     const uint32_t *input, size_t n_inputs,
				     struct csvr_summary **summary)
{
	enum csvr_status status = csvr_summary_new(config, summary);
	if (status != CSVR_OK)
		return status;
	struct getting get = {
		.reader = reader, .summary = *summary, .input = input, .n_inputs = n_inputs
	};
	const bool is_good = get_totals(&get) && get_columns(&get) && get_headers(&get) &&
			     get_files(&get) && get_partial(&get) && get_runs(&get);
	free(get.mentions);
	free(get.files);
	if (is_good)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return get.out_of_memory ? CSVR_NO_MEMORY : CSVR_INVALID_FILE;
}
