/* worker_filter.h - the conditions of --where on the records of a worker
 *
 * Shape    part of a worker; the header has the conditions
 * Errors   CSVR_NO_MEMORY
 * Threads  see worker.h
 */
#ifndef CSVR_RUN_WORKER_FILTER_H
#define CSVR_RUN_WORKER_FILTER_H

#include "parse/condition.h"
#include "run/scale_guess.h"

struct csvr_worker;
struct csvr_record_run;

struct csvr_worker_filter {
	size_t n_conditions;
	/* The header that the conditions below are of. */
	uint64_t header_version;
	bool has_all_columns; /* all conditions have their column in the file */
	struct csvr_scale_guess guesses[CSVR_MAX_CONDITIONS];
	uint8_t is_kept[CSVR_MAX_CELLS]; /* by record of a batch: 1 or 0 */
	uint8_t rejects[CSVR_MAX_CELLS];
	int64_t values[CSVR_MAX_CELLS + CSVR_VALUES_MARGIN];
	struct csvr_decimal decimal;
	uint32_t *ends; /* of the records that are kept */
	size_t ends_capacity;
	unsigned char *text; /* of a cell that must be copied */
	size_t text_capacity;
	unsigned char *
		long_text; /* of a cell that is too long for the worker's scratch, without quotes */
	size_t long_text_capacity;
};

/* NULL: no memory. */
struct csvr_worker_filter *csvr_worker_filter_new(size_t n_conditions);
void csvr_worker_filter_free(struct csvr_worker_filter *filter);

/* Call it before the records of a chunk are filtered: the header is known. */
void csvr_worker_start_filter(struct csvr_worker *w);

/* Sets `*kept` to those records of a run, all of which are rows, that satisfy all conditions. It is valid until the
 * next call. Counts the others. */
enum csvr_status csvr_worker_filter_run(struct csvr_worker *w, const struct csvr_record_run *run,
					struct csvr_record_run *kept);

/* Sets `*is_kept` for the record with fields from `first` on, of which the one before `last` ends it or follows it. */
enum csvr_status csvr_worker_filter_record(struct csvr_worker *w, size_t first, size_t last,
					   bool *is_kept);

#endif
