/* checkpoint.c - the file that keeps the progress of a run */
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

/* A chunk is over in some milliseconds; a thread that takes longer than this waits for something. mpirun
 * kills a second after the signal. */
static const double grace_s = 2, grace_of_rank_s = 0.4;

/* A job ends so many seconds before its time is up, or a tenth of what is left if that is less. */
static const double margin_s = 30;

static bool save(void *context, const unsigned char *bytes, size_t n_bytes)
{
	struct csvr_checkpoint *checkpoint = context;
	struct csvr_output output;
	bool is_good = csvr_output_init(&output, checkpoint->path, "the run goes on without it",
					CSVR_EXIT_COMPLETE, checkpoint->log) &&
		       csvr_output_open(&output);
	if (is_good) {
		const bool is_written = fwrite(bytes, 1, n_bytes, output.stream) == n_bytes;
		is_good = csvr_output_close(&output, is_written ? CSVR_OK : CSVR_IO_ERROR);
	}
	csvr_output_clear(&output);
	checkpoint->is_saved = is_good;
	return is_good;
}

static void abandon(void *context)
{
	struct csvr_checkpoint *checkpoint = context;
	const enum csvr_exit cost = checkpoint->is_saved ? CSVR_EXIT_INTERRUPTED
							 : CSVR_EXIT_NO_REPORT;
	csvr_log_error_at(
		checkpoint->log, cost, checkpoint->path, 0,
		"ended by %s while an input could not be read on; progress %s, and the same "
		"command goes on from there",
		csvr_signals_stop_reason(),
		checkpoint->is_saved ? "is saved" : "is what was saved before, if anything");
	_exit((int)cost);
}

/* Whether standard input is read, which another run cannot read again. */
static bool reads_standard_input(const struct csvr_options *options)
{
	if (options->paths.n_words == 0 && options->lists.n_words == 0)
		return true;
	for (size_t i = 0; i < options->paths.n_words; i++)
		if (strcmp(options->paths.words[i], "-") == 0)
			return true;
	return false;
}

bool csvr_checkpoint_init(struct csvr_checkpoint *checkpoint, const struct csvr_options *options,
			  const struct csvr_output *report, struct csvr_log *log)
{
	*checkpoint = (struct csvr_checkpoint){ .path = options->checkpoint, .log = log };
	if (options->checkpoint == NULL)
		return true;
	const double grace = csvr_launcher_is_rank() ? grace_of_rank_s : grace_s;
	checkpoint->hooks =
		(struct csvr_checkpoint_hooks){ .path = options->checkpoint,
						.interval_s = options->checkpoint_every_s,
						.grace_s = grace,
						.save = save,
						.abandon = abandon,
						.context = checkpoint };
	if (reads_standard_input(options)) {
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--checkpoint=%s: standard input cannot be read a second time; name files, or "
			"run without a checkpoint",
			options->checkpoint);
		return false;
	}
	struct csvr_output output;
	const bool is_writable = csvr_output_init(&output, options->checkpoint, "nothing was read",
						  CSVR_EXIT_NO_REPORT, log);
	const bool is_file = output.target != NULL;
	const bool is_report = csvr_output_is_same(&output, report);
	if (is_file && is_writable && !is_report) {
		csvr_output_remove_stale_temporaries(&output);
		if (report->target != NULL)
			csvr_output_remove_stale_temporaries(report);
	}
	csvr_output_clear(&output);
	if (is_report) {
		csvr_log_error(
			log, CSVR_EXIT_USAGE,
			"--checkpoint=%s: the report goes there, and a checkpoint is removed in the "
			"end; name another file",
			options->checkpoint);
		return false;
	}
	if (is_writable && !is_file)
		csvr_log_error(log, CSVR_EXIT_USAGE,
			       "--checkpoint=%s: it must be a file, for it is replaced as a whole",
			       options->checkpoint);
	return is_writable && is_file;
}

void csvr_checkpoint_remove(const struct csvr_checkpoint *checkpoint)
{
	if (checkpoint->path != NULL && unlink(checkpoint->path) != 0 && errno != ENOENT)
		csvr_log_error_at(checkpoint->log, CSVR_EXIT_COMPLETE, checkpoint->path, 0,
				  "cannot be removed: %s; the report is complete", strerror(errno));
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
	if (left <= 0) /* it has been extended: what the job was told when it began is no news */
		return 0;
	return left > 10 * margin_s ? left - margin_s : left * 0.9;
}
