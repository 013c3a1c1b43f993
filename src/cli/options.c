/* options.c - the command line: the table of options, and what is made of it */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/options.h"

#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number_format.h"

const char csvr_short_usage[] =
	"Usage: csv-report [OPTION]... [PATH]...\n"
	"Name a directory or files to report on, or give the data on standard input.\n"
	"Try 'csv-report --help' for all options.\n";

/* ---- the table ---- */

struct parsing {
	struct csvr_options *options;
	struct csvr_log *log;
	char given[64]; /* the option as the user wrote it, for messages */
};

/* Takes the value of an option (NULL where it has none); false: wrong, and said. */
typedef bool (*take_fn)(struct parsing *parsing, const char *value);

enum group { INPUT, RECORDS, REPORT, RUN, PARTS, N_GROUPS };

static const char *const group_titles[N_GROUPS] = { "Input", "Records and columns", "Report", "Run",
						    "Several runs" };

struct option {
	char letter; /* 0: none */
	const char *name;
	const char *value; /* NULL: takes none */
	enum group group;
	take_fn take;
	const char *help; /* one line; NULL: a hidden option */
	const char *manual; /* whole sentences, in roff; `help` is not repeated there */
	const char *choices; /* for completion, separated by spaces; "FILE", "FORMATS", "STATS" */
};

static bool take_include(struct parsing *parsing, const char *value);
static bool take_exclude(struct parsing *parsing, const char *value);
static bool take_max_depth(struct parsing *parsing, const char *value);
static bool take_follow(struct parsing *parsing, const char *value);
static bool take_files_from(struct parsing *parsing, const char *value);
static bool take_null(struct parsing *parsing, const char *value);
static bool take_connections(struct parsing *parsing, const char *value);
static bool take_delimiter(struct parsing *parsing, const char *value);
static bool take_quote(struct parsing *parsing, const char *value);
static bool take_no_quote(struct parsing *parsing, const char *value);
static bool take_comment(struct parsing *parsing, const char *value);
static bool take_no_header(struct parsing *parsing, const char *value);
static bool take_header(struct parsing *parsing, const char *value);
static bool take_columns_by(struct parsing *parsing, const char *value);
static bool take_null_values(struct parsing *parsing, const char *value);
static bool take_select(struct parsing *parsing, const char *value);
static const char *find_statistic(const char *name, size_t n_bytes)
{
	const char *known;
	for (size_t i = 0; (known = csvr_statistic_name(i)) != NULL; i++)
		if (strlen(known) == n_bytes && memcmp(known, name, n_bytes) == 0)
			break;
	return known;
}

/* "a list of count, missing, ..." */
static void list_statistics(char *text, size_t n_bytes)
{
	const char *name;
	size_t n = (size_t)snprintf(text, n_bytes, "a list of");
	for (size_t i = 0; (name = csvr_statistic_name(i)) != NULL && n < n_bytes; i++)
		n += (size_t)snprintf(text + n, n_bytes - n, "%s %s", i > 0 ? "," : "", name);
}

static bool take_stats(struct parsing *parsing, const char *value);
static bool take_all(struct parsing *parsing, const char *value);
static bool take_per_file(struct parsing *parsing, const char *value);
static bool take_format(struct parsing *parsing, const char *value);
static bool take_output(struct parsing *parsing, const char *value);
static bool take_round(struct parsing *parsing, const char *value);
static bool take_threads(struct parsing *parsing, const char *value);
static bool take_progress(struct parsing *parsing, const char *value);
static bool take_timing(struct parsing *parsing, const char *value);
static bool take_strict(struct parsing *parsing, const char *value);
static bool take_flamegraph(struct parsing *parsing, const char *value);
static bool take_quiet(struct parsing *parsing, const char *value);
static bool take_verbose(struct parsing *parsing, const char *value);
static bool take_version(struct parsing *parsing, const char *value);
static bool take_help(struct parsing *parsing, const char *value);
static bool take_kernel(struct parsing *parsing, const char *value);
static bool take_chunk(struct parsing *parsing, const char *value);
static bool take_block(struct parsing *parsing, const char *value);
static bool take_sample_rate(struct parsing *parsing, const char *value);
static bool take_generate(struct parsing *parsing, const char *value);
static bool take_shard(struct parsing *parsing, const char *value);
static bool take_partial(struct parsing *parsing, const char *value);
static bool take_checkpoint(struct parsing *parsing, const char *value);
static bool take_checkpoint_every(struct parsing *parsing, const char *value);
static bool take_time_limit(struct parsing *parsing, const char *value);
static bool take_provenance(struct parsing *parsing, const char *value);

