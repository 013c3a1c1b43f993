/* text.h - numbers and names as text, for reports and messages
 *
 * Shape   numbers go into the caller's buffer; names go to a stream, byte for byte escaped
 * Units   widths are cells of a terminal; text is UTF-8 where it is valid, any bytes elsewhere
 * Errors  none; a stream's error is the stream's (ferror)
 * Threads  all of it is free of state and locale
 */
#ifndef CSVR_REPORT_TEXT_H
#define CSVR_REPORT_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Room for every number below: 1 sign, 17 digits before the point, the point, CSVR_MAX_ROUND
 * digits behind it and the NUL. */
enum { CSVR_MAX_ROUND = 100, CSVR_NUMBER_TEXT_BYTES = 128 };

/* The shortest decimal that reads back to the same double, nearest to it among those: 0.1, 100,
 * 1e16, 1.5e-7; inf, -inf, nan. Each of these four returns the number of bytes, without the NUL. */
size_t csvr_number_shortest(double number, char text[CSVR_NUMBER_TEXT_BYTES]);

/* `digits` (0 to CSVR_MAX_ROUND) digits after the point, correctly rounded. From 1e16 on a double
 * has none, and its further digits before the point mean nothing: the shortest text is given. */
size_t csvr_number_fixed(double number, int digits, char text[CSVR_NUMBER_TEXT_BYTES]);

/* For people: about `significant` digits (1 to 17), but integer parts below 1e12 are never cut, nor
 * is a number whose shortest text is not longer. */
size_t csvr_number_brief(double number, int significant, char text[CSVR_NUMBER_TEXT_BYTES]);

/* 5,000,000 */
size_t csvr_number_count(uint64_t count, char text[CSVR_NUMBER_TEXT_BYTES]);

/* 175.0 MB */
size_t csvr_number_size(uint64_t size_bytes, char text[CSVR_NUMBER_TEXT_BYTES]);

/* One character of a name and how it is shown. */
struct csvr_escaped_char {
	uint32_t code; /* code point; the byte itself where is_valid is false */
	bool is_valid; /* well-formed UTF-8 */
	bool is_safe; /* shown as it is; else it could command a terminal, reorder or hide text */
	uint8_t width; /* of what is shown */
	uint8_t n_bytes;
	char text[12]; /* what is shown: the character, \xNN or \u{NNNN} */
};

/* Takes one character from at..end (not empty) and returns where the next one begins. */
const char *csvr_escape_next(const char *at, const char *end, struct csvr_escaped_char *glyph);

/* Width of a name as csvr_escape_fit shows it. */
size_t csvr_escape_width(const char *name, size_t n_bytes);

/* Writes a name with everything unsafe escaped, cut to `max_width` with an ellipsis in its middle
 * (0: not cut). Returns the width written. */
size_t csvr_escape_fit(FILE *stream, const char *name, size_t n_bytes, size_t max_width);

/* A path as people are shown it: an empty one is ''. */
const char *csvr_display_path(const char *path);

/* Writers of a whole name for one format each. */
typedef void (*csvr_escape_fn)(FILE *stream, const char *name, size_t n_bytes);
void csvr_escape_plain(FILE *stream, const char *name,
		       size_t n_bytes); /* csvr_escape_fit, not cut */
void csvr_escape_csv(FILE *stream, const char *name, size_t n_bytes); /* RFC 4180 */
void csvr_escape_csv_terminal(FILE *stream, const char *name, size_t n_bytes); /* and harmless */
void csvr_escape_tsv(FILE *stream, const char *name, size_t n_bytes); /* \t \n \r \\ */
void csvr_escape_json(FILE *stream, const char *name, size_t n_bytes); /* without the quotes */
void csvr_escape_markdown(FILE *stream, const char *name,
			  size_t n_bytes); /* for a cell of a table */
void csvr_escape_xml(FILE *stream, const char *name, size_t n_bytes); /* for text and attributes */

#endif
