/* summary.h - the statistics of all files
 *
 * A worker fills the statistics of one file, whose columns are by position. If the file is valid they
 * are merged into a table of a summary, whose columns are by name. Of a file that failed the summary contains
 * only the failure, of a file read in part its chunks.
 *
 * The headers of the files, as sets of names, decide which files form a table: two headers are similar if they
 * share at least half of all names in either, apart from case and blanks, and headers that are connected through
 * similar ones are of one table. A new header gets a table of its own, or that of the header before it if they are
 * similar; csvr_summary_finish joins the other tables whose headers are similar. More headers can only connect
 * tables, never separate them, so tables may be joined before the last file is added.
 *
 * Shape    merge is associative and commutative: threads, states and ranks are merged in any order. Columns and
 *          layouts refer to columns by their index in their table.
 * Units    counts are rows, cells, files, bytes; lines are 1-based
 * Errors   CSVR_NO_MEMORY
 * Threads  a summary belongs to one thread
 */
#ifndef CSVR_STATS_SUMMARY_H
#define CSVR_STATS_SUMMARY_H

#include "base/memory.h"
#include "base/sha256.h"
#include "base/suggestion.h"
#include "csvreport.h"
#include "stats/file_stats.h"
#include "stats/groups.h"

/* A line of an input. Locations are ordered by path, so that the first one does not depend on the order
 * of arguments. */
struct csvr_location {
	uint32_t input;
	uint64_t line; /* 0: no location */
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
	/* --columns-by=position: the name that all files with rows give the column, or if there are none, all
	 * files with only a header; NULL: they give none, or different ones */
	const char *label;
	size_t label_bytes; /* of any bytes */
	bool labels_differ; /* between files */
	struct csvr_column stats;
	uint64_t n_files; /* files with at least one row that have the column */
	uint64_t n_rows; /* rows of those files */
	/* The first file with rows that has it, or if there is none, the first with only a header: index of the
	 * input << 32 | position. */
	uint64_t order;
	uint32_t index; /* for csvr_summary_finish only: index before sorting */
};

/* The name that reports show. */
static inline struct csvr_name csvr_summary_column_title(const struct csvr_summary_column *column)
{
	return column->label != NULL ? (struct csvr_name){ column->label, column->label_bytes }
				     : (struct csvr_name){ column->name, column->name_bytes };
}

/* The columns of a file by position; CSVR_NO_INDEX: not selected. Most files have the same layout, so
 * each distinct one is stored once. */
struct csvr_column_layout {
	uint32_t *column; /* index into the columns of the table */
	size_t n_columns;
	uint64_t n_files; /* with rows */
	uint32_t table; /* index into summary->tables */
};

/* What is counted in files, besides their columns. */
struct csvr_totals {
	uint64_t n_rows;
	uint64_t n_filtered; /* rows that do not satisfy --where */
	uint64_t size_bytes; /* of files read completely */
	uint64_t n_extra_fields;
	/* CSVR_ROW_TRAILING_DELIMITER is 0. */
	struct csvr_occurrences issues[CSVR_N_ROW_ISSUES];
};

/* A hash table of indices into an array (summary_intern.c). Zeroed memory is an empty one. */
struct csvr_slots {
	uint32_t *slots; /* CSVR_NO_INDEX: free */
	size_t size;
};

/* Files with headers that belong together. */
struct csvr_data_table {
	struct csvr_summary_column *columns;
	size_t n_columns, columns_capacity;
	struct csvr_pairs pairs; /* of indices of columns; after finish in their order */
	struct csvr_rows rows; /* of all its files, if the collection has them */
	struct csvr_groups *groups; /* of --group-by; NULL: none */
	struct csvr_totals totals;
	uint64_t n_files; /* with rows */
	/* The first input with rows, or if there is none, the first with only a header; UINT32_MAX: no file. */
	uint32_t first_input;
	uint32_t index; /* for csvr_summary_finish only: index before sorting */
	struct csvr_slots by_name;
};

