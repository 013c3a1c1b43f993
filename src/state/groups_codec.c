/* groups_codec.c - the groups of a table, or of a part of a file, to bytes and back */
#include <stdlib.h>

#include "state/codec_internal.h"
#include "stats/column_type.h"
#include "stats/groups.h"

enum { NO_GROUPS, GROUPS, TOO_MANY_GROUPS };
enum { NO_TITLE, ONE_TITLE, TITLES_DIFFER };

static void encode_key(struct csvr_encoder *encoder, const struct csvr_key_files *files)
{
	csvr_encoder_put_varint(encoder, files->title.text == NULL ? NO_TITLE
					 : files->differs          ? TITLES_DIFFER
								   : ONE_TITLE);
	/* Which of several titles comes first depends on the order of merging. */
	if (files->title.text != NULL && !files->differs)
		csvr_encoder_put_text(encoder, files->title.text, files->title.n_bytes);
	csvr_encoder_put_varint(encoder, files->n_files_without);
	csvr_encoder_put_varint(encoder, files->n_rows_without);
}

static bool decode_key(struct csvr_summary_decoder *in, struct csvr_groups *groups, size_t key)
{
	struct csvr_key_files files = { .title = { NULL, 0 } };
	const uint64_t title = csvr_decoder_varint_max(in->decoder, TITLES_DIFFER);
	files.differs = title == TITLES_DIFFER;
	if (title == ONE_TITLE)
		files.title.text = csvr_decoder_text(in->decoder, &files.title.n_bytes);
	else if (title == TITLES_DIFFER)
		files.title.text = "";
	files.n_files_without = csvr_decoder_varint(in->decoder);
	files.n_rows_without = csvr_decoder_varint(in->decoder);
	return csvr_decode_ok(in) &&
	       csvr_decode_check(in, csvr_groups_restore_key(groups, key, &files));
}

/* How cells are written is known of the column of all rows, and which bins have been used but for zeros says nothing: the
 * bytes would depend on how the rows were divided. */
static void make_canonical(struct csvr_column *column)
{
	for (int i = 0; i < CSVR_N_QUANTITIES; i++) {
		column->quantities[i].notation = 0;
		csvr_exact_sum_trim(&column->quantities[i].exact);
	}
}

static bool is_canonical(const struct csvr_column *column)
{
	for (int i = 0; i < CSVR_N_QUANTITIES; i++)
		if (column->quantities[i].notation != 0 ||
		    !csvr_exact_sum_is_trimmed(&column->quantities[i].exact))
			return false;
	return true;
}

static enum csvr_status encode_group(struct csvr_summary_encoder *out,
				     const struct csvr_groups *groups, size_t group,
				     struct csvr_column *column)
{
	struct csvr_encoder *encoder = out->encoder;
	enum csvr_status status = CSVR_OK;
	for (size_t k = 0; k < out->groups.n_keys; k++) {
		const struct csvr_name key = csvr_groups_key(groups, group, k);
		csvr_encoder_put_varint(encoder, key.text != NULL);
		if (key.text != NULL)
			csvr_encoder_put_text(encoder, key.text, key.n_bytes);
	}
	csvr_encoder_put_varint(encoder, csvr_groups_n_rows(groups, group));
	for (size_t j = 0; j < csvr_groups_n_columns(groups) && status == CSVR_OK; j++) {
		if (csvr_groups_is_key(groups, j))
			continue;
		status = csvr_groups_column(groups, group, j, NULL, column);
		make_canonical(column);
		const uint64_t n_cells = csvr_column_n_cells(column);
		csvr_encoder_put_varint(encoder, n_cells);
		if (n_cells > 0)
			csvr_column_encode(encoder, column, out->groups.collection);
	}
	return status;
}

void csvr_groups_encode(struct csvr_summary_encoder *out, struct csvr_groups *groups)
{
	struct csvr_encoder *encoder = out->encoder;
	if (out->groups.n_keys == 0)
		return;
	const bool are_too_many = groups != NULL && csvr_groups_are_too_many(groups);
	csvr_encoder_put_varint(encoder, groups == NULL ? NO_GROUPS
					 : are_too_many ? TOO_MANY_GROUPS
							: GROUPS);
	/* Those that were found until there were too many depend on the order of merging. */
	if (groups == NULL || are_too_many)
		return;
	/* Parts of files, and all groups while a run goes on, have no order yet. */
	enum csvr_status status = csvr_groups_sort(groups);
	const size_t n_columns = csvr_groups_n_columns(groups);
	for (size_t k = 0; k < out->groups.n_keys; k++) {
		const struct csvr_key_files files = csvr_groups_key_files(groups, k);
		encode_key(encoder, &files);
	}
	csvr_encoder_put_varint(encoder, n_columns);
	for (size_t j = 0; j < n_columns; j++)
		csvr_encoder_put_varint(encoder, csvr_groups_is_key(groups, j));
	csvr_encoder_put_varint(encoder, csvr_groups_count(groups));
	struct csvr_column column;
	csvr_column_init(&column);
	for (size_t i = 0; i < csvr_groups_count(groups) && status == CSVR_OK; i++)
		status = encode_group(out, groups, i, &column);
	csvr_groups_column_clear(&column);
	if (status != CSVR_OK)
		encoder->is_out_of_memory = true;
}

