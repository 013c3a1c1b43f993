/* csvreport.h - the interface between the library and the programs
 *
 * A program fills `struct csvr_settings`, collects inputs, runs, and writes the report:
 *
 *	csvr_settings_init(&settings);
 *	csvr_inputs_new(&inputs);
 *	csvr_inputs_add(inputs, "data", &settings.walk);
 *	csvr_run(&settings, inputs, NULL, &summary, &error);
 *	csvr_report_write(summary, inputs, &settings, stdout);
 *
 * Profiles, timing and the search for the bottleneck are in csvreport_perf.h.
 *
 * Shape    settings, inputs and summary belong to the caller, who frees them
 * Errors   a function that can fail returns `enum csvr_status`; each lists the errors it returns.
 *          Where one has a `struct csvr_error *`, that is filled on failure
 * Threads  call everything from one thread. csvr_run starts threads and joins them before it
 *          returns
 */
#ifndef CSVREPORT_H
#define CSVREPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What failed, and what the caller can do about it. */
enum csvr_status {
	CSVR_OK = 0,
	CSVR_NO_MEMORY, /* an allocation failed: end the run, there is no report */
	CSVR_IO_ERROR, /* open, read or write failed; the message holds the system's reason */
	CSVR_INVALID_FILE, /* not valid CSV, or not a valid saved state: skip the whole file */
	CSVR_FILE_CHANGED, /* the file has changed since it was listed: skip the whole file */
	CSVR_INVALID_OPTION, /* an option is invalid or contradicts another: report wrong usage */
	CSVR_INCOMPATIBLE_STATES, /* saved states do not match, or some are missing: no report */
	CSVR_INTERRUPTED, /* the run ended early on request; its checkpoint, if any, is saved */
	CSVR_TOO_MANY_GROUPS /* a table has more than settings.max_groups: no report */
};

enum { CSVR_MESSAGE_BYTES = 256 };

/* A failure. The message does not name the file: the function that fails need not know the path,
 * and its caller adds it. */
struct csvr_error {
	enum csvr_status status;
	uint64_t line; /* from 1; 0: the failure is not at a line */
	char message[CSVR_MESSAGE_BYTES];
};

/* The class of a cell, after spaces and tabs around it are removed. Each cell has exactly one. */
enum csvr_cell_class {
	CSVR_CELL_NUMBER,
	CSVR_CELL_MISSING,
	CSVR_CELL_NAN,
	CSVR_CELL_INFINITE,
	CSVR_CELL_BOOLEAN,
	CSVR_CELL_DATE,
	CSVR_CELL_DATETIME,
	CSVR_CELL_TIME,
	CSVR_CELL_TEXT, /* anything else */
	CSVR_N_CELL_CLASSES
};

/* What a cell looks like that is a text: a number in another notation, or a missing value. */
enum csvr_lookalike {
	CSVR_LOOKALIKE_COMMA_OR_GROUP, /* 1,204 */
	CSVR_LOOKALIKE_POINT_OR_GROUP, /* 1.204, in a file with a decimal comma */
	CSVR_LOOKALIKE_DECIMAL_COMMA, /* 1,5 */
	CSVR_LOOKALIKE_DECIMAL_POINT, /* 1.5, in a file with a decimal comma */
	CSVR_LOOKALIKE_COMMA_GROUPS, /* 1,204,500 or 1,204.5 */
	CSVR_LOOKALIKE_POINT_GROUPS, /* 1.204.500 */
	CSVR_LOOKALIKE_POINT_GROUPS_COMMA, /* 1.204,5 */
	CSVR_LOOKALIKE_SPACE_GROUPS, /* 1 204 or 1 204.5 */
	CSVR_LOOKALIKE_SPACE_GROUPS_COMMA, /* 1 204,5 */
	CSVR_LOOKALIKE_APOSTROPHE_GROUPS, /* 1'204 or 1'204.5 */
	CSVR_LOOKALIKE_CURRENCY, /* $5, 5 EUR; perhaps with other affixes, as the next ones */
	CSVR_LOOKALIKE_PERCENT, /* 5 % */
	CSVR_LOOKALIKE_PARENTHESES, /* (5): a negative number */
	CSVR_LOOKALIKE_TRAILING_MINUS, /* 5- */
	CSVR_LOOKALIKE_UNIT, /* 5K, 5 ms */
	CSVR_LOOKALIKE_NULL, /* n/a, -, or a null value in other case */
	CSVR_LOOKALIKE_NULL_WORD, /* a word that is missing because it is a null value: not a text */
	CSVR_LOOKALIKE_AFFIXED, /* a number of which affixes were taken off: not a text */
	CSVR_N_LOOKALIKES
};

