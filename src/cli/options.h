/* options.h - the command line
 *
 * Shape    one row of option_table*.c per option gives the parser, --help, the manual page and the
 *          completion
 * Errors   logged with CSVR_EXIT_USAGE: the option, its value, the expected value
 */
#ifndef CSVR_CLI_OPTIONS_H
#define CSVR_CLI_OPTIONS_H

#include "base/memory.h"
#include "cli/log.h"
#include "cli/progress.h"
#include "csvreport.h"
#include "csvreport_perf.h"

enum csvr_action {
	CSVR_ACTION_RUN,
	CSVR_ACTION_HELP,
	CSVR_ACTION_VERSION,
	CSVR_ACTION_GENERATE_MAN,
	CSVR_ACTION_GENERATE_BASH
};

/* Strings collected from the command line. The settings point to `words`. */
struct csvr_string_builder {
	const char **words;
	size_t n_words, capacity;
};

struct csvr_options {
	struct csvr_settings settings;
	enum csvr_action action;
	struct csvr_string_builder paths; /* in order, each PATH as given */
	struct csvr_string_builder lists; /* --files-from, in order */
	bool is_null_separated;
	int connections; /* remote requests in flight, at most */
	const char *output; /* NULL: standard output */
	enum csvr_progress_mode progress;
	double progress_s;
	const char *flamegraph; /* NULL: none */
	enum csvr_graph_format graph;
	unsigned sample_hz; /* 0: the default */
	const char *checkpoint; /* NULL: none */
	double checkpoint_every_s;
	double time_limit_s; /* 0: none */
	const char *compare; /* an earlier report; NULL: none */
	bool fails_on_change;
	bool is_strict;
	bool is_timed;
	bool is_quiet;

	/* storage of the settings */
	struct csvr_string_builder include, exclude, null_values, select, correlation, stats,
		group_by, where, change_rules;
	struct csvr_arena strings;
};

/* Parses the command line and the environment variable CSVR_KERNEL. False: an error was logged. Call
 * csvr_options_clear in either case. */
bool csvr_options_parse(struct csvr_options *options, int argc, char **argv, struct csvr_log *log);
void csvr_options_clear(struct csvr_options *options);

/* Writes the text of CSVR_ACTION_HELP or of a CSVR_ACTION_GENERATE action. */
void csvr_options_write(enum csvr_action action, FILE *stream);

/* Three lines for a user who gave no PATH. */
extern const char csvr_short_usage[];

#endif
