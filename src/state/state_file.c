/* state_file.c - saved states: the frame of the file, and where its parts start */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "state/state_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "base/sha256.h"
#include "state/state_internal.h"
#include "state/summary_codec.h"

enum { FORMAT_VERSION = 3 };

/* The preamble is the magic, the version (4 bytes) and the number of bytes between the preamble and the
 * digest (8 bytes), both little-endian. The digest ends the file and covers all bytes before it. */
enum {
	VERSION_OFFSET = CSVR_STATE_MAGIC_BYTES,
	LENGTH_OFFSET = VERSION_OFFSET + 4,
	PREAMBLE_BYTES = LENGTH_OFFSET + 8
};

static void compute_digest(const unsigned char *bytes, size_t n_bytes,
			   unsigned char result[CSVR_SHA256_BYTES])
{
	struct csvr_sha256 digest;
	csvr_sha256_init(&digest);
	csvr_sha256_add(&digest, bytes, n_bytes);
	csvr_sha256_finish(&digest, result);
}

/* ---- reading ---- */

static enum csvr_status read_file(struct csvr_state_file *state, struct csvr_error *error)
{
	enum { MIN_BYTES = 4096 };
	struct csvr_encoder *file = &state->file;
	csvr_encoder_clear(file);
	const int fd = open(state->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return csvr_error_set_errno(error, "cannot open");
	/* Allocate the size of the file and one byte more, which shows the end of file: most states are
	 * small, and there may be thousands. */
	struct stat info;
	size_t wanted = MIN_BYTES;
	if (fstat(fd, &info) == 0 && info.st_size >= MIN_BYTES)
		wanted = (size_t)info.st_size + 1;
	enum csvr_status status = CSVR_OK;
	ssize_t n = 1;
	while (n != 0 && status == CSVR_OK) {
		if (file->n_bytes == file->capacity && file->n_bytes > 0)
			wanted = file->n_bytes + MIN_BYTES;
		unsigned char *grown = csvr_array_grow(file->bytes, &file->capacity, wanted, 1);
		if (grown == NULL) {
			status = CSVR_NO_MEMORY;
			break;
		}
		file->bytes = grown;
		n = csvr_io_read(fd, grown + file->n_bytes, file->capacity - file->n_bytes);
		if (n > 0)
			file->n_bytes += (size_t)n;
		else if (n < 0)
			status = csvr_error_set_errno(error, "cannot read");
	}
	(void)close(fd);
	return status;
}

/* Checks magic, version, length and digest. */
static enum csvr_status check_frame(const unsigned char *bytes, size_t n_bytes,
				    struct csvr_error *error)
{
	if (!csvr_begins_as_state(bytes, n_bytes))
		return csvr_error_set(error, CSVR_INVALID_FILE, 0, "not a saved state");
	if (n_bytes < PREAMBLE_BYTES)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "saved state is truncated; recreate it");
	const uint64_t version = csvr_decode_little_endian(bytes + VERSION_OFFSET, 4);
	if (version != FORMAT_VERSION)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "saved state has format %" PRIu64
				      ", but this csv-report reads format %d; recreate it, or use "
				      "the version that saved it",
				      version, FORMAT_VERSION);
	const uint64_t n_body = csvr_decode_little_endian(bytes + LENGTH_OFFSET, 8);
	const uint64_t n_rest = n_bytes - PREAMBLE_BYTES;
	if (n_rest < CSVR_SHA256_BYTES || n_body != n_rest - CSVR_SHA256_BYTES)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0, "saved state %s; recreate it",
				      n_rest < CSVR_SHA256_BYTES ||
						      n_body > n_rest - CSVR_SHA256_BYTES
					      ? "is truncated"
					      : "has trailing data");
	unsigned char digest[CSVR_SHA256_BYTES];
	compute_digest(bytes, n_bytes - sizeof digest, digest);
	if (memcmp(digest, bytes + n_bytes - sizeof digest, sizeof digest) != 0)
		return csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"saved state is corrupt: its digest does not match; recreate it");
	return CSVR_OK;
}

bool csvr_state_is_pass(const struct csvr_state_file *state)
{
	return state->collection == csvr_collection_of_pass();
}

