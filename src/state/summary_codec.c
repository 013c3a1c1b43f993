/* summary_codec.c - a summary to bytes and back */
#include "state/summary_codec.h"

#include <stdlib.h>
#include <string.h>

#include "state/codec_internal.h"
#include "stats/refined.h"
#include "stats/statistics.h"

/* ---- columns and layouts ---- */

enum { NO_LABEL, ONE_LABEL, LABELS_DIFFER };

static void encode_first_cell(struct csvr_summary_encoder *out, const struct csvr_first_cell *first)
{
	csvr_encode_location(out, &(struct csvr_location){ first->input, first->line });
	csvr_first_cell_encode(out->encoder, first);
}

static bool decode_first_cell(struct csvr_summary_decoder *in, struct csvr_first_cell *first)
{
	struct csvr_location location = { 0, 0 };
	csvr_decode_location(in, &location);
	csvr_first_cell_decode(in->decoder, first);
	first->line = location.line;
	first->input = location.input;
	return location.line != 0 || csvr_decode_fail(in);
}

static void encode_columns(struct csvr_summary_encoder *out, const struct csvr_data_table *table)
{
	struct csvr_encoder *encoder = out->encoder;
	csvr_encoder_put_varint(encoder, table->n_columns);
	for (size_t i = 0; i < table->n_columns; i++) {
		const struct csvr_summary_column *column = &table->columns[i];
		csvr_encoder_put_text(encoder, column->name, column->name_bytes);
		csvr_encoder_put_varint(encoder, column->labels_differ   ? LABELS_DIFFER
						 : column->label != NULL ? ONE_LABEL
									 : NO_LABEL);
		if (column->label != NULL && !column->labels_differ)
			csvr_encoder_put_text(encoder, column->label, column->label_bytes);
		csvr_encode_input(out, (uint32_t)(column->order >> 32));
		csvr_encoder_put_varint(encoder, (uint32_t)column->order);
		csvr_encoder_put_varint(encoder, column->n_files);
		csvr_encoder_put_varint(encoder, column->n_rows);
		csvr_column_encode(encoder, &column->stats, out->collection);
		if (out->has_refined)
			csvr_refined_encode(column->stats.refined, encoder);
		csvr_encode_first_cells(out, &column->stats, encode_first_cell);
	}
}

static bool decode_refined(struct csvr_summary_decoder *in, struct csvr_column *column)
{
	if (!in->summary->config.has_refined)
		return true;
	const enum csvr_status status = csvr_refined_decode(in->decoder, column);
	return status == CSVR_INVALID_FILE ? csvr_decode_fail(in) : csvr_decode_check(in, status);
}

static bool decode_summary_column(struct csvr_summary_decoder *in, uint32_t table,
				  struct csvr_summary_column *column)
{
	struct csvr_decoder *decoder = in->decoder;
	csvr_column_init(&column->stats);
	column->name = csvr_decode_text(in, &in->summary->strings, &column->name_bytes);
	const uint64_t label = csvr_decoder_varint_max(decoder, LABELS_DIFFER);
	column->labels_differ = label == LABELS_DIFFER;
	if (label == ONE_LABEL)
		column->label = csvr_decode_text(in, &in->summary->strings, &column->label_bytes);
	const struct csvr_data_table *owner = &in->summary->tables[table];
	const struct csvr_column_ref ref = { table, (uint32_t)(column - owner->columns) };
	const uint64_t input = csvr_decode_file_ref(in, &ref);
	if (!csvr_decode_ok(in))
		return false;
	column->order = input << 32 | in->refs[in->n_refs - 1].position;
	column->n_files = csvr_decoder_varint(decoder);
	column->n_rows = csvr_decoder_varint(decoder);
	return csvr_decode_ok(in) &&
	       csvr_decode_check(in, csvr_column_decode(in->decoder, &column->stats, column->n_rows,
							csvr_collection_of_columns(
								in->summary->config.collection))) &&
	       decode_refined(in, &column->stats) &&
	       csvr_decode_first_cells(in, &column->stats, decode_first_cell);
}

static bool decode_columns(struct csvr_summary_decoder *in, uint32_t index)
{
	struct csvr_data_table *table = &in->summary->tables[index];
	size_t n_columns;
	table->columns = csvr_decode_items(in, &n_columns, 7 + CSVR_N_CELL_CLASSES,
					   sizeof *table->columns);
	table->columns_capacity = n_columns;
	for (size_t i = 0; i < n_columns; i++) {
		table->n_columns = i + 1;
		if (!decode_summary_column(in, index, &table->columns[i]))
			return false;
	}
	return csvr_decode_ok(in);
}

static bool decode_pairs(struct csvr_summary_decoder *in, struct csvr_data_table *table)
{
	uint64_t *n_numbers = calloc(table->n_columns + 1, sizeof *n_numbers);
	if (n_numbers == NULL)
		return csvr_decode_no_memory(in);
	for (size_t i = 0; i < table->n_columns; i++)
		n_numbers[i] = table->columns[i].stats.cells[CSVR_CELL_NUMBER];
	const bool ok = csvr_pairs_decode(in, &table->pairs, n_numbers, table->n_columns);
	free(n_numbers);
	return ok;
}