static const struct option table[] = {
	{ 0, "include", "GLOB", INPUT, take_include,
	  "take files that match GLOB, not *.csv and *.tsv",
	  "In a walk, take the files that match \\fIGLOB\\fR instead of those that match *.csv and "
	  "*.tsv, compressed or not. A glob without a slash is compared with the name of the file; one with a slash with "
	  "the path below the directory named, piece by piece, where ** stands for any number of "
	  "directories. May be given again: any of them will do.",
	  NULL },
	{ 0, "exclude", "GLOB", INPUT, take_exclude, "leave out files and directories that match",
	  "In a walk, leave out what matches \\fIGLOB\\fR, directories with all that is in them. "
	  "Stronger than \\fB\\-\\-include\\fR. May be given again.",
	  NULL },
	{ 0, "max-depth", "N", INPUT, take_max_depth, "walk N levels down (1: only the directory)",
	  "Walk no more than \\fIN\\fR levels down: 1 takes the files that lie in the directory "
	  "itself, 0 nothing that is not named. The default is no limit.",
	  NULL },
	{ 0, "follow", NULL, INPUT, take_follow, "follow symbolic links met in a walk",
	  "In a walk, follow symbolic links. A link named as a \\fIPATH\\fR is always followed.",
	  NULL },
	{ 0, "files-from", "FILE", INPUT, take_files_from,
	  "read paths from FILE, one a line; -: stdin",
	  "Read more paths from \\fIFILE\\fR, one a line, and treat each as a \\fIPATH\\fR after "
	  "those of the command line; \\- is standard input. Empty lines are skipped. Within the "
	  "list \\- is a file of that name. May be given again.",
	  "FILE" },
	{ '0', "null", NULL, INPUT, take_null, "paths in FILE end in a NUL byte, not a newline",
	  "Paths read by \\fB\\-\\-files\\-from\\fR end in a NUL byte, as \\fBfind \\-print0\\fR "
	  "writes them, and may hold newlines.",
	  NULL },
	{ 0, "connections", "N", INPUT, take_connections, "to other machines at once (default 16)",
	  "Keep at most \\fIN\\fR requests to other machines in flight, 1 to 256; the default is 16. "
	  "See section REMOTE INPUT.",
	  NULL },

	{ 'd', "delimiter", "CHAR", RECORDS, take_delimiter, "one byte, tab, or auto (default)",
	  "What separates fields: one byte, \\et or \\fBtab\\fR for the tab, or \\fBauto\\fR, the "
	  "default: the tab for a file named *.tsv, else the one of comma, semicolon, tab and bar "
	  "that stands most often outside quotes in the first record, the comma if none does.",
	  "auto tab" },
	{ 0, "quote", "CHAR", RECORDS, take_quote, "what encloses fields (default \")",
	  "What encloses fields that hold delimiters or line ends; doubled, it stands for itself. "
	  "The default is the double quote.",
	  NULL },
	{ 0, "no-quote", NULL, RECORDS, take_no_quote, "a quote is an ordinary byte",
	  "Quotes are ordinary bytes; every line end ends a record.", NULL },
	{ 0, "comment", "CHAR", RECORDS, take_comment, "skip lines that begin with CHAR",
	  "Skip lines that begin with \\fICHAR\\fR, and count them. By default there are none.",
	  NULL },
	{ 'n', "no-header", NULL, RECORDS, take_no_header,
	  "the first record is data, as --header=no",
	  "The first record of every file is data, as with \\fB\\-\\-header=no\\fR.", NULL },
	{ 0, "header", "WHEN", RECORDS, take_header, "auto (default), yes, no: first record is one",
	  "Whether the first record names the columns: \\fByes\\fR, \\fBno\\fR, or \\fBauto\\fR, "
	  "the default: it does unless every cell of it that is not empty is a number. Without a "
	  "header columns are named column_1, column_2 and so on.",
	  "auto yes no" },
	{ 0, "columns-by", "HOW", RECORDS, take_columns_by,
	  "match columns of files by name (default) or position",
	  "Columns of different files are the same column when they have the same \\fBname\\fR (the "
	  "default), or the same \\fBposition\\fR.",
	  "name position" },
	{ 0, "null-values", "LIST", RECORDS, take_null_values,
	  "missing besides empty (default NA,N/A,NULL,null,None)",
	  "Words that stand for a missing cell, separated by commas, besides the empty cell; "
	  "compared exactly, after spaces and tabs around the cell are gone. The default is "
	  "NA,N/A,NULL,null,None; an empty \\fILIST\\fR leaves only the empty cell. A word that is "
	  "a number, such as \\-999, is no number then.",
	  NULL },
	{ 's', "select", "LIST", RECORDS, take_select,
	  "columns: names, 3, 3-7, globs temp_*, !leave_out",
	  "Report only some columns. Items are separated by commas: a name, a number (the position "
	  "in each file's header, from 1), a range such as 3\\-7, 3\\- or \\-7, a glob such as temp_*, "
	  "and any of these after an exclamation mark to leave it out; what can be read as several "
	  "is the first of these. Items count from left to right; if the first one leaves out, all "
	  "other columns are taken. Between double quotes a comma is part of its item. May be given "
	  "again. Items that no file has a column for are named on standard error; a range that is "
	  "backwards, such as 7\\-3, is then wrong usage.",
	  NULL },

	{ 0, "stats", "LIST", REPORT, take_stats, "statistics to show, such as count,mean,max",
	  "The statistics to show, separated by commas, in the order of section REPORT. Known are "
	  "count, missing, nan, infinite, invalid, files, sum, mean, stddev, stddev_pop, variance, "
	  "min and max.",
	  "STATS" },
	{ 'A', "all", NULL, REPORT, take_all, "show every statistic there is",
	  "Show every statistic there is.", NULL },
	{ 0, "per-file", NULL, REPORT, take_per_file, "one block per file, then the total",
	  "Show the columns of each file, then the total.", NULL },
	{ 0, "format", "FORMAT", REPORT, take_format, "table (default), csv, tsv, json, md, state",
	  "How to write the report: \\fBtable\\fR (the default), \\fBcsv\\fR, \\fBtsv\\fR, "
	  "\\fBjson\\fR or \\fBmd\\fR. See section REPORT. \\fBstate\\fR is no report: it "
	  "saves what was found, to be given to another run as a \\fIPATH\\fR. See section SEVERAL "
	  "RUNS.",
	  "FORMATS" },
	{ 'o', "output", "FILE", REPORT, take_output, "write to FILE, whole or not at all",
	  "Write the report to \\fIFILE\\fR instead of standard output. It is written beside its "
	  "place and renamed when it is complete, so that there is never half a report; a file that "
	  "it replaces passes its permissions on, and a link stays one; that of another user in a "
	  "folder open to all, such as /tmp, is refused. Devices and pipes are written as they are; "
	  "\\- is standard output.",
	  "FILE" },
	{ 0, "round", "N", REPORT, take_round, "N digits after the point (default: all that tell)",
	  "Round real numbers to \\fIN\\fR digits after the point, 0 to 100. By default machine "
	  "formats have the shortest text that reads back to the same double, and the table about "
	  "seven digits.",
	  NULL },
	{ 0, "provenance", NULL, REPORT, take_provenance, "add what ran where and when",
	  "Add to the report what read the inputs: version, command, host, job, threads, kernel, "
	  "beginning and end of each run, and the digest of each list of inputs.",
	  NULL },

	{ 'j', "threads", "N", RUN, take_threads,
	  "threads (default: what OpenMP and the job grant)",
	  "Use \\fIN\\fR threads. By default their number is OMP_NUM_THREADS where it is set, else "
	  "the number of CPUs that the process may run on, lowered to the CPU quota of its control "
	  "group. Where the system does not start so many, fewer do the work, and that is said. The "
	  "report does not depend on it.",
	  NULL },
	{ 0, "progress", "WHEN", RUN, take_progress, "auto (default), always, never, or SECONDS",
	  "Show how far the run is on standard error: a bar \\fBalways\\fR, \\fBnever\\fR, or "
	  "\\fBauto\\fR, the default: when it is a terminal outside any job and the run lasts. A "
	  "number writes a line every so many seconds, for logs.",
	  "auto always never" },
	{ 0, "timing", NULL, RUN, take_timing, "say how long it took, and what held it up",
	  "After the report, say on standard error how long the run took, whether it computed or "
	  "waited, and what to do about it; with \\fB\\-\\-verbose\\fR thread by thread. See section "
	  "TIMING. Neither \\fB\\-\\-quiet\\fR nor \\fB\\-\\-strict\\fR holds it back.",
	  NULL },
	{ 0, "strict", NULL, RUN, take_strict, "ragged rows, invalid cells, bad files: no report",
	  "Rows that are too short or too long, invalid cells in a column that also holds numbers, "
	  "and files that cannot be read end the run with exit status 1 and no report.",
	  NULL },
	{ 0, "flamegraph", "FILE", RUN, take_flamegraph, "sample the run; FILE.svg or FILE.folded",
	  "Sample the run, 250 times in each second of CPU time of each thread, and write to "
	  "\\fIFILE\\fR in which functions that time was spent: named *.svg, a picture to open in a "
	  "web browser; named *.folded, a line per stack for other viewers. See section PROFILE.",
	  "FILE" },
	{ 'q', "quiet", NULL, RUN, take_quiet, "no messages but those of a failed run",
	  "Say nothing on standard error unless there is no report; the exit status still tells.",
	  NULL },
	{ 'v', "verbose", NULL, RUN, take_verbose,
	  "say what decided threads, kernel, units; list all",
	  "Say on standard error which source decided the number of threads, which kernel runs and "
	  "how the work was cut; and list all problems in the table, with the files that lack a "
	  "column.",
	  NULL },
	{ 'V', "version", NULL, RUN, take_version, "version, features, kernels; exit",
	  "Print the version, the features and kernels built in and the kernel that is used, and "
	  "exit.",
	  NULL },
	{ 'h', "help", NULL, RUN, take_help, "this text; exit",
	  "Print a summary of the options and exit.", NULL },

	{ 0, "shard", "I/N", PARTS, take_shard, "read the I-th of N shares, with --format=state",
	  "Read only the \\fII\\fR-th (from 1) of \\fIN\\fR shares of the work, which have the same "
	  "number of bytes, and save what was found with \\fB\\-\\-format=state\\fR. A share may "
	  "end within a file. The states of all shares, given to another run, are the report. See "
	  "section SEVERAL RUNS.",
	  NULL },
	{ 0, "partial", NULL, PARTS, take_partial,
	  "report what states there are, though some are missing",
	  "Report what the saved states hold although shares are missing or states are damaged; the "
	  "report says so, and the exit status is 3. Without it there is no report then.",
	  NULL },
	{ 0, "checkpoint", "FILE", PARTS, take_checkpoint,
	  "save progress in FILE, and go on from it",
	  "Save what is done to \\fIFILE\\fR every minute, and when the run is told to end by SIGTERM, "
	  "SIGINT, SIGHUP, SIGUSR1, SIGUSR2 or SIGXCPU; its exit status is 75 then. The same command "
	  "goes on from there. Removed when the report is written. See section SEVERAL RUNS.",
	  "FILE" },
	{ 0, "time-limit", "TIME", PARTS, take_time_limit,
	  "end in time, such as 90s, 15m, 2h, 1:30:00",
	  "End the run, as a signal does, when it has lasted so long: a number with s, m, h or d behind "
	  "it (seconds without), \\fIH\\fR:\\fIMM\\fR:\\fISS\\fR, or "
	  "\\fID\\fR\\-\\fIHH\\fR:\\fIMM\\fR:\\fISS\\fR as Slurm writes it. With a checkpoint, "
	  "the default is the end of the job where the scheduler tells it (SLURM_JOB_END_TIME), less "
	  "30 seconds.",
	  NULL },

	/* hidden: for tests, benches and the build */
	{ 0, "checkpoint-every", "SECONDS", RUN, take_checkpoint_every, NULL, NULL, NULL },
	{ 0, "kernel", "NAME", RUN, take_kernel, NULL, NULL, NULL },
	{ 0, "chunk", "BYTES", RUN, take_chunk, NULL, NULL, NULL },
	{ 0, "block", "BYTES", RUN, take_block, NULL, NULL, NULL },
	{ 0, "sample-rate", "HZ", RUN, take_sample_rate, NULL, NULL, NULL },
	{ 0, "generate", "WHAT", RUN, take_generate, NULL, NULL, NULL },
};