/* The set of the names of a header. Each distinct one is stored once. */
struct csvr_header_set {
	size_t first; /* summary->header_names[first, first + n_names) are its names, ascending */
	uint32_t n_names;
	uint32_t table; /* index into summary->tables */
};

/* A name in any header, or such a name folded as --fold-names does it. */
struct csvr_header_name {
	struct csvr_name name;
	uint32_t
		folded; /* index of the folded name; names that differ in case or blanks are similar */
	bool has_column; /* is selected in some header */
};

/* If all headers together have more names, all files are one table: the memory for the tables, about 2 KiB for each
 * column, must stay within that of a node. */
enum { CSVR_MAX_HEADER_NAMES = 1 << 21 };

enum csvr_file_kind {
	CSVR_FILE_READ, /* has rows */
	CSVR_FILE_EMPTY, /* no bytes, or only blank lines */
	CSVR_FILE_HEADER_ONLY,
	CSVR_FILE_BAD, /* not in the statistics; see failures */
	CSVR_FILE_FILTERED, /* has rows, none of which satisfies --where */
	CSVR_N_FILE_KINDS
};

enum { CSVR_MAX_LAYOUTS = 1 << 29 };

/* A file that was read, or failed. There may be millions, hence the bit fields. */
struct csvr_file {
	uint32_t input; /* index in the list of inputs */
	uint32_t layout : 29; /* index into summary->layouts, if it has a header */
	uint32_t kind : 3; /* enum csvr_file_kind */
};

static inline bool csvr_file_has_header(const struct csvr_file *file)
{
	return file->kind == CSVR_FILE_READ || file->kind == CSVR_FILE_HEADER_ONLY ||
	       file->kind == CSVR_FILE_FILTERED;
}

struct csvr_failure {
	uint32_t input;
	uint64_t line; /* 0: the file as a whole */
	const char *message;
};

/* A run that has read some of the inputs. */
struct csvr_run_record {
	const char *version, *command, *host, *job, *kernel; /* "" if unknown */
	uint64_t n_threads;
	uint64_t shard_index, shard_count;
	int64_t begin_ns, end_ns; /* since 1970, UTC */
};

/* Why estimates are left although exact statistics were requested. */
enum csvr_inexact_reason {
	CSVR_INEXACT_NOT, /* none are left, or they were not requested */
	CSVR_INEXACT_STREAM, /* an input can be read only once */
	CSVR_INEXACT_STATE, /* an input comes from a saved state */
	CSVR_INEXACT_ROUND, /* the state that was refined must be refined once more */
	CSVR_INEXACT_CHANGED, /* an input changed between two passes */
	CSVR_INEXACT_TOO_MANY /* too many values have the same nearest double */
};

/* Not saved in states. */
struct csvr_inexactness {
	enum csvr_inexact_reason reason;
	size_t n_columns; /* that could not be made exact */
	/* Whose own statistics could not be made exact, and the first of them. */
	size_t n_files;
	uint32_t first_file;
	enum csvr_inexact_reason file_reason;
	uint32_t input; /* the first for which the reason holds; CSVR_NO_INDEX: unknown */
};

/* Does not change after csvr_summary_new. Only summaries with equal configurations may be
 * merged. */
struct csvr_summary_config {
	bool by_position; /* columns are merged by position, not by name; all files are one table */
	enum csvr_tables tables;
	bool keeps_file_stats; /* for --per-file */
	size_t n_selected; /* items of --select, --correlation, --null-values and --where */
	size_t n_conditions; /* items of --where */
	csvr_collection collection; /* what all columns collect, and whether rows are */
	bool has_pairs; /* pairs of columns are correlated */
	struct csvr_group_config groups; /* of the groups of each table; no keys: there are none */
	/* What files collect stays in their own statistics, and is not merged into the columns. */
	bool collects_by_file;
	/* Columns may have values that further passes have found, which saved states then contain. Summaries that are
	 * merged may differ in this. */
	bool has_refined;
	/* The position of each input in the order of paths; NULL: its index. Must outlive the summary. */
	const uint32_t *path_ranks;
};

