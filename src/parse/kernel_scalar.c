/* kernel_scalar.c - the definition: eight bytes at a time in a 64-bit register
 *
 * Why it is fast:
 *  - bytes that end a field are found eight at a time, by arithmetic on a 64-bit word;
 *  - a cell is loaded as the eight bytes that end where it ends, so its digits are right-aligned
 *    whatever their number, and three multiplications turn them into an integer.
 *
 * Source  SWAR zero-byte test: Warren, "Hacker's Delight", 6-1 (the exact form, without carries
 *         between bytes)
 */
#include "parse/kernel.h"

#include <string.h>

#include "parse/swar.h"

static bool is_usable(void)
{
	return true;
}

/* ---- scan ---- */

/* Bytes to search for: those that end fields, and the quote if there is one. */
struct pattern {
	uint64_t delimiter, newline, quote;
	bool has_quote;
};

static uint64_t specials(uint64_t word, const struct pattern *pattern)
{
	uint64_t found = csvr_bytes_equal(word, pattern->delimiter) |
			 csvr_bytes_equal(word, pattern->newline);
	if (pattern->has_quote)
		found |= csvr_bytes_equal(word, pattern->quote);
	return found;
}

static void scan_scalar(const struct csvr_dialect *dialect, size_t from, size_t to,
			struct csvr_fields *fields)
{
	if (csvr_needs_general_scan(dialect)) {
		csvr_scan_general(dialect, from, to, fields);
		return;
	}
	const unsigned char *text = fields->text;
	const struct pattern pattern = { csvr_repeat(dialect->delimiter),
					 csvr_repeat(dialect->newline),
					 csvr_repeat((unsigned char)dialect->quote),
					 dialect->quote != CSVR_NONE };
	uint32_t *ends = fields->ends;
	size_t n_records = 0, start = from, at = from;
	fields->hides_lines = fields->continues_after_quote = false;
	/* Each iteration examines eight bytes from `at`; `start` is where the open field starts. */
	while (at < to) {
		uint64_t found = specials(csvr_load8(text + at), &pattern);
		size_t next = at + 8;
		for (; found != 0; found &= found - 1) {
			size_t position = at + ((size_t)__builtin_ctzll(found) >> 3);
			if (position >= to)
				break;
			unsigned char byte = text[position];
			if (byte == dialect->delimiter || byte == dialect->newline) {
				*ends++ = (uint32_t)position;
				n_records += byte == dialect->newline;
				start = position + 1;
			} else if (csvr_find_opening_quote(text, start, position + 1, dialect) ==
				   position) {
				/* An opening quote: skip to its closing quote and resume there,
				 * even within these eight bytes. */
				next = csvr_skip_quoted(fields, position, to, dialect);
				break;
			}
		}
		at = next;
	}
	fields->n_fields = (size_t)(ends - fields->ends);
	fields->n_records = n_records;
}

static size_t convert_scalar(const struct csvr_column_slice *cells, unsigned scale, int quote,
			     int64_t *values, uint8_t *rejects)
{
	return csvr_convert_cells(cells, scale, quote, values, rejects);
}

static void read_keys_scalar(const struct csvr_column_slice *cells,
			     const struct csvr_dialect *dialect, const struct csvr_key_seed *seed,
			     uint32_t most_bytes, struct csvr_key_batch *keys)
{
	const uint32_t *end = cells->ends;
	keys->n_rejects = 0;
	keys->has_marked = false;
	for (size_t i = 0; i < cells->n_cells; i++, end += cells->stride) {
		keys->has_marked |= keys->is_marked[cells->text[(uint32_t)(end[-1] + 1)]];
		if (!csvr_find_key(cells, end, dialect, most_bytes, &keys->start[i],
				   &keys->n_bytes[i])) {
			keys->start[i] = cells->text + (uint32_t)(end[-1] + 1);
			keys->n_bytes[i] = 0;
			keys->rejects[keys->n_rejects++] = (uint8_t)i;
		}
		csvr_key_read(keys, i, seed);
	}
}

static size_t count_byte_scalar(const unsigned char *text, size_t n_bytes, unsigned char byte)
{
	const uint64_t pattern = csvr_repeat(byte);
	size_t n = 0, i = 0;
	while (i + 8 <= n_bytes) {
		/* A count per byte of the word, which 255 words cannot overflow. */
		uint64_t counts = 0;
		for (size_t end = i + 255 * 8; i < end && i + 8 <= n_bytes; i += 8)
			counts += csvr_bytes_equal(csvr_load8(text + i), pattern) >> 7;
		const uint64_t pairs = (counts & UINT64_C(0x00ff00ff00ff00ff)) +
				       (counts >> 8 & UINT64_C(0x00ff00ff00ff00ff));
		n += pairs * UINT64_C(0x0001000100010001) >> 48;
	}
	for (; i < n_bytes; i++)
		n += text[i] == byte;
	return n;
}

const struct csvr_kernel csvr_kernel_scalar = {
	"scalar", is_usable, scan_scalar, convert_scalar, read_keys_scalar, count_byte_scalar
};