/* A position that is not selected is encoded as 0, others as their column plus one. */
static void encode_layouts(struct csvr_encoder *encoder, const struct csvr_summary *summary)
{
	csvr_encoder_put_varint(encoder, summary->n_layouts);
	for (size_t i = 0; i < summary->n_layouts; i++) {
		const struct csvr_column_layout *layout = &summary->layouts[i];
		csvr_encoder_put_varint(encoder, layout->table);
		csvr_encoder_put_varint(encoder, layout->n_files);
		csvr_encoder_put_varint(encoder, layout->n_columns);
		for (size_t j = 0; j < layout->n_columns; j++)
			csvr_encoder_put_varint(encoder, (uint32_t)(layout->column[j] + 1));
	}
}

static bool decode_layout(struct csvr_summary_decoder *in, struct csvr_column_layout *layout)
{
	const struct csvr_summary *summary = in->summary;
	const uint64_t table = csvr_decoder_varint(in->decoder);
	if (table >= summary->n_tables)
		return csvr_decode_fail(in);
	layout->table = (uint32_t)table;
	layout->n_files = csvr_decoder_varint(in->decoder);
	layout->column = csvr_decode_items(in, &layout->n_columns, 1, sizeof *layout->column);
	for (size_t j = 0; j < layout->n_columns; j++)
		layout->column[j] =
			(uint32_t)csvr_decoder_varint_max(in->decoder,
							  summary->tables[table].n_columns) -
			1;
	return csvr_decode_ok(in);
}

static bool decode_layouts(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	size_t n_layouts;
	summary->layouts = csvr_decode_items(in, &n_layouts, 3, sizeof *summary->layouts);
	summary->layouts_capacity = n_layouts;
	if (n_layouts > CSVR_MAX_LAYOUTS) /* takes 3 GiB of bytes: too many for a test */
		return csvr_decode_fail(in); /* LCOV_EXCL_LINE */
	for (size_t i = 0; i < n_layouts && csvr_decode_ok(in); i++) {
		summary->n_layouts = i + 1;
		decode_layout(in, &summary->layouts[i]);
	}
	return csvr_decode_ok(in);
}

/* ---- tables ---- */

static void encode_totals(struct csvr_summary_encoder *out, const struct csvr_totals *totals)
{
	csvr_encoder_put_varint(out->encoder, totals->n_rows);
	csvr_encoder_put_varint(out->encoder, totals->n_filtered);
	csvr_encoder_put_varint(out->encoder, totals->size_bytes);
	csvr_encoder_put_varint(out->encoder, totals->n_extra_fields);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		csvr_encoder_put_varint(out->encoder, totals->issues[i].n);
		csvr_encode_location(out, &totals->issues[i].first);
	}
}

static bool decode_totals(struct csvr_summary_decoder *in, struct csvr_totals *totals)
{
	totals->n_rows = csvr_decoder_varint(in->decoder);
	totals->n_filtered = csvr_decoder_varint(in->decoder);
	totals->size_bytes = csvr_decoder_varint(in->decoder);
	totals->n_extra_fields = csvr_decoder_varint(in->decoder);
	for (size_t i = 0; i < CSVR_N_ROW_ISSUES; i++) {
		totals->issues[i].n = csvr_decoder_varint(in->decoder);
		csvr_decode_location(in, &totals->issues[i].first);
		if ((totals->issues[i].n > 0) != (totals->issues[i].first.line > 0))
			return csvr_decode_fail(in);
	}
	return csvr_decode_ok(in);
}

static void encode_tables(struct csvr_summary_encoder *out, const struct csvr_summary *summary)
{
	csvr_encoder_put_varint(out->encoder, summary->n_tables);
	for (size_t t = 0; t < summary->n_tables; t++) {
		const struct csvr_data_table *table = &summary->tables[t];
		encode_totals(out, &table->totals);
		encode_columns(out, table);
		csvr_pairs_encode(out, &table->pairs);
		csvr_encode_rows(out, &table->rows);
		csvr_groups_encode(out, table->groups);
	}
}

static bool decode_tables(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	size_t n_tables;
	summary->tables = csvr_decode_items(in, &n_tables, 4 + 2 * CSVR_N_ROW_ISSUES,
					    sizeof *summary->tables);
	summary->tables_capacity = n_tables;
	if (n_tables > 1 && summary->is_one_table)
		return csvr_decode_fail(in);
	for (size_t t = 0; t < n_tables; t++) {
		struct csvr_data_table *table = &summary->tables[t];
		table->first_input = CSVR_NO_INDEX;
		summary->n_tables = t + 1;
		if (!decode_totals(in, &table->totals) || !decode_columns(in, (uint32_t)t) ||
		    !decode_pairs(in, table) ||
		    !csvr_decode_rows(in, &table->rows, table->totals.n_rows) ||
		    !csvr_groups_decode(in, &table->groups, table->n_columns, table->totals.n_rows))
			return false;
	}
	return csvr_decode_ok(in);
}

/* ---- runs ---- */

