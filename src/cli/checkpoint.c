/* checkpoint.c - the checkpoint file of a run */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/checkpoint.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/launcher.h"
#include "cli/signals.h"

/* A chunk takes some milliseconds; a thread that needs longer than this is blocked. mpirun sends SIGKILL
 * one second after the signal. */
static const double grace_s = 2, rank_grace_s = 0.4;

/* A run stops this long before the end of its job, or at a tenth of the time left if that is less. */
static const double margin_s = 30;

static bool save(void *context, const unsigned char *bytes, size_t n_bytes)
{
	struct csvr_checkpoint *checkpoint = context;
	struct csvr_output output;
	bool is_saved = csvr_output_init(&output, checkpoint->path, "continuing without it",
					 CSVR_EXIT_COMPLETE, checkpoint->log) &&
			csvr_output_open(&output);
	if (is_saved) {
		const bool is_written = fwrite(bytes, 1, n_bytes, output.stream) == n_bytes;
		is_saved = csvr_output_close(&output, is_written ? CSVR_OK : CSVR_IO_ERROR);
	}
	csvr_output_clear(&output);
	checkpoint->is_saved = is_saved;
	return is_saved;
}

static void abandon(void *context)
{
	struct csvr_checkpoint *checkpoint = context;
	const enum csvr_exit status = checkpoint->is_saved ? CSVR_EXIT_INTERRUPTED
							   : CSVR_EXIT_NO_REPORT;
	csvr_log_error_at(
		checkpoint->log, status, checkpoint->path, 0,
		"interrupted by %s while blocked on an input; %s; run the same command "
		"again to resume",
		csvr_signals_stop_reason(),
		checkpoint->is_saved
			? "progress is saved"
			: "progress could not be saved, an earlier checkpoint is unchanged");
	_exit((int)status);
}

/* Whether an input is standard input, which a later run cannot read again. */
static bool reads_standard_input(const struct csvr_options *options)
{
	if (options->paths.n_words == 0 && options->lists.n_words == 0)
		return true;
	for (size_t i = 0; i < options->paths.n_words; i++)
		if (strcmp(options->paths.words[i], "-") == 0)
			return true;
	return false;
}

/* Whether the checkpoint can be written: it must be a regular file, and not the report. */
static bool check_file(const char *path, const struct csvr_output *report, struct csvr_log *log)
{
	struct csvr_output output;
	const bool is_writable = csvr_output_init(&output, path, "no input was read",
						  CSVR_EXIT_NO_REPORT, log);
	const bool is_regular = output.target != NULL;
	const bool is_report = csvr_output_is_same(&output, report);
	if (is_regular && is_writable && !is_report) {
		csvr_output_remove_stale_temporaries(&output);
		if (report->target != NULL)
			csvr_output_remove_stale_temporaries(report);
	}
	csvr_output_clear(&output);
	if (is_report)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--checkpoint=%s: same file as the report; name another file", path);
	else if (is_writable && !is_regular)
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--checkpoint=%s: not a regular file, so it cannot be replaced; name "
			"another file",
			path);
	return is_writable && is_regular && !is_report;
}

bool csvr_checkpoint_init(struct csvr_checkpoint *checkpoint, const struct csvr_options *options,
			  const struct csvr_output *report, struct csvr_log *log)
{
	*checkpoint = (struct csvr_checkpoint){ .path = options->checkpoint, .log = log };
	if (options->checkpoint == NULL)
		return true;
	checkpoint->hooks = (struct csvr_checkpoint_hooks){
		.path = options->checkpoint,
		.interval_s = options->checkpoint_every_s,
		.grace_s = csvr_launcher_is_rank() ? rank_grace_s : grace_s,
		.save = save,
		.abandon = abandon,
		.context = checkpoint
	};
	if (reads_standard_input(options)) {
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--checkpoint=%s: standard input cannot be read again by a resumed "
			       "run; name files, or omit --checkpoint",
			       options->checkpoint);
		return false;
	}
	return check_file(options->checkpoint, report, log);
}

void csvr_checkpoint_remove(const struct csvr_checkpoint *checkpoint)
{
	if (checkpoint->path != NULL && unlink(checkpoint->path) != 0 && errno != ENOENT)
		csvr_log_error_at(checkpoint->log, CSVR_EXIT_COMPLETE, checkpoint->path, 0,
				  "cannot remove: %s; the report is complete", strerror(errno));
}

double csvr_time_limit(const struct csvr_options *options)
{
	const char *end_time = getenv("SLURM_JOB_END_TIME");
	if (options->time_limit_s > 0 || options->checkpoint == NULL || end_time == NULL)
		return options->time_limit_s;
	char *end;
	const double left = strtod(end_time, &end) - (double)time(NULL);
	if (end == end_time || *end != '\0')
		return 0;
	if (left <= 0) /* the job was extended; the variable still has the time set at its start */
		return 0;
	return left > 10 * margin_s ? left - margin_s : left * 0.9;
}
