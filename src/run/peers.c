/* peers.c - several processes that do one run */
#include "run/peers.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/status.h"
#include "stats/state.h"

static enum csvr_status unclear(struct csvr_error *error)
{
	return csvr_fail(
		error, CSVR_SYSTEM, 0,
		"a message of another process makes no sense; are all of the same version?");
}

static enum csvr_status not_through(enum csvr_status status, struct csvr_error *error)
{
	return status == CSVR_OK || status == CSVR_NO_MEMORY
		       ? status
		       : csvr_fail(error, status, 0, "another process cannot be reached");
}

/* ---- from the first to all ---- */

/* The receiver frees what it gets. */
static enum csvr_status spread(const struct csvr_peers *peers, struct csvr_bytes *bytes,
			       struct csvr_error *error)
{
	enum csvr_status status = peers->broadcast(peers->context, &bytes->bytes, &bytes->n_bytes);
	return not_through(status, error);
}

enum csvr_status csvr_peers_agree(const struct csvr_peers *peers, enum csvr_status status,
				  struct csvr_error *error)
{
	struct csvr_bytes bytes;
	csvr_bytes_init(&bytes);
	if (peers->rank == 0)
		csvr_bytes_put_whole(&bytes, status);
	enum csvr_status sent = bytes.is_out_of_memory ? CSVR_NO_MEMORY
						       : spread(peers, &bytes, error);
	if (sent == CSVR_OK && peers->rank > 0) {
		struct csvr_reader reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		status = (enum csvr_status)csvr_reader_up_to(&reader, CSVR_STOPPED);
	}
	csvr_bytes_clear(&bytes);
	return sent == CSVR_OK ? status : sent;
}

static void put_inputs(struct csvr_bytes *bytes, const struct csvr_inputs *inputs)
{
	csvr_bytes_put_whole(bytes, inputs->n_items);
	for (size_t i = 0; i < inputs->n_items; i++) {
		const struct csvr_input *input = &inputs->items[i];
		csvr_inputs_put_path(bytes, inputs, input);
		csvr_bytes_put_whole(bytes, input->size_bytes);
		csvr_bytes_put_whole(bytes, input->inode);
		csvr_bytes_put_whole(bytes, input->kind);
		csvr_bytes_put_signed(bytes, input->kind == CSVR_FAILED ? input->error_number
									: input->mtime_ns);
		csvr_bytes_put_whole(bytes, input->is_known);
		csvr_bytes_put_whole(bytes, input->is_coded);
	}
}

static void put_plan(struct csvr_bytes *bytes, const struct csvr_plan *plan)
{
	csvr_bytes_put_whole(bytes, plan->size_bytes);
	csvr_bytes_put_whole(bytes, plan->n_units);
	for (size_t i = 0; i < plan->n_units; i++) {
		const struct csvr_unit *unit = &plan->units[i];
		csvr_bytes_put_whole(bytes, unit->first_input);
		csvr_bytes_put_whole(bytes, unit->n_inputs);
		csvr_bytes_put_whole(bytes, unit->begin);
		csvr_bytes_put_whole(bytes, unit->end);
		csvr_bytes_put_whole(bytes, unit->piece);
		csvr_bytes_put_whole(bytes, unit->n_pieces);
	}
}

enum { MOST_INODE = (1 << CSVR_INODE_BITS) - 1 };

static enum csvr_status get_inputs(struct csvr_reader *reader, struct csvr_inputs *inputs)
{
	const size_t n_inputs = csvr_reader_count(reader, 7);
	for (size_t i = 0; i < n_inputs && !reader->is_bad; i++) {
		size_t n_bytes;
		const char *path = csvr_reader_text(reader, &n_bytes);
		struct csvr_input input = { .size_bytes = csvr_reader_whole(reader) };
		input.inode = csvr_reader_up_to(reader, MOST_INODE) & MOST_INODE;
		input.kind = csvr_reader_up_to(reader, CSVR_FAILED) & 7;
		const int64_t time = csvr_reader_signed(reader);
		if (input.kind == CSVR_FAILED)
			input.error_number = (int)time;
		else
			input.mtime_ns = time;
		input.is_known = csvr_reader_up_to(reader, 1) & 1;
		input.is_coded = csvr_reader_up_to(reader, 1) & 1;
		if (csvr_inputs_add_like(inputs, path, n_bytes, &input) != CSVR_OK)
			return CSVR_NO_MEMORY;
	}
	return reader->is_bad ? CSVR_BAD_FILE : CSVR_OK;
}

