/* refine.h - the ranges that a further pass over the inputs collects, and its results
 *
 * After a pass, the summary tells in which ranges the values are that exact statistics need. The next pass
 * reads the same inputs into another summary, which collects these ranges alone (ranges.h); its results are
 * added to the columns of the first (refined.h). Passes are made until nothing is wanted.
 *
 * Shape    the ranges of all columns hold at most CSVR_REFINE_VALUES values in each summary: 160 MiB, and the
 *          bytes of long numbers. Most take far less: a range has some thousand distinct values.
 * Errors   CSVR_NO_MEMORY
 * Threads  a refinement is const while a pass uses it
 */
#ifndef CSVR_STATS_REFINE_H
#define CSVR_STATS_REFINE_H

#include "stats/ranges.h"
#include "stats/summary.h"

enum {
	CSVR_REFINE_VALUES = 1 << 21,
	CSVR_REFINE_FILE_VALUES =
		1 << 22, /* that are kept for the own statistics of all files together */
	/* The first pass knows 20 bits of a double or, in columns of all magnitudes, 15; each further one finds at
	 * least 8 more. */
	CSVR_MAX_PASSES = 10
};

struct csvr_refinement;

/* Collects the ranges that are needed so that the requested statistics are exact. `*refinement` is NULL if none are.
 * Free with csvr_refinement_free (NULL is fine). */
enum csvr_status csvr_refinement_new(const struct csvr_summary *summary,
				     const struct csvr_statistic_options *requested,
				     struct csvr_refinement **refinement);
void csvr_refinement_free(struct csvr_refinement *refinement);

/* The same for the own statistics of the files from summary->files[*next] on, as many as fit into the memory of one
 * pass; `*next` becomes the index of the first file after these. `*refinement` is NULL if no range is left, or if all
 * files together would keep more than CSVR_REFINE_FILE_VALUES. */
enum csvr_status csvr_refinement_new_for_files(const struct csvr_summary *summary,
					       const struct csvr_statistic_options *requested,
					       size_t *next, struct csvr_refinement **refinement);

/* Whether csvr_refinement_new_for_files made it. NULL is accepted. */
bool csvr_refinement_is_by_file(const struct csvr_refinement *refinement);

/* Whether it is for files, and that input is none of them. */
bool csvr_refinement_skips(const struct csvr_refinement *refinement, uint32_t input);

/* For other ranks. Errors: CSVR_INVALID_FILE, CSVR_NO_MEMORY; `*refinement` is NULL then. */
void csvr_refinement_encode(const struct csvr_refinement *refinement, struct csvr_encoder *encoder);
enum csvr_status csvr_refinement_decode(struct csvr_decoder *decoder,
					struct csvr_refinement **refinement);

/* The table of the files with this header, whose names are sorted in place; CSVR_NO_INDEX: no file had that header
 * before. */
uint32_t csvr_refinement_find_table(const struct csvr_refinement *refinement,
				    struct csvr_name *names, size_t n_names);

/* The ranges of a column that the pass collects from an input of a table, which has it at `position`, from 0, under this
 * name. NULL: none. */
const struct csvr_range_list *csvr_refinement_find(const struct csvr_refinement *refinement,
						   uint32_t input, uint32_t table,
						   const struct csvr_name *name, size_t position);

/* How many columns have a requested statistic that is an estimate, or that lacks values which a further pass would
 * find. */
size_t csvr_refinement_count_inexact(const struct csvr_summary *summary,
				     const struct csvr_statistic_options *requested);

/* The same for files and their own statistics; `*first` becomes the first such input in the order of the report. */
size_t csvr_refinement_count_inexact_files(const struct csvr_summary *summary,
					   const struct csvr_statistic_options *requested,
					   uint32_t *first);

/* Adds what `pass`, a finished summary of the same inputs, has collected to the columns of `summary`. `*is_consistent`:
 * all that both know is the same. Otherwise nothing is added: the inputs changed. Takes values from `pass`. */
enum csvr_status csvr_refinement_apply(const struct csvr_refinement *refinement,
				       struct csvr_summary *summary, struct csvr_summary *pass,
				       bool *is_consistent);

/* The same for a refinement of files, and their own statistics. The pass is finished. */
enum csvr_status csvr_refinement_apply_to_files(const struct csvr_refinement *refinement,
						struct csvr_summary *summary,
						const struct csvr_summary *pass,
						bool *is_consistent);

#endif
