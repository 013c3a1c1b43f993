/* worker_groups.h - finds the groups of rows, and adds their cells, for --group-by
 *
 * Shape    one per worker, with the groups of the rows that are counted at present
 * Errors   CSVR_NO_MEMORY
 * Threads  those of the worker
 */
#ifndef CSVR_RUN_WORKER_GROUPS_H
#define CSVR_RUN_WORKER_GROUPS_H

#include "parse/decimal.h"
#include "parse/kernel.h"
#include "stats/groups.h"

struct csvr_worker;
struct csvr_record_run;

/* Of the text of a key. */
struct csvr_key_kind {
	bool is_text; /* its cells are CSVR_CELL_TEXT */
	bool is_ascii;
	uint8_t lookalike; /* enum csvr_lookalike */
};

/* The texts of the column of a key (worker_key_texts.c). Arrays are by number of the key. */
struct csvr_key_texts {
	size_t n_keys; /* that are known; others have been found since */
	uint8_t *are_other; /* the cells of the key are counted one by one */
	size_t n_others, other_capacity;
	struct csvr_key_kind *kinds;
	size_t kinds_capacity;
	/* The cells of the key whose texts are in the statistics of the column: not all that rows have. */
	uint64_t *n_added;
	size_t added_capacity;
	uint64_t *n_rows; /* with each key, if there are several; of one, the groups have it */
	size_t rows_capacity;
	uint64_t n_counted; /* cells that are not in the statistics yet */
	/* Some cells of the batch exceed CSVR_MAX_CELL_BYTES as written, if not as keys: their texts do not count. */
	bool has_oversized;
	bool has_converted; /* some were in another encoding: only ASCII texts are counted by key */
};

struct csvr_worker_groups {
	struct csvr_groups *groups; /* of the chunk */
	/* Another group more than permitted was found: nothing is added any more. */
	bool is_full;
	uint32_t path_number; /* of the path, as a key */
	/* The group of each row of the batch that is counted, of which the first is record `first_record` of the run. */
	uint32_t ids[CSVR_MAX_BATCH];
	size_t first_record;
	uint32_t value_ids[CSVR_MAX_BATCH]; /* of the rows whose cells the kernel has converted */
	uint8_t classes[CSVR_MAX_BATCH]; /* of the other cells: enum csvr_cell_class */
	uint32_t numbers[CSVR_MAX_GROUP_KEYS][CSVR_MAX_BATCH]; /* of the keys */
	struct csvr_key_texts texts[CSVR_MAX_GROUP_KEYS]; /* by key */
	struct csvr_key_batch keys;
	/* Texts of keys that were unquoted, converted or cut. */
	unsigned char *bytes;
	size_t n_bytes, capacity;
	struct csvr_decimal decimal;
};

enum csvr_status csvr_worker_groups_new(struct csvr_worker_groups **groups);
void csvr_worker_groups_free(struct csvr_worker_groups *groups); /* NULL is accepted */

/* Call it before the first row of a chunk, whose header is known: empties the groups of the chunk. Errors:
 * CSVR_INVALID_FILE, set in the chunk, an item of --group-by means several columns. */
enum csvr_status csvr_worker_groups_start(struct csvr_worker *w);

/* Finds the groups of records [first, *last) of a run, at most a batch, and counts these rows in them. Sets `*last` to the first
 * record that is no row, if there is one. */
enum csvr_status csvr_worker_find_groups(struct csvr_worker *w, struct csvr_record_run *run,
					 size_t first, size_t *last);

/* Finds the group of one record, whose `n_fields` fields start with `first`. */
enum csvr_status csvr_worker_find_group_of_record(struct csvr_worker *w, size_t first,
						  size_t n_fields);

/* Adds the cells of column `j` of a batch, whose first is that of record `first_record`: `batch` are the values that the kernel
 * has converted; the classes of the others, w->rejects, are in `classes`. */
enum csvr_status csvr_worker_group_cells(struct csvr_worker *w, size_t j, size_t first_record,
					 const struct csvr_column_slice *cells,
					 const struct csvr_batch *batch);

/* Adds the cell of column `j` of the record that is counted field by field, as written. */
enum csvr_status csvr_worker_group_cell(struct csvr_worker *w, size_t j, enum csvr_cell_class class,
					struct csvr_slice cell);

/* Whether cells of column `j` are added to groups. */
bool csvr_worker_groups_column(const struct csvr_worker *w, size_t j);

/* ---- worker_key_texts.c ---- */

/* Counts the cells of column `j` of records [first, last), whose groups are known, if it is the column of a key and all are texts
 * that can be counted by key. False in `*are_counted`: they must be counted one by one. */
enum csvr_status csvr_worker_count_key_texts(struct csvr_worker *w, size_t j, size_t first,
					     size_t last, bool *are_counted);

/* Notes that the cells of the keys in the record of csvr_worker_find_group_of_record are counted one by one. */
enum csvr_status csvr_worker_skip_key_texts(struct csvr_worker *w);

void csvr_key_texts_reset(struct csvr_key_texts *texts);
void csvr_key_texts_clear(struct csvr_key_texts *texts);

/* Call it when a text of a key was converted from another encoding: how many cells are is counted. */
void csvr_worker_note_converted_key(struct csvr_worker *w, size_t key);

/* Adds the cells that were counted by key to their columns. Call it after the last row of a chunk. */
enum csvr_status csvr_worker_finish_key_texts(struct csvr_worker *w);

#endif
