/* partial_codec.c - files of which only some chunks were read (struct csvr_partial_file), to bytes
 * and back */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "state/codec_internal.h"

static void encode_schema(struct csvr_encoder *encoder, const struct csvr_schema *schema)
{
	csvr_encoder_put_varint(encoder, schema->n_names);
	for (size_t i = 0; i < schema->n_names; i++) {
		csvr_encoder_put_varint(encoder, schema->are_selected[i]);
		csvr_encoder_put_text(encoder, schema->names[i].text, schema->names[i].n_bytes);
	}
}

static bool decode_schema(struct csvr_summary_decoder *in, struct csvr_schema *schema)
{
	csvr_schema_init(schema);
	schema->names = csvr_decode_items(in, &schema->n_names, 2, sizeof *schema->names);
	schema->are_selected = calloc(schema->n_names + 1, sizeof *schema->are_selected);
	if (schema->are_selected == NULL)
		return csvr_decode_no_memory(in);
	for (size_t i = 0; i < schema->n_names && csvr_decode_ok(in); i++) {
		schema->are_selected[i] = csvr_decoder_varint_max(in->decoder, 1) != 0;
		schema->names[i].text = csvr_decode_text(in, &schema->strings,
							 &schema->names[i].n_bytes);
	}
	return csvr_decode_ok(in);
}

/* The status of a chunk, by its code in the bytes. Codes must not change when the enum does. */
static const enum csvr_status chunk_statuses[] = { CSVR_OK, CSVR_IO_ERROR, CSVR_INVALID_FILE,
						   CSVR_FILE_CHANGED, CSVR_NEEDS_CHUNK_START };
enum { N_CHUNK_STATUSES = sizeof chunk_statuses / sizeof chunk_statuses[0] };

static uint64_t chunk_status_code(enum csvr_status status)
{
	uint64_t i = 0;
	while (i + 1 < N_CHUNK_STATUSES && chunk_statuses[i] != status)
		i++;
	return i; /* other statuses end a run; the last one lets the chunk be read again */
}

/* `start` is encoded plus one, so that UINT64_MAX, no record, becomes 0. */
static void encode_segment(struct csvr_summary_encoder *out, const struct csvr_segment *segment)
{
	struct csvr_encoder *encoder = out->encoder;
	const struct csvr_chunk_stats *chunk = &segment->chunk;
	csvr_encoder_put_varint(encoder, segment->first);
	csvr_encoder_put_varint(encoder, segment->last);
	csvr_encoder_put_varint(encoder, chunk_status_code(chunk->status));
	csvr_encoder_put_varint(encoder, chunk->start + 1);
	csvr_encoder_put_varint(encoder, chunk->next);
	if (chunk->status == CSVR_OK) {
		csvr_file_stats_encode(out, &chunk->stats);
	} else {
		csvr_encoder_put_varint(encoder, chunk->error.line);
		csvr_encoder_put_text(encoder, chunk->error.message, strlen(chunk->error.message));
	}
}

static bool decode_segment(struct csvr_summary_decoder *in, struct csvr_segment *segment,
			   uint32_t n_chunks)
{
	struct csvr_decoder *decoder = in->decoder;
	struct csvr_chunk_stats *chunk = &segment->chunk;
	segment->first = (uint32_t)csvr_decoder_varint_max(decoder, n_chunks - 1);
	segment->last = (uint32_t)csvr_decoder_varint_max(decoder, n_chunks - 1);
	chunk->status = chunk->error.status =
		chunk_statuses[csvr_decoder_varint_max(decoder, N_CHUNK_STATUSES - 1)];
	chunk->start = csvr_decoder_varint(decoder) - 1;
	chunk->next = csvr_decoder_varint(decoder);
	if (decoder->is_bad || segment->last < segment->first)
		return csvr_decode_fail(in);
	if (chunk->status == CSVR_OK)
		return csvr_file_stats_decode(in, &chunk->stats);
	size_t n_bytes;
	chunk->error.line = csvr_decoder_varint(decoder);
	const char *text = csvr_decoder_text(decoder, &n_bytes);
	if (n_bytes >= sizeof chunk->error.message || memchr(text, '\0', n_bytes) != NULL)
		return csvr_decode_fail(in);
	memcpy(chunk->error.message, text, n_bytes);
	chunk->error.message[n_bytes] = '\0';
	return csvr_decode_ok(in);
}