/* Sets what a pass refines. */
static enum csvr_status locate_request(struct csvr_state_file *state, struct csvr_decoder *decoder,
				       struct csvr_error *error)
{
	const unsigned char *digest = csvr_decoder_bytes(decoder, CSVR_SHA256_BYTES);
	if (digest != NULL)
		memcpy(state->refines, digest, CSVR_SHA256_BYTES);
	const unsigned char *begin = decoder->at;
	struct csvr_state_request request;
	const enum csvr_status status = csvr_state_decode_request(decoder, &request);
	csvr_state_request_clear(&request);
	if (status != CSVR_OK)
		return status == CSVR_INVALID_FILE ? csvr_state_invalid(error) : status;
	state->request.n_bytes = 0; /* the file may have been read before */
	csvr_encoder_put_bytes(&state->request, begin, (size_t)(decoder->at - begin));
	return state->request.is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
}

/* Reads the file, checks all but the summaries, and sets where each part starts. */
static enum csvr_status read_parts(struct csvr_state_file *state, struct csvr_error *error)
{
	enum csvr_status status = read_file(state, error);
	const unsigned char *bytes = state->file.bytes;
	const size_t n_bytes = state->file.n_bytes;
	if (status == CSVR_OK)
		status = check_frame(bytes, n_bytes, error);
	if (status != CSVR_OK)
		return status;
	struct csvr_decoder decoder = { bytes + PREAMBLE_BYTES, bytes + n_bytes - CSVR_SHA256_BYTES,
					false };
	struct csvr_state_options options;
	state->options = decoder;
	status = csvr_state_decode_options(&decoder, &options);
	if (status == CSVR_INVALID_FILE)
		csvr_state_invalid(error);
	else if (status == CSVR_OK && options.unknown != NULL)
		status = csvr_error_set(error, CSVR_INVALID_FILE, 0,
					"has a version of %.40s that this csv-report cannot read; "
					"recreate it, or use the version that saved it",
					options.unknown);
	state->collection = options.collection;
	state->groups_collect = options.parse.groups_collect;
	state->has_refined = options.has_refined;
	memcpy(state->digest, bytes + n_bytes - CSVR_SHA256_BYTES, CSVR_SHA256_BYTES);
	csvr_state_options_clear(&options);
	if (status == CSVR_OK && csvr_state_is_pass(state))
		status = locate_request(state, &decoder, error);
	if (status != CSVR_OK)
		return status;

	/* All inputs are checked here, so that a state is used as a whole or not at all. */
	state->inputs = decoder;
	status = csvr_state_skip_inputs(&decoder, &state->n_inputs);
	state->has_file_stats = csvr_decoder_varint_max(&decoder, 1) != 0;
	state->n_summaries = csvr_decoder_count(&decoder, 1);
	state->summaries = decoder;
	if (status == CSVR_OK && decoder.is_bad)
		return csvr_state_invalid(error);
	return status;
}

enum csvr_status csvr_state_file_open(struct csvr_state_file *state, const char *path,
				      struct csvr_error *error)
{
	*state = (struct csvr_state_file){ .path = path };
	return read_parts(state, error);
}

bool csvr_state_is_checkpoint(const struct csvr_state_file *state)
{
	/* csvr_results_snapshot puts the partial files into a summary of their own. */
	return state->n_summaries != 1;
}

void csvr_state_release(struct csvr_state_file *state)
{
	csvr_encoder_clear(&state->file);
	state->summaries.at = NULL;
}

enum csvr_status csvr_state_hold(struct csvr_state_file *state, struct csvr_error *error)
{
	const size_t n_inputs = state->n_inputs;
	if (state->summaries.at != NULL)
		return CSVR_OK;
	const enum csvr_status status = read_parts(state, error);
	if (status == CSVR_OK && state->n_inputs != n_inputs)
		return csvr_error_set(error, CSVR_FILE_CHANGED, 0,
				      "changed while it was being read; run again");
	return status;
}

void csvr_state_file_clear(struct csvr_state_file *state)
{
	csvr_encoder_clear(&state->file);
	csvr_encoder_clear(&state->request);
}

