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

struct csvr_cell_rules {
	unsigned char decimal; /* the decimal mark: '.' or ',' */
	char thousands[CSVR_CHARACTER_BYTES]; /* between groups of three digits; "": none */
	int affix_base; /* of suffixes such as K: 1000 or 1024; 0: affixes are not taken off */
	struct csvr_string_list null_words;
	/* By first byte of a text: */
	bool starts_null_word[256]; /* rejects most cells */
	bool starts_time[256]; /* it may be a date or time; null words that begin so are numbers */
	uint32_t longest_other[256]; /* the length above which it is certainly CSVR_CELL_TEXT */
	uint8_t longest_lookalike
		[256]; /* the length up to which csvr_lookalike_of_text looks at it */
	uint32_t longest_unknown[256]; /* the greater one of the two before */
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
	return n_bytes > rules->longest_other[*text];
}

/* The same, and that it looks like nothing else. */
static inline bool csvr_is_certainly_plain(const struct csvr_cell_rules *rules,
					   const unsigned char *text, size_t n_bytes)
{
	return n_bytes > rules->longest_unknown[*text];
}

/* The length of the separator `thousands` of groups of digits at the start of [text, end); 0: there is none. A blank stands for the
 * no-break and thin spaces, too, and an apostrophe for the typographic one. */
size_t csvr_thousands_bytes(const char *thousands, const unsigned char *text,
			    const unsigned char *end);

/* Whether trimmed text, which is not empty, is a null word, byte for byte. */
bool csvr_equals_null_word(const struct csvr_cell_rules *rules, const unsigned char *text,
			   size_t n_bytes);
static inline bool csvr_is_null_word(const struct csvr_cell_rules *rules, const unsigned char *text,
				     size_t n_bytes)
{
	return rules->starts_null_word[*text] && csvr_equals_null_word(rules, text, n_bytes);
}

/* Whether a number equals a null word that is a number, in value. */
bool csvr_is_null_number(const struct csvr_cell_rules *rules, const struct csvr_decimal *number);

/* Null number `index` in units of 10^-scale; false if no value of a kernel can equal it. */
bool csvr_null_number(const struct csvr_cell_rules *rules, size_t index, unsigned scale,
		      int64_t *value);

/* ---- items of --null-values: VALUE or NAME:VALUE, where \: is a colon ---- */

/* The name of the column that an item is about, copied to `strings`; "" if it is about all columns. NULL: no memory. */
const char *csvr_null_item_column(const char *item, struct csvr_arena *strings);

#endif
