/* xml.c - the little of XML that S3 answers with */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "input/remote/xml.h"

#include <expat.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_BYTES = 64 }; /* a longer one is none of those that are asked for, and is cut */

struct reading {
	XML_Parser parser;
	csvr_xml_fn end;
	void *context;
	bool is_bad;
	int depth; /* of the element that is open; 0: none is */
	char names[CSVR_XML_DEPTH + 1][NAME_BYTES]; /* of what is open, from 1 on */
	char *text; /* of the innermost element, since its beginning */
	size_t n_text;
};

static void refuse(struct reading *reading)
{
	reading->is_bad = true;
	XML_StopParser(reading->parser, XML_FALSE);
}

static void begin_element(void *context, const char *name, const char **attributes)
{
	struct reading *reading = context;
	(void)attributes;
	if (reading->is_bad)
		return;
	if (reading->depth == CSVR_XML_DEPTH) {
		refuse(reading);
		return;
	}
	char *kept = reading->names[++reading->depth];
	const size_t n = strnlen(name, NAME_BYTES - 1);
	memcpy(kept, name, n);
	kept[n] = '\0';
	reading->n_text = 0;
}

static void end_element(void *context, const char *name)
{
	struct reading *reading = context;
	(void)name;
	if (reading->is_bad)
		return;
	reading->text[reading->n_text] = '\0';
	if (!reading->end(reading->context, reading->names[reading->depth - 1],
			  reading->names[reading->depth], reading->text))
		refuse(reading);
	reading->depth--;
	reading->n_text = 0;
}

static void add_text(void *context, const char *text, int n_bytes)
{
	struct reading *reading = context;
	if (reading->is_bad)
		return;
	if ((size_t)n_bytes > CSVR_XML_TEXT_BYTES - reading->n_text) {
		refuse(reading);
		return;
	}
	memcpy(reading->text + reading->n_text, text, (size_t)n_bytes);
	reading->n_text += (size_t)n_bytes;
}

static void begin_type(void *context, const char *name, const char *system_id,
		       const char *public_id, int has_own)
{
	(void)name;
	(void)system_id;
	(void)public_id;
	(void)has_own;
	refuse(context);
}

bool csvr_xml_read(const unsigned char *bytes, size_t n_bytes, csvr_xml_fn end, void *context)
{
	struct reading *reading = calloc(1, sizeof *reading);
	if (reading == NULL || n_bytes > CSVR_XML_BYTES) {
		free(reading);
		return false;
	}
	reading->end = end;
	reading->context = context;
	reading->text = malloc(CSVR_XML_TEXT_BYTES + 1);
	reading->parser = XML_ParserCreate(NULL);
	bool is_good = reading->text != NULL && reading->parser != NULL;
	if (is_good) {
		XML_SetUserData(reading->parser, reading);
		XML_SetElementHandler(reading->parser, begin_element, end_element);
		XML_SetCharacterDataHandler(reading->parser, add_text);
		XML_SetStartDoctypeDeclHandler(reading->parser, begin_type);
		is_good = XML_Parse(reading->parser, (const char *)bytes, (int)n_bytes, 1) ==
				  XML_STATUS_OK &&
			  !reading->is_bad;
	}
	if (reading->parser != NULL)
		XML_ParserFree(reading->parser);
	free(reading->text);
	free(reading);
	return is_good;
}