/* The first bytes of a unit that is taken off a number, and a NUL. */
enum { CSVR_UNIT_BYTES = 9 };

/* What can be added, ordered and averaged. Values of different quantities are never equal. */
enum csvr_quantity {
	CSVR_QUANTITY_NUMBER,
	CSVR_QUANTITY_DATE, /* seconds since 1970-01-01T00:00:00, of dates and datetimes */
	CSVR_QUANTITY_TIME, /* seconds, of times of day and durations */
	CSVR_N_QUANTITIES
};

/* ---- settings ---- */

enum csvr_header_mode {
	CSVR_HEADER_AUTO,
	CSVR_HEADER_YES,
	CSVR_HEADER_NO,
	CSVR_HEADER_KNOWN_NAMES /* auto; files without one have the names of the first file with one */
};

/* The encoding of inputs without a byte order mark. */
enum csvr_encoding {
	CSVR_ENCODING_AUTO, /* UTF-8; names and texts that are not are in Windows-1252 */
	CSVR_ENCODING_UTF8, /* bytes that are not UTF-8 stay as they are */
	CSVR_ENCODING_UTF16LE,
	CSVR_ENCODING_UTF16BE,
	CSVR_ENCODING_1252, /* Windows-1252, of which Latin-1 is a part */
	CSVR_N_ENCODINGS
};

/* A list of strings, which must live as long as the settings that contain it. */
struct csvr_string_list {
	const char *const *word;
	size_t n_words;
};

/* Which files of a directory tree are inputs. */
struct csvr_walk_options {
	struct csvr_string_list include; /* globs; empty: *.csv, *.tsv, also compressed */
	struct csvr_string_list exclude; /* globs; overrides include */
	int max_depth; /* 1: the files of the directory itself, 0: nothing; -1: no limit */
	bool follow; /* follow symbolic links below the directory */
};

enum { CSVR_AUTO = -1, CSVR_NONE = -2 };

/* Most lines that can be skipped before and after the header, and most records of a header. */
enum { CSVR_MAX_SKIP = 1000000, CSVR_MAX_HEADER_ROWS = 20 };

/* The columns of a report whose pairs are correlated if none are named. The time and the memory grow with
 * the square of the number. */
enum { CSVR_MAX_CORRELATED_COLUMNS = 64 };

/* Most items of --group-by, and the highest limit on the groups of a table. */
enum { CSVR_MAX_GROUP_KEYS = 16, CSVR_MOST_GROUPS = 1000000000 };

/* Most conditions of --where. */
enum { CSVR_MAX_CONDITIONS = 16 };

/* The most lines that can be skipped at the end of a file. */
enum { CSVR_MAX_SKIP_FOOTER = 1000 };

/* A character of UTF-8, and a NUL. */
enum { CSVR_CHARACTER_BYTES = 5 };

/* A delimiter may have this many bytes. One of several bytes, or CSVR_RUNS_OF_BLANKS, is replaced by
 * CSVR_UNIT_SEPARATOR as it is read; so this byte ends a field, too. */
enum { CSVR_MOST_DELIMITER_BYTES = 8, CSVR_UNIT_SEPARATOR = 0x1f };

/* The long delimiter that stands for one space or tab or more, between the fields of a record. */
#define CSVR_RUNS_OF_BLANKS " +"

/* Which files form a table. */
enum csvr_tables {
	CSVR_TABLES_SIMILAR, /* those whose headers share at least half of their names, directly or through others */
	CSVR_TABLES_ONE, /* all */
	CSVR_TABLES_HEADER, /* those whose headers have the same names */
	CSVR_TABLES_DEFAULT =
		-1 /* as in saved states, if all inputs are such; else those that are similar */
};

