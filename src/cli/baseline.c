/* baseline.c - the earlier report that --compare names */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/baseline.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"
#include "base/io.h"
#include "base/memory.h"
#include "cli/signals.h"
#include "input/inputs.h"
#include "input/url.h"
#include "report/compare.h"

/* The bytes of a file; the caller frees them. */
struct text {
	char *bytes;
	size_t n_bytes, capacity;
};

static enum csvr_status read_all(int fd, struct text *text, struct csvr_error *error)
{
	enum { STEP_BYTES = 65536 };
	for (;;) {
		char *grown = csvr_array_grow(text->bytes, &text->capacity,
					      text->n_bytes + STEP_BYTES, 1);
		if (grown == NULL)
			return csvr_error_set_no_memory(error);
		text->bytes = grown;
		const ssize_t n = csvr_io_read(fd, grown + text->n_bytes,
					       text->capacity - text->n_bytes);
		if (n < 0)
			return csvr_error_set_errno(error, "cannot read");
		if (n == 0)
			return CSVR_OK;
		text->n_bytes += (size_t)n;
	}
}

/* Reads a file, unless it is a saved state, which csvr_run reads. */
static enum csvr_status read_file(const char *path, struct text *text, bool *is_state,
				  struct csvr_error *error)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	struct stat info;
	if (fd < 0)
		return csvr_error_set_errno(error, "cannot open");
	enum csvr_status status = CSVR_OK;
	if (fstat(fd, &info) == 0 && S_ISDIR(info.st_mode))
		status = csvr_error_set(error, CSVR_INVALID_FILE, 0,
					"is a directory; name a saved state or a JSON report");
	else
		status = read_all(fd, text, error);
	(void)close(fd);
	*is_state = status == CSVR_OK &&
		    csvr_begins_as_state((const unsigned char *)text->bytes, text->n_bytes);
	return status;
}

/* Merges a saved state, as a run does that has no other input. */
static enum csvr_status load_state(const char *path, const struct csvr_settings *settings,
				   struct csvr_snapshot **snapshot, struct csvr_error *error)
{
	struct csvr_settings own;
	struct csvr_inputs *inputs = NULL;
	struct csvr_summary *summary = NULL;
	csvr_settings_init(&own);
	own.tuning = settings->tuning;
	own.max_groups = CSVR_MOST_GROUPS;
	enum csvr_status status = csvr_inputs_new(&inputs);
	if (status == CSVR_OK)
		status = csvr_inputs_add(inputs, path, &own.walk);
	csvr_signals_guard_exit(true);
	if (status == CSVR_OK)
		status = csvr_run(&own, inputs, NULL, &summary, error);
	csvr_signals_guard_exit(false);
	if (status == CSVR_OK)
		status = csvr_snapshot_of_summary(summary, inputs, &own, snapshot);
	csvr_summary_free(summary);
	csvr_inputs_free(inputs);
	return status;
}

bool csvr_baseline_open(struct csvr_baseline *baseline, const struct csvr_options *options,
			struct csvr_log *log)
{
	const char *path = options->compare;
	struct csvr_error error = { .status = CSVR_OK };
	struct text text = { 0 };
	bool is_state = false;
	if (path == NULL)
		return true;
	if (csvr_is_url(path, strlen(path))) {
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--compare=%s: a report is not read over the network; copy it to a "
			       "file",
			       path);
		return false;
	}
	enum csvr_status status = read_file(path, &text, &is_state, &error);
	if (status == CSVR_OK && !is_state)
		status = csvr_snapshot_of_json(text.bytes, text.n_bytes, &baseline->snapshot,
					       &error);
	free(text.bytes);
	/* The messages of states name the file. */
	if (status == CSVR_OK && is_state) {
		status = load_state(path, &options->settings, &baseline->snapshot, &error);
		if (status == CSVR_INCOMPATIBLE_STATES)
			csvr_log_error_at(log, CSVR_EXIT_NO_REPORT, path, 0,
					  "has only a part of a run; merge its shards into one "
					  "state with --format=state");
		else if (status != CSVR_OK && status != CSVR_NO_MEMORY)
			csvr_log_error(log, CSVR_EXIT_NO_REPORT, "--compare: %s", error.message);
	} else if (status != CSVR_OK && status != CSVR_NO_MEMORY) {
		csvr_log_error_at(log, CSVR_EXIT_NO_REPORT, path, error.line, "%s", error.message);
	}
	if (status == CSVR_NO_MEMORY)
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "out of memory; no report");
	return status == CSVR_OK;
}

void csvr_baseline_clear(struct csvr_baseline *baseline)
{
	csvr_diff_free(baseline->diff);
	csvr_snapshot_free(baseline->snapshot);
	*baseline = (struct csvr_baseline){ 0 };
}

/* Logs the items of --fail-on-change that are about columns that no table has. */
static void log_unmatched(const struct csvr_diff *diff, const struct csvr_string_list *rules,
			  struct csvr_log *log)
{
	for (size_t i = 0; i < rules->n_words; i++) {
		struct csvr_change_rule rule;
		if (csvr_change_rule_parse(rules->word[i], &rule, NULL) == CSVR_OK &&
		    rule.column != NULL && !diff->is_matched[i])
			csvr_log_error(log, CSVR_EXIT_INCOMPLETE,
				       "--fail-on-change=%s: no such column in any file",
				       rules->word[i]);
	}
}

bool csvr_baseline_compare(struct csvr_baseline *baseline, const struct csvr_summary *summary,
			   const struct csvr_inputs *inputs, struct csvr_options *options,
			   struct csvr_log *log)
{
	struct csvr_report_options *report = &options->settings.report;
	if (baseline->snapshot == NULL)
		return true;
	if (csvr_compare(baseline->snapshot, options->compare, summary, inputs, &options->settings,
			 &baseline->diff) != CSVR_OK) {
		csvr_log_error(log, CSVR_EXIT_NO_REPORT, "out of memory; no report");
		return false;
	}
	report->diff = baseline->diff;
	log_unmatched(baseline->diff, &report->change_rules, log);
	return true;
}

void csvr_baseline_log_changes(const struct csvr_baseline *baseline,
			       const struct csvr_options *options, struct csvr_log *log)
{
	const struct csvr_diff *diff = baseline->diff;
	for (size_t i = 0; options->fails_on_change && i < diff->n_changes; i++) {
		char *text = NULL;
		size_t n_bytes = 0;
		if (!diff->changes[i].is_beyond)
			continue;
		FILE *stream = open_memstream(&text, &n_bytes);
		if (stream != NULL) {
			csvr_change_write(diff, &diff->changes[i], stream);
			(void)fclose(stream);
		}
		csvr_log_error(log, CSVR_EXIT_CHANGED, "%s",
			       text != NULL ? text : diff->changes[i].sentence);
		free(text);
	}
}
