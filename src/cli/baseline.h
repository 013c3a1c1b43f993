/* baseline.h - the earlier report that --compare names
 *
 * Errors   logged: CSVR_EXIT_NO_REPORT if it cannot be used
 * Threads  the main thread only
 */
#ifndef CSVR_CLI_BASELINE_H
#define CSVR_CLI_BASELINE_H

#include "cli/options.h"

struct csvr_baseline {
	struct csvr_snapshot *snapshot; /* NULL: there is none */
	struct csvr_diff *diff; /* NULL: it was not compared */
};

/* Reads the report that the options name, if any. False: it cannot be used. Call csvr_baseline_clear in either case. */
bool csvr_baseline_open(struct csvr_baseline *baseline, const struct csvr_options *options,
			struct csvr_log *log);
void csvr_baseline_clear(struct csvr_baseline *baseline);

/* Compares it with the results, for the report. False: out of memory. */
bool csvr_baseline_compare(struct csvr_baseline *baseline, const struct csvr_summary *summary,
			   const struct csvr_inputs *inputs, struct csvr_options *options,
			   struct csvr_log *log);

/* With --fail-on-change, logs each change beyond the rules, after the report was written. */
void csvr_baseline_log_changes(const struct csvr_baseline *baseline,
			       const struct csvr_options *options, struct csvr_log *log);

#endif
