/* compare_internal.h - what the files of a comparison share
 *
 * Shape    compare.c makes the comparison. compare_match.c matches tables and columns, compare_columns.c finds the
 *          changes of a column, compare_values.c those of its frequent values, and compare_text.c describes them.
 * Errors   a comparer remembers that there was no memory
 */
#ifndef CSVR_REPORT_COMPARE_INTERNAL_H
#define CSVR_REPORT_COMPARE_INTERNAL_H

#include <stdio.h>

#include "report/change_tests.h"
#include "report/compare.h"

struct csvr_comparer {
	struct csvr_diff *diff;
	const struct csvr_string_list *rules;
	bool is_out_of_memory;
	uint32_t table, column; /* of the changes that are added; CSVR_NO_INDEX: the table itself */
	const struct csvr_name *name; /* of that column; NULL: none */
};

/* A sentence that is being written; zeros: an empty one. The texts in it are cut, so that it fits. */
enum { CSVR_SENTENCE_BYTES = 1024 };
struct csvr_sentence {
	char text[CSVR_SENTENCE_BYTES];
	size_t n_bytes;
};

/* Adds a change, and sets its indices and its rule. */
void csvr_change_add(struct csvr_comparer *comparer, struct csvr_change *change,
		     const struct csvr_sentence *sentence);

/* ---- texts (compare_text.c) ---- */

/* Parts of sentences. */
void csvr_sentence_add(struct csvr_sentence *sentence, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void csvr_sentence_add_share(struct csvr_sentence *sentence, double share); /* 3.1% */
void csvr_sentence_add_count(struct csvr_sentence *sentence, double count); /* 1,000 */
void csvr_sentence_add_number(struct csvr_sentence *sentence, double number); /* 5 digits */
void csvr_sentence_add_brief(struct csvr_sentence *sentence, double number); /* 3 digits */
/* A value of a column: a number, date or time. */
void csvr_sentence_add_value(struct csvr_sentence *sentence,
			     const struct csvr_snapshot_column *column, double value);
/* A text in quotes, cut and escaped. */
void csvr_sentence_add_text(struct csvr_sentence *sentence, const struct csvr_name *text);

/* The text of a value of a column, owned by the comparison; NULL for numbers, and without memory. */
const char *csvr_value_text(struct csvr_comparer *comparer,
			    const struct csvr_snapshot_column *column, double value);

/* ---- matching (compare_match.c) ---- */

/* Sets match[i] to the table before that table i is now; CSVR_NO_INDEX: it is new. */
enum csvr_status csvr_match_tables(const struct csvr_snapshot *before,
				   const struct csvr_snapshot *now, uint32_t *match);

/* The same for the columns of a table. reasons[i]: why a column is one that had another name; NULL: it had not. */
enum csvr_status csvr_match_columns(const struct csvr_snapshot_table *before,
				    const struct csvr_snapshot_table *now, uint32_t *match,
				    const char **reasons);

/* ---- changes ---- */

/* Whether two types are of one kind: integer and decimal, date and datetime, and equal ones. */
bool csvr_types_are_alike(enum csvr_type a, enum csvr_type b);

/* Adds the changes of a column. `reason`: why it is renamed; NULL: it is not. */
void csvr_compare_column(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
			 const struct csvr_snapshot_column *now, const char *reason);

/* Adds the changes of its frequent values, and of the number of distinct ones. */
void csvr_compare_values(struct csvr_comparer *comparer, const struct csvr_snapshot_column *before,
			 const struct csvr_snapshot_column *now);

/* The item with the text of another one; NULL: there is none. */
const struct csvr_snapshot_item *csvr_find_item(const struct csvr_snapshot_column *column,
						const struct csvr_snapshot_item *item);

/* Evidence that the share of a frequent value differs, which was chosen among all values: of `k` cells of both samples
 * together, at least. */
double csvr_evidence_of_item(struct csvr_part before, struct csvr_part now, double k);

#endif
