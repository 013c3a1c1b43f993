/* file_codec.c - the files of a summary, their statistics and their failures to bytes and back */
#include <stdlib.h>
#include <string.h>

#include "base/search.h"
#include "state/codec_internal.h"
#include "stats/statistics.h"

/* ---- the statistics of a file ---- */

static void encode_first_cell(struct csvr_summary_encoder *out, const struct csvr_first_cell *first)
{
	csvr_encoder_put_varint(out->encoder, first->line);
	csvr_first_cell_encode(out->encoder, first);
}

static bool decode_first_cell(struct csvr_summary_decoder *in, struct csvr_first_cell *first)
{
	first->line = csvr_decoder_varint(in->decoder);
	csvr_first_cell_decode(in->decoder, first);
	return first->line != 0 || csvr_decode_fail(in);
}

void csvr_file_stats_encode(struct csvr_summary_encoder *out, const struct csvr_file_stats *stats)
{
	struct csvr_encoder *encoder = out->encoder;
	csvr_encoder_put_varint(encoder, stats->n_columns);
	csvr_encoder_put_varint(encoder, stats->n_rows);
	csvr_encoder_put_varint(encoder, stats->n_filtered);
	csvr_encoder_put_varint(encoder, stats->n_extra_fields);
	csvr_encoder_put_varint(encoder, stats->n_lines);
	csvr_encoder_put_varint(encoder, stats->size_bytes);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		csvr_encoder_put_varint(encoder, stats->issues[i].n);
		csvr_encoder_put_varint(encoder, stats->issues[i].first_line);
	}
	for (size_t i = 0; i < stats->n_columns; i++) {
		csvr_column_encode(encoder, &stats->columns[i], out->collection);
		csvr_encode_first_cells(out, &stats->columns[i], encode_first_cell);
	}
	csvr_pairs_encode(out, &stats->pairs);
	csvr_encode_rows(out, &stats->rows);
	csvr_filter_of_file_encode(out, &stats->filter);
	csvr_groups_encode(out, stats->groups);
}

static bool decode_pairs(struct csvr_summary_decoder *in, struct csvr_file_stats *stats)
{
	uint64_t *n_numbers = calloc(stats->n_columns + 1, sizeof *n_numbers);
	if (n_numbers == NULL)
		return csvr_decode_no_memory(in);
	for (size_t i = 0; i < stats->n_columns; i++)
		n_numbers[i] = stats->columns[i].cells[CSVR_CELL_NUMBER];
	const bool ok = csvr_pairs_decode(in, &stats->pairs, n_numbers, stats->n_columns);
	free(n_numbers);
	return ok;
}

bool csvr_file_stats_decode(struct csvr_summary_decoder *in, struct csvr_file_stats *stats)
{
	struct csvr_decoder *decoder = in->decoder;
	const size_t n_columns = csvr_decoder_count(decoder, CSVR_N_CELL_CLASSES);
	if (csvr_file_stats_reset(stats, n_columns) != CSVR_OK)
		return csvr_decode_no_memory(in);
	stats->n_rows = csvr_decoder_varint(decoder);
	stats->n_filtered = csvr_decoder_varint(decoder);
	stats->n_extra_fields = csvr_decoder_varint(decoder);
	stats->n_lines = csvr_decoder_varint(decoder);
	stats->size_bytes = csvr_decoder_varint(decoder);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		stats->issues[i].n = csvr_decoder_varint(decoder);
		stats->issues[i].first_line = csvr_decoder_varint(decoder);
		if ((stats->issues[i].n > 0) != (stats->issues[i].first_line > 0))
			return csvr_decode_fail(in);
	}
	const csvr_collection collection = csvr_collection_of_columns(
		in->summary->config.collection);
	for (size_t i = 0; i < n_columns; i++) {
		struct csvr_column *column = &stats->columns[i];
		/* In a file with rows, a column that is not selected has no cells. */
		const struct csvr_decoder start = *decoder;
		static const unsigned char nothing[CSVR_N_CELL_CLASSES];
		const unsigned char *cells = csvr_decoder_bytes(decoder, CSVR_N_CELL_CLASSES);
		const bool is_empty = cells != NULL && memcmp(cells, nothing, sizeof nothing) == 0;
		if (!is_empty || stats->n_rows == 0) {
			*decoder = start;
			if (!csvr_decode_check(in, csvr_column_decode(decoder, column,
								      stats->n_rows, collection)))
				return false;
		}
		if (!csvr_decode_first_cells(in, column, decode_first_cell))
			return false;
	}
	return csvr_decode_ok(in) && decode_pairs(in, stats) &&
	       csvr_decode_rows(in, &stats->rows, stats->n_rows) &&
	       csvr_filter_of_file_decode(in, &stats->filter) &&
	       csvr_groups_decode(in, &stats->groups, n_columns, stats->n_rows);
}

/* ---- the list of files ---- */

