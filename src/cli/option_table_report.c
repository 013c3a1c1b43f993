/* option_table_report.c - the options of the command line: those of reports and runs, and hidden ones
 *
 * Shape    as option_table.c
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <limits.h>

#include "base/number_format.h"
#include "cli/option_rows.h"

/* The choice_name of --kernel: csvr_kernel_name without its second result. */
static const char *kernel_name(size_t index)
{
	return csvr_kernel_name(index, &(bool){ false });
}

const struct csvr_option csvr_report_options[] = {
	/* ---- report ---- */

	{ .name = "stats",
	  .value_name = "LIST",
	  .group = CSVR_GROUP_REPORT,
	  CHOICES(stats),
	  .choice_name = csvr_statistic_name,
	  .choice_definition = csvr_statistic_definition,
	  .is_other_choice = csvr_statistic_is_percentile,
	  .other_choices = "other percentiles, such as p99.9",
	  .synonyms =
		  "avg mean average mean sd stddev std stddev stdev stddev var variance "
		  "nunique distinct unique_count distinct cardinality distinct mode top "
		  "q1 p25 q2 median q3 p75 quantiles p25 quartiles p25 nulls missing null missing "
		  "na missing n count rows count total sum skew skewness kurt kurtosis dtype type "
		  "stderr sem minimum min maximum max hist histogram len max_length",
	  .help = "statistics to show, such as count,mean,max",
	  .manual = "The statistics to show, separated by commas. They are shown in this order:" },
	{ .letter = 'A',
	  .name = "all",
	  .group = CSVR_GROUP_REPORT,
	  FLAG(settings.statistics.all),
	  .help = "show all statistics",
	  .manual = "Show all statistics." },
	{ .name = "exact",
	  .group = CSVR_GROUP_REPORT,
	  FLAG(settings.statistics.exact),
	  .help = "read files again for exact percentiles",
	  .manual =
		  "Make the requested percentiles, iqr, mad and histogram exact, and find top in "
		  "columns with many values, by a second pass over the inputs where the first one is "
		  "not enough, or further passes. By default none is requested: use \\fB\\-\\-stats\\fR "
		  "or \\fB\\-\\-all\\fR. With "
		  "\\fB\\-\\-per\\-file\\fR further passes make the statistics of single files exact too, as "
		  "far as memory allows. Where it is "
		  "not possible, the estimates stay, and the report says why: see section EXACTNESS. "
		  "Not valid with \\fB\\-\\-format=state\\fR: saved states are made exact by "
		  "\\fB\\-\\-refine\\fR." },
	{ .name = "correlation",
	  .value_name = "LIST",
	  .is_value_optional = true,
	  .group = CSVR_GROUP_REPORT,
	  CUSTOM(csvr_parse_correlation),
	  .expected = "names, numbers, ranges and globs of columns, such as 'time,3-7'",
	  .help = "correlate columns: those of LIST, or all (at most 64)",
	  .manual =
		  "Show Pearson's correlation of each pair of columns with numbers, over the rows in which "
		  "both have one. It is computed from exact sums and rounded once. It is absent if fewer "
		  "than two rows have both, or if all numbers of a column are equal in these rows. "
		  "\\fILIST\\fR names the columns as for \\fB\\-\\-select\\fR; columns that "
		  "\\fB\\-\\-select\\fR excludes are never correlated. Without \\fILIST\\fR all columns of a "
		  "table are, and a table of more than 64 columns is an error: time and memory grow with the "
		  "square of their number. May be repeated. Not supported by the formats csv and tsv, which have "
		  "one line per column." },
	{ .name = "per-file",
	  .group = CSVR_GROUP_REPORT,
	  FLAG(settings.report.per_file),
	  .help = "show one block per file, then the total",
	  .manual =
		  "Show the columns of each file, then the total. Files without rows have no block." },
	{ .name = "format",
	  .value_name = "FORMAT",
	  .group = CSVR_GROUP_REPORT,
	  CHOICE(settings.report.format),
	  .choice_name = csvr_format_name,
	  .choice_definition = csvr_format_help,
	  .help = "",
	  .manual =
		  "The output format; the default is \\fBtable\\fR. \\fBstate\\fR is not a report: "
		  "it saves the results in a binary file that another run accepts as a "
		  "\\fIPATH\\fR. See sections REPORT and SEVERAL RUNS." },
	{ .name = "layout",
	  .value_name = "LAYOUT",
	  .group = CSVR_GROUP_REPORT,
	  CHOICE(settings.report.layout),
	  .choices = "auto table blocks",
	  .help = "layout of the table: auto (default), table, blocks",
	  .manual =
		  "The layout of the table: one line per column (\\fBtable\\fR), one block of names "
		  "and values per column (\\fBblocks\\fR), or \\fBauto\\fR, the default. With "
		  "\\fBtable\\fR, statistics that are wider than the terminal are continued below; "
		  "with \\fBauto\\fR they are if they need to be continued only once, otherwise the "
		  "layout is \\fBblocks\\fR. The other formats have no layout." },
	{ .name = "bars",
	  .value_name = "BARS",
	  .group = CSVR_GROUP_REPORT,
	  CHOICE(settings.report.bars),
	  .choices = "auto ascii blocks",
	  .help = "bars in the table: auto (default), ascii, blocks",
	  .manual =
		  "The characters of the bars of \\fBhistogram\\fR and of missing cells in the table: those of ASCII "
		  "(\\fBascii\\fR), the block elements of Unicode in UTF-8 (\\fBblocks\\fR), or "
		  "\\fBauto\\fR, the default: \\fBblocks\\fR if the output is a terminal and the locale "
		  "(LC_ALL, LC_CTYPE or LANG) is one of UTF-8, else \\fBascii\\fR. Missing cells have "
		  "bars only where there is room for them, and if the output is a terminal or this option "
		  "is given. The other formats have numbers." },
	{ .name = "compare",
	  .value_name = "OLD",
	  .group = CSVR_GROUP_REPORT,
	  STRING(compare),
	  .expected = "a saved state or a JSON report",
	  .help = "show what has changed since the report OLD",
	  .manual =
		  "Compare with \\fIOLD\\fR, which an earlier run has saved with \\fB\\-\\-format=state\\fR or "
		  "\\fB\\-\\-format=json\\fR, best with \\fB\\-\\-all\\fR. The table shows the changes in place "
		  "of the report; JSON has the report, with all statistics, and the changes. The run collects "
		  "what \\fB\\-\\-all\\fR does, unless \\fB\\-\\-stats\\fR names statistics. Not supported by "
		  "the other formats. See section COMPARISON.",
	  .is_file = true },
	{ .name = "fail-on-change",
	  .value_name = "RULES",
	  .is_value_optional = true,
	  .group = CSVR_GROUP_REPORT,
	  CUSTOM(csvr_parse_fail_on_change),
	  .expected = "rules such as missing=0.05,mean=off,price:range",
	  .help = "exit with 4 if changes are beyond RULES",
	  .manual =
		  "With \\fB\\-\\-compare\\fR, exit with status 4 if some change is beyond its rule, and name "
		  "each on standard error. \\fIRULES\\fR, separated by commas, replace default rules: "
		  "\\fIKIND\\fR=\\fITHRESHOLD\\fR for changes of a greater size, \\fIKIND\\fR for any, "
		  "\\fIKIND\\fR=\\fBoff\\fR for none; \\fBall\\fR is every kind. After \\fICOLUMN\\fR:, a "
		  "name or a glob, a rule is for these columns only; put double quotes around commas in a "
		  "name. Later rules precede earlier ones, and those for columns precede the others. May be "
		  "repeated. See section COMPARISON." },
	{ .letter = 'o',
	  .name = "output",
	  .value_name = "FILE",
	  .group = CSVR_GROUP_REPORT,
	  CUSTOM(csvr_parse_output),
	  .expected = "a file name, or - for standard output",
	  .help = "write to FILE, which is replaced atomically",
	  .manual =
		  "Write the report to \\fIFILE\\fR instead of standard output. It is written to a "
		  "temporary file in the same directory and renamed when complete, so "
		  "\\fIFILE\\fR never holds half a report. The permissions of an existing "
		  "\\fIFILE\\fR are kept. A symbolic link is kept and its target replaced, but "
		  "another user's link in a world-writable directory such as /tmp is refused. "
		  "Devices and pipes are written directly. \\- is standard output.",
	  .is_file = true },
	{ .name = "round",
	  .value_name = "N",
	  .group = CSVR_GROUP_REPORT,
	  INT(settings.report.round_digits, 0, CSVR_MAX_ROUND),
	  .help = "round to N digits after the decimal point",
	  .manual =
		  "Round real numbers to \\fIN\\fR digits after the decimal point, 0 to 100. sum and "
		  "mean are rounded from their exact values, if these have at most 63 digits before "
		  "the point, the others from the nearest double. By default machine formats contain the shortest text that reads back to the same "
		  "double, and the table about seven digits." },
	{ .name = "provenance",
	  .group = CSVR_GROUP_REPORT,
	  FLAG(settings.report.provenance),
	  .help = "record in the report what ran where and when",
	  .manual =
		  "Record in the report how it was made: version, command, host, job, threads, "
		  "parsing kernel (instruction set), start and end of each run, and the digest of "
		  "each list of inputs." },

	/* ---- run ---- */

	{ .letter = 'j',
	  .name = "threads",
	  .value_name = "N",
	  .group = CSVR_GROUP_RUN,
	  /* More than any machine has. Each thread costs memory, and the error of a system that has no
	   * more of it names no remedy. */
	  INT(settings.tuning.n_threads, 1, 4096),
	  .help = "number of threads (default: all available CPUs)",
	  .manual =
		  "Use \\fIN\\fR threads. The default is OMP_NUM_THREADS if set, otherwise the number "
		  "of CPUs in the affinity mask of the process, limited by the CPU quota of its "
		  "control group. If the system cannot start that many threads, the run continues "
		  "with fewer and prints a warning. The report does not depend on the number of "
		  "threads." },
	{ .name = "progress",
	  .value_name = "WHEN",
	  .group = CSVR_GROUP_RUN,
	  CUSTOM(csvr_parse_progress),
	  .expected = "auto, always, never or a number of seconds greater than 0",
	  .choices = "auto always never",
	  .help = "progress bar: auto (default), always, never, SECONDS",
	  .manual =
		  "Show progress on standard error: a bar \\fBalways\\fR, \\fBnever\\fR, or "
		  "\\fBauto\\fR, the default, which shows it for longer runs if standard error is a "
		  "terminal and the process is not part of a Slurm or MPI job. A number of seconds "
		  "writes one line per interval, for logs." },
	{ .name = "timing",
	  .group = CSVR_GROUP_RUN,
	  FLAG(is_timed),
	  .help = "show where the time went",
	  .manual =
		  "After the report, show on standard error how long the run took, whether it "
		  "computed or waited, and how to make it faster; with \\fB\\-\\-verbose\\fR, also "
		  "per thread. See section TIMING. Neither \\fB\\-\\-quiet\\fR nor "
		  "\\fB\\-\\-strict\\fR suppresses it." },
	{ .name = "strict",
	  .group = CSVR_GROUP_RUN,
	  FLAG(is_strict),
	  .help = "fail on ragged rows, invalid cells and bad files",
	  .manual =
		  "Exit with status 1 and write no report if a file is bad, or if there is a problem "
		  "that may mean a loss: short_rows, long_rows, text_after_quote, other_delimiter, "
		  "invalid_cells, lookalikes, different_units, footer_rows, estimates, apostrophes or "
		  "quoted_whole. A message names each of them with its first file and line. Other "
		  "problems do not change the exit status." },
	{ .name = "flamegraph",
	  .value_name = "FILE",
	  .group = CSVR_GROUP_RUN,
	  CUSTOM(csvr_parse_flamegraph),
	  .expected = "a file named *.svg or *.folded",
	  .help = "profile the run; write FILE.svg or FILE.folded",
	  .manual =
		  "Profile the run with 250 samples per second of CPU time of each thread, and write "
		  "the functions in which the time was spent to \\fIFILE\\fR. A name that ends in "
		  ".svg gives an image to open in a web browser; .folded gives one line per stack, "
		  "for other viewers. See section PROFILE.",
	  .is_file = true },
	{ .letter = 'q',
	  .name = "quiet",
	  .group = CSVR_GROUP_RUN,
	  FLAG(is_quiet),
	  .help = "suppress messages unless the run fails",
	  .manual =
		  "Suppress messages on standard error unless there is no report. The exit status "
		  "does not change. Takes precedence over \\fB\\-\\-verbose\\fR for messages." },
	{ .letter = 'v',
	  .name = "verbose",
	  .group = CSVR_GROUP_RUN,
	  FLAG(settings.report.verbose),
	  .help = "show threads, instruction set; list all problems",
	  .manual = "Show on standard error the number of threads and where it comes from, the "
		    "instruction set of the parsing kernel, and the number of work units. List all "
		    "problems in the table, with the files that lack a column." },
	{ .letter = 'V',
	  .name = "version",
	  .group = CSVR_GROUP_RUN,
	  SET(action, CSVR_ACTION_VERSION),
	  .help = "print version and built-in features, and exit",
	  .manual = "Print the version, the built-in features, the parsing kernels (one for each "
		    "instruction set) and the one in use, and exit." },
	{ .letter = 'h',
	  .name = "help",
	  .group = CSVR_GROUP_RUN,
	  SET(action, CSVR_ACTION_HELP),
	  .help = "print this help and exit",
	  .manual = "Print a summary of the options and exit." },

	/* ---- several runs ---- */

	{ .name = "shard",
	  .value_name = "I/N",
	  .group = CSVR_GROUP_SEVERAL_RUNS,
	  CUSTOM(csvr_parse_shard),
	  .expected = "I/N with I from 1 to N, such as 1/4",
	  .help = "read shard I of N; requires --format=state",
	  .manual =
		  "Read only shard \\fII\\fR (from 1) of \\fIN\\fR shards of about equal size in bytes, "
		  "and save the results with \\fB\\-\\-format=state\\fR. A shard may end inside a file. "
		  "A run with the states of all shards as its inputs writes the report. See section "
		  "SEVERAL RUNS." },
	{ .name = "refine",
	  .value_name = "STATE",
	  .group = CSVR_GROUP_SEVERAL_RUNS,
	  STRING(settings.refine),
	  .expected = "a saved state",
	  .help = "read the inputs of STATE again, to make it exact",
	  .manual =
		  "Make the requested percentiles, iqr, mad, histogram and top of a saved state exact, as "
		  "\\fB\\-\\-exact\\fR does: read its inputs again, which must be given. Without "
		  "\\fB\\-\\-stats\\fR this applies to all of these that the state has. With "
		  "\\fB\\-\\-shard\\fR and \\fB\\-\\-format=state\\fR one shard is read, and its results are "
		  "saved; a run with the states of all shards as its inputs, and with the same "
		  "\\fB\\-\\-refine\\fR, writes the exact report, or with \\fB\\-\\-format=state\\fR the exact "
		  "state. See section SEVERAL RUNS.",
	  .is_file = true },
	{ .name = "partial",
	  .group = CSVR_GROUP_SEVERAL_RUNS,
	  FLAG(settings.is_partial),
	  .help = "report even if shards are missing or damaged",
	  .manual =
		  "Report the results of the given states even if shards are missing or states are "
		  "damaged. The report lists them, and the exit status is 3. Without this option "
		  "there is no report in that case." },
	{ .name = "checkpoint",
	  .value_name = "FILE",
	  .group = CSVR_GROUP_SEVERAL_RUNS,
	  STRING(checkpoint),
	  .expected = "a file name",
	  .help = "save progress in FILE and resume from it",
	  .manual =
		  "Save progress in \\fIFILE\\fR every minute and when SIGTERM, SIGINT, SIGHUP, "
		  "SIGUSR1, SIGUSR2 or SIGXCPU ends the run; the exit status is then 75. The same "
		  "command resumes the run. \\fIFILE\\fR is removed once the report is written. A checkpoint without any input of the run is refused. See "
		  "section SEVERAL RUNS.",
	  .is_file = true },
	{ .name = "time-limit",
	  .value_name = "TIME",
	  .group = CSVR_GROUP_SEVERAL_RUNS,
	  CUSTOM(csvr_parse_time_limit),
	  .expected = "a duration such as 90s, 15m, 2h, 1:30:00 or 1-12:00:00",
	  .help = "stop after TIME, such as 90s, 15m, 2h, 1:30:00",
	  .manual =
		  "Interrupt the run, as a signal would, after \\fITIME\\fR: a number followed by s "
		  "(the default), m, h or d, or \\fIMM\\fR:\\fISS\\fR, "
		  "\\fIH\\fR:\\fIMM\\fR:\\fISS\\fR or "
		  "\\fID\\fR\\-\\fIHH\\fR:\\fIMM\\fR:\\fISS\\fR as written by Slurm. "
		  "With a checkpoint, the default is 30 seconds before the end of the job if the "
		  "scheduler reports it (SLURM_JOB_END_TIME)." },

	/* ---- hidden: for tests, benchmarks and the build ---- */

	{ .name = "checkpoint-every", .value_name = "SECONDS", SECONDS(checkpoint_every_s) },
	{ .name = "kernel",
	  .value_name = "NAME",
	  STRING(settings.tuning.kernel),
	  .choice_name = kernel_name },
	{ .name = "chunk",
	  .value_name = "BYTES",
	  SIZE(settings.tuning.chunk_bytes, 1, UINT64_C(1) << 40) },
	/* The fields of a block are counted and located in 32 bits. */
	{ .name = "block",
	  .value_name = "BYTES",
	  SIZE(settings.tuning.block_bytes, 1, UINT64_C(1) << 30) },
	{ .name = "sample-rate", .value_name = "HZ", INT(sample_hz, 1, 100000) },
	{ .name = "generate",
	  .value_name = "WHAT",
	  .choices = "man-options bash-completion",
	  CHOICE(action),
	  .least = CSVR_ACTION_GENERATE_MAN },
};

const size_t csvr_n_report_options = sizeof csvr_report_options / sizeof csvr_report_options[0];
