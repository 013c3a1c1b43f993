/* ranks.c - the messages between the ranks of one run */
#include "run/ranks.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/serialize.h"
#include "state/summary_codec.h"

static enum csvr_status set_malformed_error(struct csvr_error *error)
{
	return csvr_error_set(
		error, CSVR_IO_ERROR, 0,
		"malformed message from another rank; all ranks must run the same version");
}

static enum csvr_status check_delivery(enum csvr_status status, struct csvr_error *error)
{
	return status == CSVR_OK || status == CSVR_NO_MEMORY
		       ? status
		       : csvr_error_set(error, status, 0, "cannot communicate with another rank");
}

/* ---- from rank 0 to all ---- */

/* The caller clears `bytes`, which the other ranks receive. */
static enum csvr_status broadcast(const struct csvr_comm *comm, struct csvr_encoder *bytes,
				  struct csvr_error *error)
{
	enum csvr_status status = comm->broadcast(comm->context, &bytes->bytes, &bytes->n_bytes);
	return check_delivery(status, error);
}

enum csvr_status csvr_ranks_agree(const struct csvr_comm *comm, enum csvr_status status,
				  struct csvr_error *error)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	if (comm->rank == 0)
		csvr_encoder_put_varint(&bytes, status);
	enum csvr_status delivery = bytes.is_out_of_memory ? CSVR_NO_MEMORY
							   : broadcast(comm, &bytes, error);
	if (delivery == CSVR_OK && comm->rank > 0) {
		struct csvr_decoder reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		status = (enum csvr_status)csvr_decoder_varint_max(&reader, CSVR_INTERRUPTED);
	}
	csvr_encoder_clear(&bytes);
	return delivery == CSVR_OK ? status : delivery;
}

static void encode_inputs(struct csvr_encoder *bytes, const struct csvr_inputs *inputs)
{
	csvr_encoder_put_varint(bytes, inputs->n_items);
	for (size_t i = 0; i < inputs->n_items; i++) {
		const struct csvr_input *input = &inputs->items[i];
		csvr_inputs_encode_path(bytes, inputs, input);
		csvr_encoder_put_varint(bytes, input->size_bytes);
		csvr_encoder_put_varint(bytes, input->inode);
		csvr_encoder_put_varint(bytes, input->kind);
		csvr_encoder_put_zigzag(bytes, input->kind == CSVR_INPUT_FAILED
						       ? input->error_number
						       : input->mtime_ns);
		csvr_encoder_put_varint(bytes, input->is_preloaded);
		csvr_encoder_put_varint(bytes, input->is_compressed);
	}
}

static void encode_plan(struct csvr_encoder *bytes, const struct csvr_plan *plan)
{
	csvr_encoder_put_varint(bytes, plan->size_bytes);
	csvr_encoder_put_varint(bytes, plan->n_units);
	for (size_t i = 0; i < plan->n_units; i++) {
		const struct csvr_unit *unit = &plan->units[i];
		csvr_encoder_put_varint(bytes, unit->first_input);
		csvr_encoder_put_varint(bytes, unit->n_inputs);
		csvr_encoder_put_varint(bytes, unit->begin);
		csvr_encoder_put_varint(bytes, unit->end);
		csvr_encoder_put_varint(bytes, unit->chunk);
		csvr_encoder_put_varint(bytes, unit->n_chunks);
	}
}

enum { MAX_INODE = (1 << CSVR_INODE_BITS) - 1 };

