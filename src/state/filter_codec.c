/* filter_codec.c - what the conditions of --where could not decide, to bytes and back */
#include "state/codec_internal.h"

/* In a file, a first cell has a line, and in a summary a file, too. */
static void encode_condition(struct csvr_summary_encoder *out,
			     const struct csvr_condition_stats *condition, bool is_of_file)
{
	struct csvr_encoder *encoder = out->encoder;
	csvr_encoder_put_varint(encoder, condition->n_other);
	if (condition->n_other > 0) {
		csvr_encoder_put_varint(encoder, condition->first.line);
		if (!is_of_file)
			csvr_encode_input(out, condition->first.input);
		csvr_first_cell_encode(encoder, &condition->first);
	}
	csvr_encoder_put_varint(encoder, condition->n_rows_without);
	if (!is_of_file && condition->n_rows_without > 0) {
		csvr_encoder_put_varint(encoder, condition->n_files_without);
		csvr_encode_input(out, condition->first_without);
	}
}

static bool decode_condition(struct csvr_summary_decoder *in,
			     struct csvr_condition_stats *condition, bool is_of_file)
{
	struct csvr_decoder *decoder = in->decoder;
	condition->n_other = csvr_decoder_varint(decoder);
	if (condition->n_other > 0) {
		condition->first.line = csvr_decoder_varint(decoder);
		if (!is_of_file)
			condition->first.input = csvr_decode_file_ref(in, NULL);
		csvr_first_cell_decode(decoder, &condition->first);
		if (condition->first.line == 0)
			return csvr_decode_fail(in);
	}
	condition->n_rows_without = csvr_decoder_varint(decoder);
	if (!is_of_file && condition->n_rows_without > 0) {
		condition->n_files_without = csvr_decoder_varint(decoder);
		condition->first_without = csvr_decode_file_ref(in, NULL);
		if (condition->n_files_without == 0 ||
		    condition->n_files_without > condition->n_rows_without)
			return csvr_decode_fail(in);
	}
	return csvr_decode_ok(in);
}

/* First whether any condition has counted something, so that equal counts have equal bytes. */
static void encode(struct csvr_summary_encoder *out, const struct csvr_filter_stats *filter,
		   bool is_of_file)
{
	if (out->n_conditions == 0)
		return;
	const bool has_any = csvr_filter_stats_has_any(filter);
	csvr_encoder_put_varint(out->encoder, has_any);
	for (size_t k = 0; k < out->n_conditions && has_any; k++)
		encode_condition(out, &filter->conditions[k], is_of_file);
}

static bool decode(struct csvr_summary_decoder *in, struct csvr_filter_stats *filter,
		   bool is_of_file)
{
	const size_t n_conditions = in->summary->config.n_conditions;
	const bool has_any = n_conditions > 0 && csvr_decoder_varint_max(in->decoder, 1) != 0;
	for (size_t k = 0; k < n_conditions && has_any && csvr_decode_ok(in); k++) {
		struct csvr_condition_stats *condition = csvr_filter_stats_at(filter, k,
									      n_conditions);
		if (condition == NULL)
			return csvr_decode_no_memory(in);
		decode_condition(in, condition, is_of_file);
	}
	if (has_any && csvr_decode_ok(in) && !csvr_filter_stats_has_any(filter))
		return csvr_decode_fail(in);
	return csvr_decode_ok(in);
}

void csvr_filter_of_file_encode(struct csvr_summary_encoder *out,
				const struct csvr_filter_stats *filter)
{
	encode(out, filter, true);
}

bool csvr_filter_of_file_decode(struct csvr_summary_decoder *in, struct csvr_filter_stats *filter)
{
	return decode(in, filter, true);
}

void csvr_filter_encode(struct csvr_summary_encoder *out, const struct csvr_filter_stats *filter)
{
	encode(out, filter, false);
}

bool csvr_filter_decode(struct csvr_summary_decoder *in, struct csvr_filter_stats *filter)
{
	return decode(in, filter, false);
}
