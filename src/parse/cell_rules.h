/* cell_rules.h - what decides the class of a cell besides its text: null values, and how numbers are written
 *
 * Shape    those of all columns; or of one column, if values are listed for it alone
 * Errors   CSVR_NO_MEMORY
 * Threads  const once it is initialized: all threads may use it
 */
#ifndef CSVR_PARSE_CELL_RULES_H
#define CSVR_PARSE_CELL_RULES_H

#include "base/memory.h"
#include "csvreport.h"
#include "parse/dialect.h"

struct csvr_decimal;

/* What a text with some first byte can be. */
enum csvr_first_byte {
	CSVR_FIRST_ANY,
	CSVR_FIRST_OF_TEXT, /* CSVR_CELL_TEXT, whatever follows */
	CSVR_FIRST_OF_WORD, /* the same, or a word of at most `longest_word` bytes: nan, true, a null word */
	CSVR_FIRST_OF_DATE /* a digit; null words that begin with it are numbers */
};

struct csvr_cell_rules {
	unsigned char decimal; /* the decimal mark: '.' or ',' */
	char thousands[CSVR_CHARACTER_BYTES]; /* between groups of three digits; "": none */
	struct csvr_string_list null_words;
	bool starts_null_word[256]; /* rejects most cells by their first byte */
	uint8_t first_byte[256]; /* enum csvr_first_byte */
	size_t longest_word;
	struct csvr_null_number *null_numbers; /* the words that are numbers: -999 */
	size_t n_null_numbers;
	struct csvr_arena strings; /* the words */
};

/* Sets the rules for the column `name`, or for columns that no null value is listed for, if it is NULL; in files with
 * that decimal mark. Clear them in any case. */
enum csvr_status csvr_cell_rules_init(struct csvr_cell_rules *rules,
				      const struct csvr_parse_options *options,
				      unsigned char decimal, const struct csvr_slice *name);
void csvr_cell_rules_clear(struct csvr_cell_rules *rules);

/* Whether the first byte of trimmed text, which is not empty, and its length show that it is CSVR_CELL_TEXT. */
static inline bool csvr_is_certainly_text(const struct csvr_cell_rules *rules,
					  const unsigned char *text, size_t n_bytes)
{
	return (rules->first_byte[*text] == CSVR_FIRST_OF_TEXT) |
	       ((rules->first_byte[*text] == CSVR_FIRST_OF_WORD) & (n_bytes > rules->longest_word));
}

/* The length of the separator of groups of digits at the start of [text, end); 0: there is none. A blank stands for the
 * no-break and thin spaces, too, and an apostrophe for the typographic one. */
size_t csvr_thousands_bytes(const struct csvr_cell_rules *rules, const unsigned char *text,
			    const unsigned char *end);

/* Whether trimmed text is a null word, byte for byte. */
bool csvr_is_null_word(const struct csvr_cell_rules *rules, const unsigned char *text,
		       size_t n_bytes);

/* Whether a number equals a null word that is a number, in value. */
bool csvr_is_null_number(const struct csvr_cell_rules *rules, const struct csvr_decimal *number);

/* Null number `index` in units of 10^-scale; false if no value of a kernel can equal it. */
bool csvr_null_number(const struct csvr_cell_rules *rules, size_t index, unsigned scale,
		      int64_t *value);

/* ---- items of --null-values: VALUE or NAME:VALUE, where \: is a colon ---- */

/* The name of the column that an item is about, copied to `strings`; "" if it is about all columns. NULL: no memory. */
const char *csvr_null_item_column(const char *item, struct csvr_arena *strings);

#endif
