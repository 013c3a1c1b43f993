/* option_table.c - the options of the command line: those of input, records and columns
 *
 * Shape    a row gives the parser, --help, the manual page and the bash completion. A plain option
 *          needs a row here, or in option_table_report.c, and a member of struct csvr_options
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <limits.h>

#include "cli/option_rows.h"

const char *const csvr_option_groups[CSVR_N_GROUPS] = {
	[CSVR_GROUP_INPUT] = "Input",
	[CSVR_GROUP_RECORDS] = "Records and columns",
	[CSVR_GROUP_REPORT] = "Report",
	[CSVR_GROUP_RUN] = "Run",
	[CSVR_GROUP_SEVERAL_RUNS] = "Several runs",
};

static const struct csvr_option options[] = {
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
		  "the one of comma, semicolon, tab and vertical bar that gives most records the same "
		  "number of fields; if none does, ::, or runs of blanks between columns of numbers; "
		  "else the comma." },
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
		  "usual. MySQL, Hadoop and programs in JavaScript write such files, with a backslash. "
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
		  "not if it is like the rows below; see section RECORDS. Without a header, columns are "
		  "named column_1, column_2 and so on. \\fBnames\\-known\\fR is \\fBauto\\fR, but the columns of "
		  "files without a header have the names of the first input with a header, if "
		  "that has as many columns: for logs that are rotated." },
	{ .name = "skip",
	  .value_name = "N",
	  .group = CSVR_GROUP_RECORDS,
	  INT(settings.parse.skip, 0, CSVR_MAX_SKIP),
	  .help = "do not look at the first N lines of each file",
	  .manual = "Do not look at the first \\fIN\\fR lines of each file. By default lines above "
		    "the table, such as a title, are found and skipped: see section RECORDS." },
	{ .name = "header-rows",
	  .value_name = "N",
	  .group = CSVR_GROUP_RECORDS,
	  INT(settings.parse.header_rows, 1, CSVR_MAX_HEADER_ROWS),
	  .help = "join N header records to names (default 1)",
	  .manual =
		  "The header has \\fIN\\fR records, 1 to 20; the default is 1. The name of a column "
		  "is its cells in these records, joined by blanks. An empty cell above the last "
		  "record repeats the cell to its left, since a name often spans several "
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
	{ .name = "tables",
	  .value_name = "HOW",
	  .group = CSVR_GROUP_RECORDS,
	  CHOICE(settings.parse.tables),
	  .choices = "similar one header",
	  .help = "group files as tables: similar (default), one, header",
	  .manual =
		  "Which files form a table. Each table has its own part of the report. With "
		  "\\fBsimilar\\fR, the default, a table is all files whose headers share at least half "
		  "of their names, directly or through other files; with \\fBone\\fR, all files; with "
		  "\\fBheader\\fR, all files whose headers have the same names. See section TABLES." },
	{ .name = "null-values",
	  .value_name = "LIST",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_null_values),
	  .expected = "a comma-separated list of values",
	  .help = "missing values (default NA,N/A,NULL,null,None)",
	  .manual =
		  "Comma-separated values that count as missing, besides the empty cell. Words are "
		  "compared exactly, after spaces and tabs around the cell are removed; a listed "
		  "number such as \\-999 matches every cell of that value, also \\-999.0. An item "
		  "\\fINAME\\fB:\\fIVALUE\\fR, such as temp:\\-9999, holds only for the column of that "
		  "name in the header of a file. A colon in a value or name is written \\e:, as in 0\\e:00. "
		  "The default is NA,N/A,NULL,null,None; with an empty \\fILIST\\fR only empty cells "
		  "are missing. A message on standard error names each item whose column no file has." },
	{ .name = "fold-names",
	  .group = CSVR_GROUP_RECORDS,
	  FLAG(settings.parse.fold_names),
	  .help = "ignore case and blanks in names of columns",
	  .manual =
		  "Convert the names of columns to lower case (ASCII letters), and remove all spaces and "
		  "tabs from them, so that columns of different files are one if their names differ only "
		  "in these: Temp (C) and temp(C) are both temp(c). \\fB\\-\\-select\\fR and "
		  "\\fB\\-\\-correlation\\fR ignore them, too. A name that occurs twice in a header then "
		  "is a duplicate, such as a.2." },
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
	{ .name = "where",
	  .value_name = "CONDITION",
	  .group = CSVR_GROUP_RECORDS,
	  STRING_LIST(where),
	  .expected = "a condition such as 'temp>=0'",
	  .help = "use rows in which CONDITION holds, such as 'temp>0'",
	  .manual =
		  "Use only the rows in which \\fICONDITION\\fR holds: a column, one of the operators =, !=, "
		  "<, <=, >, >= and ~ (matches a glob), and a value, such as 'temp>=0', 'date<2024\\-07\\-01' or "
		  "'name~A*'. If the option is repeated, up to 16 times, all conditions must hold. See "
		  "section CONDITIONS." },
	{ .name = "group-by",
	  .value_name = "LIST",
	  .group = CSVR_GROUP_RECORDS,
	  CUSTOM(csvr_parse_group_by),
	  .expected = "names, numbers, ranges and globs of columns, such as 'station,date:7'",
	  .help = "statistics for each distinct value of columns too",
	  .manual =
		  "Also show statistics for each group of rows that have the same keys. \\fILIST\\fR is "
		  "comma-separated; each item is a key, at most 16: the name of a column, its number, "
		  "or a glob that matches one column of a file; \\fINAME\\fB:\\fIN\\fR, the first "
		  "\\fIN\\fR bytes of a column, 1 to 1000, such as date:7 for the month of 2024\\-05\\-31; or "
		  "\\fB:file\\fR, the path of the file. A range such as 2\\-4 is three keys. Inside double "
		  "quotes a comma is part of the item. May be repeated. See section GROUPS." },
	{ .name = "max-groups",
	  .value_name = "N",
	  .group = CSVR_GROUP_RECORDS,
	  SIZE(settings.max_groups, 1, CSVR_MOST_GROUPS),
	  .expected = "an integer from 1 to 1000000000",
	  .help = "end the run if there are more groups (default 10^6)",
	  .manual =
		  "End the run without a report if a table has more than \\fIN\\fR groups. The default is "
		  "1,000,000, or 10,000 if \\fB\\-\\-stats\\fR names a statistic that keeps values, such as "
		  "median, distinct or top. See section GROUPS." },
};

enum { N_OPTIONS = sizeof options / sizeof options[0] };

const struct csvr_option *csvr_option_at(size_t index)
{
	if (index < N_OPTIONS)
		return &options[index];
	index -= N_OPTIONS;
	return index < csvr_n_report_options ? &csvr_report_options[index] : NULL;
}