struct csvr_summary {
	struct csvr_summary_config config;
	struct csvr_data_table
		*tables; /* after finish: by first input; those without rows are last */
	size_t n_tables, tables_capacity;
	/* There is at most one table, and no headers are stored: that was requested, or there are too many. */
	bool is_one_table;
	struct csvr_totals headerless; /* of files without a header, which are in no table */
	struct csvr_header_name *names; /* of all headers */
	size_t n_names, names_capacity, n_names_with_columns;
	struct csvr_header_set *headers;
	size_t n_headers, headers_capacity;
	uint32_t *header_names; /* indices into names */
	size_t n_header_names, header_names_capacity;
	struct csvr_slots names_by_text, headers_by_names;
	struct csvr_column_layout *layouts;
	size_t n_layouts, layouts_capacity;
	struct csvr_slots layouts_by_columns;
	struct csvr_file *files; /* after finish: by input */
	size_t n_files, files_capacity;
	/* if config.keeps_file_stats: the finished statistics of each of `files`, owned; NULL: bad */
	struct csvr_file_stats **file_stats;
	size_t file_stats_capacity;
	struct csvr_failure *failures; /* after finish: by path rank */
	size_t n_failures, failures_capacity;
	struct csvr_filter_stats filter; /* by item of --where */
	/* by item of --select, then of --correlation, of --null-values, of --where: some file has a column for it */
	bool *matched;
	/* By the same items: the column that it probably means. Not saved in states. */
	struct csvr_suggestion *suggestions;
	/* decoded from a saved state, and one of its inputs is no longer in the list */
	bool has_lost_inputs;
	struct csvr_inexactness inexactness;
	/* Of a pass that refines a saved state: the digest of that state. */
	unsigned char refines[CSVR_SHA256_BYTES];
	/* Of such a pass: the ranges that its columns collect, and point to; owned. Otherwise NULL. */
	struct csvr_refinement *refinement;
	struct csvr_run_record *runs; /* after finish: by start, without duplicates */
	size_t n_runs, runs_capacity;
	struct csvr_partial_file *partial_files; /* after finish: by input */
	size_t n_partial_files, partial_files_capacity;
	struct csvr_arena strings;
};

enum csvr_status csvr_summary_new(const struct csvr_summary_config *config,
				  struct csvr_summary **summary);

/* The name under which a summary has the column that a file has at `position`, from 0, under `name`. It may
 * point into `text`. */
enum { CSVR_COLUMN_KEY_BYTES = 32 };
struct csvr_name csvr_summary_column_key(bool by_position, const struct csvr_name *name,
					 size_t position, char text[CSVR_COLUMN_KEY_BYTES]);

/* Sets the layout of a file with a header, which is to be added next. Names are copied. The layout holds for all
 * files of the same kind with the same header that are added before the next call. */
enum csvr_status csvr_summary_intern_layout(struct csvr_summary *summary,
					    const struct csvr_header_columns *columns,
					    struct csvr_file *file);

/* Adds a file that was read completely. `stats` must be finished, and have the columns of layout
 * `file->layout`, if it has a header. A file with only a header adds columns without cells. If the summary keeps
 * statistics of files, it copies `stats`. The caller keeps `stats`, but may only reset or clear it, since the summary
 * takes states from it. */
enum csvr_status csvr_summary_add_file(struct csvr_summary *summary, const struct csvr_file *file,
				       struct csvr_file_stats *stats);

/* Resets `stats` after csvr_summary_add_file, for the next file with the same layout, which is identified by
 * `header`: its columns need not collect values that are useless because of this summary's. The next file must be
 * added to this summary too, or to one that it is merged with. */