enum { N_OPTIONS = sizeof table / sizeof table[0] };

/* ---- values ---- */

static bool refuse(struct parsing *parsing, const char *value, const char *allowed)
{
	const bool is_short = parsing->given[0] == '-' && parsing->given[1] != '-';
	csvr_log_error(parsing->log, CSVR_EXIT_USAGE,
		       "%s%s%s: allowed is %s; see 'csv-report --help'", parsing->given,
		       is_short ? " " : "=", value[0] != '\0' ? value : "''", allowed);
	return false;
}

static bool refuse_memory(struct parsing *parsing)
{
	csvr_log_error(parsing->log, CSVR_EXIT_NO_REPORT,
		       "out of memory while the options were read: no report");
	return false;
}

/* A whole number without sign or space, least to most. */
static bool is_whole(const char *value, uint64_t least, uint64_t most, uint64_t *number)
{
	if (value[0] < '0' || value[0] > '9')
		return false;
	char *end;
	errno = 0;
	*number = strtoull(value, &end, 10);
	return *end == '\0' && errno == 0 && *number >= least && *number <= most;
}

static bool take_int(struct parsing *parsing, const char *value, int least, int most,
		     const char *allowed, int *number)
{
	uint64_t whole;
	if (!is_whole(value, (uint64_t)least, (uint64_t)most, &whole))
		return refuse(parsing, value, allowed);
	*number = (int)whole;
	return true;
}

