/* sniff.c - detection of saved states and compressed files by their first bytes */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <fcntl.h>
#include <unistd.h>

#include "input/codec/text_decoder.h"
#include "input/inputs_internal.h"
#include "input/remote_ops.h"

/* A byte that no text starts with, a name, and line ends that a transfer in text mode would
 * change. */
const unsigned char csvr_state_magic[CSVR_STATE_MAGIC_BYTES] = { 0xc5, 'C',  'S',  'V',
								 'R',  '\r', '\n', 0x1a };

enum { SNIFF_BYTES = 16 };
_Static_assert((int)SNIFF_BYTES >= (int)CSVR_STATE_MAGIC_BYTES &&
		       (int)SNIFF_BYTES >= (int)CSVR_SIGNATURE_BYTES,
	       "one read is enough for both");

void csvr_input_sniff(struct csvr_inputs *inputs, struct csvr_input *input, int directory,
		      const char *path)
{
	unsigned char bytes[SNIFF_BYTES];
	if (input->kind != CSVR_INPUT_REGULAR || input->size_bytes < CSVR_STATE_MAGIC_BYTES)
		return;
	const int fd = openat(directory, path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0)
		return; /* the error is reported when the file is read */
	const ssize_t n = pread(fd, bytes, sizeof bytes, 0);
	(void)close(fd);
	if (n < CSVR_STATE_MAGIC_BYTES)
		return;
	if (csvr_begins_as_state(bytes, (size_t)n)) {
		input->kind = CSVR_INPUT_STATE;
		input->is_compressed = false; /* even if its name has such a suffix */
		inputs->n_states++;
	} else if (csvr_is_decoded(bytes, (size_t)n)) {
		input->is_compressed = true;
	}
}

void csvr_inputs_sniff_from(struct csvr_inputs *inputs, size_t first)
{
	struct csvr_dir_cache dir_cache;
	csvr_dir_cache_init(&dir_cache);
	for (size_t i = first; i < inputs->n_items; i++) {
		struct csvr_input *input = &inputs->items[i];
		const char *path;
		if (input->is_remote)
			continue;
		csvr_input_probe(inputs, input, &dir_cache);
		const int directory = csvr_dir_cache_at(&dir_cache, inputs, input, &path);
		if (directory != -1)
			csvr_input_sniff(inputs, input, directory, path);
	}
	csvr_dir_cache_clear(&dir_cache);
}

enum csvr_status csvr_inputs_sniff(struct csvr_inputs *inputs, uint64_t chunk_bytes)
{
	csvr_inputs_sniff_from(inputs, 0);
	return inputs->remote == NULL
		       ? CSVR_OK
		       : inputs->remote->sniff(inputs->remote->context, inputs, chunk_bytes);
}
