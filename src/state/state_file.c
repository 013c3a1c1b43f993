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
#include "base/version.h"
#include "state/state_internal.h"
#include "state/summary_codec.h"

enum { FORMAT_VERSION = 3 };

/* Magic, version (4 bytes) and number of bytes that follow (8), lowest first; at the end the digest. */
enum {
	VERSION_AT = CSVR_STATE_MAGIC_BYTES,
	LENGTH_AT = VERSION_AT + 4,
	HEAD_BYTES = LENGTH_AT + 8
};

static void compute_digest(const unsigned char *bytes, size_t n_bytes,
			   unsigned char result[CSVR_SHA256_BYTES])
{
	struct csvr_sha256 digest;
	csvr_sha256_init(&digest);
	csvr_sha256_add(&digest, bytes, n_bytes);
	csvr_sha256_finish(&digest, result);
}

enum csvr_status csvr_state_invalid(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "is a saved state that makes no sense; make it again");
}

/* ---- reading ---- */

static enum csvr_status read_file(struct csvr_state_file *saved, struct csvr_error *error)
{
	enum { LEAST_BYTES = 4096 };
	struct csvr_encoder *file = &saved->file;
	csvr_encoder_clear(file);
	const int fd = open(saved->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return csvr_error_set_errno(error, "cannot open");
	/* Its size and one more byte, to see that it ends there: most states are small, and there may
	 * be thousands. */
	struct stat about;
	size_t wanted = LEAST_BYTES;
	if (fstat(fd, &about) == 0 && about.st_size >= LEAST_BYTES)
		wanted = (size_t)about.st_size + 1;
	enum csvr_status status = CSVR_OK;
	ssize_t n = 1;
	while (n != 0 && status == CSVR_OK) {
		if (file->n_bytes == file->capacity && file->n_bytes > 0)
			wanted = file->n_bytes + LEAST_BYTES;
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

/* Whether the bytes are those of a state that this program can read. */
static enum csvr_status check_frame(const unsigned char *bytes, size_t n_bytes,
				    struct csvr_error *error)
{
	if (!csvr_begins_as_state(bytes, n_bytes))
		return csvr_error_set(error, CSVR_INVALID_FILE, 0, "is no saved state");
	if (n_bytes < HEAD_BYTES)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "is a saved state that is cut short; make it again");
	const uint64_t version = csvr_decode_little_endian(bytes + VERSION_AT, 4);
	if (version != FORMAT_VERSION)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "is a saved state of format %" PRIu64
				      ", and this is csv-report %s, "
				      "which reads format %d; use the version that made it",
				      version, CSVR_VERSION_STRING, FORMAT_VERSION);
	const uint64_t n_body = csvr_decode_little_endian(bytes + LENGTH_AT, 8);
	const uint64_t n_rest = n_bytes - HEAD_BYTES;
	if (n_rest < CSVR_SHA256_BYTES || n_body != n_rest - CSVR_SHA256_BYTES)
		return csvr_error_set(error, CSVR_INVALID_FILE, 0,
				      "is a saved state that %s; make it again",
				      n_rest < CSVR_SHA256_BYTES ||
						      n_body > n_rest - CSVR_SHA256_BYTES
					      ? "is cut short"
					      : "has something behind its end");
	unsigned char digest[CSVR_SHA256_BYTES];
	compute_digest(bytes, n_bytes - sizeof digest, digest);
	if (memcmp(digest, bytes + n_bytes - sizeof digest, sizeof digest) != 0)
		return csvr_error_set(
			error, CSVR_INVALID_FILE, 0,
			"is a saved state that was altered or damaged: its digest is not "
			"that of its bytes; make it again");
	return CSVR_OK;
}

/* Finds where everything begins. */
static enum csvr_status decode_parts(struct csvr_state_file *saved, const unsigned char *bytes,
				     size_t n_bytes, struct csvr_error *error)
{
	enum csvr_status status = check_frame(bytes, n_bytes, error);
	if (status != CSVR_OK)
		return status;
	struct csvr_decoder reader = { bytes + HEAD_BYTES, bytes + n_bytes - CSVR_SHA256_BYTES,
				       false };
	struct csvr_state_options options;
	saved->options = reader;
	status = csvr_state_decode_options(&reader, &options);
	if (status == CSVR_INVALID_FILE)
		csvr_state_invalid(error);
	else if (status == CSVR_OK && options.unknown != NULL)
		status = csvr_error_set(error, CSVR_INVALID_FILE, 0,
					"has the statistic %.40s in a form that csv-report %s does "
					"not know; use the version that saved it",
					options.unknown, CSVR_VERSION_STRING);
	saved->collection = options.collection;
	csvr_state_options_clear(&options);
	if (status != CSVR_OK)
		return status;

	/* Once this is checked, a state is used as a whole or not at all. */
	saved->inputs = reader;
	status = csvr_state_skip_inputs(&reader, &saved->n_inputs);
	saved->has_file_stats = csvr_decoder_varint_max(&reader, 1) != 0;
	saved->n_summaries = csvr_decoder_count(&reader, 1);
	saved->summaries = reader;
	if (status == CSVR_OK && reader.is_bad)
		return csvr_state_invalid(error);
	return status;
}

enum csvr_status csvr_state_file_open(struct csvr_state_file *saved, const char *path,
				      struct csvr_error *error)
{
	*saved = (struct csvr_state_file){ .path = path };
	enum csvr_status status = read_file(saved, error);
	return status == CSVR_OK
		       ? decode_parts(saved, saved->file.bytes, saved->file.n_bytes, error)
		       : status;
}

bool csvr_state_is_checkpoint(const struct csvr_state_file *saved)
{
	/* csvr_results_snapshot puts the partial files into one of their own */
	return saved->n_summaries != 1;
}

void csvr_state_release(struct csvr_state_file *saved)
{
	csvr_encoder_clear(&saved->file);
	saved->summaries.at = NULL;
}

void csvr_state_file_clear(struct csvr_state_file *saved)
{
	csvr_encoder_clear(&saved->file);
}

enum csvr_status csvr_state_decode_summary(struct csvr_state_file *saved,
					   const struct csvr_summary_config *config,
					   const uint32_t *index, struct csvr_summary **summary,
					   struct csvr_error *error)
{
	*summary = NULL;
	if (saved->summaries.at == NULL) {
		const size_t n_inputs = saved->n_inputs;
		enum csvr_status status = read_file(saved, error);
		if (status == CSVR_OK)
			status = decode_parts(saved, saved->file.bytes, saved->file.n_bytes, error);
		if (status == CSVR_OK && saved->n_inputs != n_inputs)
			status = csvr_error_set(error, CSVR_FILE_CHANGED, 0,
						"changed between two looks at it; run again");
		if (status != CSVR_OK)
			return status;
	}
	struct csvr_decoder *reader = &saved->summaries;
	enum csvr_status status = csvr_summary_decode(reader, config, index, saved->n_inputs,
						      summary);
	if (status == CSVR_OK && ++saved->n_given == saved->n_summaries &&
	    reader->at != reader->end) {
		csvr_summary_free(*summary);
		*summary = NULL;
		status = CSVR_INVALID_FILE;
	}
	return status == CSVR_INVALID_FILE ? csvr_state_invalid(error) : status;
}

/* ---- writing ---- */

/* Numbers the inputs that some summary knows of; returns how many there are. */
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
	unsigned char front[HEAD_BYTES] = { 0 }, digest[CSVR_SHA256_BYTES];
	memcpy(front, csvr_state_magic, sizeof csvr_state_magic);
	csvr_encode_little_endian(front + VERSION_AT, 4, FORMAT_VERSION);
	csvr_encoder_put_bytes(bytes, front, sizeof front);
	csvr_state_encode_options(bytes, &settings->reading,
				  n_summaries > 0 ? summaries[0]->config.collection
						  : csvr_collection_of(&settings->statistics));
	csvr_state_encode_inputs(bytes, inputs, n_inputs, number);
	csvr_encoder_put_varint(bytes, settings->report.per_file);
	csvr_encoder_put_varint(bytes, n_summaries);
	for (size_t s = 0; s < n_summaries; s++)
		csvr_summary_encode(bytes, summaries[s], number);
	free(number);
	if (bytes->is_out_of_memory)
		return CSVR_NO_MEMORY;
	const size_t n_front = sizeof front;
	csvr_encode_little_endian(bytes->bytes + start + LENGTH_AT, 8,
				  bytes->n_bytes - start - n_front);
	compute_digest(bytes->bytes + start, bytes->n_bytes - start, digest);
	csvr_encoder_put_bytes(bytes, digest, sizeof digest);
	return bytes->is_out_of_memory ? CSVR_NO_MEMORY : CSVR_OK;
}