/* The position of `value` among words separated by spaces, or -1. */
static int find_choice(const char *value, const char *choices)
{
	const size_t length = strlen(value);
	int index = 0;
	for (const char *at = choices; *at != '\0'; index++) {
		const size_t n = strcspn(at, " ");
		if (n == length && memcmp(at, value, n) == 0)
			return index;
		at += n + (at[n] == ' ');
	}
	return -1;
}

static bool append(struct csvr_string_builder *list, const char *word)
{
	const char **words = csvr_array_grow(list->words, &list->capacity, list->n_words + 1,
					     sizeof *words);
	if (words == NULL)
		return false;
	list->words = words;
	words[list->n_words++] = word;
	return true;
}

static bool take_word(struct parsing *parsing, struct csvr_string_builder *list, const char *value,
		      const char *allowed)
{
	if (value[0] == '\0')
		return refuse(parsing, value, allowed);
	return append(list, value) || refuse_memory(parsing);
}

/* Appends the items of a list; between double quotes a comma is part of its item. */
static bool take_items(struct parsing *parsing, struct csvr_string_builder *list, const char *value,
		       bool is_quotable)
{
	char *item = malloc(strlen(value) + 1);
	bool is_taken = item != NULL;
	const char *at = value;
	while (is_taken && *at != '\0') {
		size_t n = 0;
		bool is_quoted = false;
		for (; *at != '\0' && (is_quoted || *at != ','); at++) {
			if (is_quotable && *at == '"')
				is_quoted = !is_quoted;
			else
				item[n++] = *at;
		}
		at += *at == ',';
		const char *copy = csvr_arena_copy(&parsing->options->strings, item, n);
		is_taken = copy != NULL && (n == 0 || append(list, copy));
	}
	free(item);
	return is_taken || refuse_memory(parsing);
}

/* One byte of the dialect. */
static bool take_byte(struct parsing *parsing, const char *value, const char *allowed, int *byte)
{
	if (strcmp(value, "\\t") == 0 || strcmp(value, "tab") == 0)
		*byte = '\t';
	else if (value[0] != '\0' && value[1] == '\0' && value[0] != '\n' && value[0] != '\r')
		*byte = (unsigned char)value[0];
	else
		return refuse(parsing, value, allowed);
	return true;
}

static bool take_include(struct parsing *parsing, const char *value)
{
	return take_word(parsing, &parsing->options->include, value, "a glob such as '*.txt'");
}

static bool take_exclude(struct parsing *parsing, const char *value)
{
	return take_word(parsing, &parsing->options->exclude, value, "a glob such as '*_old*'");
}

static bool take_max_depth(struct parsing *parsing, const char *value)
{
	return take_int(parsing, value, 0, INT_MAX, "a whole number from 0",
			&parsing->options->settings.walk.max_depth);
}

static bool take_follow(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->settings.walk.follow = true;
}

static bool take_files_from(struct parsing *parsing, const char *value)
{
	return take_word(parsing, &parsing->options->lists, value,
			 "a file that lists paths, or - for standard input");
}

static bool take_null(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->is_null_separated = true;
}

static bool take_connections(struct parsing *parsing, const char *value)
{
	return take_int(parsing, value, 1, 256, "a whole number from 1 to 256",
			&parsing->options->connections);
}

static bool take_delimiter(struct parsing *parsing, const char *value)
{
	int *delimiter = &parsing->options->settings.reading.delimiter;
	parsing->options->delimiter = value;
	*delimiter = CSVR_AUTO;
	return strcmp(value, "auto") == 0 ||
	       take_byte(parsing, value, "one byte that is no line end, \\t, tab or auto",
			 delimiter);
}

static bool take_quote(struct parsing *parsing, const char *value)
{
	parsing->options->quote = value;
	return take_byte(parsing, value, "one byte that is no line end; --no-quote for none",
			 &parsing->options->settings.reading.quote);
}

static bool take_no_quote(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->settings.reading.quote = CSVR_NONE;
	return true;
}

static bool take_comment(struct parsing *parsing, const char *value)
{
	parsing->options->comment = value;
	return take_byte(parsing, value, "one byte that is no line end",
			 &parsing->options->settings.reading.comment);
}

static bool take_no_header(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->settings.reading.header = CSVR_HEADER_NO;
	return true;
}

static bool take_header(struct parsing *parsing, const char *value)
{
	static const enum csvr_header_mode headers[] = { CSVR_HEADER_AUTO, CSVR_HEADER_YES,
							 CSVR_HEADER_NO };
	const int choice = find_choice(value, "auto yes no");
	if (choice < 0)
		return refuse(parsing, value, "auto, yes or no");
	parsing->options->settings.reading.header = headers[choice];
	return true;
}

static bool take_columns_by(struct parsing *parsing, const char *value)
{
	const int choice = find_choice(value, "name position");
	if (choice < 0)
		return refuse(parsing, value, "name or position");
	parsing->options->settings.reading.by_position = choice == 1;
	return true;
}

static bool take_null_values(struct parsing *parsing, const char *value)
{
	parsing->options->null_values.n_words = 0;
	parsing->options->settings.reading.null_values.n_words = 0;
	return take_items(parsing, &parsing->options->null_values, value, false);
}

static bool take_select(struct parsing *parsing, const char *value)
{
	const size_t n_before = parsing->options->select.n_words;
	if (!take_items(parsing, &parsing->options->select, value, true))
		return false;
	/* Nothing at all would mean every column. */
	return parsing->options->select.n_words > n_before ||
	       refuse(parsing, value,
		      "names, numbers, ranges and globs of columns, such as 'time,3-7'");
}

static bool take_stats(struct parsing *parsing, const char *value)
{
	struct csvr_string_builder *list = &parsing->options->stats;
	list->n_words = 0;
	for (const char *at = value; *at != '\0';) {
		const size_t n = strcspn(at, ",");
		const char *name = find_statistic(at, n);
		if (name == NULL && n > 0) {
			char names[512];
			list_statistics(names, sizeof names);
			return refuse(parsing, value, names);
		}
		if (name != NULL && !append(list, name))
			return refuse_memory(parsing);
		at += n + (at[n] == ',');
	}
	if (list->n_words == 0)
		return refuse(parsing, value, "a list of statistics such as count,mean,max");
	return true;
}

