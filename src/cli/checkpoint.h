/* checkpoint.h - the file that keeps the progress of a run
 *
 * Errors   said through csvr_log; a checkpoint that cannot be written does not end the run
 * Threads  the saving is called by a thread of the run's own
 */
#ifndef CSVR_CLI_CHECKPOINT_H
#define CSVR_CLI_CHECKPOINT_H

#include "cli/log.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "csvreport.h"

struct csvr_checkpoint {
	struct csvr_checkpoint_hooks hooks; /* for struct csvr_run_hooks */
	const char *path; /* NULL: there is none */
	struct csvr_log *log;
	bool is_saved; /* the last saving went well */
};

/* Fills in what the options say; `report` is where the report goes. False: there can be no checkpoint,
 * which has been said. */
bool csvr_checkpoint_init(struct csvr_checkpoint *checkpoint, const struct csvr_options *options,
			  const struct csvr_output *report, struct csvr_log *log);

/* The report is written: the file is not needed any more. */
void csvr_checkpoint_remove(const struct csvr_checkpoint *checkpoint);

/* Seconds until the run should end by itself: --time-limit, or with a checkpoint the end of the job
 * that the scheduler tells; 0: never. */
double csvr_time_limit(const struct csvr_options *options);

#endif
