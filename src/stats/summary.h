/* summary.h - what was found in all files
 *
 * A worker fills a table, columns by position. When the file proved good the table is merged into
 * a summary, columns by name; a file that failed leaves nothing but its failure, one that was read in
 * part its chunks.
 *
 * Shape    merge is associative and commutative: threads, states and ranks may meet in any order
 * Units    counts are rows, cells, files, bytes; lines are 1-based
 * Errors   CSVR_NO_MEMORY
 * Threads  a summary belongs to one thread
 */
#ifndef CSVR_STATS_SUMMARY_H
#define CSVR_STATS_SUMMARY_H

#include "base/memory.h"
#include "csvreport.h"
#include "stats/file_stats.h"

/* A line of an input. Places are ordered by path, so the first one is the same whatever the order of
 * arguments. */
struct csvr_location {
	uint32_t input;
	uint64_t line; /* 0: no place at all */
};

struct csvr_occurrences {
	uint64_t n;
	struct csvr_location first;
};

/* In place of the index of a column, or of an input: there is none. */
enum { CSVR_NO_INDEX = UINT32_MAX };

struct csvr_summary_column {
	const char *name; /* may hold any bytes; the key by which columns are merged */
	size_t name_bytes;
	const char *label; /* --columns-by=position: the name all files agree on, or NULL ... */
	size_t label_bytes; /* ... which may hold any bytes as well */
	bool labels_differ; /* they do not agree */
	struct csvr_column stats;
	struct csvr_location first_invalid;
	uint64_t n_files; /* files with at least one row that have it */
	uint64_t n_rows; /* rows of those files */
	uint64_t order; /* where it was first met: input index, then position in its header */
	uint32_t index; /* csvr_summary_finish's own: where it stood before it was put in order */
};

/* A distinct header: which column of the summary stands at each position, CSVR_NO_INDEX: not
 * selected. Most inputs share one. */
struct csvr_column_layout {
	uint32_t *column; /* index into summary->columns */
	size_t n_columns;
	uint64_t n_files;
};

enum csvr_file_kind {
	CSVR_FILE_READ, /* has rows */
	CSVR_FILE_EMPTY, /* no bytes, or nothing but blank lines */
	CSVR_FILE_HEADER_ONLY,
	CSVR_FILE_BAD /* left out whole; see failures */
};

/* What became of one input. There may be millions of them, hence the bits. */
enum { CSVR_MAX_LAYOUTS = 1 << 30 };
struct csvr_file {
	uint32_t input; /* index in the list of inputs */
	uint32_t layout : 30; /* index into summary->layouts, for CSVR_FILE_READ */
	uint32_t kind : 2; /* enum csvr_file_kind */
};

struct csvr_failure {
	uint32_t input;
	uint64_t line; /* 0: the file as a whole */
	const char *message;
};

/* A run that read some of the inputs. */
struct csvr_run_record {
	const char *version, *command, *host, *job, *kernel; /* "" where not known */
	uint64_t n_threads;
	uint64_t shard_index, shard_count;
	int64_t begin_ns, end_ns; /* since 1970, UTC */
};

/* What a summary is told when it is made, and all that are merged agree on. */
struct csvr_summary_config {
	bool by_position; /* columns are the same by position, not by name */
	bool keeps_file_stats; /* of each file, for --per-file */
	size_t n_selected; /* items of --select */
	csvr_collection collection; /* what all columns collect */
	/* The place of each input in the order of paths; NULL: they are numbered so. Must outlive the
	 * summary. */
	const uint32_t *ranks;
};

struct csvr_summary {
	struct csvr_summary_config config;
	struct csvr_summary_column *columns;
	size_t n_columns, columns_capacity;
	struct csvr_column_layout *layouts;
	size_t n_layouts, layouts_capacity;
	struct csvr_file *files; /* after finish: by input */
	size_t n_files, files_capacity;
	/* rules.keeps_file_stats: the finished table of each of `files`, owned; NULL: the file is bad. */
	struct csvr_file_stats **file_stats;
	size_t file_stats_capacity;
	struct csvr_failure *failures; /* after finish: by rank */
	size_t n_failures, failures_capacity;
	uint64_t n_rows;
	uint64_t size_bytes; /* of files read whole */
	uint64_t n_extra_fields;
	struct csvr_occurrences
		issues[CSVR_N_ROW_ISSUES]; /* CSVR_ROW_TRAILING_DELIMITER: always 0 here */
	uint32_t *name_table; /* hash table: index into columns, UINT32_MAX free */
	size_t name_table_size;
	uint32_t *layout_table; /* the same for headers */
	size_t layout_table_size;
	bool *matched; /* by item of --select: some file had a column for it */
	bool has_lost_inputs; /* out of a saved state: some input of it has no index any more */
	struct csvr_run_record *runs; /* after finish: by beginning, none twice */
	size_t n_runs, runs_capacity;
	struct csvr_partial_file *partial_files; /* after finish: by input */
	size_t n_partial_files, partial_files_capacity;
	struct csvr_arena strings;
};

enum csvr_status csvr_summary_new(const struct csvr_summary_config *config,
				  struct csvr_summary **summary);

/* The index of the header whose positions have these names, in `*header`; a name of NULL is a
 * position that was not selected. Ask only for files that have rows; `input` is one of them. Names
 * are copied. */
enum csvr_status csvr_summary_intern_layout(struct csvr_summary *summary,
					    const struct csvr_name *names, size_t n_names,
					    uint32_t input, uint32_t *header);

/* Adds a file that was read whole. `table` must be finished; its columns stand as in header
 * `file->layout`. The table stays the caller's; a copy is made where the rules ask for it. */
enum csvr_status csvr_summary_add_file(struct csvr_summary *summary, const struct csvr_file *file,
				       const struct csvr_file_stats *table);

/* Adds a file that is left out; the message is copied. */
enum csvr_status csvr_summary_add_failure(struct csvr_summary *summary, uint32_t input,
					  const struct csvr_error *error);

/* Notes a run; strings are copied. */
enum csvr_status csvr_summary_add_run(struct csvr_summary *summary,
				      const struct csvr_run_record *run);

/* Adds a file of which only some chunks were read; what `partial` owns goes over. */
enum csvr_status csvr_summary_add_partial(struct csvr_summary *summary,
					  struct csvr_partial_file *partial);

/* Takes the partial file `index` out again; the caller owns it then. */
struct csvr_partial_file csvr_summary_pop_partial(struct csvr_summary *summary, size_t index);

/* into += from; `from` is emptied but still has to be freed. */
enum csvr_status csvr_summary_merge(struct csvr_summary *into, struct csvr_summary *from);

/* The table of one of summary->files; NULL: it is bad, or tables are not kept. */
const struct csvr_file_stats *csvr_summary_file_stats(const struct csvr_summary *summary,
						      const struct csvr_file *file);

/* Puts everything in the order of the report. Call it after the last merge, or whenever a summary is
 * saved: more may be merged into it then. */
enum csvr_status csvr_summary_finish(struct csvr_summary *summary);

#endif