/* How bytes are parsed into cells, and which columns are used. */
struct csvr_parse_options {
	int delimiter; /* a byte, or CSVR_AUTO; CSVR_UNIT_SEPARATOR if there is a long one */
	int quote; /* a byte, or CSVR_NONE */
	int comment; /* a byte, or CSVR_NONE */
	enum csvr_header_mode header;
	bool by_position; /* match columns of different files by position, not by name */
	enum csvr_tables tables;
	/* items of --null-values as written: VALUE or NAME:VALUE; cells that are missing, besides the empty one */
	struct csvr_string_list null_values;
	int decimal; /* the decimal mark: '.', ',' or CSVR_AUTO */
	char thousands[CSVR_CHARACTER_BYTES]; /* the character between groups of digits; "": none */
	int affix_base; /* of suffixes such as K: 1000 or 1024; 0: affixes of numbers make them texts */
	struct csvr_string_list select; /* items of --select as written; empty: every column */
	uint32_t skip; /* lines at the start of each file that are not looked at */
	uint32_t header_rows; /* records of a header, 1 or more; their names are joined */
	int skip_after_header; /* records that are not data; CSVR_AUTO: as many as have units */
	bool correlates; /* pairs of columns are correlated */
	/* items of --correlation as written; empty: every column, at most
	 * CSVR_MAX_CORRELATED_COLUMNS */
	struct csvr_string_list correlation;
	bool fold_names; /* names of columns are equal if they differ only in ASCII case or blanks */
	int skip_footer; /* lines at the end of each file that are not data */
	struct csvr_string_list group_by; /* items of --group-by as written; empty: no groups */
	/* Set by csvr_run: groups collect what the requested statistics need. By default they have sums, extremes and counts. */
	bool groups_collect;
	struct csvr_string_list
		where; /* conditions of --where as written: all must hold for a row */
	/* of several bytes, or CSVR_RUNS_OF_BLANKS; empty: `delimiter` */
	char long_delimiter[CSVR_MOST_DELIMITER_BYTES + 1];
	int escape; /* inside quotes, makes the next byte text: a byte, CSVR_NONE, or CSVR_AUTO */
	enum csvr_encoding encoding;
};

/* How the work is done. The report does not depend on it. */
struct csvr_run_tuning {
	int n_threads; /* 0: as OpenMP, the affinity mask and the cgroup allow */
	const char *kernel; /* name of a kernel; NULL: the best one that this CPU supports */
	uint64_t chunk_bytes; /* larger files are split into chunks of this size; 0: the default */
	size_t block_bytes; /* bytes parsed at a time; 0: the default */
};

/* All formats, in the order in which --format lists them: the enumerator, and the writer that
 * report/write_*.c defines (report/writers.h). CSVR_FORMAT_STATE is not a report: csvr_state_write saves
 * the summary for another run to merge. */
#define CSVR_FORMATS(ROW)       \
	ROW(TABLE, table)       \
	ROW(CSV, csv)           \
	ROW(TSV, tsv)           \
	ROW(JSON, json)         \
	ROW(MARKDOWN, markdown) \
	ROW(HTML, html)         \
	ROW(STATE, state)

#define CSVR_FORMAT_ENUMERATOR(enumerator, writer) CSVR_FORMAT_##enumerator,
enum csvr_format { CSVR_FORMATS(CSVR_FORMAT_ENUMERATOR) CSVR_N_FORMATS };

/* How the table shows statistics. */
enum csvr_layout {
	CSVR_LAYOUT_AUTO, /* as a table if it fits, else as blocks */
	CSVR_LAYOUT_TABLE, /* one line per column; statistics that do not fit are wrapped */
	CSVR_LAYOUT_BLOCKS /* one block per column */
};

/* How the table draws histograms and shares. */
enum csvr_bars {
	CSVR_BARS_AUTO, /* csvr_report_write uses ASCII; the program sets another form for its terminal */
	CSVR_BARS_ASCII,
	CSVR_BARS_BLOCKS /* block elements of Unicode */
};

/* How work is divided among threads: run calls work(context, i) for all i from 0 to n - 1, several of them at once. */
struct csvr_parallel {
	int n_threads;
	void (*run)(int n_threads, size_t n, void (*work)(void *context, size_t index),
		    void *context);
};

struct csvr_diff;