static enum csvr_status get_plan(struct csvr_reader *reader, struct csvr_plan *plan)
{
	plan->size_bytes = csvr_reader_whole(reader);
	plan->n_units = csvr_reader_count(reader, 6);
	plan->units = calloc(plan->n_units + 1, sizeof *plan->units);
	if (plan->units == NULL)
		return CSVR_NO_MEMORY;
	for (size_t i = 0; i < plan->n_units; i++) {
		struct csvr_unit *unit = &plan->units[i];
		unit->first_input = (uint32_t)csvr_reader_up_to(reader, UINT32_MAX);
		unit->n_inputs = (uint32_t)csvr_reader_up_to(reader, UINT32_MAX);
		unit->begin = csvr_reader_whole(reader);
		unit->end = csvr_reader_whole(reader);
		unit->piece = (uint32_t)csvr_reader_up_to(reader, UINT32_MAX);
		unit->n_pieces = (uint32_t)csvr_reader_up_to(reader, UINT32_MAX);
	}
	return reader->is_bad ? CSVR_BAD_FILE : CSVR_OK;
}

static void put_work(struct csvr_bytes *bytes, const struct csvr_peers_work *work)
{
	csvr_bytes_put_whole(bytes, (uint64_t)work->n_threads);
	csvr_bytes_put_whole(bytes, work->rules.by_position);
	csvr_bytes_put_whole(bytes, work->rules.keeps_tables);
	csvr_bytes_put_whole(bytes, work->rules.n_selected);
	put_inputs(bytes, work->inputs);
	put_plan(bytes, work->plan);
}

static enum csvr_status get_work(struct csvr_reader *reader, struct csvr_peers_work *work)
{
	work->n_threads = (int)csvr_reader_up_to(reader, INT_MAX);
	work->rules.by_position = csvr_reader_up_to(reader, 1) != 0;
	work->rules.keeps_tables = csvr_reader_up_to(reader, 1) != 0;
	work->rules.n_selected = csvr_reader_whole(reader);
	enum csvr_status status = get_inputs(reader, work->inputs);
	return status == CSVR_OK ? get_plan(reader, work->plan) : status;
}

enum csvr_status csvr_peers_tell(const struct csvr_peers *peers, struct csvr_peers_work *work,
				 struct csvr_error *error)
{
	struct csvr_bytes bytes;
	csvr_bytes_init(&bytes);
	if (peers->rank == 0)
		put_work(&bytes, work);
	enum csvr_status status = bytes.is_out_of_memory ? CSVR_NO_MEMORY
							 : spread(peers, &bytes, error);
	if (status == CSVR_OK && peers->rank > 0) {
		struct csvr_reader reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		status = get_work(&reader, work);
		if (status == CSVR_BAD_FILE)
			status = unclear(error);
	}
	csvr_bytes_clear(&bytes);
	return status;
}

/* ---- who does what ---- */

/* A stretch gives each thread some units, so that threads that wait for the last of a stretch wait
 * for a small part of it; and it is over soon enough to see that the run is to end. */
enum { MOST_UNITS_A_THREAD = 64 };

bool csvr_stretches_find(struct csvr_stretches *stretches, uint64_t ticket, size_t *first,
			 size_t *last)
{
	const size_t threads = (size_t)stretches->n_threads;
	for (;;) {
		const size_t left = stretches->n_units - stretches->at;
		if (left == 0)
			return false;
		size_t n = left / (2 * (size_t)stretches->n_processes);
		if (n > MOST_UNITS_A_THREAD * threads)
			n = MOST_UNITS_A_THREAD * threads;
		if (n < threads)
			n = threads;
		if (n > left)
			n = left;
		*first = stretches->at;
		*last = stretches->at + n;
		stretches->at += n;
		if (stretches->n_passed++ == ticket)
			return true;
	}
}

