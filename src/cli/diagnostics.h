/* diagnostics.h - what a run tells about itself besides its report: --timing and --flamegraph
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
	struct csvr_profile *profile; /* NULL: no graph is asked for */
	struct csvr_profile_thread *sampled; /* the main thread's part of it */
	struct csvr_output graph;
};

/* Begins what `options` ask for, and hands it to the run by `hooks`. False: a graph cannot be made,
 * and that has been said. End it in either case. */
bool csvr_diagnostics_start(struct csvr_diagnostics *measure, const struct csvr_options *options,
			    struct csvr_run_hooks *hooks, struct csvr_log *log);

/* After the report, or what was said in its place: writes the graph, says the timing; neither if
 * nothing was read. `inputs` are those of the run. */
void csvr_diagnostics_finish(struct csvr_diagnostics *measure, const struct csvr_inputs *inputs,
			     bool has_read);

#endif
