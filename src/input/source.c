/* source.c - hands each input to the backend that can read it, and decodes what is compressed */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/source.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"
#include "base/stop_flag.h"
#include "input/backend_file.h"
#include "input/codec/decompressor.h"
#include "input/codec/seek_index.h"
#include "input/remote_ops.h"

const char csvr_remote_state_unsupported[] =
	"is a saved state; copy it to this machine, and name it there";
const char csvr_remote_unsupported[] =
	"is not on this machine, and this program reads only what is; use csv-report-remote";

void csvr_source_init(struct csvr_source *source, const struct csvr_inputs *inputs,
		      struct csvr_dir_cache *dir_cache)
{
	*source = (struct csvr_source){ .inputs = inputs, .dir_cache = dir_cache, .fd = -1 };
}

void csvr_source_clear(struct csvr_source *source)
{
	csvr_source_close(source);
	csvr_decompressor_free(source->decoder);
	source->decoder = NULL;
}

static enum csvr_status fetch(void *context, uint64_t offset, void *buffer, size_t n_bytes,
			      size_t *n_read, struct csvr_error *error);

bool csvr_source_may_have_index(const struct csvr_input *input)
{
	return input->is_compressed && input->kind == CSVR_INPUT_REGULAR && !input->is_remote &&
	       !input->is_preloaded && input->size_bytes >= CSVR_SEEK_MIN_BYTES;
}

/* As fetch does, until told to stop. */
static enum csvr_status fetch_unless_stopped(void *context, uint64_t offset, void *buffer,
					     size_t n_bytes, size_t *n_read,
					     struct csvr_error *error)
{
	const struct csvr_source *source = context;
	if (csvr_stop_requested(source->stop))
		return CSVR_INTERRUPTED;
	return fetch(context, offset, buffer, n_bytes, n_read, error);
}

/* Finds the table of its members, or that there is none. */
static enum csvr_status find_table(struct csvr_source *source, struct csvr_error *error)
{
	const struct csvr_input *input = source->input;
	if (input->kind != CSVR_INPUT_REGULAR || input->is_remote ||
	    input->size_bytes < CSVR_SEEK_MIN_BYTES ||
	    csvr_seek_indexes_get(source->inputs->seek_indexes, input->name, &source->seeks))
		return CSVR_OK;
	struct csvr_seek_index *table;
	enum csvr_status status = csvr_seek_index_new(fetch_unless_stopped, source,
						      input->size_bytes, &table, error);
	if (status == CSVR_OK)
		status = csvr_seek_indexes_put(source->inputs->seek_indexes, input->name, table,
					       &source->seeks);
	return status == CSVR_NO_MEMORY ? csvr_error_set_no_memory(error) : status;
}

enum csvr_status csvr_source_open(struct csvr_source *source, const struct csvr_input *input,
				  struct csvr_error *error)
{
	source->input = input;
	source->size_bytes = 0;
	source->is_decoding = source->has_looked = false;
	source->seeks = NULL;
	if (input->kind == CSVR_INPUT_FAILED && input->is_remote)
		return csvr_error_set(error, CSVR_IO_ERROR, 0, "%s",
				      csvr_inputs_reason(source->inputs, input));
	if (input->kind == CSVR_INPUT_FAILED) {
		errno = input->error_number;
		return csvr_error_set_errno(error, "cannot open");
	}
	/* Which backend reads which input is decided here and nowhere else. */
	const struct csvr_remote *remote = source->inputs->remote;
	if (input->is_remote && remote == NULL)
		return csvr_error_set(error, CSVR_IO_ERROR, 0, "%s", csvr_remote_unsupported);
	const struct csvr_backend *backend = input->is_remote ? remote->backend
							      : &csvr_backend_file;
	enum csvr_status status = backend->open(source, error);
	if (status != CSVR_OK)
		return status;
	source->backend = backend;
	source->is_decoding = input->is_compressed || input->kind == CSVR_INPUT_STREAM;
	if (!source->is_decoding)
		return CSVR_OK;
	status = find_table(source, error);
	source->size_bytes = source->seeks != NULL ? source->seeks->text_bytes : 0;
	if (status != CSVR_OK)
		csvr_source_close(source);
	return status;
}

/* ---- what is compressed ---- */

/* Raw bytes for the decoder. A file is not asked for more than it was listed with. */
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

static enum csvr_status wrong_lengths(struct csvr_error *error)
{
	return csvr_error_set(error, CSVR_INVALID_FILE, 0,
			      "has blocks that tell wrong lengths; compress it again");
}

/* Members have told their lengths, and chunks were cut by them: what is decoded must bear them out. */
static enum csvr_status check_member(void *context, uint64_t raw_offset, uint64_t text_bytes,
				     struct csvr_error *error)
{
	const struct csvr_source *source = context;
	return csvr_seek_index_matches(source->seeks, raw_offset, source->begun_at + text_bytes)
		       ? CSVR_OK
		       : wrong_lengths(error);
}

/* What only a name calls compressed may be text all the same, or a saved state; a download that was never
 * finished is neither. */
