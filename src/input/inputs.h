/* inputs.h - paths, directories and lists to an ordered list of inputs
 *
 * Shape    the order of arguments is kept; what a walk finds stands bytewise by path; an input
 *          named twice is read twice. Nothing depends on the order in which a directory is read.
 * Errors   a path that cannot be used is an input of kind CSVR_INPUT_FAILED with the system's reason
 * Threads  collected by one thread; then any number may probe, each its own inputs
 */
#ifndef CSVR_INPUT_INPUTS_H
#define CSVR_INPUT_INPUTS_H

#include <string.h>

#include "base/serialize.h"
#include "csvreport.h"
#include "input/dir_cache.h"
#include "input/url.h"

enum csvr_input_kind {
	CSVR_INPUT_UNPROBED, /* a name that a walk took; size not yet asked for */
	CSVR_INPUT_REGULAR, /* a file of known size, readable at any offset by many threads */
	CSVR_INPUT_STREAM, /* a FIFO, a device, standard input: once, from front to back */
	CSVR_INPUT_STATE, /* a file that a run saved its findings to; other inputs take its place */
	CSVR_INPUT_FAILED
};

enum { CSVR_INODE_BITS = 25 };

/* There may be millions: 24 bytes, and the text of the name. */
struct csvr_input {
	uint64_t size_bytes; /* CSVR_INPUT_REGULAR: as listed; else 0 */
	union {
		int64_t mtime_ns; /* CSVR_INPUT_REGULAR */
		int error_number; /* CSVR_INPUT_FAILED: errno */
		uint32_t reason; /* CSVR_INPUT_FAILED and remote: see csvr_inputs_reason */
	};
	uint32_t name; /* offset in the text of the list: see csvr_inputs_split_path */
	/* Folded: with size and time it only tells whether a file was replaced. 0: not known. */
	uint32_t inode : CSVR_INODE_BITS;
	uint32_t kind : 3;
	/* Its name or its first bytes say that it is compressed: its size is not that of its text. */
	uint32_t is_compressed : 1;
	uint32_t is_remote : 1; /* not a path but an url */
	uint32_t is_preloaded : 1; /* what it holds came out of a saved state: it is not read */
	/* since a checkpoint was written: it was read, and is read again */
	uint32_t is_stale : 1;
};

struct csvr_inputs {
	struct csvr_input *items;
	size_t n_items;
	size_t capacity;
	/* Directories, each with a NUL behind it, and names, each between the number of its directory
	 * and a NUL. */
	char *text;
	size_t n_text;
	size_t text_capacity;
	uint32_t *directories; /* offsets in the text, by number */
	size_t n_directories;
	size_t directories_capacity;
	/* The place of each input in the bytewise order of paths, equal paths in order of arguments;
	 * NULL: the inputs stand so. */
	uint32_t *ranks;
	struct csvr_path_cache *path_cache; /* what csvr_inputs_path has made */
	size_t n_states; /* of kind CSVR_INPUT_STATE */
	struct csvr_seek_indexes *seek_indexes; /* of compressed inputs: input/codec/seek_index.h */
	struct csvr_manifests *manifests; /* once they are needed: input/manifest.h; else NULL */
	/* who reads what is remote: input/remote_ops.h; NULL: nobody can */
	const struct csvr_remote *remote;
};

/* Whether csvr_inputs_path has given a name in place of a path, as there was no memory: what was made of
 * it may do for a message, but for nothing that is kept. */
bool csvr_inputs_path_failed(const struct csvr_inputs *inputs);

/* How much of it is read, in the bytes that offsets and progress count: of text where that is known
 * beforehand, else as listed; and the least that a chunk of it should be. For compressed files a source
 * must have been opened before, or they are as if there were nothing known of their text. */
