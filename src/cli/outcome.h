/* outcome.h - messages about a run that has ended, and their exit status
 *
 * Errors   logged with the exit status they cause; the worst one is that of the program
 */
#ifndef CSVR_CLI_OUTCOME_H
#define CSVR_CLI_OUTCOME_H

#include "cli/checkpoint.h"
#include "cli/log.h"
#include "cli/options.h"
#include "csvreport.h"

/* Logs threads that failed to start, whether the run was resumed, and its failure or interruption. */
void csvr_outcome_log_end(const struct csvr_run_info *info,
			  const struct csvr_checkpoint *checkpoint, enum csvr_status status,
			  const struct csvr_error *error, struct csvr_log *log);

/* Logs for --verbose the threads, kernel and units of work. `comm` is NULL for a single process. */
void csvr_outcome_log_work(const struct csvr_run_info *info, const struct csvr_shard *shard,
			   const struct csvr_comm *comm, struct csvr_log *log);

/* Logs inputs that failed, problems that --strict or --partial makes errors, and items of --select
 * without a column. The report can be written if the worst exit status is then CSVR_EXIT_COMPLETE or
 * CSVR_EXIT_INCOMPLETE. */
void csvr_outcome_log_data(const struct csvr_summary *summary, const struct csvr_inputs *inputs,
			   const struct csvr_options *options, struct csvr_log *log);

#endif
