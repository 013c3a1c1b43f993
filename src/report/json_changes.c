/* json_changes.c - the changes since an earlier report, in a JSON report */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <string.h>

#include "report/compare.h"
#include "report/json_text.h"

static void member_name(struct csvr_json *json, const char *key, const struct csvr_name *name)
{
	csvr_json_key(json, key);
	csvr_json_string(json, name != NULL ? name->text : NULL, name != NULL ? name->n_bytes : 0);
}

static void member_number(struct csvr_json *json, const char *key, double number)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_shortest(number, text);
	csvr_json_key(json, key);
	fputs(text, json->stream);
}

static void member_fact(struct csvr_json *json, const char *key, bool fact)
{
	csvr_json_key(json, key);
	fputs(fact ? "true" : "false", json->stream);
}

static void member_text(struct csvr_json *json, const char *key, const char *text)
{
	csvr_json_key(json, key);
	csvr_json_string(json, text, text != NULL ? strlen(text) : 0);
}

/* ["percentiles", "histogram"] */
static void member_lacking(struct csvr_json *json, const char *key,
			   const bool lacks[CSVR_N_LACKINGS])
{
	const char *separator = "";
	csvr_json_key(json, key);
	putc('[', json->stream);
	for (int i = 0; i < CSVR_N_LACKINGS; i++)
		if (lacks[i]) {
			fprintf(json->stream, "%s\"%s\"", separator, csvr_lacking_names[i]);
			separator = ", ";
		}
	putc(']', json->stream);
}

static void write_change(struct csvr_json *json, const struct csvr_diff *diff,
			 const struct csvr_change *change)
{
	const struct csvr_compared_table *table = &diff->tables[change->table];
	const struct csvr_compared_column *column = change->column != CSVR_NO_INDEX
							    ? &table->columns[change->column]
							    : NULL;
	const struct csvr_snapshot_table *of = table->now != NULL ? table->now : table->before;
	const bool has_size = csvr_change_types[change->kind].unit != NULL;
	csvr_json_next(json);
	csvr_json_open(json, '{');
	member_text(json, "kind", csvr_change_types[change->kind].name);
	member_name(json, "table", &of->name);
	member_name(json, "column",
		    column == NULL        ? NULL
		    : column->now != NULL ? &column->now->name
					  : &column->before->name);
	if (change->has_numbers) {
		member_number(json, "old", change->old_number);
		member_number(json, "new", change->new_number);
	} else {
		member_text(json, "old", change->old_text);
		member_text(json, "new", change->new_text);
	}
	if (has_size)
		member_number(json, "size", change->size);
	if (has_size && !change->is_off)
		member_number(json, "threshold", change->threshold);
	member_fact(json, "beyond", change->is_beyond);
	member_text(json, "message", change->sentence);
	csvr_json_close(json, '}');
}

void csvr_json_member_comparison(struct csvr_json *json, const struct csvr_diff *diff)
{
	csvr_json_key(json, "comparison");
	csvr_json_open(json, '{');
	csvr_json_key(json, "old");
	csvr_json_path(json, diff->old_path);
	member_number(json, "old_rows", diff->before->n_rows);
	member_lacking(json, "old_lacks", diff->old_lacks);
	member_lacking(json, "new_lacks", diff->new_lacks);
	csvr_json_member_count(json, "beyond", diff->n_beyond);
	csvr_json_key(json, "changes");
	csvr_json_open(json, '[');
	for (size_t i = 0; i < diff->n_changes && !ferror(json->stream); i++)
		write_change(json, diff, &diff->changes[i]);
	csvr_json_close(json, ']');
	csvr_json_close(json, '}');
}
