/* state.c - what was found to bytes and back */
#include "stats/state.h"

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
	struct csvr_reader *reader;
	struct csvr_summary *summary;
	const uint32_t *input; /* index of each number */
	size_t n_inputs;
	struct mention *mentions;
	size_t n_mentions, mentions_capacity;
	uint32_t *files; /* the number of each of summary->files, ascending */
	bool out_of_memory;
};

struct putting {
	struct csvr_bytes *bytes;
	const uint32_t *number; /* NULL: the index */
};

static bool no_memory(struct getting *get)
{
	get->out_of_memory = true;
	return false;
}

static bool refuse(struct getting *get)
{
	return csvr_reader_refuse(get->reader);
}

static bool is_fine(const struct getting *get)
{
	return !get->reader->is_bad && !get->out_of_memory;
}

/* Items of which each takes at least `least_bytes` of the state and `item_bytes` of memory; NULL with
 * `*n_items` 0 is none. */
static void *get_items(struct getting *get, size_t *n_items, size_t least_bytes, size_t item_bytes)
{
	*n_items = csvr_reader_count(get->reader, least_bytes);
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
	const char *text = csvr_reader_text(get->reader, n_bytes);
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
	csvr_bytes_put_whole(put->bytes, put->number != NULL ? put->number[input] : input);
}

/* The number of an input; 0 if there is none such. */
static uint32_t get_number(struct getting *get)
{
	const uint64_t number = csvr_reader_whole(get->reader);
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
	const uint32_t position = column != NONE
					  ? (uint32_t)csvr_reader_up_to(get->reader, UINT32_MAX)
					  : 0;
	struct mention *mentions = csvr_grow(get->mentions, &get->mentions_capacity,
					     get->n_mentions + 1, sizeof *mentions);
	if (mentions == NULL) {
		get->out_of_memory = true;
		return 0;
	}
	get->mentions = mentions;
	mentions[get->n_mentions++] = (struct mention){ number, column, position };
	get->summary->has_gone |= input == NONE;
	return input;
}

static void put_place(struct putting *put, const struct csvr_place *place)
{
	csvr_bytes_put_whole(put->bytes, place->line);
	if (place->line > 0)
		put_input(put, place->input);
}

static void get_place(struct getting *get, struct csvr_place *place)
{
	place->line = csvr_reader_whole(get->reader);
	if (place->line > 0)
		place->input = get_mention(get, NONE);
}

/* ---- columns ---- */

/* Squares have bins for twice the exponents of the sums, always. */
static void put_exact(struct csvr_bytes *bytes, const struct csvr_exact *exact)
{
	csvr_bytes_put_whole(bytes, exact->n_sums);
	if (exact->n_sums == 0)
		return;
	csvr_bytes_put_signed(bytes, exact->sum_base);
	for (size_t i = 0; i < exact->n_sums; i++) {
		const __int128 sum = exact->sums[i];
		const u128 folded = (u128)sum << 1 ^ (sum < 0 ? ~(u128)0 : 0);
		csvr_bytes_put_wide(bytes,
				    (uint64_t[]){ (uint64_t)folded, (uint64_t)(folded >> 64) }, 2);
	}
	for (size_t i = 0; i < exact->n_squares; i++)
		csvr_bytes_put_wide(bytes, exact->squares[i].word, 3);
}

static bool get_exact(struct getting *get, struct csvr_exact *exact, uint64_t n_numbers)
{
	enum { MOST_BINS = CSVR_EXACT_MAX_EXPONENT - CSVR_EXACT_MIN_EXPONENT + 1 };
	struct csvr_reader *reader = get->reader;
	const size_t n = csvr_reader_count(reader, 3);
	if (n == 0)
		return is_fine(get);
	const int64_t base = csvr_reader_signed(reader);
	if (n > MOST_BINS || base < CSVR_EXACT_MIN_EXPONENT ||
	    base > CSVR_EXACT_MAX_EXPONENT + 1 - (int64_t)n)
		return refuse(get);
	if (csvr_exact_reserve(exact, (int)base, (int)base + (int)n) != CSVR_OK)
		return no_memory(get);
	for (size_t i = 0; i < n; i++) {
		uint64_t word[2];
		csvr_reader_wide(reader, word, 2);
		const u128 folded = (u128)word[1] << 64 | word[0];
		/* A number adds less than that to a bin. */
		if ((folded >> 1) + (folded & 1) > (u128)n_numbers * CSVR_EXACT_LIMIT)
			return refuse(get);
		const u128 bits = folded >> 1 ^ ((folded & 1) != 0 ? ~(u128)0 : 0);
		memcpy(&exact->sums[i], &bits, sizeof bits);
	}
	for (size_t i = 0; i < exact->n_squares; i++)
		csvr_reader_wide(reader, exact->squares[i].word, 3);
	return is_fine(get);
}

