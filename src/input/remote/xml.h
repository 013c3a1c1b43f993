/* xml.h - the little of XML that S3 answers with: elements in elements, and text in the innermost
 *
 * A server may be anything, so: no document type (with it there are no entities of its own), a bound on
 * depth, on text, and on all of it.
 *
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_XML_H
#define CSVR_INPUT_REMOTE_XML_H

#include <stdbool.h>
#include <stddef.h>

/* Told at the end of each element: its name, that of the one around it ("" for the outermost), and its text,
 * without that of elements within. Returns whether to go on. */
typedef bool (*csvr_xml_fn)(void *context, const char *parent, const char *name, const char *text);

enum {
	CSVR_XML_DEPTH = 16,
	/* a key has 1024 bytes, each of which may be coded as three */
	CSVR_XML_TEXT_BYTES = 16 * 1024,
	CSVR_XML_BYTES = 32 * 1024 * 1024 /* a page of a listing has a thousand keys */
};

/* Whether all of it was XML within these bounds, and `on_end` never refused. False also where there is no
 * memory. */
bool csvr_xml_read(const unsigned char *bytes, size_t n_bytes, csvr_xml_fn on_end, void *context);

#endif