static bool take_all(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->settings.statistics.all = true;
}

static bool take_per_file(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->settings.report.per_file = true;
}

static bool take_format(struct parsing *parsing, const char *value)
{
	const char *name;
	for (size_t f = 0; (name = csvr_format_name(f)) != NULL; f++) {
		if (strcmp(name, value) == 0) {
			parsing->options->settings.report.format = (enum csvr_format)f;
			return true;
		}
	}
	return refuse(parsing, value, "table, csv, tsv, json, md or state");
}

static bool take_output(struct parsing *parsing, const char *value)
{
	if (value[0] == '\0')
		return refuse(parsing, value, "the name of a file, or - for standard output");
	parsing->options->output = strcmp(value, "-") == 0 ? NULL : value;
	return true;
}

static bool take_round(struct parsing *parsing, const char *value)
{
	return take_int(parsing, value, 0, CSVR_MAX_ROUND, "a whole number from 0 to 100",
			&parsing->options->settings.report.round_digits);
}

static bool take_threads(struct parsing *parsing, const char *value)
{
	/* More than any machine has; each costs memory, and the system's own limit is no message. */
	return take_int(parsing, value, 1, 4096, "a whole number from 1 to 4096",
			&parsing->options->settings.tuning.n_threads);
}

static bool take_progress(struct parsing *parsing, const char *value)
{
	static const enum csvr_progress_mode modes[] = { CSVR_PROGRESS_AUTO, CSVR_PROGRESS_ALWAYS,
							 CSVR_PROGRESS_NEVER };
	const int choice = find_choice(value, "auto always never");
	if (choice >= 0) {
		parsing->options->progress = modes[choice];
		return true;
	}
	char *end;
	const double seconds = strtod(value, &end);
	if (value[0] < '.' || value[0] > '9' || *end != '\0' || !(seconds > 0) ||
	    !isfinite(seconds))
		return refuse(parsing, value, "auto, always, never or a number of seconds");
	parsing->options->progress = CSVR_PROGRESS_LINES;
	parsing->options->progress_s = seconds;
	return true;
}

static bool take_timing(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->is_timed = true;
}

static bool take_strict(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->is_strict = true;
}

static bool ends_in(const char *text, const char *end)
{
	const size_t n = strlen(text), n_end = strlen(end);
	return n > n_end && strcmp(text + n - n_end, end) == 0;
}

static bool take_flamegraph(struct parsing *parsing, const char *value)
{
	const bool is_picture = ends_in(value, ".svg");
	if (!is_picture && !ends_in(value, ".folded"))
		return refuse(parsing, value, "a file named *.svg or *.folded");
	if (!csvr_profile_is_supported()) {
		csvr_log_error(
			parsing->log, CSVR_EXIT_USAGE,
			"%s: this build cannot sample itself; build it where configure finds "
			"libbacktrace, which comes with gcc",
			parsing->given);
		return false;
	}
	parsing->options->flamegraph = value;
	parsing->options->graph = is_picture ? CSVR_GRAPH_SVG : CSVR_GRAPH_FOLDED;
	return true;
}

static bool take_quiet(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->is_quiet = true;
}

static bool take_verbose(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->settings.report.verbose = true;
}

static bool take_version(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->action = CSVR_ACTION_VERSION;
	return true;
}

static bool take_help(struct parsing *parsing, const char *value)
{
	(void)value;
	parsing->options->action = CSVR_ACTION_HELP;
	return true;
}

static bool take_kernel(struct parsing *parsing, const char *value)
{
	const char *name;
	char allowed[CSVR_MESSAGE_BYTES] = "";
	for (size_t k = 0; (name = csvr_kernel_name(k, &(bool){ false })) != NULL; k++) {
		if (strcmp(name, value) == 0) {
			parsing->options->settings.tuning.kernel = name;
			return true;
		}
		const size_t used = strlen(allowed);
		snprintf(allowed + used, sizeof allowed - used, "%s%s", k > 0 ? ", " : "", name);
	}
	return refuse(parsing, value, allowed);
}

static bool take_bytes(struct parsing *parsing, const char *value, uint64_t *bytes)
{
	if (!is_whole(value, 1, UINT64_C(1) << 40, bytes))
		return refuse(parsing, value, "a number of bytes from 1");
	return true;
}

static bool take_chunk(struct parsing *parsing, const char *value)
{
	return take_bytes(parsing, value, &parsing->options->settings.tuning.chunk_bytes);
}

/* Fields of a block are counted and placed in 32 bits. */
static bool take_block(struct parsing *parsing, const char *value)
{
	uint64_t bytes = 0;
	if (!is_whole(value, 1, UINT64_C(1) << 30, &bytes))
		return refuse(parsing, value, "a number of bytes from 1 to 1073741824");
	parsing->options->settings.tuning.block_bytes = (size_t)bytes;
	return true;
}

static bool take_sample_rate(struct parsing *parsing, const char *value)
{
	int rate_hz = 0;
	if (!take_int(parsing, value, 1, 100000, "a whole number from 1 to 100000", &rate_hz))
		return false;
	parsing->options->sample_hz = (unsigned)rate_hz;
	return true;
}

static bool take_shard(struct parsing *parsing, const char *value)
{
	static const char allowed[] = "I/N, the I-th of N shares, such as 1/4";
	struct csvr_shard *shard = &parsing->options->settings.shard;
	uint64_t index, count;
	const char *slash = strchr(value, '/');
	char first[16];
	if (slash == NULL || (size_t)(slash - value) >= sizeof first)
		return refuse(parsing, value, allowed);
	memcpy(first, value, (size_t)(slash - value));
	first[slash - value] = '\0';
	enum { MOST_SHARES = 1000000 };
	if (!is_whole(slash + 1, 1, MOST_SHARES, &count) || !is_whole(first, 1, count, &index))
		return refuse(parsing, value, allowed);
	*shard = (struct csvr_shard){ (uint32_t)index, (uint32_t)count };
	return true;
}

static bool take_partial(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->settings.is_partial = true;
}

