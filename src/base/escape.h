/* escape.h - names as text, escaped for an output format
 *
 * Shape   a name is bytes and a length, and is written to a stream
 * Units   widths are terminal cells; names are UTF-8 where that is valid, else any bytes
 * Errors  none; check the stream with ferror
 * Threads  no state; independent of the locale
 */
#ifndef CSVR_BASE_ESCAPE_H
#define CSVR_BASE_ESCAPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* A character of a name, and the text that is shown for it. */
struct csvr_escaped_char {
	uint32_t code; /* code point; the byte itself where is_valid is false */
	bool is_valid; /* well-formed UTF-8 */
	bool is_safe; /* shown unchanged; other characters could control a terminal, or reorder or hide text */
	uint8_t width; /* of `text` */
	uint8_t n_bytes;
	char text[12]; /* the character, \xNN or \u{NNNN} */
};

/* Decodes the first character of [at, end), which is not empty; returns the start of the next one. */
const char *csvr_escape_next(const char *at, const char *end, struct csvr_escaped_char *escaped);

/* Width of a name as csvr_escape_shortened writes it. */
size_t csvr_escape_width(const char *name, size_t n_bytes);

/* A name that is too wide, cut: its first and its last bytes, with an ellipsis between them. */
struct csvr_cut {
	size_t head_bytes, tail_bytes; /* together the whole name if it is not cut */
	size_t width; /* as written */
};

/* Cuts a name to `max_width` terminal cells (at least 1), at most `tail_width` (less) of them for its
 * end. */
struct csvr_cut csvr_escape_cut(const char *name, size_t n_bytes, size_t max_width,
				size_t tail_width);

/* Writes a name, cut, with its unsafe characters escaped. */
void csvr_escape_write_cut(FILE *stream, const char *name, size_t n_bytes,
			   const struct csvr_cut *cut);

/* Writes a name with its unsafe characters escaped, cut in the middle to `max_width` terminal cells (0: not
 * cut). */
void csvr_escape_shortened(FILE *stream, const char *name, size_t n_bytes, size_t max_width);

/* The start of a text with its unsafe characters escaped, as much as fits into `max_width` terminal cells
 * (at least 1) and `capacity` bytes (at least 16) with a NUL; an ellipsis replaces the rest. Returns the
 * width. */
size_t csvr_escape_head(const char *text, size_t n_bytes, size_t max_width, char *head,
			size_t capacity);

/* The path for people: '' if it is empty, (standard input) if it is a hyphen. */
const char *csvr_display_path(const char *path);

/* Writes a name for one format. */
typedef void (*csvr_escape_fn)(FILE *stream, const char *name, size_t n_bytes);
void csvr_escape_plain(FILE *stream, const char *name,
		       size_t n_bytes); /* csvr_escape_shortened, not shortened */
void csvr_escape_csv(FILE *stream, const char *name, size_t n_bytes); /* RFC 4180 */
void csvr_escape_csv_terminal(FILE *stream, const char *name,
			      size_t n_bytes); /* and no control characters */
void csvr_escape_tsv(FILE *stream, const char *name, size_t n_bytes); /* \t \n \r \\ */
void csvr_escape_json(FILE *stream, const char *name, size_t n_bytes); /* without the quotes */
void csvr_escape_markdown(FILE *stream, const char *name,
			  size_t n_bytes); /* for a cell of a table */
void csvr_escape_xml(FILE *stream, const char *name, size_t n_bytes); /* for text and attributes */
void csvr_escape_html(FILE *stream, const char *name,
		      size_t n_bytes); /* the same; attributes in double quotes */

#endif