uint64_t csvr_input_bytes(const struct csvr_inputs *inputs, const struct csvr_input *input);
uint64_t csvr_input_least_chunk(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Whether it can be read at any offset, and so be cut into chunks. */
bool csvr_input_is_seekable(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Of a regular file; 0 for all else. */
static inline int64_t csvr_input_mtime_ns(const struct csvr_input *input)
{
	return input->kind == CSVR_INPUT_REGULAR ? input->mtime_ns : 0;
}

/* A path in two. */
struct csvr_path_parts {
	const char *directory; /* with the slash behind it, or empty */
	const char *name; /* without one, but in the query of an url */
	/* of the directory; the same one may have several, if others came in between */
	uint32_t number;
};

/* The parts of the path of `input`; they stay where they are until an input is added. */
struct csvr_path_parts csvr_inputs_split_path(const struct csvr_inputs *inputs,
					      const struct csvr_input *input);

/* The name of the file alone, `*length` bytes of a longer text: of an url without query and fragment. */
const char *csvr_inputs_file_name(const struct csvr_inputs *inputs, const struct csvr_input *input,
				  size_t *length);

/* Of a remote input: what tells its versions apart, as the server names them ("" if it does not), and
 * why it failed. Both are copied; pointers are good until something is added. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_set_etag(struct csvr_inputs *inputs, struct csvr_input *input,
				      const char *etag);
const char *csvr_inputs_etag(const struct csvr_inputs *inputs, const struct csvr_input *input);
enum csvr_status csvr_inputs_set_error(struct csvr_inputs *inputs, struct csvr_input *input,
				       const char *reason);
const char *csvr_inputs_reason(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* strcmp of two whole paths, without making them. */
int csvr_inputs_compare(const struct csvr_inputs *inputs, uint32_t a, uint32_t b);

/* Puts the path of `input`, as a text, without making it. */
void csvr_inputs_encode_path(struct csvr_encoder *bytes, const struct csvr_inputs *inputs,
			     const struct csvr_input *input);

/* The path of `input` as a text of the caller's own, to be freed; NULL: no memory. Any number of threads may
 * ask at once, unlike csvr_inputs_path. */
char *csvr_inputs_copy_path(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* The same of what is asked for: of an url, with all that is not shown. */
char *csvr_inputs_copy_url(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Whether that is known: of an url out of a saved state, only what is shown may be. */
bool csvr_inputs_has_url(const struct csvr_inputs *inputs, const struct csvr_input *input);

/* Numbers the inputs by path. Call once, when all are there. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_rank(struct csvr_inputs *inputs);

/* Asks the system for kind, size and time of one input that is CSVR_INPUT_UNPROBED; others, and what is remote, are
 * left as they are. Never fails: an input that cannot be asked becomes CSVR_INPUT_FAILED. `dir_cache` is the calling
 * thread's. */
void csvr_input_probe(const struct csvr_inputs *inputs, struct csvr_input *input,
		      struct csvr_dir_cache *dir_cache);

/* Appends an input that is as `like` says, but for its path. Errors: CSVR_NO_MEMORY. `path` is
 * copied. */
enum csvr_status csvr_inputs_add_copy(struct csvr_inputs *inputs, const char *path, size_t n_bytes,
				      const struct csvr_input *like);

/* Looks at the first bytes of all regular files on this machine, and of those elsewhere that are larger than
 * `chunk_bytes` and so are cut: saved states become CSVR_INPUT_STATE (elsewhere: CSVR_INPUT_FAILED), what is
 * compressed becomes is_compressed. Errors: CSVR_NO_MEMORY. Files named like CSV files are not looked at when they are added: as a
 * rule it would be one look too many at each of many files. Who reads one, and finds that it is not
 * what it was taken for, asks to look at all. */
enum csvr_status csvr_inputs_sniff(struct csvr_inputs *inputs, uint64_t chunk_bytes);

/* What a saved state begins with. */
enum { CSVR_STATE_MAGIC_BYTES = 8 };
extern const unsigned char csvr_state_magic[CSVR_STATE_MAGIC_BYTES];

static inline bool csvr_begins_as_state(const void *bytes, size_t n_bytes)
{
	return n_bytes >= CSVR_STATE_MAGIC_BYTES &&
	       memcmp(bytes, csvr_state_magic, CSVR_STATE_MAGIC_BYTES) == 0;
}

#endif
