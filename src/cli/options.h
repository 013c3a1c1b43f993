/* options.h - the command line
 *
 * Shape    one table row per option gives parsing, --help, the man page and the completion
 * Errors   said through csvr_log with CSVR_EXIT_USAGE: option, value, what is allowed
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

/* Words collected from the command line; `words` is what the settings point at. */
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
	int connections; /* to other machines, at most so many at once */
	const char *output; /* NULL: standard output */
	enum csvr_progress_mode progress;
	double progress_s;
	const char *flamegraph; /* NULL: none */
	enum csvr_graph_format graph;
	unsigned sample_hz; /* 0: the default */
	const char *checkpoint; /* NULL: none */
	double checkpoint_every_s;
	double time_limit_s; /* 0: none was given */
	bool is_strict;
	bool is_timed;
	bool is_quiet;

	/* what the settings point at */
	struct csvr_string_builder include, exclude, null_values, select, stats;
	struct csvr_arena strings;
	const char *delimiter, *quote, *comment; /* as given, for messages */
};

/* Reads the command line and CSVR_KERNEL. False: something is wrong and has been said.
 * csvr_options_clear is due in either case. */
bool csvr_options_parse(struct csvr_options *options, int argc, char **argv, struct csvr_log *log);
void csvr_options_clear(struct csvr_options *options);

/* Writes what CSVR_ACTION_HELP and the CSVR_GENERATE_ actions ask for. */
void csvr_options_write(enum csvr_action action, FILE *stream);

/* Three lines for someone who gave no PATH. */
extern const char csvr_short_usage[];

#endif