/* ---- from all to the first ---- */

static enum csvr_status hand_in(const struct csvr_peers *peers, struct csvr_found *found,
				uint64_t marks, int to, struct csvr_error *error)
{
	struct csvr_summary *summary;
	struct csvr_bytes bytes;
	csvr_bytes_init(&bytes);
	enum csvr_status status = csvr_found_end(found, &summary);
	if (status == CSVR_OK)
		status = csvr_summary_finish(summary);
	if (status == CSVR_OK) {
		csvr_bytes_put_whole(&bytes, marks);
		csvr_summary_put(&bytes, summary, NULL);
		if (bytes.is_out_of_memory)
			status = CSVR_NO_MEMORY;
	}
	csvr_summary_free(summary);
	if (status == CSVR_OK)
		status = not_through(peers->send(peers->context, to, bytes.bytes, bytes.n_bytes),
				     error);
	csvr_bytes_clear(&bytes);
	return status;
}

static enum csvr_status take_from(const struct csvr_peers *peers, struct csvr_found *found,
				  const struct csvr_summary_rules *rules, size_t n_inputs, int from,
				  uint64_t *marks, struct csvr_error *error)
{
	struct csvr_bytes bytes;
	struct csvr_summary *summary = NULL;
	csvr_bytes_init(&bytes);
	enum csvr_status status = not_through(peers->receive(peers->context, from, &bytes.bytes,
							     &bytes.n_bytes),
					      error);
	if (status == CSVR_OK) {
		struct csvr_reader reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		*marks |= csvr_reader_whole(&reader);
		status = csvr_summary_get(&reader, rules, NULL, n_inputs, &summary);
		if (status == CSVR_BAD_FILE)
			status = unclear(error);
	}
	csvr_bytes_clear(&bytes);
	if (status == CSVR_OK)
		status = csvr_found_take(found, summary, error);
	csvr_summary_free(summary);
	return status;
}

static enum csvr_status spread_marks(const struct csvr_peers *peers, uint64_t *marks,
				     struct csvr_error *error)
{
	struct csvr_bytes bytes;
	csvr_bytes_init(&bytes);
	if (peers->rank == 0)
		csvr_bytes_put_whole(&bytes, *marks);
	enum csvr_status status = bytes.is_out_of_memory ? CSVR_NO_MEMORY
							 : spread(peers, &bytes, error);
	if (status == CSVR_OK && peers->rank > 0) {
		struct csvr_reader reader = { bytes.bytes, bytes.bytes + bytes.n_bytes, false };
		*marks = csvr_reader_whole(&reader);
		if (reader.is_bad)
			status = unclear(error);
	}
	csvr_bytes_clear(&bytes);
	return status;
}

enum csvr_status csvr_peers_collect(const struct csvr_peers *peers, struct csvr_found **found,
				    const struct csvr_summary_rules *rules, size_t n_inputs,
				    uint64_t *marks, struct csvr_error *error)
{
	/* A binomial tree: in round k those whose number ends in 1 and k zeros send to the one with
	 * that 1 taken away. */
	enum csvr_status status = CSVR_OK;
	int bit = 1;
	for (; bit < peers->count && (peers->rank & bit) == 0 && status == CSVR_OK; bit <<= 1)
		if (bit < peers->count - peers->rank)
			status = take_from(peers, *found, rules, n_inputs, peers->rank + bit, marks,
					   error);
	if (peers->rank > 0 && status == CSVR_OK) {
		status = hand_in(peers, *found, *marks, peers->rank - bit, error);
		csvr_found_free(*found);
		*found = NULL;
		if (status == CSVR_OK)
			status = csvr_found_new(rules, found);
	}
	return status == CSVR_OK ? spread_marks(peers, marks, error) : status;
}
