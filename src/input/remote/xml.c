/* xml.c - parses the subset of XML in S3 responses */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

/* Longer names are truncated: none of the elements used here has one. */
enum { NAME_BYTES = 64 };

struct parse_state {
	XML_Parser parser;
	csvr_xml_fn on_end;
	void *context;
	bool is_rejected;
	int depth; /* number of open elements */
	char names[CSVR_XML_DEPTH + 1][NAME_BYTES]; /* of the open elements, from index 1 */
	char *text; /* of the innermost element so far */
	size_t n_text;
};

static void reject(struct parse_state *state)
{
	state->is_rejected = true;
	XML_StopParser(state->parser, XML_FALSE);
}

static void on_element_start(void *context, const char *name, const char **attributes)
{
	struct parse_state *state = context;
	(void)attributes;
	if (state->is_rejected)
		return;
	if (state->depth == CSVR_XML_DEPTH) {
		reject(state);
		return;
	}
	char *open_name = state->names[++state->depth];
	const size_t n = strnlen(name, NAME_BYTES - 1);
	memcpy(open_name, name, n);
	open_name[n] = '\0';
	state->n_text = 0;
}

static void on_element_end(void *context, const char *name)
{
	struct parse_state *state = context;
	(void)name;
	if (state->is_rejected)
		return;
	state->text[state->n_text] = '\0';
	if (!state->on_end(state->context, state->names[state->depth - 1],
			   state->names[state->depth], state->text))
		reject(state);
	state->depth--;
	state->n_text = 0;
}

static void on_text(void *context, const char *text, int n_bytes)
{
	struct parse_state *state = context;
	if (state->is_rejected)
		return;
	if ((size_t)n_bytes > CSVR_XML_TEXT_BYTES - state->n_text) {
		reject(state);
		return;
	}
	memcpy(state->text + state->n_text, text, (size_t)n_bytes);
	state->n_text += (size_t)n_bytes;
}

static void on_doctype(void *context, const char *name, const char *system_id,
		       const char *public_id, int has_own)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_own;
	reject(context);
}

bool csvr_xml_read(const unsigned char *bytes, size_t n_bytes, csvr_xml_fn on_end, void *context)
{
	struct parse_state *state = calloc(1, sizeof *state);
	if (state == NULL || n_bytes > CSVR_XML_BYTES) {
		free(state);
		return false;
	}
	state->on_end = on_end;
	state->context = context;
	state->text = malloc(CSVR_XML_TEXT_BYTES + 1);
	state->parser = XML_ParserCreate(NULL);
	bool ok = state->text != NULL && state->parser != NULL;
	if (ok) {
		XML_SetUserData(state->parser, state);
		XML_SetElementHandler(state->parser, on_element_start, on_element_end);
		XML_SetCharacterDataHandler(state->parser, on_text);
		XML_SetStartDoctypeDeclHandler(state->parser, on_doctype);
		ok = XML_Parse(state->parser, (const char *)bytes, (int)n_bytes, 1) ==
			     XML_STATUS_OK &&
		     !state->is_rejected;
	}
	if (state->parser != NULL)
		XML_ParserFree(state->parser);
	free(state->text);
	free(state);
	return ok;
}