enum csvr_status csvr_state_decode_summary(struct csvr_state_file *state,
					   const struct csvr_summary_config *config,
					   const uint32_t *index, struct csvr_summary **summary,
					   struct csvr_error *error)
{
	*summary = NULL;
	enum csvr_status status = csvr_state_hold(state, error);
	if (status != CSVR_OK)
		return status;
	struct csvr_decoder *decoder = &state->summaries;
	struct csvr_summary_config own = *config;
	own.has_refined = state->has_refined;
	status = csvr_summary_decode(decoder, &own, index, state->n_inputs, summary);
	if (status == CSVR_OK && ++state->n_decoded == state->n_summaries &&
	    decoder->at != decoder->end) {
		csvr_summary_free(*summary);
		*summary = NULL;
		status = CSVR_INVALID_FILE;
	}
	return status == CSVR_INVALID_FILE ? csvr_state_invalid(error) : status;
}

/* ---- writing ---- */

/* Numbers the inputs that a summary contains, and the stale ones; returns how many these are. `number`
 * is UINT32_MAX for each input before. */
static size_t number_inputs(const struct csvr_inputs *inputs,
			    const struct csvr_summary *const *summaries, size_t n_summaries,
			    uint32_t *number)
{
	size_t n = 0;
	for (size_t s = 0; s < n_summaries; s++) {
		const struct csvr_summary *summary = summaries[s];
		for (size_t i = 0; i < summary->n_files; i++)
			number[summary->files[i].input] = 0;
		for (size_t i = 0; i < summary->n_partial_files; i++)
			number[summary->partial_files[i].input] = 0;
	}
	for (size_t i = 0; i < inputs->n_items; i++)
		if (number[i] == 0 || inputs->items[i].is_stale)
			number[i] = (uint32_t)n++;
	return n;
}

enum csvr_status csvr_state_encode(struct csvr_encoder *bytes, const struct csvr_settings *settings,
				   const struct csvr_inputs *inputs,
				   const struct csvr_summary *const *summaries, size_t n_summaries)
{
	uint32_t *number = malloc((inputs->n_items + 1) * sizeof *number);
	if (number == NULL)
		return CSVR_NO_MEMORY;
	memset(number, 0xff, (inputs->n_items + 1) * sizeof *number);
	const size_t n_inputs = number_inputs(inputs, summaries, n_summaries, number);
	const size_t start = bytes->n_bytes;
	unsigned char preamble[PREAMBLE_BYTES] = { 0 }, digest[CSVR_SHA256_BYTES];
	memcpy(preamble, csvr_state_magic, sizeof csvr_state_magic);
	csvr_encode_little_endian(preamble + VERSION_OFFSET, 4, FORMAT_VERSION);
	csvr_encoder_put_bytes(bytes, preamble, sizeof preamble);
	const csvr_collection collection = n_summaries > 0
						   ? summaries[0]->config.collection
						   : csvr_collection_of(&settings->statistics);
	csvr_state_encode_options(bytes, &settings->parse, collection,
				  n_summaries > 0 && summaries[0]->config.has_refined);
	if (collection == csvr_collection_of_pass()) {
		csvr_encoder_put_bytes(bytes, summaries[0]->refines, CSVR_SHA256_BYTES);
		csvr_state_encode_request(bytes, &settings->statistics);
	}
	csvr_state_encode_inputs(bytes, inputs, n_inputs, number);
	csvr_encoder_put_varint(bytes, settings->report.per_file &&
					       collection != csvr_collection_of_pass());
	csvr_encoder_put_varint(bytes, n_summaries);
	for (size_t s = 0; s < n_summaries; s++)
		csvr_summary_encode(bytes, summaries[s], number);
	free(number);
	if (bytes->is_out_of_memory)
		return CSVR_NO_MEMORY;
	csvr_encode_little_endian(bytes->bytes + start + LENGTH_OFFSET, 8,
				  bytes->n_bytes - start - sizeof preamble);
	compute_digest(bytes->bytes + start, bytes->n_bytes - start, digest);
	csvr_encoder_put_bytes(bytes, digest, sizeof digest);
	return bytes->is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
}