void csvr_files_encode(struct csvr_summary_encoder *out, const struct csvr_summary *summary)
{
	struct csvr_encoder *encoder = out->encoder;
	csvr_encoder_put_varint(encoder, summary->n_files);
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		csvr_encode_input(out, file->input);
		csvr_encoder_put_varint(encoder, (uint64_t)file->layout << 3 | file->kind);
	}
	csvr_encoder_put_varint(encoder, summary->config.keeps_file_stats);
	for (size_t i = 0; summary->config.keeps_file_stats && i < summary->n_files; i++)
		if (summary->files[i].kind != CSVR_FILE_BAD)
			csvr_file_stats_encode(out, summary->file_stats[i]);
	csvr_encoder_put_varint(encoder, summary->n_failures);
	for (size_t i = 0; i < summary->n_failures; i++) {
		const struct csvr_failure *failure = &summary->failures[i];
		csvr_encode_input(out, failure->input);
		csvr_encoder_put_varint(encoder, failure->line);
		csvr_encoder_put_text(encoder, failure->message, strlen(failure->message));
	}
}

/* Decodes the statistics of one file, and frees them unless the summary keeps them. */
static bool decode_stats_of_file(struct csvr_summary_decoder *in, size_t index)
{
	struct csvr_summary *summary = in->summary;
	const struct csvr_file *file = &summary->files[index];
	struct csvr_file_stats *stats = calloc(1, sizeof *stats);
	if (stats == NULL)
		return csvr_decode_no_memory(in);
	bool ok = csvr_file_stats_decode(in, stats);
	if (ok && csvr_file_has_header(file))
		ok = stats->n_columns == summary->layouts[file->layout].n_columns ||
		     csvr_decode_fail(in);
	if (ok && summary->config.keeps_file_stats) {
		summary->file_stats[index] = stats;
		return true;
	}
	csvr_file_stats_clear(stats);
	free(stats);
	return ok;
}

static bool decode_all_stats(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	const bool has_file_stats = csvr_decoder_varint_max(in->decoder, 1) != 0;
	if (summary->config.keeps_file_stats) {
		if (!has_file_stats && summary->n_files > 0)
			return csvr_decode_fail(in); /* the caller has checked */
		summary->file_stats = calloc(summary->n_files + 1,
					     sizeof(struct csvr_file_stats *));
		summary->file_stats_capacity = summary->n_files + 1;
		if (summary->file_stats == NULL)
			return csvr_decode_no_memory(in);
	}
	for (size_t i = 0; has_file_stats && i < summary->n_files; i++)
		if (summary->files[i].kind != CSVR_FILE_BAD && !decode_stats_of_file(in, i))
			return false;
	return csvr_decode_ok(in);
}

struct number_search {
	const uint32_t *numbers;
	uint32_t number;
};

static bool has_lesser_number(const void *context, size_t index)
{
	const struct number_search *search = context;
	return search->numbers[index] < search->number;
}

const struct csvr_file *csvr_file_of_number(const struct csvr_summary_decoder *in, uint32_t number)
{
	const size_t n_files = in->summary->n_files;
	const struct number_search search = { in->numbers, number };
	const size_t i = csvr_lower_bound(n_files, has_lesser_number, &search);
	return i < n_files && in->numbers[i] == number ? &in->summary->files[i] : NULL;
}

/* Each bad file must have one failure, and no other file may have one. */
static bool decode_failures(struct csvr_summary_decoder *in, size_t n_bad)
{
	struct csvr_summary *summary = in->summary;
	bool *has_failure = calloc(summary->n_files + 1, sizeof *has_failure);
	if (has_failure == NULL)
		return csvr_decode_no_memory(in);
	summary->failures = csvr_decode_items(in, &summary->n_failures, 3,
					      sizeof *summary->failures);
	summary->failures_capacity = summary->n_failures;
	for (size_t i = 0; i < summary->n_failures && csvr_decode_ok(in); i++) {
		struct csvr_failure *failure = &summary->failures[i];
		const uint32_t number = csvr_decode_number(in);
		const struct csvr_file *file = csvr_file_of_number(in, number);
		failure->input = csvr_input_of_number(in, number);
		failure->line = csvr_decoder_varint(in->decoder);
		failure->message = csvr_decode_string(in);
		if (file == NULL || file->kind != CSVR_FILE_BAD ||
		    has_failure[file - summary->files])
			csvr_decode_fail(in);
		else
			has_failure[file - summary->files] = true;
	}
	free(has_failure);
	return csvr_decode_ok(in) && (summary->n_failures == n_bad || csvr_decode_fail(in));
}

/* Whether each reference is to a file that was read. That of a column must be to a file that has it at that position,
 * and rows unless none that has it does. */
