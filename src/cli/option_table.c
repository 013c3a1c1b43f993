/* option_table.c - the options of the command line, one row each
 *
 * Shape    a row gives the parser, --help, the manual page and the bash completion. A plain option
 *          needs a row here and a member of struct csvr_options
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <limits.h>
#include <stddef.h>

#include "base/number_format.h"
#include "cli/options_internal.h"

const char *const csvr_option_groups[CSVR_N_GROUPS] = {
	[CSVR_GROUP_INPUT] = "Input",
	[CSVR_GROUP_RECORDS] = "Records and columns",
	[CSVR_GROUP_REPORT] = "Report",
	[CSVR_GROUP_RUN] = "Run",
	[CSVR_GROUP_SEVERAL_RUNS] = "Several runs",
};

/* The type of the member is checked where only one type fits. */
#define MEMBER(member) (((struct csvr_options *)0)->member)
#define STORE(member) \
	.offset = offsetof(struct csvr_options, member), .member_bytes = sizeof MEMBER(member)
/* clang-format off */
/* NOLINTBEGIN(bugprone-macro-parentheses): a type cannot be in parentheses here */
#define STORE_AS(type, member) \
	.offset = _Generic(MEMBER(member), type: offsetof(struct csvr_options, member)), \
	.member_bytes = sizeof(type)
/* NOLINTEND(bugprone-macro-parentheses) */
/* clang-format on */

#define FLAG(member) .kind = CSVR_OPTION_SET, .least = true, STORE_AS(bool, member)
#define SET(member, constant) \
	.kind = CSVR_OPTION_SET, .least = (uint64_t)(int64_t)(constant), STORE(member)
#define INT(member, first, last) \
	.kind = CSVR_OPTION_INT, .least = (first), .most = (last), STORE(member)
#define SIZE(member, first, last) \
	.kind = CSVR_OPTION_SIZE, .least = (first), .most = (last), STORE(member)
#define SECONDS(member) .kind = CSVR_OPTION_SECONDS, STORE_AS(double, member)
#define BYTE(member) .kind = CSVR_OPTION_BYTE, STORE_AS(int, member)
#define CHOICE(member) .kind = CSVR_OPTION_CHOICE, STORE(member)
#define CHOICES(member) .kind = CSVR_OPTION_CHOICES, STORE_AS(struct csvr_string_builder, member)
#define STRING(member) .kind = CSVR_OPTION_STRING, STORE_AS(const char *, member)
#define STRING_LIST(member) \
	.kind = CSVR_OPTION_STRING_LIST, STORE_AS(struct csvr_string_builder, member)
#define CUSTOM(function) .kind = CSVR_OPTION_CUSTOM, .parse = (function)

/* The choice_name of --kernel: csvr_kernel_name without its second result. */
static const char *kernel_name(size_t index)
{
	return csvr_kernel_name(index, &(bool){ false });
}

