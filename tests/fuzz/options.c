/* options.c - fuzz target: command lines
 *
 * Laws  a command line is parsed, or refused with exit status 2 and a message that names the option or the
 *       path and has no control characters. Parsed values are within their bounds, and all bytes of the
 *       dialect are different.
 * Input lines with environment variables of the program (NAME=VALUE), then lines with arguments
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include <math.h>

#include "base/number_format.h"
#include "cli/checkpoint.h"
#include "cli/launcher.h"
#include "cli/options.h"
#include "fuzz.h"
#include "law.h"

enum { MOST_TEXT = 2048, MOST_ARGUMENTS = 64 };

static const char *const variables[] = {
	"CSVR_KERNEL", "SLURM_JOB_END_TIME",   "PMI_SIZE",
	"PMI_RANK",    "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"
};
enum { N_VARIABLES = sizeof variables / sizeof variables[0] };

/* Sets the variable of the line; false if the line is not one of them. */
static bool set_variable(char *line)
{
	char *equals = strchr(line, '=');
	for (size_t i = 0; i < N_VARIABLES && equals != NULL; i++) {
		const size_t n = strlen(variables[i]);
		if ((size_t)(equals - line) != n || memcmp(line, variables[i], n) != 0)
			continue;
		setenv(variables[i], equals + 1, 1);
		return true;
	}
	return false;
}

static void check_settings(const struct csvr_options *options)
{
	const struct csvr_settings *s = &options->settings;
	const struct csvr_parse_options *r = &s->parse;
	LAW(r->delimiter == CSVR_AUTO || (r->delimiter >= 0 && r->delimiter < 256), "%d",
	    r->delimiter);
	LAW(r->quote == CSVR_NONE || (r->quote >= 0 && r->quote < 256), "%d", r->quote);
	LAW(r->comment == CSVR_NONE || (r->comment >= 0 && r->comment < 256), "%d", r->comment);
	LAW(r->decimal == CSVR_AUTO || r->decimal == '.' || r->decimal == ',', "%d", r->decimal);
	LAW(strlen(r->thousands) < sizeof r->thousands &&
		    (r->thousands[0] != r->decimal || r->thousands[1] != '\0'),
	    "%d %s", r->decimal, r->thousands);
	LAW(r->affix_base == 0 || r->affix_base == 1000 || r->affix_base == 1024, "%d",
	    r->affix_base);
	LAW(r->delimiter < 0 || (r->delimiter != r->quote && r->delimiter != r->comment &&
				 r->delimiter != '\n' && r->delimiter != '\r'),
	    "%d %d %d", r->delimiter, r->quote, r->comment);
	LAW(r->quote < 0 || r->quote != r->comment, "%d", r->quote);
	LAW(r->where.n_words <= CSVR_MAX_CONDITIONS, "%zu", r->where.n_words);
	for (size_t i = 0; i < r->where.n_words; i++) {
		struct csvr_error error;
		LAW(csvr_condition_check(r->where.word[i], r, &error) == CSVR_OK, "'%s': %s",
		    r->where.word[i], error.message);
	}
	LAW(r->group_by.n_words <= CSVR_MAX_GROUP_KEYS, "%zu", r->group_by.n_words);
	LAW(r->group_by.n_words == 0 || !(r->correlates || s->report.per_file ||
					  s->statistics.exact || s->refine != NULL),
	    "%zu keys", r->group_by.n_words);
	for (size_t i = 0; i < r->group_by.n_words; i++)
		LAW(r->group_by.word[i][0] != '\0' && r->group_by.word[i][0] != '!', "'%s'",
		    r->group_by.word[i]);
	LAW(s->max_groups <= CSVR_MOST_GROUPS, "%llu", (unsigned long long)s->max_groups);
	LAW(s->tuning.n_threads >= 0 && s->tuning.n_threads <= 4096, "%d", s->tuning.n_threads);
	LAW(s->walk.max_depth >= -1, "%d", s->walk.max_depth);
	LAW(s->shard.index >= 1 && s->shard.index <= s->shard.count, "%u/%u", s->shard.index,
	    s->shard.count);
	LAW(s->shard.count == 1 || s->report.format == CSVR_FORMAT_STATE, "%u", s->shard.count);
	LAW(s->report.round_digits >= -1 && s->report.round_digits <= CSVR_MAX_ROUND, "%d",
	    s->report.round_digits);
	LAW(options->connections >= 1 && options->connections <= 256, "%d", options->connections);
	LAW(options->checkpoint_every_s > 0 && isfinite(options->checkpoint_every_s), "%g",
	    options->checkpoint_every_s);
	LAW(options->progress != CSVR_PROGRESS_LINES ||
		    (options->progress_s > 0 && isfinite(options->progress_s)),
	    "%g", options->progress_s);
	LAW(options->time_limit_s >= 0 && options->time_limit_s <= 1e7 * 86400, "%g",
	    options->time_limit_s);
	LAW(options->checkpoint == NULL || options->checkpoint[0] != '\0', "an empty checkpoint");
}