static bool take_checkpoint(struct parsing *parsing, const char *value)
{
	parsing->options->checkpoint = value;
	return value[0] != '\0' || refuse(parsing, value, "a file");
}

static bool take_seconds(struct parsing *parsing, const char *value, double *seconds)
{
	char *end;
	*seconds = strtod(value, &end);
	return (end != value && *end == '\0' && *seconds > 0 && *seconds < 1e9) ||
	       refuse(parsing, value, "seconds, more than 0");
}

static bool take_checkpoint_every(struct parsing *parsing, const char *value)
{
	return take_seconds(parsing, value, &parsing->options->checkpoint_every_s);
}

/* [D-]HH:MM:SS or MM:SS; false: it is something else. */
static bool take_clock_time(const char *value, double *seconds)
{
	unsigned days = 0, part[3] = { 0 };
	int n_read = 0, n_parts;
	/* sscanf would take signs and blanks for parts of numbers. */
	if (value[strspn(value, "0123456789:-")] != '\0' || value[0] == '-' ||
	    strstr(value, ":-") != NULL || strstr(value, "--") != NULL)
		return false;
	if (sscanf(value, "%5u-%n", &days, &n_read) == 1 && n_read > 0)
		value += n_read;
	else
		days = 0;
	n_read = 0;
	n_parts = sscanf(value, "%7u:%2u%n:%2u%n", &part[0], &part[1], &n_read, &part[2], &n_read);
	if (n_parts < 2 || value[n_read] != '\0')
		return false;
	const double last = n_parts == 3 ? part[0] * 3600.0 + part[1] * 60.0 + part[2]
					 : part[0] * 60.0 + part[1];
	*seconds = days * 86400.0 + last;
	return *seconds > 0;
}

static bool take_time_limit(struct parsing *parsing, const char *value)
{
	static const struct {
		char letter;
		double seconds;
	} units[] = { { '\0', 1 }, { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	double *limit = &parsing->options->time_limit_s;
	char *end;
	const double number = strtod(value, &end);
	if (strchr(value, ':') != NULL && take_clock_time(value, limit))
		return true;
	for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
		if (end == value || value[0] == '-' || *end != units[i].letter ||
		    (*end != '\0' && end[1] != '\0') || !(number > 0) || number > 1e7)
			continue;
		*limit = number * units[i].seconds;
		return true;
	}
	return refuse(parsing, value, "90, 90s, 15m, 2h, 1d, 1:30:00 or 1-12:00:00");
}

static bool take_provenance(struct parsing *parsing, const char *value)
{
	(void)value;
	return parsing->options->settings.report.provenance = true;
}

static bool take_generate(struct parsing *parsing, const char *value)
{
	const int choice = find_choice(value, "man-options bash-completion");
	if (choice < 0)
		return refuse(parsing, value, "man-options or bash-completion");
	parsing->options->action = choice == 0 ? CSVR_ACTION_GENERATE_MAN
					       : CSVR_ACTION_GENERATE_BASH;
	return true;
}

/* ---- finding an option ---- */

/* Edits (insert, drop, change a letter) from one short word to another; both under 32 bytes. */
static size_t distance(const char *from, const char *to)
{
	size_t row[33];
	const size_t n = strlen(to);
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; from[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			const size_t changed = diagonal + (from[i - 1] != to[j - 1]);
			diagonal = row[j];
			row[j] = row[j] + 1 < row[j - 1] + 1 ? row[j] + 1 : row[j - 1] + 1;
			if (changed < row[j])
				row[j] = changed;
		}
	}
	return row[n];
}

/* The known option nearest to a mistyped one, or NULL if none is near. */
static const char *nearest_name(const char *typed)
{
	const char *nearest = NULL;
	const size_t length = strlen(typed);
	/* up to two wrong letters are a slip, more another word */
	size_t least = length < 6 ? 2 : 3;
	if (length >= 32)
		return NULL;
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const size_t edits = distance(typed, table[i].name);
		if (table[i].help != NULL && edits < least) {
			least = edits;
			nearest = table[i].name;
		}
	}
	return nearest;
}

static const struct option *find_letter(struct csvr_log *log, char letter)
{
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (table[i].letter == letter)
			return &table[i];
	csvr_log_error(log, CSVR_EXIT_USAGE, "-%c: no such option; see 'csv-report --help'",
		       letter);
	return NULL;
}

/* By name or by a beginning that only one option has; hidden ones by name only. */
static const struct option *find_name(struct csvr_log *log, const char *name)
{
	const struct option *found = NULL;
	size_t n_found = 0;
	char candidates[CSVR_MESSAGE_BYTES] = "";
	for (size_t i = 0; i < N_OPTIONS; i++) {
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
		if (table[i].help != NULL && strncmp(table[i].name, name, strlen(name)) == 0) {
			const size_t used = strlen(candidates);
			snprintf(candidates + used, sizeof candidates - used, "%s--%s",
				 n_found > 0 ? ", " : "", table[i].name);
			found = &table[i];
			n_found++;
		}
	}
	if (n_found == 1)
		return found;
	const char *nearest = nearest_name(name);
	if (n_found > 1)
		csvr_log_error(log, CSVR_EXIT_USAGE, "--%s: could be any of %s", name, candidates);
	else if (nearest != NULL)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--%s: no such option; did you mean --%s? See 'csv-report --help'",
			       name, nearest);
	else
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--%s: no such option; see 'csv-report --help'", name);
	return NULL;
}

/* ---- the command line ---- */

struct arguments {
	char **next; /* NULL-terminated */
};

static bool take_option(struct parsing *parsing, const struct option *option, const char *value,
			struct arguments *arguments)
{
	if (option->value == NULL && value != NULL) {
		csvr_log_error(parsing->log, CSVR_EXIT_USAGE,
			       "%s=%s: the option takes no value; see 'csv-report --help'",
			       parsing->given, value);
		return false;
	}
	if (option->value != NULL && value == NULL)
		value = *arguments->next != NULL ? *arguments->next++ : NULL;
	if (option->value != NULL && value == NULL) {
		csvr_log_error(parsing->log, CSVR_EXIT_USAGE,
			       "%s: a value is missing, %s (%s); see 'csv-report --help'",
			       parsing->given, option->value,
			       option->help != NULL ? option->help : "for tests");
		return false;
	}
	return option->take(parsing, value);
}

