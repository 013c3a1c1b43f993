/* header.h - the header of a file: its first records, which hold column names, or the first data
 *
 * Shape    reused from file to file: most files of a run start with the same bytes
 * Errors   CSVR_NO_MEMORY
 * Threads  one per thread
 */
#ifndef CSVR_PARSE_HEADER_H
#define CSVR_PARSE_HEADER_H

#include "base/memory.h"
#include "base/suggestion.h"
#include "csvreport.h"
#include "parse/condition.h"
#include "parse/decimal.h"
#include "parse/header_repeat.h"
#include "parse/kernel.h"
#include "parse/key_places.h"
#include "parse/sniff.h"

struct csvr_header {
	bool is_header; /* the first record holds names, not data */
	bool has_known_names; /* it has none, and its columns have those of another file */
	bool has_words; /* of its cells some are neither empty nor numbers */
	size_t n_columns;
	size_t n_not_utf8; /* names that were not UTF-8, although the encoding was not stated */
	struct csvr_slice *names; /* column_1, ... for files without column names */
	struct csvr_slice *texts; /* of the record, before they became names */
	struct csvr_header_repeat repeat;
	bool *is_selected; /* by --select */
	bool *is_correlated; /* by --correlation; only columns that are selected */
	struct csvr_key_place *key_places; /* by item of --group-by */
	/* By column: `general_rules`, or rules of its own. NULL: no column has its own. */
	const struct csvr_cell_rules **rules;
	const struct csvr_cell_rules *general_rules;
	struct csvr_cell_rules *own_rules;
	size_t n_own_rules;
	struct csvr_condition *conditions; /* by item of --where; NULL: there are none */
	/* by item of --select, then of --correlation, of --null-values, of --where: it matched a column of any file so
	 * far; the column that an unmatched one probably means */
	bool *matched;
	struct csvr_suggestion *suggestions;
	/* The bytes and the dialect that all of the above derives from: files with the same
	 * bytes and dialect have the same header. */
	struct csvr_dialect dialect;
	unsigned char *record;
	size_t record_bytes, record_capacity;
	size_t columns_capacity, texts_capacity, selected_capacity, correlated_capacity;
	struct csvr_arena strings;
};

/* The rules for the cells of a column. */
static inline const struct csvr_cell_rules *csvr_header_rules(const struct csvr_header *header,
							      size_t column)
{
	return header->rules != NULL ? header->rules[column] : header->general_rules;
}

void csvr_header_init(struct csvr_header *header);
void csvr_header_clear(struct csvr_header *header);

/* The names of the columns of files that have no header. */
struct csvr_known_names {
	struct csvr_slice *names;
	size_t n_names;
	struct csvr_arena strings;
};

/* Copies the names of a header. Errors: CSVR_NO_MEMORY. Clear them in any case. */
enum csvr_status csvr_known_names_set(struct csvr_known_names *known,
				      const struct csvr_header *header);
void csvr_known_names_clear(struct csvr_known_names *known);

/* The first records of a file, as they were scanned: the header, which may have several, or one record of
 * data. */
struct csvr_header_records {
	const struct csvr_dialect *dialect;
	const struct csvr_fields *fields; /* exactly those of the records */
	size_t from; /* where the first record starts */
	enum csvr_first_record
		first_record; /* not known: it is a header unless all its cells are numbers */
	const struct csvr_known_names *known; /* NULL: none */
};

/* Parses the first records of a file. The names of several are joined by blanks; an empty cell above the last record
 * stands for the name to its left. `rules` are those of columns that no null value is listed for; the header keeps them.
 * Sets `*is_new` if the columns differ from those before. */
enum csvr_status csvr_header_parse(struct csvr_header *header,
				   const struct csvr_parse_options *options,
				   const struct csvr_cell_rules *rules,
				   const struct csvr_header_records *records, bool *is_new);

#endif
