/* footer.c - recognizes cells that programs write below a table */
#include "parse/footer.h"

#include <string.h>

static bool is_digit(unsigned char byte)
{
	return byte >= '0' && byte <= '9';
}

/* Whether a word may go on with the byte. */
static bool is_word_byte(unsigned char byte)
{
	const unsigned char lower = byte | 0x20;
	return (lower >= 'a' && lower <= 'z') || is_digit(byte) || byte == '_' || byte >= 0x80;
}

/* Skips `word`, in lower case, at the start of the text, in any case. False: it is not there as a whole word. */
static bool skip_word(struct csvr_slice *text, const char *word)
{
	size_t n = 0;
	for (; word[n] != '\0'; n++) {
		const bool is_letter = word[n] >= 'a' && word[n] <= 'z';
		if (n == text->n_bytes ||
		    (text->start[n] | (is_letter ? 0x20 : 0)) != (unsigned char)word[n])
			return false;
	}
	if (n < text->n_bytes && is_word_byte(text->start[n]))
		return false;
	text->start += n;
	text->n_bytes -= n;
	return true;
}

static bool starts_with(struct csvr_slice text, const char *word)
{
	return skip_word(&text, word);
}

/* Skips the bytes of `set`; returns how many. */
static size_t skip_any(struct csvr_slice *text, const char *set)
{
	size_t n = 0;
	while (n < text->n_bytes && text->start[n] != '\0' && strchr(set, text->start[n]) != NULL)
		n++;
	text->start += n;
	text->n_bytes -= n;
	return n;
}

/* The same for digits, with which most cells begin. */
static size_t skip_digits(struct csvr_slice *text)
{
	size_t n = 0;
	while (n < text->n_bytes && is_digit(text->start[n]))
		n++;
	text->start += n;
	text->n_bytes -= n;
	return n;
}

/* "3 rows selected", "(3 rows)" */
static bool counts_rows(struct csvr_slice text)
{
	const bool is_in_parentheses = *text.start == '(' && skip_any(&text, "(") > 0;
	if (skip_digits(&text) == 0 || text.n_bytes == 0 || skip_any(&text, " ") == 0 ||
	    !(skip_word(&text, "rows") || skip_word(&text, "row")))
		return false;
	if (is_in_parentheses)
		return text.n_bytes == 1 && *text.start == ')';
	skip_any(&text, " ");
	return skip_word(&text, "selected");
}

/* "Page 1 of 2" */
static bool counts_pages(struct csvr_slice text)
{
	return skip_word(&text, "page") && skip_any(&text, " ") > 0 &&
	       skip_any(&text, "-0123456789") > 0 && skip_any(&text, " ") > 0 &&
	       skip_word(&text, "of") && skip_any(&text, " ") > 0 && text.n_bytes > 0 &&
	       is_digit(*text.start);
}

/* "*** END", "-- end", "# end" */
static bool marks_end(struct csvr_slice text)
{
	return skip_any(&text, "*-#") > 0 && (skip_any(&text, " "), skip_word(&text, "end"));
}

static bool starts_with_word(struct csvr_slice text)
{
	static const char *const words[] = {
		"total",    "totals",    "grand total", "sum",
		"subtotal", "sub-total", "summe",       "end of file"
	};
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
		if (starts_with(text, words[i]))
			return true;
	return false;
}

bool csvr_is_footer(const struct csvr_slice *text)
{
	if (text->n_bytes == 0)
		return false;
	switch (*text->start | 0x20) {
	case 't':
	case 'g':
	case 's':
	case 'e':
		return starts_with_word(*text);
	case 'p':
		return counts_pages(*text);
	case '*':
	case '-':
	case '#':
		return marks_end(*text);
	default:
		return counts_rows(*text);
	}
}
