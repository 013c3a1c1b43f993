/* refine_codec.c - the ranges that a pass collects to bytes and back, for other ranks */
#include <stdlib.h>
#include <string.h>

#include "stats/refine_internal.h"

/* ---- encode ---- */

static void encode_columns(const struct csvr_wanted_columns *columns, struct csvr_encoder *encoder)
{
	csvr_encoder_put_varint(encoder, columns->n_items);
	for (size_t i = 0; i < columns->n_items; i++) {
		const struct csvr_wanted_column *column = &columns->items[i];
		csvr_encoder_put_text(encoder, column->name, column->name_bytes);
		csvr_encoder_put_varint(encoder, column->table);
		csvr_encoder_put_varint(encoder, column->index);
		csvr_column_plan_encode(&column->list, encoder);
	}
}

void csvr_refinement_encode(const struct csvr_refinement *refinement, struct csvr_encoder *encoder)
{
	csvr_encoder_put_varint(encoder, refinement->by_position);
	csvr_encoder_put_varint(encoder, refinement->headers != NULL);
	csvr_encoder_put_varint(encoder, refinement->n_headers);
	for (size_t i = 0; refinement->headers != NULL && i < refinement->n_headers; i++) {
		csvr_encoder_put_bytes(encoder, refinement->headers[i].digest, CSVR_SHA256_BYTES);
		csvr_encoder_put_varint(encoder, refinement->headers[i].table);
	}
	encode_columns(&refinement->columns, encoder);
	csvr_encoder_put_varint(encoder, refinement->n_files);
	for (size_t i = 0; i < refinement->n_files; i++) {
		csvr_encoder_put_varint(encoder, refinement->files[i].input);
		encode_columns(&refinement->files[i].columns, encoder);
	}
}

/* ---- decode ---- */

static enum csvr_status decode_column(struct csvr_decoder *decoder, struct csvr_arena *strings,
				      struct csvr_wanted_column *column)
{
	const char *name = csvr_decoder_text(decoder, &column->name_bytes);
	if (decoder->is_bad)
		return CSVR_INVALID_FILE;
	column->name = csvr_arena_copy(strings, name, column->name_bytes);
	if (column->name == NULL)
		return CSVR_NO_MEMORY;
	column->table = (uint32_t)csvr_decoder_varint_max(decoder, UINT32_MAX);
	column->index = (size_t)csvr_decoder_varint(decoder);
	return csvr_column_plan_decode(&column->list, decoder);
}

static enum csvr_status decode_columns(struct csvr_decoder *decoder, struct csvr_arena *strings,
				       struct csvr_wanted_columns *columns)
{
	enum { LEAST_COLUMN_BYTES = 7 };
	const size_t n_columns = csvr_decoder_count(decoder, LEAST_COLUMN_BYTES);
	enum csvr_status status = csvr_wanted_columns_init(columns, n_columns);
	for (size_t i = 0; i < n_columns && status == CSVR_OK; i++)
		status = decode_column(decoder, strings, &columns->items[columns->n_items++]);
	return status;
}

static enum csvr_status decode_files(struct csvr_decoder *decoder,
				     struct csvr_refinement *refinement)
{
	enum { LEAST_FILE_BYTES = 2 };
	const size_t n_files = csvr_decoder_count(decoder, LEAST_FILE_BYTES);
	refinement->files = calloc(n_files + 1, sizeof *refinement->files);
	enum csvr_status status = refinement->files != NULL ? CSVR_OK : CSVR_NO_MEMORY;
	for (size_t i = 0; i < n_files && status == CSVR_OK; i++) {
		struct csvr_wanted_file *file = &refinement->files[refinement->n_files++];
		file->input = (uint32_t)csvr_decoder_varint_max(decoder, UINT32_MAX);
		status = decode_columns(decoder, &refinement->strings, &file->columns);
	}
	return status;
}

static enum csvr_status decode_headers(struct csvr_decoder *decoder,
				       struct csvr_refinement *refinement)
{
	const bool has_headers = csvr_decoder_varint_max(decoder, 1) != 0;
	const size_t n_headers = csvr_decoder_count(decoder, CSVR_SHA256_BYTES + 1);
	if (!has_headers)
		return n_headers == 0 ? CSVR_OK : CSVR_INVALID_FILE;
	refinement->headers = calloc(n_headers + 1, sizeof *refinement->headers);
	if (refinement->headers == NULL)
		return CSVR_NO_MEMORY;
	for (; refinement->n_headers < n_headers; refinement->n_headers++) {
		struct csvr_wanted_header *header = &refinement->headers[refinement->n_headers];
		const unsigned char *digest = csvr_decoder_bytes(decoder, CSVR_SHA256_BYTES);
		if (digest == NULL)
			return CSVR_INVALID_FILE;
		memcpy(header->digest, digest, CSVR_SHA256_BYTES);
		header->table = (uint32_t)csvr_decoder_varint_max(decoder, UINT32_MAX);
	}
	return CSVR_OK;
}

enum csvr_status csvr_refinement_decode(struct csvr_decoder *decoder,
					struct csvr_refinement **refinement)
{
	*refinement = NULL;
	struct csvr_refinement *wanted = calloc(1, sizeof *wanted);
	if (wanted == NULL)
		return CSVR_NO_MEMORY;
	csvr_arena_init(&wanted->strings);
	wanted->by_position = csvr_decoder_varint_max(decoder, 1) != 0;
	enum csvr_status status = decode_headers(decoder, wanted);
	if (status == CSVR_OK)
		status = decode_columns(decoder, &wanted->strings, &wanted->columns);
	if (status == CSVR_OK)
		status = decode_files(decoder, wanted);
	if (status == CSVR_OK && decoder->is_bad)
		status = CSVR_INVALID_FILE;
	if (status == CSVR_OK)
		*refinement = wanted;
	else
		csvr_refinement_free(wanted);
	return status;
}