static void put_column(struct csvr_bytes *bytes, const struct csvr_column *column)
{
	for (int class = 0; class < CSVR_N_CLASSES; class ++)
		csvr_bytes_put_whole(bytes, column->cells[class]);
	if (column->cells[CSVR_NUMBER] == 0)
		return;
	csvr_bytes_put_double(bytes, column->min);
	csvr_bytes_put_double(bytes, column->max);
	put_exact(bytes, &column->exact);
}

/* A column that is new. `n_rows` is what its cells must add up to. */
static bool get_column(struct getting *get, struct csvr_column *column, uint64_t n_rows)
{
	uint64_t n_left = n_rows;
	csvr_column_init(column);
	for (int class = 0; class < CSVR_N_CLASSES; class ++) {
		column->cells[class] = csvr_reader_up_to(get->reader, n_left);
		n_left -= column->cells[class];
	}
	if (get->reader->is_bad || n_left != 0)
		return refuse(get);
	if (column->cells[CSVR_NUMBER] == 0)
		return true;
	column->min = csvr_reader_double(get->reader);
	column->max = csvr_reader_double(get->reader);
	if (!(column->min <= column->max) || !isfinite(column->min) || !isfinite(column->max))
		return refuse(get);
	return get_exact(get, &column->exact, column->cells[CSVR_NUMBER]);
}

/* ---- tables ---- */

static void put_table(struct csvr_bytes *bytes, const struct csvr_table *table)
{
	csvr_bytes_put_whole(bytes, table->n_columns);
	csvr_bytes_put_whole(bytes, table->n_rows);
	csvr_bytes_put_whole(bytes, table->n_extra_fields);
	csvr_bytes_put_whole(bytes, table->n_lines);
	csvr_bytes_put_whole(bytes, table->size_bytes);
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		csvr_bytes_put_whole(bytes, table->odd[i].n);
		csvr_bytes_put_whole(bytes, table->odd[i].first_line);
	}
	for (size_t i = 0; i < table->n_columns; i++) {
		put_column(bytes, &table->columns[i]);
		csvr_bytes_put_whole(bytes, table->columns[i].invalid_line);
	}
}

/* Columns that are not selected have no cells at all. */
static bool get_table(struct getting *get, struct csvr_table *table)
{
	struct csvr_reader *reader = get->reader;
	const size_t n_columns = csvr_reader_count(reader, CSVR_N_CLASSES);
	if (csvr_table_reset(table, n_columns) != CSVR_OK)
		return no_memory(get);
	table->n_rows = csvr_reader_whole(reader);
	table->n_extra_fields = csvr_reader_whole(reader);
	table->n_lines = csvr_reader_whole(reader);
	table->size_bytes = csvr_reader_whole(reader);
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		table->odd[i].n = csvr_reader_whole(reader);
		table->odd[i].first_line = csvr_reader_whole(reader);
		if ((table->odd[i].n > 0) != (table->odd[i].first_line > 0))
			return refuse(get);
	}
	for (size_t i = 0; i < n_columns; i++) {
		struct csvr_column *column = &table->columns[i];
		const struct csvr_reader before = *reader;
		static const unsigned char nothing[CSVR_N_CLASSES];
		const unsigned char *cells = csvr_reader_bytes(reader, CSVR_N_CLASSES);
		const bool is_empty = cells != NULL && memcmp(cells, nothing, sizeof nothing) == 0;
		if (!is_empty) {
			*reader = before;
			if (!get_column(get, column, table->n_rows))
				return false;
		}
		column->invalid_line = csvr_reader_whole(reader);
		if ((column->invalid_line > 0) != (column->cells[CSVR_INVALID] > 0))
			return refuse(get);
	}
	return is_fine(get);
}

/* ---- columns and headers of the summary ---- */

enum { NO_LABEL, ONE_LABEL, LABELS_DIFFER };

