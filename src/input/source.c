/* source.c - dispatches each input to its backend, decompresses it, and converts UTF-16 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/source.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/stop_flag.h"
#include "input/backend_file.h"
#include "input/codec/seek_index.h"
#include "input/remote_ops.h"

const char csvr_remote_state_unsupported[] =
	"saved states must be local files; copy it to this machine";
const char csvr_remote_unsupported[] =
	"URLs are not supported by this program; use csv-report-remote";

void csvr_source_init(struct csvr_source *source, const struct csvr_inputs *inputs,
		      struct csvr_dir_cache *dir_cache)
{
	*source = (struct csvr_source){ .inputs = inputs, .dir_cache = dir_cache, .fd = -1 };
}

void csvr_source_clear(struct csvr_source *source)
{
	csvr_source_close(source);
	csvr_text_decoder_clear(&source->decoder);
	csvr_decompressor_free(source->decompressor);
	source->decompressor = NULL;
}

static enum csvr_status fetch(void *context, uint64_t offset, void *buffer, size_t n_bytes,
			      size_t *n_read, struct csvr_error *error);

bool csvr_source_may_have_index(const struct csvr_input *input)
{
	return input->is_compressed && input->kind == CSVR_INPUT_REGULAR && !input->is_remote &&
	       !input->is_preloaded && input->size_bytes >= CSVR_SEEK_MIN_BYTES;
}

/* As fetch, until the stop flag is set. */
static enum csvr_status fetch_until_stopped(void *context, uint64_t offset, void *buffer,
					    size_t n_bytes, size_t *n_read,
					    struct csvr_error *error)
{
	const struct csvr_source *source = context;
	if (csvr_stop_requested(source->stop_flag))
		return CSVR_INTERRUPTED;
	return fetch(context, offset, buffer, n_bytes, n_read, error);
}

static bool is_utf16_stated(const struct csvr_inputs *inputs)
{
	return inputs->encoding == CSVR_ENCODING_UTF16LE ||
	       inputs->encoding == CSVR_ENCODING_UTF16BE;
}

static enum csvr_status make_decompressor(struct csvr_source *source, struct csvr_error *error)
{
	return source->decompressor == NULL &&
			       csvr_decompressor_new(&source->decompressor) != CSVR_OK
		       ? csvr_error_set_no_memory(error)
		       : CSVR_OK;
}

/* Drops the index of a file in UTF-16, whose offsets are not those of the converted text. Errors of the data are
 * left to the reader. */
static enum csvr_status check_encoding(struct csvr_source *source, struct csvr_seek_index **index,
				       struct csvr_error *error)
{
	if (*index == NULL)
		return CSVR_OK;
	enum csvr_status status = make_decompressor(source, error);
	if (status != CSVR_OK)
		return status;
	status = csvr_decompressor_start(source->decompressor, (*index)->compression, 0,
					 fetch_until_stopped, source, error);
	if (status == CSVR_OK)
		status = csvr_text_decoder_start(&source->decoder, source->decompressor,
						 source->inputs->encoding, error);
	if (status == CSVR_OK && source->decoder.is_utf16) {
		csvr_seek_index_free(*index);
		*index = NULL;
	}
	return status == CSVR_NO_MEMORY || status == CSVR_INTERRUPTED ? status : CSVR_OK;
}

/* Looks up the seek index, or builds it. */
static enum csvr_status find_seek_index(struct csvr_source *source, struct csvr_error *error)
{
	const struct csvr_input *input = source->input;
	if (input->kind != CSVR_INPUT_REGULAR || input->is_remote ||
	    input->size_bytes < CSVR_SEEK_MIN_BYTES || is_utf16_stated(source->inputs) ||
	    csvr_seek_indexes_get(source->inputs->seek_indexes, input->name, &source->seek_index))
		return CSVR_OK;
	struct csvr_seek_index *built;
	enum csvr_status status = csvr_seek_index_new(fetch_until_stopped, source,
						      input->size_bytes, &built, error);
	if (status == CSVR_OK)
		status = check_encoding(source, &built, error);
	if (status == CSVR_OK)
		status = csvr_seek_indexes_put(source->inputs->seek_indexes, input->name, built,
					       &source->seek_index);
	return status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error) : status;
}

enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_input *input,
				  struct csvr_error *error)
{
	source->input = input;
	source->size_bytes = 0;
	source->is_decompressing = source->has_sniffed = false;
	source->seek_index = NULL;
	if (input->kind == CSVR_INPUT_FAILED && input->is_remote)
		return csvr_error_set(error, CSVR_IO_ERROR, 0, "%s",
				      csvr_inputs_reason(source->inputs, input));
	if (input->kind == CSVR_INPUT_FAILED) {
		errno = input->error_number;
		return csvr_error_set_errno(error, "cannot open");
	}
	/* The only place that chooses the backend of an input. */
	const struct csvr_remote *remote = source->inputs->remote;
	if (input->is_remote && remote == NULL)
		return csvr_error_set(error, CSVR_IO_ERROR, 0, "%s", csvr_remote_unsupported);
	const struct csvr_backend *backend = input->is_remote ? remote->backend
							      : &csvr_backend_file;
	enum csvr_status status = backend->open(source, error);
	if (status != CSVR_OK)
		return status;
	source->backend = backend;
	source->is_decompressing = input->is_compressed || input->kind == CSVR_INPUT_STREAM ||
				   is_utf16_stated(source->inputs);
	if (!source->is_decompressing)
		return CSVR_OK;
	status = find_seek_index(source, error);
	source->size_bytes = source->seek_index != NULL ? source->seek_index->decompressed_bytes
							: 0;
	if (status != CSVR_OK)
		csvr_source_close(source);
	return status;
}

/* ---- compressed inputs ---- */

/* Fetches compressed bytes, but none beyond the listed size of a file. */
static enum csvr_status fetch(void *context, uint64_t offset, void *buffer, size_t n_bytes,
			      size_t *n_read, struct csvr_error *error)
{
	struct csvr_source *source = context;
	const struct csvr_input *input = source->input;
	if (input->kind == CSVR_INPUT_REGULAR && input->size_bytes > 0) {
		const uint64_t n_left = input->size_bytes > offset ? input->size_bytes - offset : 0;
		n_bytes = n_left < n_bytes ? (size_t)n_left : n_bytes;
	}
	*n_read = 0;
	return n_bytes == 0 ? CSVR_OK
			    : source->backend->read(source, offset, buffer, n_bytes, n_read, error);
}

static enum csvr_status set_wrong_lengths(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "the block lengths do not match the data; recompress the file");
}

/* Chunks were split by the lengths that members state, so the decompressed bytes must agree with
 * them. */
static enum csvr_status check_member(void *context, uint64_t compressed_offset,
				     uint64_t decompressed_bytes, struct csvr_error *error)
{
	const struct csvr_source *source = context;
	return csvr_seek_index_matches(source->seek_index, compressed_offset,
				       source->start_offset + decompressed_bytes)
		       ? CSVR_OK
		       : set_wrong_lengths(error);
}

/* A file with the suffix of a compressed one may still be text or a saved state. A download that
 * was never finished is neither. */
static enum csvr_status check_uncompressed(const struct csvr_source *source,
					   struct csvr_error *error)
{
	const struct csvr_decompressor *decompressor = source->decompressor;
	const char *name = csvr_inputs_split_path(source->inputs, source->input).name;
	size_t length = strlen(name);
	const enum csvr_compression compression = csvr_compression_from_suffix(name, &length);
	if (compression == CSVR_UNCOMPRESSED || csvr_decompressor_looks_like_text(decompressor) ||
	    csvr_begins_as_state(decompressor->compressed, decompressor->n_compressed) ||
	    csvr_has_utf16_mark(decompressor->compressed, decompressor->n_compressed))
		return CSVR_OK;
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "not in %s format, although its name ends in %s",
			      csvr_compression_label(compression), name + length);
}

/* Starts at the first byte, or at the last indexed member before `offset`. */
static enum csvr_status start(struct csvr_source *source, uint64_t offset, struct csvr_error *error)
{
	enum csvr_compression compression;
	enum csvr_status status = make_decompressor(source, error);
	if (status != CSVR_OK)
		return status;
	source->has_sniffed = true;
	source->position = 0;
	if (source->seek_index != NULL) {
		const struct csvr_seek_point point = csvr_seek_point(source->seek_index, offset);
		source->position = source->start_offset = point.decompressed;
		status = csvr_decompressor_start(source->decompressor,
						 source->seek_index->compression, point.compressed,
						 fetch, source, error);
		source->decompressor->on_member = check_member;
		csvr_text_decoder_resume(&source->decoder, source->decompressor);
		return status;
	}
	status = csvr_decompressor_detect(source->decompressor, source->input->is_compressed, fetch,
					  source, &compression, error);
	if (status == CSVR_OK && compression == CSVR_UNCOMPRESSED && source->input->is_compressed)
		status = check_uncompressed(source, error);
	return status == CSVR_OK ? csvr_text_decoder_start(&source->decoder, source->decompressor,
							   source->inputs->encoding, error)
				 : status;
}

