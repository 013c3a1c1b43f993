/* json_text.c - the syntax of a JSON report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "report/json_text.h"

#include <string.h>

#include "base/escape.h"
#include "base/number_format.h"

void csvr_json_open(struct csvr_json *json, char bracket)
{
	putc(bracket, json->stream);
	json->indent += 2;
	json->is_first = true;
}

/* Most of a report is keys and counts, for which fprintf takes several times as long. */
void csvr_json_next(struct csvr_json *json)
{
	static const char spaces[] = "                                ";
	const size_t indent = (size_t)json->indent;
	if (!json->is_first)
		putc(',', json->stream);
	json->is_first = false;
	if (json->is_inline) {
		putc(' ', json->stream);
		return;
	}
	putc('\n', json->stream);
	fwrite(spaces, 1, indent < sizeof spaces ? indent : sizeof spaces - 1, json->stream);
}

void csvr_json_close(struct csvr_json *json, char bracket)
{
	json->indent -= 2;
	if (!json->is_first && json->is_inline)
		putc(' ', json->stream);
	else if (!json->is_first)
		fprintf(json->stream, "\n%*s", json->indent, "");
	putc(bracket, json->stream);
	json->is_first = false;
}

void csvr_json_key(struct csvr_json *json, const char *name)
{
	csvr_json_next(json);
	putc('"', json->stream);
	fputs(name, json->stream);
	fputs("\": ", json->stream);
}

void csvr_json_string(struct csvr_json *json, const char *text, size_t n_bytes)
{
	if (text == NULL) {
		fputs("null", json->stream);
		return;
	}
	putc('"', json->stream);
	csvr_escape_json(json->stream, text, n_bytes);
	putc('"', json->stream);
}

void csvr_json_path(struct csvr_json *json, const char *path)
{
	csvr_json_string(json, path, path != NULL ? strlen(path) : 0);
}

void csvr_json_count(struct csvr_json *json, uint64_t count)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	fwrite(text, 1, csvr_number_integer(count, text), json->stream);
}

void csvr_json_member_count(struct csvr_json *json, const char *name, uint64_t count)
{
	csvr_json_key(json, name);
	csvr_json_count(json, count);
}

void csvr_json_member_line(struct csvr_json *json, uint64_t line)
{
	csvr_json_key(json, "line");
	if (line > 0)
		csvr_json_count(json, line);
	else
		fputs("null", json->stream);
}

void csvr_json_member_text(struct csvr_json *json, const char *name, const char *text)
{
	csvr_json_key(json, name);
	csvr_json_string(json, text[0] != '\0' ? text : NULL, strlen(text));
}
