/* checkpoint.h - the checkpoint file of a run
 *
 * Errors   logged; a checkpoint that cannot be written does not end the run
 * Threads  the hooks are called by threads of the run, never by two at once
 */
#ifndef CSVR_CLI_CHECKPOINT_H
#define CSVR_CLI_CHECKPOINT_H

#include "cli/log.h"
#include "cli/options.h"
#include "cli/output_file.h"
#include "csvreport.h"

struct csvr_checkpoint {
	struct csvr_checkpoint_hooks hooks; /* for struct csvr_run_hooks */
	const char *path; /* NULL: no checkpoint */
	struct csvr_log *log;
	bool is_saved; /* the last save succeeded */
};

/* Sets up the checkpoint that the options request; `report` is the output of the report. False: it
 * cannot be used, and an error was logged. */
bool csvr_checkpoint_init(struct csvr_checkpoint *checkpoint, const struct csvr_options *options,
			  const struct csvr_output *report, struct csvr_log *log);

/* Removes the file once the report is written. */
void csvr_checkpoint_remove(const struct csvr_checkpoint *checkpoint);

/* Seconds until the run should end: --time-limit or, with a checkpoint, the end of the job if the
 * scheduler reports it; 0: no limit. */
double csvr_time_limit(const struct csvr_options *options);

#endif