void csvr_partial_files_encode(struct csvr_summary_encoder *out, const struct csvr_summary *summary)
{
	struct csvr_encoder *encoder = out->encoder;
	csvr_encoder_put_varint(encoder, summary->n_partial_files);
	for (size_t i = 0; i < summary->n_partial_files; i++) {
		const struct csvr_partial_file *partial = &summary->partial_files[i];
		csvr_encode_input(out, partial->input);
		csvr_encoder_put_varint(encoder, partial->n_chunks);
		csvr_encoder_put_varint(encoder, partial->chunk_bytes);
		encode_schema(encoder, &partial->schema);
		csvr_encoder_put_varint(encoder, partial->n_segments);
		for (size_t j = 0; j < partial->n_segments; j++)
			encode_segment(out, partial->segments[j]);
	}
}

/* Of a segment that failed without a message; and of a file with only such a segment, and no schema. */
enum { LEAST_SEGMENT_BYTES = 7, LEAST_PARTIAL_BYTES = 5 + LEAST_SEGMENT_BYTES };

/* Segments must ascend and not overlap. Those that were read must have the columns of the schema. */
static bool decode_segments(struct csvr_summary_decoder *in, struct csvr_partial_file *partial)
{
	const size_t n = csvr_decoder_count(in->decoder, LEAST_SEGMENT_BYTES);
	uint64_t next = 0;
	if (n == 0)
		return csvr_decode_fail(in);
	for (size_t i = 0; i < n; i++) {
		struct csvr_segment *segment = csvr_segment_new(0, 0);
		if (segment == NULL)
			return csvr_decode_no_memory(in);
		bool ok = decode_segment(in, segment, partial->n_chunks);
		const struct csvr_file_stats *stats = &segment->chunk.stats;
		ok = ok && segment->first >= next &&
		     (stats->n_columns == partial->schema.n_names ||
		      (stats->n_columns == 0 && stats->n_rows == 0));
		next = (uint64_t)segment->last + 1;
		if (!csvr_partial_file_add(partial, segment))
			return csvr_decode_no_memory(in);
		if (!ok)
			return csvr_decode_ok(in) ? csvr_decode_fail(in) : false;
	}
	return csvr_decode_ok(in);
}

bool csvr_partial_files_decode(struct csvr_summary_decoder *in)
{
	const size_t n = csvr_decoder_count(in->decoder, LEAST_PARTIAL_BYTES);
	uint64_t next = 0;
	for (size_t i = 0; i < n && csvr_decode_ok(in); i++) {
		struct csvr_partial_file partial = { 0 };
		const uint32_t number = csvr_decode_number(in);
		if (number < next || csvr_file_of_number(in, number) != NULL)
			return csvr_decode_fail(in);
		next = number + UINT64_C(1);
		partial.input = csvr_input_of_number(in, number);
		partial.n_chunks = (uint32_t)csvr_decoder_varint_max(in->decoder, UINT32_MAX);
		partial.chunk_bytes = csvr_decoder_varint(in->decoder);
		if (in->decoder->is_bad || partial.n_chunks < 2 || partial.chunk_bytes == 0 ||
		    partial.chunk_bytes > UINT64_MAX / partial.n_chunks)
			return csvr_decode_fail(in);
		bool ok = decode_schema(in, &partial.schema) && decode_segments(in, &partial);
		if (ok && csvr_summary_add_partial(in->summary, &partial) != CSVR_OK)
			ok = csvr_decode_no_memory(in);
		csvr_partial_file_clear(&partial);
		if (!ok)
			return false;
	}
	return csvr_decode_ok(in);
}