static bool refs_exist(struct csvr_summary_decoder *in)
{
	const struct csvr_summary *summary = in->summary;
	for (size_t i = 0; i < in->n_refs; i++) {
		const struct csvr_file_ref *ref = &in->refs[i];
		const struct csvr_file *file = csvr_file_of_number(in, ref->number);
		if (file == NULL || file->kind == CSVR_FILE_BAD)
			return csvr_decode_fail(in);
		if (ref->column.column == CSVR_NO_INDEX)
			continue;
		const struct csvr_data_table *table = &summary->tables[ref->column.table];
		if (!csvr_file_has_header(file) ||
		    (file->kind == CSVR_FILE_READ) !=
			    (table->columns[ref->column.column].n_files > 0))
			return csvr_decode_fail(in);
		const struct csvr_column_layout *layout = &summary->layouts[file->layout];
		if (layout->table != ref->column.table || ref->position >= layout->n_columns ||
		    layout->column[ref->position] != ref->column.column)
			return csvr_decode_fail(in);
	}
	return true;
}

/* Whether each layout has the number of files that the list of files gives, and each table a file. Notes the files in
 * their tables. */
static bool layouts_agree(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	uint64_t *n_files = calloc(summary->n_layouts + summary->n_tables + 1, sizeof *n_files);
	if (n_files == NULL)
		return csvr_decode_no_memory(in);
	uint64_t *n_of_table = n_files + summary->n_layouts;
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		if (!csvr_file_has_header(file))
			continue;
		const bool has_rows = file->kind == CSVR_FILE_READ;
		n_files[file->layout] += has_rows;
		n_of_table[summary->layouts[file->layout].table]++;
		csvr_data_table_note_file(csvr_summary_table_of(summary, file), file->input,
					  has_rows);
	}
	bool ok = true;
	for (size_t i = 0; i < summary->n_layouts; i++)
		ok &= summary->layouts[i].n_files == n_files[i];
	for (size_t t = 0; t < summary->n_tables; t++)
		ok &= n_of_table[t] > 0;
	free(n_files);
	return ok || csvr_decode_fail(in);
}

/* Whether each column has the number of files that the layouts give. */
static bool columns_agree(struct csvr_summary_decoder *in)
{
	const struct csvr_summary *summary = in->summary;
	uint64_t *n_files = calloc(csvr_summary_n_columns(summary) + 1, sizeof *n_files);
	size_t *first = calloc(summary->n_tables + 1, sizeof *first);
	bool ok = true;
	if (n_files == NULL || first == NULL) {
		ok = csvr_decode_no_memory(in);
		goto done;
	}
	for (size_t t = 0; t < summary->n_tables; t++)
		first[t + 1] = first[t] + summary->tables[t].n_columns;
	for (size_t i = 0; i < summary->n_layouts; i++) {
		const struct csvr_column_layout *layout = &summary->layouts[i];
		for (size_t j = 0; j < layout->n_columns; j++)
			if (layout->column[j] != CSVR_NO_INDEX)
				n_files[first[layout->table] + layout->column[j]] +=
					layout->n_files;
	}
	for (size_t t = 0; t < summary->n_tables; t++)
		for (size_t i = 0; i < summary->tables[t].n_columns; i++)
			ok &= summary->tables[t].columns[i].n_files == n_files[first[t] + i];
	if (!ok)
		csvr_decode_fail(in);
done:
	free(n_files);
	free(first);
	return ok;
}

bool csvr_files_decode(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	size_t n_files, n_bad = 0;
	summary->files = csvr_decode_items(in, &n_files, 2, sizeof *summary->files);
	summary->files_capacity = n_files;
	in->numbers = calloc(n_files + 1, sizeof *in->numbers);
	if (in->numbers == NULL)
		return csvr_decode_no_memory(in);
	for (size_t i = 0; i < n_files && csvr_decode_ok(in); i++) {
		/* Numbers ascend, so no input occurs twice. */
		const uint32_t number = in->numbers[i] = csvr_decode_number(in);
		if (i > 0 && number <= in->numbers[i - 1])
			return csvr_decode_fail(in);
		const uint32_t input = csvr_input_of_number(in, number);
		summary->has_lost_inputs |= input == CSVR_NO_INDEX;
		const uint64_t packed = csvr_decoder_varint(in->decoder);
		const uint64_t layout = packed >> 3;
		const enum csvr_file_kind kind = (enum csvr_file_kind)(packed & 7);
		const struct csvr_file file = { input, (uint32_t)layout & (CSVR_MAX_LAYOUTS - 1),
						(uint32_t)kind & 7 };
		if (kind >= CSVR_N_FILE_KINDS)
			return csvr_decode_fail(in);
		if (csvr_file_has_header(&file) ? layout >= summary->n_layouts : layout != 0)
			return csvr_decode_fail(in);
		summary->files[i] = file;
		n_bad += kind == CSVR_FILE_BAD;
		summary->n_files = i + 1;
	}
	return csvr_decode_ok(in) && layouts_agree(in) && columns_agree(in) && refs_exist(in) &&
	       decode_all_stats(in) && decode_failures(in, n_bad);
}
