/* options_internal.h - the table of the options, shared by the parser and the writers of help
 *
 * Shape    the table has one row per option, see csvr_option_at. The row's kind selects a parser that stores the
 *          value in a member of struct csvr_options; CSVR_OPTION_CUSTOM calls the row's own function
 * Errors   logged with CSVR_EXIT_USAGE as "OPTION=VALUE: what is wrong; what to do"
 */
#ifndef CSVR_CLI_OPTIONS_INTERNAL_H
#define CSVR_CLI_OPTIONS_INTERNAL_H

#include "cli/options.h"

enum csvr_option_group {
	CSVR_GROUP_INPUT,
	CSVR_GROUP_RECORDS,
	CSVR_GROUP_REPORT,
	CSVR_GROUP_RUN,
	CSVR_GROUP_SEVERAL_RUNS,
	CSVR_N_GROUPS
};

/* What a value looks like, and the type of the member that stores it. */
enum csvr_option_kind {
	CSVR_OPTION_SET, /* no value; stores `least` in a bool, an int or an enum */
	CSVR_OPTION_INT, /* an integer from `least` to `most`, in an int */
	CSVR_OPTION_SIZE, /* bytes from `least` to `most`, in a uint64_t or a size_t */
	CSVR_OPTION_SECONDS, /* more than 0, in a double */
	CSVR_OPTION_BYTE, /* a byte of the dialect, in an int */
	CSVR_OPTION_CHOICE, /* `least` plus the position of the choice, in a bool, an int or an enum */
	CSVR_OPTION_CHOICES, /* a list of choices; replaces those in a struct csvr_string_builder */
	CSVR_OPTION_STRING, /* not empty, and one of the choices if the row has any */
	CSVR_OPTION_STRING_LIST, /* not empty; appended to a struct csvr_string_builder */
	CSVR_OPTION_CUSTOM /* parsed by the row's function */
};

struct csvr_option;

struct csvr_option_parser {
	struct csvr_options *options;
	struct csvr_log *log;
	char given[64]; /* the option as the user wrote it, for messages */
};

/* Parses `value` (NULL if the option takes none). False: it is invalid, and an error was logged. */
typedef bool (*csvr_option_fn)(struct csvr_option_parser *parser, const struct csvr_option *option,
			       const char *value);

struct csvr_option {
	char letter; /* 0: none */
	const char *name;
	const char *value_name; /* NULL: takes no value */
	bool is_value_optional; /* --NAME or --NAME=VALUE; CSVR_OPTION_CUSTOM only */
	enum csvr_option_group group;

	enum csvr_option_kind kind;
	size_t offset, member_bytes; /* of the member of struct csvr_options */
	uint64_t least, most;
	csvr_option_fn parse; /* CSVR_OPTION_CUSTOM only */

	/* For --help: one line of at most 53 bytes. Empty: the choices. NULL: the option is hidden. */
	const char *help;
	const char *manual; /* full sentences, in roff; does not repeat `help` */
	/* ends the message about an invalid value; NULL: made from the kind */
	const char *expected;

	const char *choices; /* separated by spaces; not for CSVR_OPTION_CHOICES */
	/* Choices of another table, in place of `choices`; NULL past the last. */
	const char *(*choice_name)(size_t index);
	const char *(*choice_definition)(size_t index); /* for the manual; may be NULL */
	/* Other items of CSVR_OPTION_CHOICES, and their description; NULL: there are none. */
	bool (*is_other_choice)(const char *item, size_t n_bytes);
	/* Names that other programs have for choices, each followed by the choice, for messages; NULL: none. */
	const char *synonyms;
	const char *other_choices;
	bool is_file; /* completion offers files */
};

/* Option `index`, in the order of --help; NULL past the last. */
const struct csvr_option *csvr_option_at(size_t index);

/* The second part of them, from option_table_report.c. */
extern const struct csvr_option csvr_report_options[];
extern const size_t csvr_n_report_options;

extern const char *const csvr_option_groups[CSVR_N_GROUPS];

/* ---- values ---- */

/* Parses `value` as the kind of `option` demands and stores it. */
bool csvr_option_parse_value(struct csvr_option_parser *parser, const struct csvr_option *option,
			     const char *value);

/* Appends to a list; false without memory. The string is not copied. */
bool csvr_string_append(struct csvr_string_builder *list, const char *string);

/* The expected value in words, such as "an integer from 0 to 100". */
enum { CSVR_EXPECTED_BYTES = 512 };
void csvr_option_describe_value(const struct csvr_option *option, char text[CSVR_EXPECTED_BYTES]);

/* Logs that `value` is invalid. Returns false, so that a parser can return the call. */
bool csvr_option_reject(struct csvr_option_parser *parser, const struct csvr_option *option,
			const char *value);

/* Logs that memory ran out. Returns false, so that a parser can return the call. */
bool csvr_option_reject_no_memory(struct csvr_option_parser *parser);

/* Writes the choices with `separator` between them, and `last_separator` before the last one. */
void csvr_option_write_choices(const struct csvr_option *option, const char *separator,
			       const char *last_separator, FILE *stream);

bool csvr_option_has_choices(const struct csvr_option *option);

/* Parsers of single options, each a csvr_option_fn. */
bool csvr_parse_encoding(struct csvr_option_parser *parser, const struct csvr_option *option,
			 const char *value);
bool csvr_parse_delimiter(struct csvr_option_parser *parser, const struct csvr_option *option,
			  const char *value);
bool csvr_parse_escape(struct csvr_option_parser *parser, const struct csvr_option *option,
		       const char *value);
bool csvr_parse_null_values(struct csvr_option_parser *parser, const struct csvr_option *option,
			    const char *value);
bool csvr_parse_decimal(struct csvr_option_parser *parser, const struct csvr_option *option,
			const char *value);
bool csvr_parse_thousands(struct csvr_option_parser *parser, const struct csvr_option *option,
			  const char *value);
bool csvr_parse_number_affixes(struct csvr_option_parser *parser, const struct csvr_option *option,
			       const char *value);
bool csvr_parse_select(struct csvr_option_parser *parser, const struct csvr_option *option,
		       const char *value);
bool csvr_parse_correlation(struct csvr_option_parser *parser, const struct csvr_option *option,
			    const char *value);
bool csvr_parse_group_by(struct csvr_option_parser *parser, const struct csvr_option *option,
			 const char *value);
bool csvr_parse_fail_on_change(struct csvr_option_parser *parser, const struct csvr_option *option,
			       const char *value);
bool csvr_parse_output(struct csvr_option_parser *parser, const struct csvr_option *option,
		       const char *value);
bool csvr_parse_progress(struct csvr_option_parser *parser, const struct csvr_option *option,
			 const char *value);
bool csvr_parse_flamegraph(struct csvr_option_parser *parser, const struct csvr_option *option,
			   const char *value);
bool csvr_parse_shard(struct csvr_option_parser *parser, const struct csvr_option *option,
		      const char *value);
bool csvr_parse_time_limit(struct csvr_option_parser *parser, const struct csvr_option *option,
			   const char *value);

/* ---- checks ---- */

/* Whether the options make sense together; logs an error if not. */
bool csvr_options_check(const struct csvr_options *options, struct csvr_log *log);

#endif