static void put_columns(struct putting *put, const struct csvr_summary *summary)
{
	struct csvr_bytes *bytes = put->bytes;
	csvr_bytes_put_whole(bytes, summary->n_columns);
	for (size_t i = 0; i < summary->n_columns; i++) {
		const struct csvr_summary_column *column = &summary->columns[i];
		csvr_bytes_put_text(bytes, column->name, column->name_bytes);
		csvr_bytes_put_whole(bytes, column->labels_differ   ? LABELS_DIFFER
					    : column->label != NULL ? ONE_LABEL
								    : NO_LABEL);
		if (column->label != NULL && !column->labels_differ)
			csvr_bytes_put_text(bytes, column->label, column->label_bytes);
		put_input(put, (uint32_t)(column->order >> 32));
		csvr_bytes_put_whole(bytes, (uint32_t)column->order);
		csvr_bytes_put_whole(bytes, column->n_files);
		csvr_bytes_put_whole(bytes, column->n_rows);
		put_place(put, &column->first_invalid);
		put_column(bytes, &column->stats);
	}
}

static bool get_summary_column(struct getting *get, struct csvr_summary_column *column)
{
	struct csvr_reader *reader = get->reader;
	csvr_column_init(&column->stats);
	column->name = get_text(get, &get->summary->strings, &column->name_bytes);
	const uint64_t label = csvr_reader_up_to(reader, LABELS_DIFFER);
	column->labels_differ = label == LABELS_DIFFER;
	if (label == ONE_LABEL)
		column->label = get_text(get, &get->summary->strings, &column->label_bytes);
	const uint64_t input = get_mention(get, (uint32_t)(column - get->summary->columns));
	if (!is_fine(get))
		return false;
	column->order = input << 32 | get->mentions[get->n_mentions - 1].position;
	column->n_files = csvr_reader_whole(reader);
	column->n_rows = csvr_reader_whole(reader);
	get_place(get, &column->first_invalid);
	return is_fine(get) && get_column(get, &column->stats, column->n_rows) &&
	       ((column->first_invalid.line > 0) == (column->stats.cells[CSVR_INVALID] > 0) ||
		refuse(get));
}

static bool get_columns(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	size_t n_columns;
	summary->columns = get_items(get, &n_columns, 7 + CSVR_N_CLASSES, sizeof *summary->columns);
	summary->columns_capacity = n_columns;
	for (size_t i = 0; i < n_columns; i++) {
		summary->n_columns = i + 1;
		if (!get_summary_column(get, &summary->columns[i]))
			return false;
	}
	return is_fine(get);
}

/* A position that was not selected is 0, others one more than their column. */
static void put_headers(struct csvr_bytes *bytes, const struct csvr_summary *summary)
{
	csvr_bytes_put_whole(bytes, summary->n_headers);
	for (size_t i = 0; i < summary->n_headers; i++) {
		const struct csvr_header_map *header = &summary->headers[i];
		csvr_bytes_put_whole(bytes, header->n_files);
		csvr_bytes_put_whole(bytes, header->n_columns);
		for (size_t j = 0; j < header->n_columns; j++)
			csvr_bytes_put_whole(bytes, (uint32_t)(header->column[j] + 1));
	}
}

static bool get_headers(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	size_t n_headers;
	summary->headers = get_items(get, &n_headers, 2, sizeof *summary->headers);
	summary->headers_capacity = n_headers;
	if (n_headers >
	    CSVR_MOST_HEADERS) /* in 2 GiB of bytes at least: more than a test can have */
		return refuse(get); /* LCOV_EXCL_LINE */
	for (size_t i = 0; i < n_headers && is_fine(get); i++) {
		struct csvr_header_map *header = &summary->headers[i];
		summary->n_headers = i + 1;
		header->n_files = csvr_reader_whole(get->reader);
		header->column = get_items(get, &header->n_columns, 1, sizeof *header->column);
		for (size_t j = 0; j < header->n_columns; j++)
			header->column[j] =
				(uint32_t)csvr_reader_up_to(get->reader, summary->n_columns) - 1;
	}
	return is_fine(get);
}

/* ---- files ---- */