const struct csvr_option csvr_option_table[] = {
	/* ---- input ---- */

	{ .name = "include",
	  .value_name = "GLOB",
	  .group = CSVR_GROUP_INPUT,
	  STRING_LIST(include),
	  .expected = "a glob such as '*.txt'",
	  .help = "read files matching GLOB (default *.csv, *.tsv)",
	  .manual =
		  "When searching a directory, read the files that match \\fIGLOB\\fR. The default is "
		  "*.csv and *.tsv, compressed or not. A glob without a slash is matched against the "
		  "file name. A glob with a slash is matched against the path below the named "
		  "directory, component by component; ** matches any number of directories. If the "
		  "option is repeated, a file must match one of the globs." },
	{ .name = "exclude",
	  .value_name = "GLOB",
	  .group = CSVR_GROUP_INPUT,
	  STRING_LIST(exclude),
	  .expected = "a glob such as '*_old*'",
	  .help = "skip files and directories matching GLOB",
	  .manual = "When searching a directory, skip the files and directories that match "
		    "\\fIGLOB\\fR. Takes precedence over \\fB\\-\\-include\\fR. May be repeated." },
	{ .name = "max-depth",
	  .value_name = "N",
	  .group = CSVR_GROUP_INPUT,
	  INT(settings.walk.max_depth, 0, INT_MAX),
	  .help = "descend at most N levels (1: no subdirectories)",
	  .manual =
		  "Descend at most \\fIN\\fR levels into directories. With 1, only files directly in "
		  "the named directory are read; with 0, only files named on the command line or in a "
		  "list. The default is no limit." },
	{ .name = "follow",
	  .group = CSVR_GROUP_INPUT,
	  FLAG(settings.walk.follow),
	  .help = "follow symbolic links found in directories",
	  .manual = "Follow symbolic links found in directories. A link named as a \\fIPATH\\fR is "
		    "always followed." },
	{ .name = "files-from",
	  .value_name = "FILE",
	  .group = CSVR_GROUP_INPUT,
	  STRING_LIST(lists),
	  .expected = "a file that lists paths, or - for standard input",
	  .help = "read paths from FILE, one per line (-: stdin)",
	  .manual =
		  "Read more paths from \\fIFILE\\fR, one per line, and treat each as a \\fIPATH\\fR "
		  "that follows those of the command line. \\- is standard input. Empty lines are "
		  "skipped. Inside the list, \\- is a file of that name. May be repeated.",
	  .is_file = true },
	{ .letter = '0',
	  .name = "null",
	  .group = CSVR_GROUP_INPUT,
	  FLAG(is_null_separated),
	  .help = "paths in FILE end in NUL, not newline",
	  .manual =
		  "Paths read by \\fB\\-\\-files\\-from\\fR end in a NUL byte, as written by \\fBfind "
		  "\\-print0\\fR, and may contain newlines." },
	{ .name = "connections",
	  .value_name = "N",
	  .group = CSVR_GROUP_INPUT,
	  INT(connections, 1, 256),
	  .help = "concurrent remote requests (default 16)",
	  .manual =
		  "Keep at most \\fIN\\fR requests to servers in flight, 1 to 256. The default is 16. "
		  "See section REMOTE INPUT." },

	/* ---- records and columns ---- */

	{ .letter = 'd',
	  .name = "delimiter",
	  .value_name = "TEXT",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_delimiter),
	  .expected =
		  "1 to 8 bytes without a line end, and of several bytes not both spaces and tabs; ' +' "
		  "for runs of spaces and tabs; \\t or tab; or auto",
	  .choices = "auto tab",
	  .help = "delimiter: 1 to 8 bytes, tab, ' +', auto (default)",
	  .manual =
		  "The field delimiter: 1 to 8 bytes such as , or ||, where \\et is a tab; \\fBtab\\fR; "
		  "a space and a plus sign for one space or tab or more, as in files whose columns are "
		  "aligned, where those at the start and the end of a line separate nothing; or "
		  "\\fBauto\\fR, the default. If it has several bytes, or is a space and a plus sign, the "
		  "byte 0x1F (unit separator) delimits fields, too. \\fBauto\\fR is the tab for files named *.tsv. For other files it is "
		  "the most frequent of comma, semicolon, tab and vertical bar outside quotes in the "
		  "first record, or the comma if none occurs." },
	{ .name = "quote",
	  .value_name = "CHAR",
	  .group = CSVR_GROUP_RECORDS,
	  BYTE(settings.parse.quote),
	  .expected = "a single byte (not a line end), \\t or tab; --no-quote means none",
	  .help = "quote character (default \")",
	  .manual =
		  "The character that encloses fields which contain delimiters or line ends. A "
		  "doubled quote inside such a field is one quote. The default is the double quote." },
	{ .name = "no-quote",
	  .group = CSVR_GROUP_RECORDS,
	  SET(settings.parse.quote, CSVR_NONE),
	  .help = "treat quotes as ordinary bytes",
	  .manual = "Treat quotes as ordinary bytes; every line end then ends a record." },
	{ .name = "escape",
	  .value_name = "CHAR",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_escape),
	  .expected = "a single byte (not a line end), none or auto",
	  .choices = "auto none",
	  .help = "inside quotes, CHAR escapes a quote (default auto)",
	  .manual =
		  "Inside quotes, a quote after \\fICHAR\\fR is part of the field, and \\fICHAR\\fR twice "
		  "is \\fICHAR\\fR. Before any other byte \\fICHAR\\fR is text. Doubled quotes are read as "
		  "ever. MySQL, Hadoop and programs in JavaScript write such files, with a backslash. "
		  "With \\fBnone\\fR only a quote escapes a quote. With \\fBauto\\fR, the default, the "
		  "backslash is the escape of a file if its first 64 KiB are more consistent with it." },
	{ .name = "comment",
	  .value_name = "CHAR",
	  .group = CSVR_GROUP_RECORDS,
	  BYTE(settings.parse.comment),
	  .help = "skip lines that start with CHAR",
	  .manual = "Skip and count lines that start with \\fICHAR\\fR. By default no line is a "
		    "comment." },
	{ .name = "encoding",
	  .value_name = "NAME",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_encoding),
	  .choices = "auto utf-8 utf-16le utf-16be windows-1252 latin-1",
	  .help = "of files without a mark: auto (default), utf-8, ...",
	  .manual =
		  "The encoding of files without a byte order mark: \\fButf-8\\fR, \\fButf-16le\\fR, "
		  "\\fButf-16be\\fR, \\fBwindows-1252\\fR, of which \\fBlatin-1\\fR is another name, or "
		  "\\fBauto\\fR, the default: UTF-8, but names and texts that are not valid UTF-8 are read "
		  "as Windows-1252, and counted. With \\fButf-8\\fR such bytes stay as they are. A byte "
		  "order mark of UTF-8 or UTF-16 takes precedence over this option. Files in UTF-16 are "
		  "converted as they are read, each by one thread. Reports are always in UTF-8." },
	{ .letter = 'n',
	  .name = "no-header",
	  .group = CSVR_GROUP_RECORDS,
	  SET(settings.parse.header, CSVR_HEADER_NO),
	  .help = "the first record is data; same as --header=no",
	  .manual = "The first record of every file is data, as with \\fB\\-\\-header=no\\fR." },
	{ .name = "header",
	  .value_name = "WHEN",
	  .group = CSVR_GROUP_RECORDS,
	  CHOICE(settings.parse.header),
	  .choices = "auto yes no names-known",
	  .help = "auto (default), yes, no, names-known",
	  .manual =
		  "Whether the first record is a header with the names of the columns: \\fByes\\fR, "
		  "\\fBno\\fR, or \\fBauto\\fR, the default: it is one if names are above numbers, and "
		  "not if it is like the rows below; see section INPUT. Without a header, columns are "
		  "named column_1, column_2 and so on. \\fBnames\\-known\\fR is \\fBauto\\fR, but the columns of "
		  "files without a header have the names of the first input with a header, if "
		  "that has as many columns: for logs that are rotated." },
	{ .name = "skip",
	  .value_name = "N",
	  .group = CSVR_GROUP_RECORDS,
	  INT(settings.parse.skip, 0, CSVR_MAX_SKIP),
	  .help = "do not look at the first N lines of each file",
	  .manual = "Do not look at the first \\fIN\\fR lines of each file. By default lines above "
		    "the table, such as a title, are found and skipped: see section INPUT." },
	{ .name = "header-rows",
	  .value_name = "N",
	  .group = CSVR_GROUP_RECORDS,
	  INT(settings.parse.header_rows, 1, CSVR_MAX_HEADER_ROWS),
	  .help = "join N header records to names (default 1)",
	  .manual =
		  "The header has \\fIN\\fR records, 1 to 20; the default is 1. The name of a column "
		  "is its cells in these records, joined by blanks. An empty cell above the last "
		  "record stands for the cell to its left, since a name often spans several "
		  "columns." },
	{ .name = "units-row",
	  .group = CSVR_GROUP_RECORDS,
	  SET(settings.parse.skip_after_header, 1),
	  .help = "skip the record after the header",
	  .manual = "The record after the header has units: the same as "
		    "\\fB\\-\\-skip\\-after\\-header=1\\fR." },
	{ .name = "skip-after-header",
	  .value_name = "N",
	  .group = CSVR_GROUP_RECORDS,
	  INT(settings.parse.skip_after_header, 0, CSVR_MAX_SKIP),
	  .help = "skip N records after the header",
	  .manual =
		  "Skip and count \\fIN\\fR records after the header. By default one or two records "
		  "of units are found and skipped: records of words, and no numbers, above columns "
		  "of numbers. With 0 no record is skipped." },
	{ .name = "columns-by",
	  .value_name = "HOW",
	  .group = CSVR_GROUP_RECORDS,
	  CHOICE(settings.parse.by_position),
	  .choices = "name position",
	  .help = "match columns of files by name (default), position",
	  .manual = "Match the columns of different files by \\fBname\\fR, the default, or by "
		    "\\fBposition\\fR." },
	{ .name = "null-values",
	  .value_name = "LIST",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_null_values),
	  .expected = "a comma-separated list of values",
	  .help = "missing values (default NA,N/A,NULL,null,None)",
	  .manual =
		  "Comma-separated values that count as missing, besides the empty cell. Words are "
		  "compared exactly, after spaces and tabs around the cell are removed; a listed "
		  "number such as \\-999 stands for every cell of that value, also \\-999.0. An item "
		  "\\fINAME\\fB:\\fIVALUE\\fR, such as temp:\\-9999, holds only for the column of that "
		  "name in the header of a file. A colon in a value or name is written \\e:, as in 0\\e:00. "
		  "The default is NA,N/A,NULL,null,None; with an empty \\fILIST\\fR only empty cells "
		  "are missing. Items about columns that no file has are reported on standard error." },
	{ .name = "skip-footer",
	  .value_name = "N",
	  .group = CSVR_GROUP_RECORDS,
	  INT(settings.parse.skip_footer, 0, CSVR_MAX_SKIP_FOOTER),
	  .help = "skip the last N lines of each file",
	  .manual =
		  "Skip the last \\fIN\\fR lines of each file, such as totals; at most 1,000. Blank lines "
		  "and comments are skipped in any case, and are not among the \\fIN\\fR. A line end within "
		  "quotes ends a line, too. Files are not split into chunks, so that one big file is read by "
		  "one thread. The default is 0." },
	{ .name = "decimal",
	  .value_name = "CHAR",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_decimal),
	  .expected = "auto, . or ,",
	  .choices = "auto . ,",
	  .help = "decimal mark of numbers: auto (default), . or ,",
	  .manual =
		  "The decimal mark of numbers in files: a point, a comma, or \\fBauto\\fR, the "
		  "default, which is the point, or the comma if \\fB\\-\\-thousands\\fR is the point. "
		  "In reports, and in the value of \\fB\\-\\-null\\-values\\fR, numbers always have "
		  "a point." },
	{ .name = "thousands",
	  .value_name = "CHAR",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_thousands),
	  .expected = "none, space, or one character that is no letter, digit, sign or quote",
	  .choices = "none space",
	  .help = "character between groups of 3 digits (default none)",
	  .manual =
		  "The character that separates groups of three digits before the decimal mark, as in "
		  "1,204,500.25. The first group has one to three digits. A cell with groups of other "
		  "lengths is no number. \\fBspace\\fR, or a blank, stands for the blank, the no-break "
		  "space, the narrow no-break space and the thin space, and the apostrophe also for the "
		  "typographic one. The default is \\fBnone\\fR: cells with grouped digits are text." },
	{ .name = "number-affixes",
	  .value_name = "BASE",
	  .is_value_optional = true,
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_number_affixes),
	  .expected = "1000 or 1024",
	  .choices = "1000 1024",
	  .help = "read $5, 5%, (5), 5-, 5K, 5 ms as numbers",
	  .manual =
		  "Take off what is written around numbers, and count in how many cells of each column: "
		  "the signs of dollar, euro, pound and yen and common currency codes such as EUR, before or "
		  "after the number; a percent sign (12% is 12); parentheses or a minus after the "
		  "number, which make it negative; and a unit or flag after a blank, as in 12.5 ms: up to "
		  "four letters, or up to eight bytes with other characters such as km/h. The suffixes k, K, M, G, T and "
		  "P multiply the number by powers of \\fIBASE\\fR, 1000 (the default) or 1024; Ki, Mi, "
		  "Gi, Ti and Pi by powers of 1024. Different units in one column are reported as a "
		  "problem. Combine it with \\fB\\-\\-thousands\\fR for $1,250.00. By default such cells are "
		  "text." },
	{ .letter = 's',
	  .name = "select",
	  .value_name = "LIST",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_select),
	  .expected = "names, numbers, ranges and globs of columns, such as 'time,3-7'",
	  .help = "columns: names, 3, 3-7, globs temp_*, !exclude",
	  .manual =
		  "Report only some columns. \\fILIST\\fR is comma-separated. An item is a name, a "
		  "number (the position in each file's header, from 1), a range such as 3\\-7, 3\\- "
		  "or \\-7, or a glob such as temp_*. An item with several meanings is matched as a "
		  "name first, then as a number, a range, a glob. An item after an exclamation mark "
		  "excludes columns. Items apply from left to right; if the first one excludes, it "
		  "applies to all columns. Inside double quotes a comma is part of the item. May be "
		  "repeated. Items that match no column of any file are reported on standard error. "
		  "A reversed range such as 7\\-3 that is not a column name is wrong usage." },

	/* ---- report ---- */

	{ .name = "stats",
	  .value_name = "LIST",
	  .group = CSVR_GROUP_REPORT,
	  CHOICES(stats),
	  .choice_name = csvr_statistic_name,
	  .choice_definition = csvr_statistic_definition,
	  .is_other_choice = csvr_statistic_is_percentile,
	  .other_choices = "other percentiles, such as p99.9",
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
		  "\\fB\\-\\-select\\fR excludes are never correlated. Without \\fILIST\\fR all columns are, "
		  "and a report of more than 64 columns is an error: time and memory grow with the square "
		  "of their number. May be repeated. Not supported by the formats csv and tsv, which have "
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
	  .help = "format:",
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
	  .help = "bars of histograms: auto (default), ascii, blocks",
	  .manual =
		  "The characters of the bars of \\fBhistogram\\fR in the table: those of ASCII "
		  "(\\fBascii\\fR), the block elements of Unicode in UTF-8 (\\fBblocks\\fR), or "
		  "\\fBauto\\fR, the default: \\fBblocks\\fR if the output is a terminal and the locale "
		  "(LC_ALL, LC_CTYPE or LANG) is one of UTF-8, else \\fBascii\\fR. The other "
		  "formats have numbers." },
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
		  "Exit with status 1 and write no report if a row is too short or too long, if a "
		  "column with numbers has invalid cells, if texts look like numbers in another notation "
		  "(see section CELLS), if the numbers of a column had different units, or if a file "
		  "cannot be read." },
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

const size_t csvr_n_options = sizeof csvr_option_table / sizeof csvr_option_table[0];