/* Whether the decompressor must start anew, because it has passed `offset` or a later member is
 * nearer. */
static bool must_restart(const struct csvr_source *source, uint64_t offset)
{
	return !source->has_sniffed || offset < source->position ||
	       (source->seek_index != NULL &&
		csvr_seek_point(source->seek_index, offset).decompressed > source->position);
}

/* Checks that the decompressed size of the whole file is the indexed one. */
static enum csvr_status check_total_length(struct csvr_source *source, struct csvr_error *error)
{
	const uint64_t size_bytes = source->seek_index->decompressed_bytes;
	unsigned char more;
	size_t n_more = 0;
	enum csvr_status status = CSVR_OK;
	if (source->position == size_bytes)
		status = csvr_decompressor_read(source->decompressor, &more, 1, &n_more, error);
	if (status == CSVR_OK && (n_more > 0 || source->position != size_bytes))
		status = set_wrong_lengths(error);
	return status;
}

static enum csvr_status read_decompressed(struct csvr_source *source, uint64_t offset, void *buffer,
					  size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	*n_read = 0;
	if (must_restart(source, offset))
		status = start(source, offset, error);
	while (status == CSVR_OK && source->position < offset) {
		const uint64_t gap = offset - source->position;
		status = csvr_text_decoder_read(&source->decoder, buffer,
						gap < n_bytes ? (size_t)gap : n_bytes, n_read,
						error);
		if (status == CSVR_OK && *n_read == 0) /* the input ends before `offset` */
			return source->seek_index != NULL ? check_total_length(source, error)
							  : CSVR_OK;
		source->position += *n_read;
	}
	*n_read = 0;
	if (status == CSVR_OK)
		status = csvr_text_decoder_read(&source->decoder, buffer, n_bytes, n_read, error);
	source->position += *n_read;
	if (status == CSVR_OK && source->seek_index != NULL &&
	    (*n_read < n_bytes || source->position >= source->seek_index->decompressed_bytes))
		status = check_total_length(source, error);
	return status;
}

enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	if (source->is_decompressing)
		return read_decompressed(source, offset, buffer, n_bytes, n_read, error);
	enum csvr_status status = source->backend->read(source, offset, buffer, n_bytes, n_read,
							error);
	if (status != CSVR_OK || offset > 0 || source->has_sniffed)
		return status;
	source->has_sniffed = true;
	if (!csvr_is_decoded(buffer, *n_read))
		return CSVR_OK;
	/* Its name did not show that it is compressed, or it is in UTF-16. */
	source->is_decompressing = true;
	source->has_sniffed = false;
	source->size_bytes = 0;
	return read_decompressed(source, offset, buffer, n_bytes, n_read, error);
}

void csvr_source_advance(struct csvr_source *source, uint64_t begin)
{
	source->begin = begin;
	if (source->backend->advance != NULL)
		source->backend->advance(source);
}

bool csvr_source_is_compressed(const struct csvr_source *source)
{
	return source->is_decompressing && source->has_sniffed &&
	       source->decompressor->compression != CSVR_UNCOMPRESSED;
}

bool csvr_source_is_utf16(const struct csvr_source *source)
{
	return source->is_decompressing && source->has_sniffed && source->decoder.is_utf16;
}

bool csvr_source_is_rewindable(const struct csvr_source *source)
{
	return source->size_bytes > 0 ||
	       (source->is_decompressing && source->input->kind == CSVR_INPUT_REGULAR);
}

uint64_t csvr_source_progress(const struct csvr_source *source, uint64_t offset)
{
	return source->is_decompressing && source->has_sniffed && source->size_bytes == 0
		       ? csvr_decompressor_compressed_offset(source->decompressor)
		       : offset;
}

/* ---- end ---- */

enum csvr_status csvr_source_verify(struct csvr_source *source, struct csvr_error *error)
{
	return source->backend->verify(source, error);
}

void csvr_source_close(struct csvr_source *source)
{
	if (source->backend == NULL)
		return;
	source->backend->close(source);
	source->backend = NULL;
	source->fd = -1;
}
