/* inputs.h - the list of inputs, from paths, directories, URLs and saved states
 *
 * Shape    inputs are in the order of the arguments; those of one directory are in bytewise order of
 *          their paths. An input that is named twice is read twice. The order in which the system
 *          returns directory entries does not matter.
 * Errors   a path that cannot be used becomes an input of kind CSVR_INPUT_FAILED with the reason
 * Threads  one thread collects inputs; then any number may probe, each its own inputs
 */
#ifndef CSVR_INPUT_INPUTS_H
#define CSVR_INPUT_INPUTS_H

#include <string.h>

#include "base/serialize.h"
#include "csvreport.h"
#include "input/dir_cache.h"
#include "input/other_names.h"
#include "input/url.h"

enum csvr_input_kind {
	CSVR_INPUT_UNPROBED, /* found by a walk; its size is not yet known */
	CSVR_INPUT_REGULAR, /* a file of known size; many threads may read it at any offset */
	CSVR_INPUT_STREAM, /* a FIFO, a device, standard input: read once, front to back */
	CSVR_INPUT_STATE, /* a saved state; it is replaced by the inputs that it contains */
	CSVR_INPUT_FAILED
};

enum { CSVR_INODE_BITS = 25 };

/* There may be millions: 24 bytes each, and the name. */
struct csvr_input {
	uint64_t size_bytes; /* CSVR_INPUT_REGULAR: the listed size; else 0 */
	union {
		int64_t mtime_ns; /* CSVR_INPUT_REGULAR */
		int error_number; /* CSVR_INPUT_FAILED: errno */
		uint32_t reason; /* CSVR_INPUT_FAILED and remote: see csvr_inputs_reason */
	};
	uint32_t name; /* offset in the text of struct csvr_inputs: see csvr_inputs_split_path */
	/* Folded to CSVR_INODE_BITS: it is only compared, along with size and time, to see whether
	 * a file was replaced. 0: unknown. */
	uint32_t inode : CSVR_INODE_BITS;
	uint32_t kind : 3;
	/* By its suffix or its first bytes, also if these show that it is in UTF-16; its size is that of the
	 * bytes before they are decoded. */
	uint32_t is_compressed : 1;
	uint32_t is_remote : 1; /* a URL, not a path */
	uint32_t is_preloaded : 1; /* its results come from a saved state: it is not read */
	/* it changed since the checkpoint was written, so it is read again */
	uint32_t is_stale : 1;
};

struct csvr_inputs {
	struct csvr_input *items;
	size_t n_items;
	size_t capacity;
	/* Directories and names, each with a NUL; before each name there is the number of its
	 * directory. */
	char *text;
	size_t n_text;
	size_t text_capacity;
	uint32_t *directories; /* offsets in `text`, by number */
	size_t n_directories;
	size_t directories_capacity;
	/* Position of each input in the bytewise order of paths, where equal paths keep the
	 * order of the arguments. NULL: the inputs are in this order. */
	uint32_t *path_ranks;
	struct csvr_path_cache *path_cache; /* paths that csvr_inputs_path has returned */
	size_t n_states; /* number of inputs of kind CSVR_INPUT_STATE */
	struct csvr_seek_indexes *seek_indexes; /* of compressed inputs: input/codec/seek_index.h */
	struct csvr_manifests *manifests; /* input/manifest.h; NULL until needed */
	struct csvr_other_names other_names; /* files of walks that are no inputs */
	enum csvr_encoding encoding; /* of inputs without a byte order mark; set by csvr_run */
	/* reads remote inputs: input/remote_ops.h; NULL: not supported by this program */
	const struct csvr_remote *remote;
};

/* Whether csvr_inputs_path ran out of memory and returned a name instead of a path. Such a name
 * may be used in a message, but must not be saved. */
bool csvr_inputs_path_failed(const struct csvr_inputs *inputs);

/* The size of an input in the units of offsets and progress: decompressed bytes if that size is
 * known, else the listed size. The decompressed size of a compressed file that has a seek index is
 * known once a source has opened it. */