static void put_files(struct putting *put, const struct csvr_summary *summary)
{
	struct csvr_bytes *bytes = put->bytes;
	csvr_bytes_put_whole(bytes, summary->n_files);
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		put_input(put, file->input);
		csvr_bytes_put_whole(bytes, (uint64_t)file->header << 2 | file->kind);
	}
	csvr_bytes_put_whole(bytes, summary->rules.keeps_tables);
	for (size_t i = 0; summary->rules.keeps_tables && i < summary->n_files; i++)
		if (summary->files[i].kind != CSVR_FILE_BAD)
			put_table(bytes, summary->tables[i]);
	csvr_bytes_put_whole(bytes, summary->n_failures);
	for (size_t i = 0; i < summary->n_failures; i++) {
		const struct csvr_failure *failure = &summary->failures[i];
		put_input(put, failure->input);
		csvr_bytes_put_whole(bytes, failure->line);
		csvr_bytes_put_text(bytes, failure->message, strlen(failure->message));
	}
}

/* Tables are dropped where nobody keeps them. */
static bool get_file_table(struct getting *get, size_t index)
{
	struct csvr_summary *summary = get->summary;
	const struct csvr_file *file = &summary->files[index];
	struct csvr_table *table = calloc(1, sizeof *table);
	if (table == NULL)
		return no_memory(get);
	bool is_good = get_table(get, table);
	if (is_good && file->kind == CSVR_FILE_READ)
		is_good = table->n_columns == summary->headers[file->header].n_columns ||
			  refuse(get);
	if (is_good && summary->rules.keeps_tables) {
		summary->tables[index] = table;
		return true;
	}
	csvr_table_clear(table);
	free(table);
	return is_good;
}

