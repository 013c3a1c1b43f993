/* file_codec.c - the files of a summary, their statistics and their failures to bytes and back */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "state/codec_internal.h"

/* ---- the statistics of a file ---- */

void csvr_file_stats_encode(struct csvr_summary_encoder *out, const struct csvr_file_stats *table)
{
	struct csvr_encoder *encoder = out->encoder;
	csvr_encoder_put_varint(encoder, table->n_columns);
	csvr_encoder_put_varint(encoder, table->n_rows);
	csvr_encoder_put_varint(encoder, table->n_extra_fields);
	csvr_encoder_put_varint(encoder, table->n_lines);
	csvr_encoder_put_varint(encoder, table->size_bytes);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		csvr_encoder_put_varint(encoder, table->issues[i].n);
		csvr_encoder_put_varint(encoder, table->issues[i].first_line);
	}
	for (size_t i = 0; i < table->n_columns; i++) {
		csvr_column_encode(encoder, &table->columns[i], out->collection);
		csvr_encoder_put_varint(encoder, table->columns[i].invalid_line);
	}
}

/* Columns that are not selected have no cells at all. */
bool csvr_file_stats_decode(struct csvr_summary_decoder *in, struct csvr_file_stats *table)
{
	struct csvr_decoder *decoder = in->decoder;
	const size_t n_columns = csvr_decoder_count(decoder, CSVR_N_CELL_CLASSES);
	if (csvr_file_stats_reset(table, n_columns) != CSVR_OK)
		return csvr_decode_no_memory(in);
	table->n_rows = csvr_decoder_varint(decoder);
	table->n_extra_fields = csvr_decoder_varint(decoder);
	table->n_lines = csvr_decoder_varint(decoder);
	table->size_bytes = csvr_decoder_varint(decoder);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		table->issues[i].n = csvr_decoder_varint(decoder);
		table->issues[i].first_line = csvr_decoder_varint(decoder);
		if ((table->issues[i].n > 0) != (table->issues[i].first_line > 0))
			return csvr_decode_fail(in);
	}
	for (size_t i = 0; i < n_columns; i++) {
		struct csvr_column *column = &table->columns[i];
		const struct csvr_decoder before = *decoder;
		static const unsigned char nothing[CSVR_N_CELL_CLASSES];
		const unsigned char *cells = csvr_decoder_bytes(decoder, CSVR_N_CELL_CLASSES);
		const bool is_empty = cells != NULL && memcmp(cells, nothing, sizeof nothing) == 0;
		if (!is_empty) {
			*decoder = before;
			if (!csvr_decode_check(in,
					       csvr_column_decode(decoder, column, table->n_rows,
								  in->summary->config.collection)))
				return false;
		}
		column->invalid_line = csvr_decoder_varint(decoder);
		if ((column->invalid_line > 0) != (column->cells[CSVR_CELL_INVALID] > 0))
			return csvr_decode_fail(in);
	}
	return csvr_decode_ok(in);
}

/* ---- the list of files ---- */