/* What the report contains and how it is formatted. */
struct csvr_report_options {
	enum csvr_format format;
	enum csvr_layout layout; /* of the table */
	enum csvr_bars bars; /* in the table */
	bool has_share_bars; /* of missing cells in the table, where there is room */
	bool per_file;
	bool verbose; /* name the files that lack a column */
	bool provenance; /* add program, host, time and inputs of each run */
	bool color; /* escape sequences in the table */
	/* the output is a terminal: escape control characters in names, in every format */
	bool is_terminal;
	int round_digits; /* after the point; -1: the shortest text that reads back the same */
	int width; /* terminal columns that the table should fit into */
	struct csvr_string_list
		change_rules; /* of --fail-on-change as written; empty: the default rules */
	/* With an earlier report (report/compare.h), which the report shows; NULL: none. */
	const struct csvr_diff *diff;
	/* Set by csvr_run, for reports of many groups; zeros: the calling thread does all of the work. */
	struct csvr_parallel parallel;
};

/* Which statistics are shown, and so which are collected. */
struct csvr_statistic_options {
	struct csvr_string_list
		names; /* as csvr_statistic_name has them, and percentiles; empty: the default */
	bool all; /* overrides names */
	bool is_implied; /* `all` follows from another option, and is not about groups */
	bool exact; /* read inputs again, as often as it takes to be exact */
	/* Set by csvr_run: without names, collect what facts need too. JSON shows them; saved states and
	 * checkpoints have them, since a report in JSON may be made from these. */
	bool facts;
	/* Set by csvr_run if saved states are among the inputs: `collection` (a csvr_collection) is
	 * the aggregates that their columns have, and the other inputs collect these too. With
	 * `all`, statistics that need another aggregate are absent. */
	bool has_collection;
	uint64_t collection;
};

/* The part of the work that this run does; other runs do the other shards. */
struct csvr_shard {
	uint32_t index; /* from 1 */
	uint32_t count; /* 1: all of the work */
};

/* Where a run takes place; NULL: unknown. The strings must live as long as the settings. */
struct csvr_provenance {
	const char *command;
	const char *host;
	const char *job; /* identifier given by the scheduler */
};

struct csvr_settings {
	struct csvr_walk_options walk;
	struct csvr_parse_options parse;
	struct csvr_run_tuning tuning;
	struct csvr_statistic_options statistics;
	struct csvr_report_options report;
	struct csvr_shard shard;
	struct csvr_provenance provenance;
	bool is_partial; /* accept missing and unusable saved states */
	/* A saved state to make exact. The inputs are its inputs, which are read again, or states that such
	 * runs over its shards have saved. NULL: none. */
	const char *refine;
	uint64_t max_groups; /* of a table; 0: the default */
};

/* Whether an item of `where` can be understood. Errors: CSVR_INVALID_OPTION, and `*error` says why, and what to do. */
enum csvr_status csvr_condition_check(const char *condition,
				      const struct csvr_parse_options *options,
				      struct csvr_error *error);

/* Sets the defaults that the manual page documents. There is nothing to clear. */
void csvr_settings_init(struct csvr_settings *settings);

/* ---- inputs: the files to read, in order ---- */

struct csvr_inputs;

/* Creates an empty list; free it with csvr_inputs_free, which accepts NULL. Errors:
 * CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_new(struct csvr_inputs **inputs);
void csvr_inputs_free(struct csvr_inputs *inputs);

/* Adds the file `path`, the files below the directory `path` that `walk` includes, or standard
 * input if it is "-". A path that cannot be opened is added as a failed input, which the report
 * names. `path` is copied. Errors: CSVR_NO_MEMORY. */
enum csvr_status csvr_inputs_add(struct csvr_inputs *inputs, const char *path,
				 const struct csvr_walk_options *walk);

/* The number of inputs. */
size_t csvr_inputs_count(const struct csvr_inputs *inputs);

/* The path of input `index` as messages and reports show it; `inputs` owns it. The first call for
 * an input builds the path, so calls must not overlap. Without memory it returns the file name
 * alone. */
const char *csvr_inputs_path(const struct csvr_inputs *inputs, size_t index);

/* The name of compression `index` ("gzip"); NULL past the last. `*libraries` is a text that lists
 * the libraries which decompress it, preferred first; NULL: this build does not support it. */
const char *csvr_compression_name(size_t index, const char **libraries);

/* ---- run ---- */

struct csvr_summary;
struct csvr_profile;
struct csvr_timing;