static bool decode_cells(struct csvr_summary_decoder *in, struct csvr_groups *groups, size_t j,
			 uint32_t id, uint64_t n_rows)
{
	const struct csvr_group_config *config = &in->summary->config.groups;
	const uint64_t n_cells = csvr_decoder_varint_max(in->decoder, n_rows);
	if (n_cells == 0)
		return csvr_decode_ok(in);
	struct csvr_column column;
	enum csvr_status status = csvr_column_decode(in->decoder, &column, n_cells,
						     config->collection);
	if (status == CSVR_OK && !is_canonical(&column))
		status = CSVR_INVALID_FILE;
	if (status == CSVR_OK)
		status = csvr_groups_restore_cells(groups, j, id, &column);
	csvr_column_clear(&column);
	return status == CSVR_INVALID_FILE ? csvr_decode_fail(in) : csvr_decode_check(in, status);
}

static bool decode_group(struct csvr_summary_decoder *in, struct csvr_groups *groups,
			 uint64_t *n_rows_left, uint32_t *id)
{
	struct csvr_name keys[CSVR_MAX_GROUP_KEYS];
	for (size_t k = 0; k < in->summary->config.groups.n_keys; k++) {
		keys[k] = (struct csvr_name){ NULL, 0 };
		if (csvr_decoder_varint_max(in->decoder, 1) == 0)
			continue;
		keys[k].text = csvr_decoder_text(in->decoder, &keys[k].n_bytes);
		if (keys[k].n_bytes == 0 || keys[k].n_bytes > UINT32_MAX)
			return csvr_decode_fail(in);
	}
	const uint64_t n_rows = csvr_decoder_varint_max(in->decoder, *n_rows_left);
	if (!csvr_decode_ok(in) || n_rows == 0)
		return csvr_decode_fail(in);
	*n_rows_left -= n_rows;
	const enum csvr_status status = csvr_groups_restore_group(groups, keys, n_rows, id);
	if (status != CSVR_OK)
		return status == CSVR_INVALID_FILE ? csvr_decode_fail(in)
						   : csvr_decode_check(in, status);
	for (size_t j = 0; j < csvr_groups_n_columns(groups); j++)
		if (!csvr_groups_is_key(groups, j) && !decode_cells(in, groups, j, *id, n_rows))
			return false;
	return true;
}

/* Decodes all groups, which must be in the order in which they are encoded. */
static bool decode_groups(struct csvr_summary_decoder *in, struct csvr_groups *groups,
			  uint64_t n_rows)
{
	size_t n;
	uint32_t *ids = csvr_decode_items(in, &n, in->summary->config.groups.n_keys + 1,
					  sizeof *ids);
	bool is_valid = csvr_decode_ok(in);
	for (size_t i = 0; i < n && is_valid; i++)
		is_valid = decode_group(in, groups, &n_rows, &ids[i]);
	is_valid = is_valid && csvr_decode_check(in, csvr_groups_sort(groups));
	if (is_valid && !csvr_groups_are_in_order(groups, ids, n))
		is_valid = csvr_decode_fail(in);
	free(ids);
	return is_valid;
}

bool csvr_groups_decode(struct csvr_summary_decoder *in, struct csvr_groups **result,
			size_t n_columns, uint64_t n_rows)
{
	const struct csvr_group_config *config = &in->summary->config.groups;
	if (config->n_keys == 0)
		return true;
	const uint64_t kind = csvr_decoder_varint_max(in->decoder, TOO_MANY_GROUPS);
	if (!csvr_decode_ok(in) || kind == NO_GROUPS)
		return csvr_decode_ok(in);
	struct csvr_groups *groups;
	if (!csvr_decode_check(in, csvr_groups_new(config, result)))
		return false;
	groups = *result;
	if (kind == TOO_MANY_GROUPS) {
		csvr_groups_restore_too_many(groups);
		return true;
	}
	for (size_t k = 0; k < config->n_keys; k++)
		if (!decode_key(in, groups, k))
			return false;
	/* A table may have got columns after its last group. */
	const size_t n = (size_t)csvr_decoder_varint_max(in->decoder, n_columns);
	if (!csvr_decode_ok(in) || !csvr_decode_check(in, csvr_groups_restore_columns(groups, n)))
		return false;
	for (size_t j = 0; j < n; j++)
		if (csvr_decoder_varint_max(in->decoder, 1) != 0)
			csvr_groups_restore_is_key(groups, j);
	return csvr_decode_ok(in) && decode_groups(in, groups, n_rows);
}