static enum csvr_status check_plain(const struct csvr_source *source, struct csvr_error *error)
{
	const struct csvr_decompressor *decoder = source->decoder;
	const char *name = csvr_inputs_split_path(source->inputs, source->input).name;
	size_t length = strlen(name);
	const enum csvr_compression coding = csvr_compression_from_suffix(name, &length);
	if (coding == CSVR_UNCOMPRESSED || csvr_decompressor_looks_like_text(decoder) ||
	    csvr_begins_as_state(decoder->compressed, decoder->n_compressed))
		return CSVR_OK;
	return csvr_error_set(error, CSVR_INVALID_FILE, 0, "is named %s but holds no %s data",
			      name + length, csvr_compression_label(coding));
}

/* From the first byte on, or from a member not far before `offset`. */
static enum csvr_status begin(struct csvr_source *source, uint64_t offset, struct csvr_error *error)
{
	if (source->decoder == NULL && csvr_decompressor_new(&source->decoder) != CSVR_OK)
		return csvr_error_set_no_memory(error);
	enum csvr_compression coding;
	source->has_looked = true;
	source->text_offset = 0;
	if (source->seeks != NULL) {
		const struct csvr_seek_point point = csvr_seek_point(source->seeks, offset);
		source->text_offset = source->begun_at = point.text;
		enum csvr_status status = csvr_decompressor_start(source->decoder,
								  source->seeks->coding, point.raw,
								  fetch, source, error);
		source->decoder->on_member = check_member;
		return status;
	}
	enum csvr_status status = csvr_decompressor_detect(source->decoder,
							   source->input->is_compressed, fetch,
							   source, &coding, error);
	if (status == CSVR_OK && coding == CSVR_UNCOMPRESSED && source->input->is_compressed)
		status = check_plain(source, error);
	return status;
}

/* Whether the decoder has to be set elsewhere, rather than go on. */
static bool is_elsewhere(const struct csvr_source *source, uint64_t offset)
{
	return !source->has_looked || offset < source->text_offset ||
	       (source->seeks != NULL &&
		csvr_seek_point(source->seeks, offset).text > source->text_offset);
}

/* All of them together, too. */
static enum csvr_status check_lengths(struct csvr_source *source, struct csvr_error *error)
{
	const uint64_t size_bytes = source->seeks->text_bytes;
	unsigned char more;
	size_t n_more = 0;
	enum csvr_status status = CSVR_OK;
	if (source->text_offset == size_bytes)
		status = csvr_decompressor_read(source->decoder, &more, 1, &n_more, error);
	if (status == CSVR_OK && (n_more > 0 || source->text_offset != size_bytes))
		status = wrong_lengths(error);
	return status;
}

static enum csvr_status decode(struct csvr_source *source, uint64_t offset, void *buffer,
			       size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	enum csvr_status status = CSVR_OK;
	*n_read = 0;
	if (is_elsewhere(source, offset))
		status = begin(source, offset, error);
	while (status == CSVR_OK && source->text_offset < offset) {
		const uint64_t gap = offset - source->text_offset;
		status = csvr_decompressor_read(source->decoder, buffer,
						gap < n_bytes ? (size_t)gap : n_bytes, n_read,
						error);
		if (status == CSVR_OK && *n_read == 0) /* it ends before that */
			return source->seeks != NULL ? check_lengths(source, error) : CSVR_OK;
		source->text_offset += *n_read;
	}
	*n_read = 0;
	if (status == CSVR_OK)
		status = csvr_decompressor_read(source->decoder, buffer, n_bytes, n_read, error);
	source->text_offset += *n_read;
	if (status == CSVR_OK && source->seeks != NULL &&
	    (*n_read < n_bytes || source->text_offset >= source->seeks->text_bytes))
		status = check_lengths(source, error);
	return status;
}

enum csvr_status csvr_source_read(struct csvr_source *source, uint64_t offset, void *buffer,
				  size_t n_bytes, size_t *n_read, struct csvr_error *error)
{
	if (source->is_decoding)
		return decode(source, offset, buffer, n_bytes, n_read, error);
	enum csvr_status status = source->backend->read(source, offset, buffer, n_bytes, n_read,
							error);
	if (status != CSVR_OK || offset > 0 || source->has_looked)
		return status;
	source->has_looked = true;
	if (csvr_compression_detect(buffer, *n_read) == CSVR_UNCOMPRESSED)
		return CSVR_OK;
	/* Its name did not say so. */
	source->is_decoding = true;
	source->has_looked = false;
	source->size_bytes = 0;
	return decode(source, offset, buffer, n_bytes, n_read, error);
}

bool csvr_source_is_compressed(const struct csvr_source *source)
{
	return source->is_decoding && source->has_looked &&
	       source->decoder->compression != CSVR_UNCOMPRESSED;
}

bool csvr_source_is_rewindable(const struct csvr_source *source)
{
	return source->size_bytes > 0 ||
	       (source->is_decoding && source->input->kind == CSVR_INPUT_REGULAR);
}

uint64_t csvr_source_progress(const struct csvr_source *source, uint64_t offset)
{
	return source->is_decoding && source->has_looked && source->size_bytes == 0
		       ? csvr_decompressor_compressed_offset(source->decoder)
		       : offset;
}

/* ---- the end ---- */

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