/* The message is one line of the program that names the wrong option or variable. */
static void check_message(const char *message, size_t n_message, char **arguments,
			  size_t n_arguments)
{
	LAW(n_message > 12 && strncmp(message, "csv-report: ", 12) == 0, "'%s'", message);
	LAW(strchr(message, '\n') == message + n_message - 1, "'%s'", message);
	for (size_t i = 0; i + 1 < n_message; i++)
		LAW((unsigned char)message[i] >= ' ' && message[i] != 0x7f, "'%s'", message);
	/* An option, standard input, or the variable. */
	LAW(message[12] == '-' || strncmp(message + 12, "CSVR_KERNEL", 11) == 0, "'%s'", message);
	/* The message must name one of the options given, of which --name may be abbreviated. The value of
	 * an option may be the standard input, `-`. */
	bool is_named = strncmp(message + 12, "CSVR_KERNEL", 11) == 0;
	for (size_t i = 1; i < n_arguments && strncmp(message + 12, "-: ", 3) == 0 && !is_named;
	     i++) {
		const char *value = strchr(arguments[i], '=');
		is_named = value != NULL && strcmp(value, "=-") == 0;
	}
	for (size_t i = 1; i < n_arguments && !is_named; i++)
		is_named = arguments[i][0] == '-' && arguments[i][1] != '\0'
				   ? message[13] == '-' ||
					     strchr(arguments[i], message[13]) != NULL ||
					     message[13] == '\\'
				   : strcmp(arguments[i], "-") == 0;
	LAW(is_named, "'%s'", message);
}

static void parse(char **arguments, size_t n_arguments)
{
	struct csvr_options options;
	struct csvr_log log;
	char *message = NULL;
	size_t n_message = 0;
	csvr_log_init(&log);
	log.stream = open_memstream(&message, &n_message);
	LAW(log.stream != NULL, "out of memory");
	const bool is_good = csvr_options_parse(&options, (int)n_arguments, arguments, &log);
	LAW(fflush(log.stream) == 0, "out of memory");
	LAW(is_good == (log.worst == CSVR_EXIT_COMPLETE), "exit status %d", (int)log.worst);
	LAW(is_good || log.worst == CSVR_EXIT_USAGE, "exit status %d", (int)log.worst);
	/* Of good options a message may say that one has no effect. */
	LAW(is_good || n_message > 0, "no message");
	if (!is_good)
		check_message(message, n_message, arguments, n_arguments);
	else if (options.action == CSVR_ACTION_RUN)
		check_settings(&options);
	LAW(!is_good || n_arguments != 2 || strncmp(arguments[1], "--time-limit=-", 14) != 0,
	    "a negative time limit");
	if (is_good) {
		const double limit_s = csvr_time_limit(&options);
		LAW(limit_s >= 0, "%g", limit_s);
		const struct csvr_launcher_env launch = csvr_launcher_detect();
		LAW(launch.count >= 1 && launch.number >= 0, "%ld of %ld", launch.number,
		    launch.count);
	}
	csvr_options_clear(&options);
	fclose(log.stream);
	free(message);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[MOST_TEXT + 1], *rest = text;
	char *arguments[MOST_ARGUMENTS + 2] = { (char[]){ "csv-report" } };
	size_t n = 1;
	if (size > MOST_TEXT)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t i = 0; i < N_VARIABLES; i++)
		unsetenv(variables[i]);
	/* A final line end does not start an argument. */
	for (char *line; n <= MOST_ARGUMENTS && (line = strsep(&rest, "\n")) != NULL;)
		if ((rest != NULL || line[0] != '\0') && (n > 1 || !set_variable(line)))
			arguments[n++] = line;
	arguments[n] = NULL;
	parse(arguments, n);
	return 0;
}
