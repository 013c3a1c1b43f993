/* bytes.h - whole numbers, doubles and texts to bytes and back, the same on every machine
 *
 * Shape    whole numbers in groups of 7 bits, lowest first, the top bit of each byte says that more
 *          follow (as DWARF's LEB128); doubles as the 8 bytes of their IEEE 754 form, lowest first;
 *          texts as their length and their bytes
 * Errors   a writer that found no memory, and a reader that met nonsense, stay so: ask once, at the
 *          end. A reader never reads past its end, and gives zeros once it is bad.
 * Threads  the caller's own
 */
#ifndef CSVR_BASE_BYTES_H
#define CSVR_BASE_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct csvr_bytes {
	unsigned char *bytes;
	size_t n_bytes, capacity;
	bool is_out_of_memory;
};

void csvr_bytes_init(struct csvr_bytes *bytes);
void csvr_bytes_clear(struct csvr_bytes *bytes);

void csvr_bytes_put(struct csvr_bytes *bytes, const void *data, size_t n_bytes);
void csvr_bytes_put_whole(struct csvr_bytes *bytes, uint64_t value);
void csvr_bytes_put_signed(struct csvr_bytes *bytes, int64_t value);
void csvr_bytes_put_double(struct csvr_bytes *bytes, double value);
void csvr_bytes_put_text(struct csvr_bytes *bytes, const char *text, size_t n_bytes);

/* A whole number of `n_words` words, lowest first. */
void csvr_bytes_put_wide(struct csvr_bytes *bytes, const uint64_t *word, size_t n_words);

struct csvr_reader {
	const unsigned char *at, *end;
	bool is_bad;
};

/* What is left; 0 once the reader is bad. */
size_t csvr_reader_left(const struct csvr_reader *reader);

/* The reader is bad from now on; returns false. */
bool csvr_reader_refuse(struct csvr_reader *reader);

/* NULL when there is not so much left. */
const unsigned char *csvr_reader_bytes(struct csvr_reader *reader, size_t n_bytes);
uint64_t csvr_reader_whole(struct csvr_reader *reader);
int64_t csvr_reader_signed(struct csvr_reader *reader);
double csvr_reader_double(struct csvr_reader *reader);
void csvr_reader_wide(struct csvr_reader *reader, uint64_t *word, size_t n_words);

/* A whole number from 0 to `most`; the reader is bad if it is more. */
uint64_t csvr_reader_up_to(struct csvr_reader *reader, uint64_t most);

/* The number of items that follow, each of at least `item_bytes` bytes: never more than what is left
 * can hold, so that memory for them can be had without fear. */
size_t csvr_reader_count(struct csvr_reader *reader, size_t item_bytes);

/* Points into the bytes read; no NUL is behind it. */
const char *csvr_reader_text(struct csvr_reader *reader, size_t *n_bytes);

#endif