/* What a run is about to do: threads, kernel, units of work, and what it need not read again. */
struct csvr_run_info {
	int n_threads;
	int n_threads_failed; /* more were requested but the system refused to start them */
	/* What sets n_threads: "--threads" or others, see run/threads.h. */
	const char *threads_from;
	const char *kernel;
	size_t n_units;
	size_t n_inputs;
	uint64_t size_bytes; /* as listed; streams count as 0 */
	size_t n_states; /* saved states among the inputs */
	int n_passes; /* over the inputs; 1 unless the options ask for exact statistics */
	/* settings->refine, if no pass can make it more exact, so that nothing was read; else NULL. Set at the
	 * end of the run. */
	const char *exact_state;
	bool is_resumed; /* the run continues from a checkpoint */
	uint64_t resumed_bytes; /* of inputs that the checkpoint covers */
	size_t n_resumed; /* inputs in the checkpoint */
	size_t n_changed; /* of these, inputs that have changed since, or are gone */
};

/* Reports progress. Called by the thread that called csvr_run after each block it has processed, up
 * to thousands of times a second. `done_bytes` can exceed `total_bytes`: only `done_bytes`
 * includes streams, and bytes that are read a second time. */
typedef void (*csvr_progress_fn)(void *context, uint64_t done_bytes, uint64_t total_bytes,
				 size_t done_inputs, size_t n_inputs);

/* How a run saves checkpoints, from which a later run can resume. */
struct csvr_checkpoint_hooks {
	const char *path; /* the checkpoint to resume from; it need not exist */
	double interval_s; /* time between two checkpoints */
	double grace_s; /* once `stop_flag` is set, time that threads have to finish */
	/* Replaces the checkpoint atomically with these bytes. Called by the checkpoint thread, and
	 * by the thread that called csvr_run when the run was interrupted; never by both at once.
	 * Reports its own errors; false: the checkpoint was not saved, which does not end the
	 * run. */
	bool (*save)(void *context, const unsigned char *bytes, size_t n_bytes);
	/* Ends the process; does not return. Called by the checkpoint thread when the grace time is
	 * over, the checkpoint is saved and some thread is still blocked in a system call. */
	void (*abandon)(void *context);
	void *context;
};

/* How the ranks of a job communicate. Each rank has a copy of the settings; rank 0 has the inputs
 * and receives the results. All functions are called by the thread that called csvr_run. Errors of
 * all that return a status: CSVR_IO_ERROR, CSVR_NO_MEMORY. */
struct csvr_comm {
	int rank, count;
	/* Returns the next of the numbers 0, 1, 2, ...; no two calls of any ranks get the same. */
	enum csvr_status (*fetch_ticket)(void *context, uint64_t *ticket);
	/* Raises a number that all ranks share to `value` if it is lower; `*shared` is the
	 * result. */
	enum csvr_status (*fetch_max)(void *context, uint64_t value, uint64_t *shared);
	/* Sends the bytes of rank 0 to all others, which must free them. */
	enum csvr_status (*broadcast)(void *context, unsigned char **bytes, size_t *n_bytes);
	enum csvr_status (*send)(void *context, int to, const unsigned char *bytes, size_t n_bytes);
	/* The caller must free the bytes. */
	enum csvr_status (*receive)(void *context, int from, unsigned char **bytes,
				    size_t *n_bytes);
	/* Ends all ranks because this one failed; `error` NULL: it is out of memory. Does not
	 * return. */
	void (*abort_all)(void *context, const struct csvr_error *error);
	void *context;
};

/* What a run takes from its caller besides the settings. A struct of all zeros has no hooks. */
struct csvr_run_hooks {
	struct csvr_profile *profile; /* samples the threads of the run; may be NULL */
	csvr_progress_fn progress; /* may be NULL */
	void *context; /* of `progress` */
	/* Initialized by csvr_timing_init; NULL: the run is not timed. */
	struct csvr_timing *timing;
	/* The run ends early once this is not 0. Any thread or signal handler may set it,
	 * atomically. May be NULL. */
	const int *stop_flag;
	/* Called with true once workers poll `stop_flag` and with false when they no longer do;
	 * listing inputs and writing the report cannot be interrupted. The caller is the thread
	 * that called csvr_run. May be NULL. */
	void (*on_stop_polled)(bool is_polled);
	const struct csvr_checkpoint_hooks *checkpoint; /* NULL: no checkpoints */
	const struct csvr_comm *comm; /* NULL: this process is the only one */
	struct csvr_run_info info; /* set by the run before it starts to work */
};

