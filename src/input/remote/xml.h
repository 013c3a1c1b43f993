/* xml.h - parses the subset of XML in S3 responses: nested elements, text in the innermost
 *
 * Servers are not trusted: a document type, and with it entity definitions, is rejected, and depth, text
 * and total size are limited.
 *
 * Threads  the caller's own
 */
#ifndef CSVR_INPUT_REMOTE_XML_H
#define CSVR_INPUT_REMOTE_XML_H

#include <stdbool.h>
#include <stddef.h>

/* Called at the end of each element with its name, the name of its parent ("" for the root), and its text
 * without that of nested elements. Returns whether to continue. */
typedef bool (*csvr_xml_fn)(void *context, const char *parent, const char *name, const char *text);

enum {
	CSVR_XML_DEPTH = 16,
	/* a key has up to 1024 bytes, each encoded as up to three */
	CSVR_XML_TEXT_BYTES = 16 * 1024,
	CSVR_XML_BYTES = 32 * 1024 * 1024 /* a page of a listing has up to a thousand keys */
};

/* Whether the document is valid within these limits and `on_end` always returned true. False also if there
 * is no memory. */
bool csvr_xml_read(const unsigned char *bytes, size_t n_bytes, csvr_xml_fn on_end, void *context);

#endif