static void encode_runs(struct csvr_encoder *encoder, const struct csvr_summary *summary)
{
	csvr_encoder_put_varint(encoder, summary->n_runs);
	for (size_t i = 0; i < summary->n_runs; i++) {
		const struct csvr_run_record *run = &summary->runs[i];
		csvr_encoder_put_text(encoder, run->version, strlen(run->version));
		csvr_encoder_put_text(encoder, run->command, strlen(run->command));
		csvr_encoder_put_text(encoder, run->host, strlen(run->host));
		csvr_encoder_put_text(encoder, run->job, strlen(run->job));
		csvr_encoder_put_text(encoder, run->kernel, strlen(run->kernel));
		csvr_encoder_put_varint(encoder, run->n_threads);
		csvr_encoder_put_varint(encoder, run->shard_index);
		csvr_encoder_put_varint(encoder, run->shard_count);
		csvr_encoder_put_zigzag(encoder, run->begin_ns);
		csvr_encoder_put_zigzag(encoder, run->end_ns);
	}
}

static bool decode_runs(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	summary->runs = csvr_decode_items(in, &summary->n_runs, 10, sizeof *summary->runs);
	summary->runs_capacity = summary->n_runs;
	for (size_t i = 0; i < summary->n_runs && csvr_decode_ok(in); i++) {
		struct csvr_run_record *run = &summary->runs[i];
		run->version = csvr_decode_string(in);
		run->command = csvr_decode_string(in);
		run->host = csvr_decode_string(in);
		run->job = csvr_decode_string(in);
		run->kernel = csvr_decode_string(in);
		run->n_threads = csvr_decoder_varint(in->decoder);
		run->shard_index = csvr_decoder_varint(in->decoder);
		run->shard_count = csvr_decoder_varint(in->decoder);
		run->begin_ns = csvr_decoder_zigzag(in->decoder);
		run->end_ns = csvr_decoder_zigzag(in->decoder);
	}
	return csvr_decode_ok(in);
}

/* ---- the summary ---- */

void csvr_summary_encode(struct csvr_encoder *encoder, const struct csvr_summary *summary,
			 const uint32_t *number)
{
	const struct csvr_summary_config *config = &summary->config;
	struct csvr_summary_encoder out = {
		.encoder = encoder,
		.number_of = number,
		.collection = csvr_collection_of_columns(config->collection),
		.groups = config->groups,
		.has_pairs = config->has_pairs,
		.has_refined = config->has_refined,
		.n_conditions = config->n_conditions,
		.has_rows = csvr_collection_has_rows(config->collection)
	};
	csvr_encoder_put_varint(encoder, summary->config.n_selected);
	for (size_t i = 0; i < summary->config.n_selected; i++)
		csvr_encoder_put_varint(encoder, summary->matched[i]);
	csvr_filter_encode(&out, &summary->filter);
	encode_totals(&out, &summary->headerless);
	csvr_encoder_put_varint(encoder, summary->is_one_table);
	encode_tables(&out, summary);
	csvr_headers_encode(&out, summary);
	encode_layouts(encoder, summary);
	csvr_files_encode(&out, summary);
	csvr_partial_files_encode(&out, summary);
	encode_runs(encoder, summary);
}

static bool decode_matched(struct csvr_summary_decoder *in)
{
	struct csvr_summary *summary = in->summary;
	if (csvr_decoder_varint(in->decoder) != summary->config.n_selected)
		return csvr_decode_fail(in);
	for (size_t i = 0; i < summary->config.n_selected; i++)
		summary->matched[i] = csvr_decoder_varint_max(in->decoder, 1) != 0;
	return csvr_decode_ok(in);
}

/* Files that were read before may be one table, although those of this run are not. */
static bool decode_is_one_table(struct csvr_summary_decoder *in)
{
	in->summary->is_one_table = csvr_decoder_varint_max(in->decoder, 1) != 0;
	return csvr_decode_ok(in);
}

enum csvr_status csvr_summary_decode(struct csvr_decoder *decoder,
				     const struct csvr_summary_config *config,
				     const uint32_t *input, size_t n_inputs,
				     struct csvr_summary **summary)
{
	enum csvr_status status = csvr_summary_new(config, summary);
	if (status != CSVR_OK)
		return status;
	struct csvr_summary_decoder in = {
		.decoder = decoder, .summary = *summary, .index_of = input, .n_inputs = n_inputs
	};
	const bool ok = decode_matched(&in) && csvr_filter_decode(&in, &(*summary)->filter) &&
			decode_totals(&in, &(*summary)->headerless) && decode_is_one_table(&in) &&
			decode_tables(&in) && csvr_headers_decode(&in) && decode_layouts(&in) &&
			csvr_files_decode(&in) && csvr_partial_files_decode(&in) &&
			decode_runs(&in);
	free(in.refs);
	free(in.numbers);
	if (ok && config->tables == CSVR_TABLES_ONE)
		status = csvr_summary_make_one_table(*summary);
	if (ok && status == CSVR_OK)
		return CSVR_OK;
	csvr_summary_free(*summary);
	*summary = NULL;
	return in.is_out_of_memory || ok ? CSVR_NO_MEMORY : CSVR_INVALID_FILE;
}