/* Reads every input into `*summary`, and merges the saved states among them into it; free it with
 * csvr_summary_free. `hooks` may be NULL. An input that fails is recorded in the summary and is no
 * error of the run.
 *
 * In `inputs`, a saved state is replaced by the inputs it names. If all inputs are saved states and
 * the parse options are the default ones, `settings` receives the parse options of the states. With
 * `hooks->comm`, only rank 0 gets a summary.
 *
 * Errors: CSVR_NO_MEMORY; CSVR_INVALID_OPTION (the kernel is unknown, a state was saved with
 * other options, or settings->refine does not fit the inputs); CSVR_INCOMPATIBLE_STATES; CSVR_INVALID_FILE,
 * CSVR_IO_ERROR (of a state, the checkpoint or `comm`); CSVR_INTERRUPTED. `*summary` is NULL after an error. */
enum csvr_status csvr_run(struct csvr_settings *settings, struct csvr_inputs *inputs,
			  struct csvr_run_hooks *hooks, struct csvr_summary **summary,
			  struct csvr_error *error);

/* NULL is accepted. */
void csvr_summary_free(struct csvr_summary *summary);

/* The name of kernel `index`, best first; NULL past the last. `*is_usable`: this CPU supports it. */
const char *csvr_kernel_name(size_t index, bool *is_usable);

/* ---- report ---- */

/* The name of format or statistic `index`; NULL past the last. */
const char *csvr_format_name(size_t index);
const char *csvr_statistic_name(size_t index);

/* Of format `index`, which must exist: a phrase for people, and whether it can show the provenance,
 * correlations, the statistic of rows, and a comparison. */
const char *csvr_format_help(size_t index);
bool csvr_format_has_provenance(size_t index);
bool csvr_format_has_correlation(size_t index);
bool csvr_format_has_duplicates(size_t index);
bool csvr_format_has_comparison(size_t index);

/* Whether name[0, n_bytes) is a percentile: "p" and a decimal number greater than 0 and less than 100, such as
 * p99.9. These are names of statistics, besides those of csvr_statistic_name. */
bool csvr_statistic_is_percentile(const char *name, size_t n_bytes);

/* Most percentiles that can be requested besides those of csvr_statistic_name. */
enum { CSVR_MAX_PERCENTILES = 64 };

/* The definition of statistic `index`, which must exist, as a phrase for people. */
const char *csvr_statistic_definition(size_t index);

/* Writes the report, in the format of the settings. Errors: CSVR_IO_ERROR (writing to `stream`
 * failed; errno is set), CSVR_NO_MEMORY. */
enum csvr_status csvr_report_write(const struct csvr_summary *summary,
				   const struct csvr_inputs *inputs,
				   const struct csvr_settings *settings, FILE *stream);

/* Writes the summary as a saved state. Errors: CSVR_IO_ERROR (writing to `stream` failed; errno is
 * set), CSVR_NO_MEMORY. */
enum csvr_status csvr_state_write(const struct csvr_summary *summary,
				  const struct csvr_inputs *inputs,
				  const struct csvr_settings *settings, FILE *stream);

/* The counts from which a program derives its messages and its exit status. */
struct csvr_outcome {
	size_t n_read; /* inputs that were read to the end, empty ones too */
	size_t n_bad; /* inputs that failed */
	size_t n_partial; /* inputs of which the state covers some chunks only */
	size_t n_with_header; /* inputs with a header, that are in a table */
	size_t n_tables;
	size_t n_columns; /* of all tables */
	uint64_t n_rows;
	size_t n_inexact; /* columns that could not be made exact, although that was requested */
	bool has_changed; /* they are left because inputs changed between two passes */
};
struct csvr_outcome csvr_summary_outcome(const struct csvr_summary *summary);

/* The path of failed input `index`, 0 <= index < n_bad, in order of paths; `*error` receives the
 * reason. `inputs` owns the path. */
const char *csvr_summary_failure(const struct csvr_summary *summary,
				 const struct csvr_inputs *inputs, size_t index,
				 struct csvr_error *error);

/* Whether any file has a column that an item matches: item `index` of the settings' `select`, `correlation`,
 * `null_values`, `where` and `group_by`, each list after the one before. An item about all columns matches any. */
bool csvr_summary_is_matched(const struct csvr_summary *summary, size_t index);

/* The column that an unmatched item probably means; NULL: no name is close to it, or the files were
 * read by another process. */
const char *csvr_summary_suggestion(const struct csvr_summary *summary, size_t index);

#endif