uint64_t csvr_input_bytes(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* The minimum size of a chunk of it, in the same units. */
uint64_t csvr_input_least_chunk(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Whether the input can be read at any offset, and so be split into chunks. */
bool csvr_input_is_seekable(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Modification time of a regular file; 0 for other kinds. */
static inline int64_t csvr_input_mtime_ns(const struct csvr_input *input)
{
	return input->kind == CSVR_INPUT_REGULAR ? input->mtime_ns : 0;
}

/* A path, split after its last slash. */
struct csvr_path_parts {
	const char *directory; /* with the slash, or empty */
	const char *name; /* without a slash, except in the query of a URL */
	/* of the directory; if other directories come between its inputs, it has several */
	uint32_t number;
};

/* Valid until an input is added. */
struct csvr_path_parts csvr_inputs_split_path(const struct csvr_inputs *inputs,
					      const struct csvr_input *input);

/* The name of the file, `*length` bytes long and not followed by a NUL: without the query and
 * fragment of a URL. */
const char *csvr_inputs_file_name(const struct csvr_inputs *inputs, const struct csvr_input *input,
				  size_t *length);

/* The ETag of a remote input ("" if the server sent none), and the reason why it failed. Strings
 * are copied; the pointers returned are valid until an input, ETag or error is added. Errors:
 * CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_set_etag(struct csvr_inputs *inputs, struct csvr_input *input,
				      const char *etag);
const char *csvr_inputs_etag(const struct csvr_inputs *inputs, const struct csvr_input *input);
enum csvr_status csvr_inputs_set_error(struct csvr_inputs *inputs, struct csvr_input *input,
				       const char *reason);
const char *csvr_inputs_reason(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* As strcmp of the two paths. */
int csvr_inputs_compare(const struct csvr_inputs *inputs, uint32_t a, uint32_t b);

/* Appends the path of `input` to the encoder, as a string. */
void csvr_inputs_encode_path(struct csvr_encoder *encoder, const struct csvr_inputs *inputs,
			     const struct csvr_input *input);

/* A copy of the path or of the URL to request, which includes the parts that are never
 * displayed. */
char *csvr_inputs_copy_url(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Whether the URL to request is known: a saved state contains only the redacted one. */
bool csvr_inputs_has_url(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Computes `path_ranks`. Call once, after the last input was added. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_rank_paths(struct csvr_inputs *inputs);

/* Asks the system for the kind of a local CSVR_INPUT_UNPROBED input and, if it is a regular file, for
 * size, inode and modification time; others are left unchanged. If this fails, or it is a directory,
 * the input becomes CSVR_INPUT_FAILED. `dir_cache` is the calling thread's. */
void csvr_input_probe(const struct csvr_inputs *inputs, struct csvr_input *input,
		      struct csvr_dir_cache *dir_cache);

/* Appends a copy of `model` with another path, which is copied. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_add_copy(struct csvr_inputs *inputs, const char *path, size_t n_bytes,
				      const struct csvr_input *model);

/* Reads the first bytes of all local regular files, and of remote ones that are larger than
 * `chunk_bytes` and so would be split. Saved states become CSVR_INPUT_STATE if local,
 * CSVR_INPUT_FAILED if remote; compressed files become is_compressed. Files with the suffix of a
 * CSV file are not sniffed when they are added, because that would cost one more read for each
 * of many files; if a worker finds that one is not CSV, the run calls this function and
 * restarts. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_sniff(struct csvr_inputs *inputs, uint64_t chunk_bytes);

/* The first bytes of every saved state. */
enum { CSVR_STATE_MAGIC_BYTES = 8 };
extern const unsigned char csvr_state_magic[CSVR_STATE_MAGIC_BYTES];

static inline bool csvr_begins_as_state(const void *bytes, size_t n_bytes)
{
	return n_bytes >= CSVR_STATE_MAGIC_BYTES &&
	       memcmp(bytes, csvr_state_magic, CSVR_STATE_MAGIC_BYTES) == 0;
}

#endif
