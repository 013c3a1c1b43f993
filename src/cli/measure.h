/* measure.h - what a run tells about itself besides its report: --timing and --flamegraph
 *
 * Threads  the main thread only
 */
#ifndef CSVR_CLI_MEASURE_H
#define CSVR_CLI_MEASURE_H

#include "cli/options.h"
#include "cli/output.h"
#include "csvreport.h"

struct csvr_measure {
	const struct csvr_options *options;
	struct csvr_messages *messages;
	struct csvr_timing timing;
	struct csvr_profile *profile; /* NULL: no graph is asked for */
	struct csvr_sampled *sampled; /* the main thread's part of it */
	struct csvr_output graph;
};

/* Begins what `options` ask for, and hands it to the run by `watch`. False: a graph cannot be made,
 * and that has been said. End it in either case. */
bool csvr_measure_begin(struct csvr_measure *measure, const struct csvr_options *options,
			struct csvr_watch *watch, struct csvr_messages *messages);

/* After the report, or what was said in its place: writes the graph, says the timing; neither if
 * nothing was read. `inputs` are those of the run. */
void csvr_measure_end(struct csvr_measure *measure, const struct csvr_inputs *inputs,
		      bool has_read);

#endif