static bool take_long(struct parsing *parsing, const char *argument, struct arguments *arguments)
{
	char *given = parsing->given;
	const size_t room = sizeof parsing->given;
	const char *equals = strchr(argument, '=');
	const size_t n = equals != NULL ? (size_t)(equals - argument) : strlen(argument);
	snprintf(given, room, "%.*s", (int)(n < room ? n : room - 1), argument);
	const struct option *option = find_name(parsing->log, given + 2);
	if (option == NULL)
		return false;
	snprintf(given, room, "--%s", option->name);
	return take_option(parsing, option, equals != NULL ? equals + 1 : NULL, arguments);
}

/* -Avj4: letters without a value one after the other, the last may have one. */
static bool take_letters(struct parsing *parsing, const char *argument, struct arguments *arguments)
{
	for (const char *at = argument + 1; *at != '\0'; at++) {
		const struct option *option = find_letter(parsing->log, *at);
		if (option == NULL)
			return false;
		snprintf(parsing->given, sizeof parsing->given, "-%c", *at);
		if (option->value != NULL)
			return take_option(parsing, option, at[1] != '\0' ? at + 1 : NULL,
					   arguments);
		if (!take_option(parsing, option, NULL, arguments))
			return false;
	}
	return true;
}

static bool could_be_delimiter(int byte)
{
	return byte > 0 && strchr(",;\t|", byte) != NULL;
}

/* Options about several runs that need others, or stand in their way. */
static bool check_parts(const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_settings *settings = &options->settings;
	const bool is_state = settings->report.format == CSVR_FORMAT_STATE;
	if (settings->shard.count > 1 && !is_state)
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--shard=%u/%u: a share may end within a file, so it is saved and not "
			"reported; add --format=state and --output=FILE",
			settings->shard.index, settings->shard.count);
	else if (settings->is_partial && is_state)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--partial is for reports; a state may always be one of a part");
	else if (settings->report.provenance && (settings->report.format == CSVR_FORMAT_CSV ||
						 settings->report.format == CSVR_FORMAT_TSV))
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--provenance: csv and tsv have no place for it; use --format=json, md or "
			"table");
	else if (is_state && options->is_strict && settings->shard.count > 1)
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--strict: a share does not show all there is; give it to the run that "
			"merges them");
	else
		return true;
	return false;
}

/* What options may not mean together. */
static bool check(struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_parse_options *reading = &options->settings.reading;
	const int delimiter = reading->delimiter, quote = reading->quote;
	const char *option = NULL, *value = NULL, *wrong = NULL;
	if (delimiter >= 0 && delimiter == quote) {
		option = "--delimiter", value = options->delimiter;
		wrong = "this is also the quote; choose another --quote, or give --no-quote";
	} else if (delimiter >= 0 && delimiter == reading->comment) {
		option = "--comment", value = options->comment;
		wrong = "this is also the delimiter; choose another";
	} else if (quote >= 0 && quote == reading->comment) {
		option = "--comment", value = options->comment;
		wrong = "this is also the quote; choose another, or give --no-quote";
	} else if (delimiter == CSVR_AUTO && could_be_delimiter(quote)) {
		option = "--quote", value = options->quote;
		wrong = "this could be the delimiter; say with --delimiter what is";
	} else if (delimiter == CSVR_AUTO && could_be_delimiter(reading->comment)) {
		option = "--comment", value = options->comment;
		wrong = "this could be the delimiter; say with --delimiter what is";
	} else if (options->is_null_separated && options->lists.n_words == 0) {
		option = "--null";
		wrong = "is about the paths in a list; name the list with --files-from";
	}
	if (wrong != NULL)
		csvr_log_error(log, CSVR_EXIT_USAGE, "%s%s%s: %s; see 'csv-report --help'", option,
			       value != NULL ? "=" : "", value != NULL ? value : "", wrong);
	return wrong == NULL;
}

static struct csvr_string_list words_of(const struct csvr_string_builder *list)
{
	return (struct csvr_string_list){ list->words, list->n_words };
}

/* A path that stands for standard input twice, as data or as a list. */
static bool check_standard_input(const struct csvr_options *options, struct csvr_log *log)
{
	size_t n_uses = 0;
	for (size_t i = 0; i < options->paths.n_words; i++)
		n_uses += strcmp(options->paths.words[i], "-") == 0;
	for (size_t i = 0; i < options->lists.n_words; i++)
		n_uses += strcmp(options->lists.words[i], "-") == 0;
	if (n_uses > 1)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "-: standard input can be read only once; name it once");
	return n_uses <= 1;
}

bool csvr_options_parse(struct csvr_options *options, int argc, char **argv, struct csvr_log *log)
{
	*options = (struct csvr_options){ 0 };
	csvr_settings_init(&options->settings);
	options->checkpoint_every_s = 60;
	options->connections = 16;
	csvr_arena_init(&options->strings);
	struct parsing parsing = { options, log, "CSVR_KERNEL" };
	struct arguments arguments = { argc > 0 ? argv + 1 : argv };

	const char *kernel = getenv("CSVR_KERNEL");
	if (kernel != NULL && kernel[0] != '\0' && !take_kernel(&parsing, kernel))
		return false;
	bool is_option_next = true;
	while (*arguments.next != NULL && options->action == CSVR_ACTION_RUN) {
		const char *argument = *arguments.next++;
		bool is_taken = true;
		if (!is_option_next || argument[0] != '-' || argument[1] == '\0')
			is_taken = append(&options->paths, argument) || refuse_memory(&parsing);
		else if (strcmp(argument, "--") == 0)
			is_option_next = false;
		else if (argument[1] == '-')
			is_taken = take_long(&parsing, argument, &arguments);
		else
			is_taken = take_letters(&parsing, argument, &arguments);
		if (!is_taken)
			return false;
	}
	log->is_quiet = options->is_quiet;
	struct csvr_settings *settings = &options->settings;
	settings->walk.include = words_of(&options->include);
	settings->walk.exclude = words_of(&options->exclude);
	settings->reading.select = words_of(&options->select);
	settings->statistics.names = words_of(&options->stats);
	if (options->null_values.words != NULL || settings->reading.null_values.n_words == 0)
		settings->reading.null_values = words_of(&options->null_values);
	return options->action != CSVR_ACTION_RUN ||
	       (check(options, log) && check_parts(options, log) &&
		check_standard_input(options, log));
}

