/* diagnostics.h - timing and flame graph of a run: --timing and --flamegraph
 *
 * Threads  the main thread only
 */
#ifndef CSVR_CLI_DIAGNOSTICS_H
#define CSVR_CLI_DIAGNOSTICS_H

#include "cli/options.h"
#include "cli/output_file.h"
#include "csvreport.h"
#include "csvreport_perf.h"

struct csvr_diagnostics {
	const struct csvr_options *options;
	struct csvr_log *log;
	struct csvr_timing timing;
	struct csvr_profile *profile; /* NULL: no flame graph was requested */
	struct csvr_profile_thread *sampled; /* the samples of the main thread */
	struct csvr_output graph;
};

/* Starts what `options` request and passes it to the run in `hooks`. False: a flame graph cannot be made,
 * and an error was logged. Call csvr_diagnostics_finish in either case. */
bool csvr_diagnostics_start(struct csvr_diagnostics *diagnostics,
			    const struct csvr_options *options, struct csvr_run_hooks *hooks,
			    struct csvr_log *log);

/* Called after the report or the message about its failure. Writes the flame graph and logs the timing,
 * unless no input was read. `inputs` are those of the run. */
void csvr_diagnostics_finish(struct csvr_diagnostics *diagnostics, const struct csvr_inputs *inputs,
			     bool has_read);

#endif
