/* compare_text.c - changes in words */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/calendar.h"
#include "base/escape.h"
#include "base/number_format.h"
#include "report/compare_internal.h"

void csvr_sentence_add(struct csvr_sentence *sentence, const char *format, ...)
{
	const size_t room = sizeof sentence->text - sentence->n_bytes;
	va_list arguments;
	va_start(arguments, format);
	const int n = vsnprintf(sentence->text + sentence->n_bytes, room, format, arguments);
	va_end(arguments);
	if (n > 0)
		sentence->n_bytes += (size_t)n < room ? (size_t)n : room - 1;
}

static void add_digits(struct csvr_sentence *sentence, double number, int digits)
{
	enum { MOST_BYTES = 15 };
	char shortest[CSVR_NUMBER_TEXT_BYTES], text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_shortest(number, shortest);
	csvr_number_brief(shortest, digits, MOST_BYTES, text);
	csvr_sentence_add(sentence, "%s", text);
}

void csvr_sentence_add_number(struct csvr_sentence *sentence, double number)
{
	add_digits(sentence, number, 5);
}

void csvr_sentence_add_brief(struct csvr_sentence *sentence, double number)
{
	add_digits(sentence, number, 3);
}

void csvr_sentence_add_share(struct csvr_sentence *sentence, double share)
{
	add_digits(sentence, share * 100, 3);
	csvr_sentence_add(sentence, "%%");
}

void csvr_sentence_add_count(struct csvr_sentence *sentence, double count)
{
	char text[CSVR_NUMBER_TEXT_BYTES];
	csvr_number_count((uint64_t)count, text);
	csvr_sentence_add(sentence, "%s", text);
}

/* False: it is a number. */
static bool format_time(const struct csvr_snapshot_column *column, double value,
			char text[CSVR_TIME_TEXT_BYTES])
{
	const enum csvr_quantity quantity = csvr_snapshot_quantity(column);
	/* What csvr_time_of_double accepts; a forged report may have more. */
	if (quantity == CSVR_QUANTITY_NUMBER || value < -1e11 || value > 1e11)
		return false;
	const struct csvr_time time = csvr_time_of_double(value);
	csvr_time_text(&time, quantity, CSVR_NOTATION_BLANK | CSVR_NOTATION_DASH,
		       column->type == CSVR_TYPE_DATE, text);
	return true;
}

void csvr_sentence_add_value(struct csvr_sentence *sentence,
			     const struct csvr_snapshot_column *column, double value)
{
	char text[CSVR_TIME_TEXT_BYTES];
	if (format_time(column, value, text))
		csvr_sentence_add(sentence, "%s", text);
	else
		csvr_sentence_add_number(sentence, value);
}

const char *csvr_value_text(struct csvr_comparer *comparer,
			    const struct csvr_snapshot_column *column, double value)
{
	char text[CSVR_TIME_TEXT_BYTES];
	if (!format_time(column, value, text))
		return NULL;
	const char *copy = csvr_arena_copy(&comparer->diff->strings, text, strlen(text));
	comparer->is_out_of_memory |= copy == NULL;
	return copy;
}

void csvr_sentence_add_text(struct csvr_sentence *sentence, const struct csvr_name *text)
{
	enum { WIDTH = 30 };
	char head[WIDTH * 4 + 16];
	csvr_escape_head(text->text, text->n_bytes, WIDTH, head, sizeof head);
	csvr_sentence_add(sentence, "'%s'", head);
}

bool csvr_lacking_write(const bool lacks[CSVR_N_LACKINGS], const char *start, FILE *stream)
{
	const char *separator = start;
	for (int i = 0; i < CSVR_N_LACKINGS; i++) {
		if (!lacks[i])
			continue;
		fprintf(stream, "%s%s", separator, csvr_lacking_names[i]);
		separator = ", ";
	}
	return separator != start;
}

void csvr_change_write(const struct csvr_diff *diff, const struct csvr_change *change, FILE *stream)
{
	const struct csvr_compared_table *table = &diff->tables[change->table];
	const struct csvr_snapshot_table *named = table->now != NULL ? table->now : table->before;
	if (named->name.text != NULL) {
		csvr_escape_plain(stream, named->name.text, named->name.n_bytes);
		fputs(": ", stream);
	}
	if (change->column != CSVR_NO_INDEX) {
		const struct csvr_compared_column *column = &table->columns[change->column];
		const struct csvr_name *name = column->now != NULL ? &column->now->name
								   : &column->before->name;
		csvr_escape_plain(stream, name->text, name->n_bytes);
		fputs(": ", stream);
	}
	csvr_escape_plain(stream, change->sentence, strlen(change->sentence));
}