void csvr_files_encode(struct csvr_summary_encoder *out, const struct csvr_summary *summary)
{
	struct csvr_encoder *encoder = out->encoder;
	csvr_encoder_put_varint(encoder, summary->n_files);
	for (size_t i = 0; i < summary->n_files; i++) {
		const struct csvr_file *file = &summary->files[i];
		csvr_encode_input(out, file->input);
		csvr_encoder_put_varint(encoder, (uint64_t)file->layout << 2 | file->kind);
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

/* Tables are dropped where nobody keeps them. */
static bool decode_stats_of_file(struct csvr_summary_decoder *in, size_t index)
{
	struct csvr_summary *summary = in->summary;
	const struct csvr_file *file = &summary->files[index];
	struct csvr_file_stats *table = calloc(1, sizeof *table);
	if (table == NULL)
		return csvr_decode_no_memory(in);
	bool is_good = csvr_file_stats_decode(in, table);
	if (is_good && file->kind == CSVR_FILE_READ)
		is_good = table->n_columns == summary->layouts[file->layout].n_columns ||
			  csvr_decode_fail(in);
	if (is_good && summary->config.keeps_file_stats) {
		summary->file_stats[index] = table;
		return true;
	}
	csvr_file_stats_clear(table);
	free(table);
	return is_good;
}

static bool decode_stats_of_files(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	const bool has_file_stats = csvr_decoder_varint_max(in->decoder, 1) != 0;
	if (summary->config.keeps_file_stats) {
		if (!has_file_stats && summary->n_files > 0)
			return csvr_decode_fail(in); /* the caller has looked before */
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

/* The file of an input; NULL: there is none. */
const struct csvr_file *csvr_file_of_number(const struct csvr_summary_decoder *in, uint32_t number)
{
	size_t low = 0, high = in->summary->n_files;
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (in->numbers[middle] < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low < in->summary->n_files && in->numbers[low] == number ? &in->summary->files[low]
									: NULL;
}

/* Each bad file has one, and nothing else does. */
static bool decode_failures(struct csvr_summary_decoder *in, size_t n_bad)
{
	struct csvr_summary *summary = in->summary;
	bool *is_told = calloc(summary->n_files + 1, sizeof *is_told);
	if (is_told == NULL)
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
		if (file == NULL || file->kind != CSVR_FILE_BAD || is_told[file - summary->files])
			csvr_decode_fail(in);
		else
			is_told[file - summary->files] = true;
	}
	free(is_told);
	return csvr_decode_ok(in) && (summary->n_failures == n_bad || csvr_decode_fail(in));
}

static bool refs_exist(struct csvr_summary_decoder *in)
{
	const struct csvr_summary *summary = in->summary;
	for (size_t i = 0; i < in->n_refs; i++) {
		const struct csvr_file_ref *ref = &in->refs[i];
		const struct csvr_file *file = csvr_file_of_number(in, ref->number);
		if (file == NULL || file->kind == CSVR_FILE_BAD)
			return csvr_decode_fail(in);
		if (ref->column == CSVR_NO_INDEX)
			continue;
		if (file->kind != CSVR_FILE_READ)
			return csvr_decode_fail(in);
		const struct csvr_column_layout *header = &summary->layouts[file->layout];
		if (ref->position >= header->n_columns ||
		    header->column[ref->position] != ref->column)
			return csvr_decode_fail(in);
	}
	return true;
}

/* Headers and columns say in how many files they are. */
static bool counts_agree(struct csvr_summary_decoder *in)
{
	const struct csvr_summary *summary = in->summary;
	uint64_t *n_of = calloc(summary->n_layouts + summary->n_columns + 1, sizeof *n_of);
	if (n_of == NULL)
		return csvr_decode_no_memory(in);
	uint64_t *n_having = n_of + summary->n_layouts;
	bool is_good = true;
	for (size_t i = 0; i < summary->n_files; i++)
		if (summary->files[i].kind == CSVR_FILE_READ)
			n_of[summary->files[i].layout]++;
	for (size_t i = 0; i < summary->n_layouts; i++) {
		const struct csvr_column_layout *header = &summary->layouts[i];
		is_good &= header->n_files == n_of[i];
		for (size_t j = 0; j < header->n_columns; j++)
			if (header->column[j] != CSVR_NO_INDEX)
				n_having[header->column[j]] += header->n_files;
	}
	for (size_t i = 0; i < summary->n_columns; i++)
		is_good &= summary->columns[i].n_files == n_having[i];
	free(n_of);
	return is_good || csvr_decode_fail(in);
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
		/* In ascending order, so no input is there twice. */
		const uint32_t number = in->numbers[i] = csvr_decode_number(in);
		if (i > 0 && number <= in->numbers[i - 1])
			return csvr_decode_fail(in);
		const uint32_t input = csvr_input_of_number(in, number);
		summary->has_lost_inputs |= input == CSVR_NO_INDEX;
		const uint64_t what = csvr_decoder_varint(in->decoder);
		const uint64_t header = what >> 2;
		const enum csvr_file_kind kind = (enum csvr_file_kind)(what & 3);
		if (kind == CSVR_FILE_READ ? header >= summary->n_layouts : header != 0)
			return csvr_decode_fail(in);
		summary->files[i] = (struct csvr_file){ input, (uint32_t)header & 0x3fffffff,
							(uint32_t)kind & 3 };
		n_bad += kind == CSVR_FILE_BAD;
		summary->n_files = i + 1;
	}
	return csvr_decode_ok(in) && counts_agree(in) && refs_exist(in) &&
	       decode_stats_of_files(in) && decode_failures(in, n_bad);
}