void csvr_options_clear(struct csvr_options *options)
{
	free(options->paths.words);
	free(options->lists.words);
	free(options->include.words);
	free(options->exclude.words);
	free(options->null_values.words);
	free(options->select.words);
	free(options->stats.words);
	csvr_arena_clear(&options->strings);
}

/* ---- what else the table gives ---- */

enum { HELP_COLUMN = 27 };

static void write_help(FILE *stream)
{
	fputs("Usage: csv-report [OPTION]... [PATH|URL]...\n"
	      "Report count, missing, mean, stddev, min and max, exactly, of every column of\n"
	      "all CSV files under each PATH: a directory, a file, or - for standard input; or\n"
	      "at each URL: s3://BUCKET/PREFIX/, s3://BUCKET/KEY, or a file's http(s) address.\n",
	      stream);
	for (int group = 0; group < N_GROUPS; group++) {
		fprintf(stream, "\n%s:\n", group_titles[group]);
		for (size_t i = 0; i < N_OPTIONS; i++) {
			const struct option *option = &table[i];
			if (option->help == NULL || (int)option->group != group)
				continue;
			const char letter[] = { '-', option->letter, ',', '\0' };
			const int used = fprintf(stream, "  %3s --%s%s%s",
						 option->letter != 0 ? letter : "", option->name,
						 option->value != NULL ? "=" : "",
						 option->value != NULL ? option->value : "");
			fprintf(stream, "%*s%s\n", used < HELP_COLUMN ? HELP_COLUMN - used : 1, "",
				option->help);
		}
	}
	fputs("\nExit status: 0 complete, 1 no report, 2 wrong usage, 3 complete but for what is\n"
	      "named on standard error, 75 ended early. More: man csv-report\n",
	      stream);
}

/* A name for roff: its hyphens are minus signs, which one can search for and copy. */
static void put_roff(FILE *stream, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '-')
			putc('\\', stream);
		putc(*text, stream);
	}
}

static void write_man(FILE *stream)
{
	for (int group = 0; group < N_GROUPS; group++) {
		fprintf(stream, ".SS %s\n", group_titles[group]);
		for (size_t i = 0; i < N_OPTIONS; i++) {
			const struct option *option = &table[i];
			if (option->help == NULL || (int)option->group != group)
				continue;
			fputs(".TP\n", stream);
			if (option->letter != 0)
				fprintf(stream, "\\fB\\-%c\\fR, ", option->letter);
			fputs("\\fB\\-\\-", stream);
			put_roff(stream, option->name);
			fputs("\\fR", stream);
			if (option->value != NULL)
				fprintf(stream, "=\\fI%s\\fR", option->value);
			fprintf(stream, "\n%s\n", option->manual);
		}
	}
}

static void write_choices(FILE *stream, const char *choices)
{
	const char *name;
	if (strcmp(choices, "FORMATS") == 0)
		for (size_t f = 0; (name = csvr_format_name(f)) != NULL; f++)
			fprintf(stream, "%s%s", f > 0 ? " " : "", name);
	else if (strcmp(choices, "STATS") == 0)
		for (size_t s = 0; (name = csvr_statistic_name(s)) != NULL; s++)
			fprintf(stream, "%s%s", s > 0 ? " " : "", name);
	else
		fputs(choices, stream);
}

/* Without helpers of the bash-completion package, so that it works where bash does. An equals sign
 * is a word of its own to bash. */
static void write_bash(FILE *stream)
{
	fputs("# bash completion for csv-report, made by csv-report --generate=bash-completion\n"
	      "_csv_report()\n"
	      "{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} list=\n"
	      "\tif [[ $cur == '=' ]]; then\n"
	      "\t\tcur=\n"
	      "\telif [[ $prev == '=' ]]; then\n"
	      "\t\tprev=${COMP_WORDS[COMP_CWORD-2]}\n"
	      "\tfi\n"
	      "\tcase $prev in\n",
	      stream);
	for (size_t i = 0; i < N_OPTIONS; i++) {
		const struct option *option = &table[i];
		if (option->help == NULL || option->value == NULL)
			continue;
		fprintf(stream, "\t--%s", option->name);
		if (option->letter != 0)
			fprintf(stream, "|-%c", option->letter);
		fputs(")\n", stream);
		if (option->choices != NULL && strcmp(option->choices, "FILE") != 0) {
			if (strcmp(option->choices, "STATS") == 0) /* the last item of a list */
				fputs("\t\tlist=${cur%\"${cur##*,}\"}\n", stream);
			fputs("\t\tmapfile -t COMPREPLY < <(compgen -P \"$list\" -W '", stream);
			write_choices(stream, option->choices);
			fputs("' -- \"${cur#\"$list\"}\")\n", stream);
		} else if (option->choices != NULL) {
			fputs("\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n", stream);
		}
		fputs("\t\treturn ;;\n", stream);
	}
	fputs("\tesac\n"
	      "\tif [[ $cur == -* ]]; then\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -W '",
	      stream);
	for (size_t i = 0; i < N_OPTIONS; i++)
		if (table[i].help != NULL)
			fprintf(stream, "%s--%s%s", i > 0 ? " " : "", table[i].name,
				table[i].value != NULL ? "=" : "");
	fputs("' -- \"$cur\")\n"
	      "\t\tif [[ ${COMPREPLY[0]-} == *= ]]; then compopt -o nospace; fi\n"
	      "\telse\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
	      "\tfi\n"
	      "}\n"
	      "complete -o filenames -F _csv_report csv-report csv-report-mpi csv-report-remote\n",
	      stream);
}

void csvr_options_write(enum csvr_action action, FILE *stream)
{
	if (action == CSVR_ACTION_HELP)
		write_help(stream);
	else if (action == CSVR_ACTION_GENERATE_MAN)
		write_man(stream);
	else
		write_bash(stream);
}