static bool get_tables(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	const bool has_tables = csvr_reader_up_to(get->reader, 1) != 0;
	if (summary->rules.keeps_tables) {
		if (!has_tables && summary->n_files > 0)
			return refuse(get); /* the caller has looked before */
		summary->tables = calloc(summary->n_files + 1, sizeof(struct csvr_table *));
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
		failure->line = csvr_reader_whole(get->reader);
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
		const struct csvr_header_map *header = &summary->headers[file->header];
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
		const struct csvr_header_map *header = &summary->headers[i];
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
		summary->has_gone |= input == NONE;
		const uint64_t what = csvr_reader_whole(get->reader);
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

/* ---- unfinished files ---- */

static void put_heading(struct csvr_bytes *bytes, const struct csvr_heading *heading)
{
	csvr_bytes_put_whole(bytes, heading->has_bare_cr);
	csvr_bytes_put_whole(bytes, heading->n_names);
	for (size_t i = 0; i < heading->n_names; i++) {
		const struct csvr_name *name = &heading->names[i];
		csvr_bytes_put_whole(bytes, name->text != NULL);
		if (name->text != NULL)
			csvr_bytes_put_text(bytes, name->text, name->n_bytes);
	}
}

static bool get_heading(struct getting *get, struct csvr_heading *heading)
{
	csvr_heading_init(heading);
	heading->has_bare_cr = csvr_reader_up_to(get->reader, 1) != 0;
	heading->names = get_items(get, &heading->n_names, 1, sizeof *heading->names);
	for (size_t i = 0; i < heading->n_names && is_fine(get); i++)
		if (csvr_reader_up_to(get->reader, 1) != 0)
			heading->names[i].text = get_text(get, &heading->strings,
							  &heading->names[i].n_bytes);
	return is_fine(get);
}

/* How a piece ended, by its number in the bytes: these stay as they are, whatever becomes of the enum. */
static const enum csvr_status endings[] = { CSVR_OK, CSVR_SYSTEM, CSVR_BAD_FILE, CSVR_CHANGED,
					    CSVR_UNDECIDED };
enum { N_ENDINGS = sizeof endings / sizeof endings[0] };

static uint64_t ending_of(enum csvr_status status)
{
	uint64_t i = 0;
	while (i + 1 < N_ENDINGS && endings[i] != status)
		i++;
	return i; /* another would have ended the run; to read the piece again is never wrong */
}

/* Offsets are one more than they are, so that "none", UINT64_MAX, is 0. */
static void put_stretch(struct csvr_bytes *bytes, const struct csvr_stretch *stretch)
{
	const struct csvr_piece *piece = &stretch->piece;
	csvr_bytes_put_whole(bytes, stretch->first);
	csvr_bytes_put_whole(bytes, stretch->last);
	csvr_bytes_put_whole(bytes, ending_of(piece->status));
	csvr_bytes_put_whole(bytes, piece->start + 1);
	csvr_bytes_put_whole(bytes, piece->next);
	csvr_bytes_put_whole(bytes, (uint64_t)piece->newline);
	if (piece->status == CSVR_OK) {
		put_table(bytes, &piece->table);
	} else {
		csvr_bytes_put_whole(bytes, piece->error.line);
		csvr_bytes_put_text(bytes, piece->error.message, strlen(piece->error.message));
	}
}

static bool get_stretch(struct getting *get, struct csvr_stretch *stretch, uint32_t n_pieces)
{
	struct csvr_reader *reader = get->reader;
	struct csvr_piece *piece = &stretch->piece;
	stretch->first = (uint32_t)csvr_reader_up_to(reader, n_pieces - 1);
	stretch->last = (uint32_t)csvr_reader_up_to(reader, n_pieces - 1);
	piece->status = piece->error.status = endings[csvr_reader_up_to(reader, N_ENDINGS - 1)];
	piece->start = csvr_reader_whole(reader) - 1;
	piece->next = csvr_reader_whole(reader);
	piece->newline = (int)csvr_reader_up_to(reader, '\r');
	const bool is_line_end = piece->newline == 0 || piece->newline == '\n' ||
				 piece->newline == '\r';
	if (reader->is_bad || stretch->last < stretch->first || !is_line_end)
		return refuse(get);
	if (piece->status == CSVR_OK)
		return get_table(get, &piece->table);
	size_t n_bytes;
	piece->error.line = csvr_reader_whole(reader);
	const char *text = csvr_reader_text(reader, &n_bytes);
	if (n_bytes >= sizeof piece->error.message || memchr(text, '\0', n_bytes) != NULL)
		return refuse(get);
	memcpy(piece->error.message, text, n_bytes);
	piece->error.message[n_bytes] = '\0';
	return is_fine(get);
}

static void put_unfinished(struct putting *put, const struct csvr_summary *summary)
{
	struct csvr_bytes *bytes = put->bytes;
	csvr_bytes_put_whole(bytes, summary->n_unfinished);
	for (size_t i = 0; i < summary->n_unfinished; i++) {
		const struct csvr_unfinished *unfinished = &summary->unfinished[i];
		put_input(put, unfinished->input);
		csvr_bytes_put_whole(bytes, unfinished->n_pieces);
		csvr_bytes_put_whole(bytes, unfinished->piece_bytes);
		put_heading(bytes, &unfinished->heading);
		csvr_bytes_put_whole(bytes, unfinished->n_stretches);
		for (size_t j = 0; j < unfinished->n_stretches; j++)
			put_stretch(bytes, unfinished->stretches[j]);
	}
}

/* Stretches stand in order and do not overlap; those that were read have the columns of the head. */
static bool get_stretches(struct getting *get, struct csvr_unfinished *unfinished)
{
	const size_t n = csvr_reader_count(get->reader, 8);
	uint64_t next = 0;
	if (n == 0)
		return refuse(get);
	for (size_t i = 0; i < n; i++) {
		struct csvr_stretch *stretch = csvr_stretch_new(0, 0);
		if (stretch == NULL)
			return no_memory(get);
		bool is_good = get_stretch(get, stretch, unfinished->n_pieces);
		const struct csvr_table *table = &stretch->piece.table;
		is_good = is_good && stretch->first >= next &&
			  (table->n_columns == unfinished->heading.n_names ||
			   (table->n_columns == 0 && table->n_rows == 0));
		next = (uint64_t)stretch->last + 1;
		if (!csvr_unfinished_add(unfinished, stretch))
			return no_memory(get);
		if (!is_good)
			return is_fine(get) ? refuse(get) : false;
	}
	return is_fine(get);
}

static bool get_unfinished(struct getting *get)
{
	const size_t n = csvr_reader_count(get->reader, 14);
	uint64_t next = 0;
	for (size_t i = 0; i < n && is_fine(get); i++) {
		struct csvr_unfinished unfinished = { 0 };
		const uint32_t number = get_number(get);
		if (number < next || file_of(get, number) != NULL)
			return refuse(get);
		next = number + UINT64_C(1);
		unfinished.input = input_of(get, number);
		unfinished.n_pieces = (uint32_t)csvr_reader_up_to(get->reader, UINT32_MAX);
		unfinished.piece_bytes = csvr_reader_whole(get->reader);
		if (get->reader->is_bad || unfinished.n_pieces < 2 || unfinished.piece_bytes == 0 ||
		    unfinished.piece_bytes > UINT64_MAX / unfinished.n_pieces)
			return refuse(get);
		bool is_good = get_heading(get, &unfinished.heading) &&
			       get_stretches(get, &unfinished);
		if (is_good && csvr_summary_add_unfinished(get->summary, &unfinished) != CSVR_OK)
			is_good = no_memory(get);
		csvr_unfinished_clear(&unfinished);
		if (!is_good)
			return false;
	}
	return is_fine(get);
}

/* ---- runs ---- */

static void put_runs(struct csvr_bytes *bytes, const struct csvr_summary *summary)
{
	csvr_bytes_put_whole(bytes, summary->n_runs);
	for (size_t i = 0; i < summary->n_runs; i++) {
		const struct csvr_run_record *run = &summary->runs[i];
		csvr_bytes_put_text(bytes, run->version, strlen(run->version));
		csvr_bytes_put_text(bytes, run->command, strlen(run->command));
		csvr_bytes_put_text(bytes, run->host, strlen(run->host));
		csvr_bytes_put_text(bytes, run->job, strlen(run->job));
		csvr_bytes_put_text(bytes, run->kernel, strlen(run->kernel));
		csvr_bytes_put_whole(bytes, run->n_threads);
		csvr_bytes_put_whole(bytes, run->share_index);
		csvr_bytes_put_whole(bytes, run->share_count);
		csvr_bytes_put_signed(bytes, run->begin_ns);
		csvr_bytes_put_signed(bytes, run->end_ns);
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
		run->n_threads = csvr_reader_whole(get->reader);
		run->share_index = csvr_reader_whole(get->reader);
		run->share_count = csvr_reader_whole(get->reader);
		run->begin_ns = csvr_reader_signed(get->reader);
		run->end_ns = csvr_reader_signed(get->reader);
	}
	return is_fine(get);
}

/* ---- the whole ---- */

void csvr_summary_put(struct csvr_bytes *bytes, const struct csvr_summary *summary,
		      const uint32_t *number)
{
	struct putting put = { bytes, number };
	csvr_bytes_put_whole(bytes, summary->rules.n_selected);
	for (size_t i = 0; i < summary->rules.n_selected; i++)
		csvr_bytes_put_whole(bytes, summary->matched[i]);
	csvr_bytes_put_whole(bytes, summary->n_rows);
	csvr_bytes_put_whole(bytes, summary->size_bytes);
	csvr_bytes_put_whole(bytes, summary->n_extra_fields);
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		csvr_bytes_put_whole(bytes, summary->odd[i].n);
		put_place(&put, &summary->odd[i].first);
	}
	put_columns(&put, summary);
	put_headers(bytes, summary);
	put_files(&put, summary);
	put_unfinished(&put, summary);
	put_runs(bytes, summary);
}

static bool get_totals(struct getting *get)
{
	struct csvr_summary *summary = get->summary;
	struct csvr_reader *reader = get->reader;
	if (csvr_reader_whole(reader) != summary->rules.n_selected)
		return refuse(get);
	for (size_t i = 0; i < summary->rules.n_selected; i++)
		summary->matched[i] = csvr_reader_up_to(reader, 1) != 0;
	summary->n_rows = csvr_reader_whole(reader);
	summary->size_bytes = csvr_reader_whole(reader);
	summary->n_extra_fields = csvr_reader_whole(reader);
	for (size_t i = 0; i < CSVR_N_ODDITIES; i++) {
		summary->odd[i].n = csvr_reader_whole(reader);
		get_place(get, &summary->odd[i].first);
		if ((summary->odd[i].n > 0) != (summary->odd[i].first.line > 0))
			return refuse(get);
	}
	return is_fine(get);
}

enum csvr_status csvr_summary_get(struct csvr_reader *reader,
				  const struct csvr_summary_rules *rules, const uint32_t *input,
				  size_t n_inputs, struct csvr_summary **summary)
{
	enum csvr_status status = csvr_summary_new(rules, summary);
	if (status != CSVR_OK)
		return status;
	struct getting get = {
		.reader = reader, .summary = *summary, .input = input, .n_inputs = n_inputs
	};
	const bool is_good = get_totals(&get) && get_columns(&get) && get_headers(&get) &&
			     get_files(&get) && get_unfinished(&get) && get_runs(&get);
	free(get.mentions);
	free(get.files);
	if (is_good)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return get.out_of_memory ? CSVR_NO_MEMORY : CSVR_BAD_FILE;
}