static enum csvr_status decode_inputs(struct csvr_decoder *reader, struct csvr_inputs *inputs)
{
	const size_t n_inputs = csvr_decoder_count(reader, 7);
	for (size_t i = 0; i < n_inputs && !reader->is_bad; i++) {
		size_t n_bytes;
		const char *path = csvr_decoder_text(reader, &n_bytes);
		struct csvr_input input = { .size_bytes = csvr_decoder_varint(reader) };
		input.inode = csvr_decoder_varint_max(reader, MAX_INODE) & MAX_INODE;
		input.kind = csvr_decoder_varint_max(reader, CSVR_INPUT_FAILED) & 7;
		const int64_t time = csvr_decoder_zigzag(reader);
		if (input.kind == CSVR_INPUT_FAILED)
			input.error_number = (int)time;
		else
			input.mtime_ns = time;
		input.is_preloaded = csvr_decoder_varint_max(reader, 1) & 1;
		input.is_compressed = csvr_decoder_varint_max(reader, 1) & 1;
		if (csvr_inputs_add_copy(inputs, path, n_bytes, &input) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	return reader->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

static enum csvr_status decode_plan(struct csvr_decoder *reader, struct csvr_plan *plan)
{
	plan->size_bytes = csvr_decoder_varint(reader);
	plan->n_units = csvr_decoder_count(reader, 6);
	plan->units = calloc(plan->n_units + 1, sizeof *plan->units);
	if (plan->units == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < plan->n_units; i++) {
		struct csvr_unit *unit = &plan->units[i];
		unit->first_input = (uint32_t)csvr_decoder_varint_max(reader, UINT32_MAX);
		unit->n_inputs = (uint32_t)csvr_decoder_varint_max(reader, UINT32_MAX);
		unit->begin = csvr_decoder_varint(reader);
		unit->end = csvr_decoder_varint(reader);
		unit->chunk = (uint32_t)csvr_decoder_varint_max(reader, UINT32_MAX);
		unit->n_chunks = (uint32_t)csvr_decoder_varint_max(reader, UINT32_MAX);
	}
	return reader->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
}

static void encode_work(struct csvr_encoder *bytes, const struct csvr_work_plan *work)
{
	csvr_encoder_put_varint(bytes, (uint64_t)work->n_threads);
	csvr_encoder_put_varint(bytes, work->config.by_position);
	csvr_encoder_put_varint(bytes, work->config.tables);
	csvr_encoder_put_varint(bytes, work->config.keeps_file_stats);
	csvr_encoder_put_varint(bytes, work->config.n_selected);
	csvr_encoder_put_varint(bytes, work->config.n_conditions);
	csvr_encoder_put_varint(bytes, work->config.collection);
	csvr_encoder_put_varint(bytes, work->config.has_pairs);
	csvr_encoder_put_varint(bytes, work->config.has_refined);
	csvr_encoder_put_varint(bytes, work->config.groups.n_keys);
	csvr_encoder_put_varint(bytes, work->config.groups.max_groups);
	csvr_encoder_put_varint(bytes, work->config.groups.collection);
	csvr_encoder_put_varint(bytes, work->config.groups.has_texts);
	encode_inputs(bytes, work->inputs);
	encode_plan(bytes, work->plan);
}

static enum csvr_status decode_work(struct csvr_decoder *reader, struct csvr_work_plan *work)
{
	work->n_threads = (int)csvr_decoder_varint_max(reader, INT_MAX);
	work->config.by_position = csvr_decoder_varint_max(reader, 1) != 0;
	work->config.tables = (enum csvr_tables)csvr_decoder_varint_max(reader, CSVR_TABLES_HEADER);
	work->config.keeps_file_stats = csvr_decoder_varint_max(reader, 1) != 0;
	work->config.n_selected = csvr_decoder_varint(reader);
	work->config.n_conditions = csvr_decoder_varint(reader);
	work->config.collection = csvr_decoder_varint(reader);
	work->config.has_pairs = csvr_decoder_varint_max(reader, 1) != 0;
	work->config.has_refined = csvr_decoder_varint_max(reader, 1) != 0;
	work->config.groups.n_keys = csvr_decoder_varint_max(reader, CSVR_MAX_GROUP_KEYS);
	work->config.groups.max_groups = csvr_decoder_varint(reader);
	work->config.groups.collection = csvr_decoder_varint(reader);
	work->config.groups.has_texts = csvr_decoder_varint_max(reader, 1) != 0;
	enum csvr_status status = decode_inputs(reader, work->inputs);
	return status == CSVR_OK ? decode_plan(reader, work->plan) : status;
}

enum csvr_status csvr_ranks_broadcast_plan(const struct csvr_comm *comm,
					   struct csvr_work_plan *work, struct csvr_error *error)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	if (comm->rank == 0)
		encode_work(&bytes, work);
	enum csvr_status status = bytes.is_out_of_memory ? CSVR_NO_MEMORY
							 : broadcast(comm, &bytes, error);
	if (status == CSVR_OK && comm->rank > 0) {
		struct csvr_decoder reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		status = decode_work(&reader, work);
		if (status == CSVR_INVALID_FILE)
			status = set_malformed_error(error);
	}
	csvr_encoder_clear(&bytes);
	return status;
}

static void encode_pass(struct csvr_encoder *bytes, const struct csvr_pass_plan *pass)
{
	csvr_encoder_put_varint(bytes, pass->refinement != NULL);
	if (pass->refinement == NULL)
		return;
	csvr_encoder_put_varint(bytes, pass->first_ticket);
	encode_plan(bytes, pass->plan);
	csvr_refinement_encode(pass->refinement, bytes);
}

static enum csvr_status decode_pass(struct csvr_decoder *reader, struct csvr_pass_plan *pass)
{
	pass->refinement = NULL;
	const bool has_pass = csvr_decoder_varint_max(reader, 1) != 0;
	if (reader->is_bad || !has_pass)
		return reader->is_bad ? CSVR_INVALID_FILE : CSVR_OK;
	pass->first_ticket = csvr_decoder_varint(reader);
	csvr_plan_clear(pass->plan);
	const enum csvr_status status = decode_plan(reader, pass->plan);
	return status == CSVR_OK ? csvr_refinement_decode(reader, &pass->refinement) : status;
}

enum csvr_status csvr_ranks_broadcast_pass(const struct csvr_comm *comm,
					   struct csvr_pass_plan *pass, struct csvr_error *error)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	if (comm->rank == 0)
		encode_pass(&bytes, pass);
	enum csvr_status status = bytes.is_out_of_memory ? CSVR_NO_MEMORY
							 : broadcast(comm, &bytes, error);
	if (status == CSVR_OK && comm->rank > 0) {
		struct csvr_decoder reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		status = decode_pass(&reader, pass);
		if (status == CSVR_INVALID_FILE)
			status = set_malformed_error(error);
	}
	csvr_encoder_clear(&bytes);
	return status;
}

/* ---- slices ---- */

/* With up to 64 units per thread, the wait for the last thread of a slice is a small part of it,
 * and a slice is over soon enough for the rank to notice a stop or a checkpoint. */
enum { MAX_UNITS_PER_THREAD = 64 };

bool csvr_slice_schedule_find(struct csvr_slice_schedule *slices, uint64_t ticket, size_t *first,
			      size_t *last)
{
	const size_t threads = (size_t)slices->n_threads;
	for (;;) {
		const size_t n_left = slices->n_units - slices->n_taken;
		if (n_left == 0)
			return false;
		size_t n = n_left / (2 * (size_t)slices->n_ranks);
		if (n > MAX_UNITS_PER_THREAD * threads)
			n = MAX_UNITS_PER_THREAD * threads;
		if (n < threads)
			n = threads;
		if (n > n_left)
			n = n_left;
		*first = slices->n_taken;
		*last = slices->n_taken + n;
		slices->n_taken += n;
		if (slices->n_tickets++ == ticket)
			return true;
	}
}

/* ---- from all to rank 0 ---- */

static enum csvr_status send_results(const struct csvr_comm *comm, struct csvr_results *results,
				     uint64_t marks, int to, struct csvr_error *error)
{
	struct csvr_summary *summary;
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	enum csvr_status status = csvr_results_finish(results, &summary);
	if (status == CSVR_OK)
		status = csvr_summary_finish(summary);
	if (status == CSVR_OK) {
		csvr_encoder_put_varint(&bytes, marks);
		csvr_summary_encode(&bytes, summary, NULL);
		if (bytes.is_out_of_memory)
			status = CSVR_NO_MEMORY;
	}
	csvr_summary_free(summary);
	if (status == CSVR_OK)
		status = check_delivery(comm->send(comm->context, to, bytes.bytes, bytes.n_bytes),
					error);
	csvr_encoder_clear(&bytes);
	return status;
}

static enum csvr_status receive_results(const struct csvr_comm *comm, struct csvr_results *results,
					const struct csvr_summary_config *config, size_t n_inputs,
					int from, uint64_t *marks, struct csvr_error *error)
{
	struct csvr_encoder bytes;
	struct csvr_summary *summary = NULL;
	csvr_encoder_init(&bytes);
	enum csvr_status status = check_delivery(comm->receive(comm->context, from, &bytes.bytes,
							       &bytes.n_bytes),
						 error);
	if (status == CSVR_OK) {
		struct csvr_decoder reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		*marks |= csvr_decoder_varint(&reader);
		status = csvr_summary_decode(&reader, config, NULL, n_inputs, &summary);
		if (status == CSVR_INVALID_FILE)
			status = set_malformed_error(error);
	}
	csvr_encoder_clear(&bytes);
	if (status == CSVR_OK)
		status = csvr_results_import(results, summary, error);
	csvr_summary_free(summary);
	return status;
}

static enum csvr_status broadcast_marks(const struct csvr_comm *comm, uint64_t *marks,
					struct csvr_error *error)
{
	struct csvr_encoder bytes;
	csvr_encoder_init(&bytes);
	if (comm->rank == 0)
		csvr_encoder_put_varint(&bytes, *marks);
	enum csvr_status status = bytes.is_out_of_memory ? CSVR_NO_MEMORY
							 : broadcast(comm, &bytes, error);
	if (status == CSVR_OK && comm->rank > 0) {
		struct csvr_decoder reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		*marks = csvr_decoder_varint(&reader);
		if (reader.is_bad)
			status = set_malformed_error(error);
	}
	csvr_encoder_clear(&bytes);
	return status;
}

enum csvr_status csvr_ranks_reduce(const struct csvr_comm *comm, struct csvr_results **results,
				   const struct csvr_summary_config *config, size_t n_inputs,
				   uint64_t *marks, struct csvr_error *error)
{
	/* A binomial tree: in round k each rank whose number ends in a 1 and k zeros sends to the
	 * rank with that bit cleared. */
	enum csvr_status status = CSVR_OK;
	int bit = 1;
	for (; bit < comm->count && (comm->rank & bit) == 0 && status == CSVR_OK; bit <<= 1)
		if (bit < comm->count - comm->rank)
			status = receive_results(comm, *results, config, n_inputs, comm->rank + bit,
						 marks, error);
	if (comm->rank > 0 && status == CSVR_OK) {
		status = send_results(comm, *results, *marks, comm->rank - bit, error);
		csvr_results_free(*results);
		*results = NULL;
		if (status == CSVR_OK)
			status = csvr_results_new(config, results);
	}
	return status == CSVR_OK ? broadcast_marks(comm, marks, error) : status;
}
