/* codec_context.c - encodes and decodes the elements that all parts of a summary use */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "state/codec_internal.h"
#include "stats/statistics.h"

bool csvr_decode_no_memory(struct csvr_summary_decoder *in)
{
	in->is_out_of_memory = true;
	return false;
}

bool csvr_decode_fail(struct csvr_summary_decoder *in)
{
	return csvr_decoder_fail(in->decoder);
}

bool csvr_decode_check(struct csvr_summary_decoder *in, enum csvr_status status)
{
	in->is_out_of_memory |= status == CSVR_NO_MEMORY;
	return status == CSVR_OK;
}

void *csvr_decode_items(struct csvr_summary_decoder *in, size_t *n_items, size_t encoded_bytes,
			size_t item_bytes)
{
	*n_items = csvr_decoder_count(in->decoder, encoded_bytes);
	if (*n_items == 0)
		return NULL;
	void *items = calloc(*n_items, item_bytes);
	if (items == NULL) {
		*n_items = 0;
		in->is_out_of_memory = true;
	}
	return items;
}

const char *csvr_decode_text(struct csvr_summary_decoder *in, struct csvr_arena *strings,
			     size_t *n_bytes)
{
	const char *text = csvr_decoder_text(in->decoder, n_bytes);
	if (in->decoder->is_bad)
		return NULL;
	const char *copy = csvr_arena_copy(strings, text, *n_bytes);
	if (copy == NULL)
		in->is_out_of_memory = true;
	return copy;
}

const char *csvr_decode_string(struct csvr_summary_decoder *in)
{
	size_t n_bytes;
	const char *text = csvr_decode_text(in, &in->summary->strings, &n_bytes);
	if (text != NULL && strlen(text) != n_bytes)
		csvr_decode_fail(in);
	return text;
}

void csvr_encode_input(struct csvr_summary_encoder *out, uint32_t input)
{
	csvr_encoder_put_varint(out->encoder,
				out->number_of != NULL ? out->number_of[input] : input);
}

uint32_t csvr_decode_number(struct csvr_summary_decoder *in)
{
	const uint64_t number = csvr_decoder_varint(in->decoder);
	if (number < in->n_inputs && number < CSVR_NO_INDEX)
		return (uint32_t)number;
	csvr_decode_fail(in);
	return 0;
}

uint32_t csvr_input_of_number(const struct csvr_summary_decoder *in, uint32_t number)
{
	if (number >= in->n_inputs)
		return 0; /* decoding has failed */
	return in->index_of != NULL ? in->index_of[number] : number;
}

uint32_t csvr_decode_file_ref(struct csvr_summary_decoder *in, const struct csvr_column_ref *column)
{
	static const struct csvr_column_ref no_column = { 0, CSVR_NO_INDEX };
	const uint32_t number = csvr_decode_number(in), input = csvr_input_of_number(in, number);
	const uint32_t position =
		column != NULL ? (uint32_t)csvr_decoder_varint_max(in->decoder, UINT32_MAX) : 0;
	struct csvr_file_ref *refs = csvr_array_grow(in->refs, &in->refs_capacity, in->n_refs + 1,
						     sizeof *refs);
	if (refs == NULL) {
		in->is_out_of_memory = true;
		return 0;
	}
	in->refs = refs;
	refs[in->n_refs++] = (struct csvr_file_ref){ number, position,
						     column != NULL ? *column : no_column };
	in->summary->has_lost_inputs |= input == CSVR_NO_INDEX;
	return input;
}

void csvr_encode_location(struct csvr_summary_encoder *out, const struct csvr_location *location)
{
	csvr_encoder_put_varint(out->encoder, location->line);
	if (location->line > 0)
		csvr_encode_input(out, location->input);
}

void csvr_decode_location(struct csvr_summary_decoder *in, struct csvr_location *location)
{
	location->line = csvr_decoder_varint(in->decoder);
	if (location->line > 0)
		location->input = csvr_decode_file_ref(in, NULL);
}

/* ---- rows ---- */

void csvr_encode_rows(struct csvr_summary_encoder *out, const struct csvr_rows *rows)
{
	if (out->has_rows)
		csvr_rows_encode(rows, out->encoder);
}

bool csvr_decode_rows(struct csvr_summary_decoder *in, struct csvr_rows *rows, uint64_t n_rows)
{
	if (!csvr_collection_has_rows(in->summary->config.collection))
		return csvr_decode_ok(in);
	const enum csvr_status status = csvr_rows_decode(rows, in->decoder, n_rows);
	return status == CSVR_INVALID_FILE ? csvr_decode_fail(in) : csvr_decode_check(in, status);
}
