/* header.h - the head of a file: its first record of a file: names of columns, or the first data
 *
 * Shape    kept from file to file: most files of a run begin with the same bytes
 * Errors   CSVR_NO_MEMORY
 * Threads  one per thread
 */
#ifndef CSVR_PARSE_HEADER_H
#define CSVR_PARSE_HEADER_H

#include "base/memory.h"
#include "csvreport.h"
#include "parse/decimal.h"
#include "parse/kernel.h"

struct csvr_header {
	bool is_header; /* the first record holds names, not data */
	/* A field without quotes holds a '\r' that ends no line: so looks a file of lone '\r' that has
	 * a '\n' somewhere. */
	bool has_bare_cr;
	size_t n_columns;
	struct csvr_slice *names; /* also of files without a header: column_1, ... */
	bool *is_selected; /* by --select */
	bool *matched; /* items of --select that some header answered to; adds up over files */
	/* What the above was made of; another file with the same has the same. */
	struct csvr_dialect dialect;
	unsigned char *record;
	size_t record_bytes, record_capacity;
	size_t columns_capacity, selected_capacity;
	struct csvr_arena strings;
};

void csvr_header_init(struct csvr_header *header);
void csvr_header_clear(struct csvr_header *header);

/* Takes the first record of a file, whose fields are all of `fields` and which begins at `from`. Says
 * in `*is_new` whether it differs from the one before. */
enum csvr_status csvr_header_parse(struct csvr_header *header,
				   const struct csvr_parse_options *options,
				   const struct csvr_null_set *nulls,
				   const struct csvr_dialect *dialect,
				   const struct csvr_fields *fields, size_t from, bool *is_new);

#endif