enum csvr_status csvr_summary_prepare_next(const struct csvr_summary *summary, uint32_t layout,
					   uint64_t header, struct csvr_file_stats *stats);

/* Adds a file that failed; the message is copied. */
enum csvr_status csvr_summary_add_failure(struct csvr_summary *summary, uint32_t input,
					  const struct csvr_error *error);

/* Adds a run; strings are copied. */
enum csvr_status csvr_summary_add_run(struct csvr_summary *summary,
				      const struct csvr_run_record *run);

/* Adds a file of which some chunks were read. The summary owns the contents of `partial` on success,
 * and `partial` is zeroed. */
enum csvr_status csvr_summary_add_partial(struct csvr_summary *summary,
					  struct csvr_partial_file *partial);

/* Removes the partial file `index` and returns it; the caller owns it. */
struct csvr_partial_file csvr_summary_pop_partial(struct csvr_summary *summary, size_t index);

/* into += from. `from` is left with unspecified contents; the caller frees it. */
enum csvr_status csvr_summary_merge(struct csvr_summary *into, struct csvr_summary *from);

/* Joins all tables, and forgets the headers. */
enum csvr_status csvr_summary_make_one_table(struct csvr_summary *summary);

/* The statistics of one of summary->files; NULL: the file is bad, or they are not kept. */
const struct csvr_file_stats *csvr_summary_file_stats(const struct csvr_summary *summary,
						      const struct csvr_file *file);

/* How many columns of a table occur in files with rows. After csvr_summary_finish they precede those that do not. */
size_t csvr_data_table_count_columns(const struct csvr_data_table *table);

/* The table of a file with a header. */
static inline struct csvr_data_table *csvr_summary_table_of(const struct csvr_summary *summary,
							    const struct csvr_file *file)
{
	return &summary->tables[summary->layouts[file->layout].table];
}

/* Notes that a file with a header is in the table: csvr_data_table.n_files and first_input. */
void csvr_data_table_note_file(struct csvr_data_table *table, uint32_t input, bool has_rows);

/* Table `index`; if there is none, one without columns for index 0. */
const struct csvr_data_table *csvr_summary_table(const struct csvr_summary *summary, size_t index);

/* After csvr_summary_finish: layouts[*first, *end) are those of a table. */
void csvr_summary_layouts_of(const struct csvr_summary *summary, size_t table, size_t *first,
			     size_t *end);

/* Appends a header that was decoded; its names are ascending. CSVR_INVALID_FILE: it is there already. */
enum csvr_status csvr_summary_restore_header(struct csvr_summary *summary, const uint32_t *names,
					     size_t n_names, uint32_t table);

/* Sets the folded names of all names, after they were decoded. */
enum csvr_status csvr_summary_fold_names(struct csvr_summary *summary);

/* The columns of all tables. */
size_t csvr_summary_n_columns(const struct csvr_summary *summary);

/* The totals of all files. */
struct csvr_totals csvr_summary_totals(const struct csvr_summary *summary);
void csvr_totals_add(const struct csvr_summary *summary, struct csvr_totals *into,
		     const struct csvr_totals *from);

/* The first invalid cell, in the order of paths, of one of its columns, or of a column in the statistics of one of its
 * files; NULL: there is none. */
const struct csvr_first_cell *csvr_summary_first_invalid(const struct csvr_summary *summary,
							 const struct csvr_column *column);

/* The first of the cells whose bits are set in `kinds`, by path and line; NULL: there is none. */
const struct csvr_first_cell *csvr_summary_first_of(const struct csvr_summary *summary,
						    const struct csvr_first_cell *cells,
						    unsigned kinds);

/* Joins tables with similar headers, with --tables=similar, and sorts everything in the order of the report. Call it
 * after the last merge, and before the summary is saved; afterwards more may be merged into it. */
enum csvr_status csvr_summary_finish(struct csvr_summary *summary);

#endif
