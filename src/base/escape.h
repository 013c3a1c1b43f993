/* escape.h - names as text, escaped for one output format each
 *
 * Shape   names are bytes and a length; they go to a stream
 * Units   widths are cells of a terminal; text is UTF-8 where it is valid, any bytes elsewhere
 * Errors  none; a stream's error is the stream's (ferror)
 * Threads  free of state and of the locale
 */
#ifndef CSVR_BASE_ESCAPE_H
#define CSVR_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

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
const char *csvr_escape_next(const char *at, const char *end, struct csvr_escaped_char *escaped);

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
