/* json_text.h - the syntax of a JSON report
 *
 * Errors  left to the stream
 */
#ifndef CSVR_REPORT_JSON_TEXT_H
#define CSVR_REPORT_JSON_TEXT_H

#include "report/report.h"

/* State of the writer; `indent` is that of the members being written. */
struct csvr_json {
	const struct csvr_document *document;
	const struct csvr_report *report; /* of the table that is being written */
	FILE *stream;
	int indent;
	bool is_first; /* in its list or object: no comma before it */
	bool is_inline; /* items and members follow on the same line */
};

/* A bracket of a list or an object; its contents are indented. */
void csvr_json_open(struct csvr_json *json, char bracket);
void csvr_json_close(struct csvr_json *json, char bracket);

/* The start of the next item or member. */
void csvr_json_next(struct csvr_json *json);

/* The name of a member; its value follows. */
void csvr_json_key(struct csvr_json *json, const char *name);

/* Values. NULL is null. */
void csvr_json_string(struct csvr_json *json, const char *text, size_t n_bytes);
void csvr_json_path(struct csvr_json *json, const char *path);
void csvr_json_count(struct csvr_json *json, uint64_t count);

/* Members. Line 0 and an empty text are null. */
void csvr_json_member_count(struct csvr_json *json, const char *name, uint64_t count);
void csvr_json_member_line(struct csvr_json *json, uint64_t line);
void csvr_json_member_text(struct csvr_json *json, const char *name, const char *text);

/* ---- statistics (json_values.c) ---- */

/* The statistics of a row that a report has: those that count cells, or the others. */
void csvr_json_member_values(struct csvr_json *json, const struct csvr_report_row *row,
			     bool are_cell_counts);

/* A statistic: a value, or a list. */
void csvr_json_member_statistic(struct csvr_json *json, const struct csvr_report_row *row,
				const struct csvr_statistic *statistic);

/* ---- the changes since an earlier report (json_changes.c) ---- */

struct csvr_diff;
void csvr_json_member_comparison(struct csvr_json *json, const struct csvr_diff *diff);

#endif
