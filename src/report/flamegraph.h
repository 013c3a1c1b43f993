/* flamegraph.h - folded stacks to one picture that explains itself
 *
 * Shape    boxes upon boxes: a function stands on the one that called it, as wide as the share of the
 *          samples that it was in; threads stand beside each other
 * Units    samples
 * Errors   CSVR_NO_MEMORY; a stream's error is the stream's (ferror)
 * Threads  one at a time
 * Source   the drawing: Gregg, "The Flame Graph", Communications of the ACM 59(6), 2016
 */
#ifndef CSVR_REPORT_FLAMEGRAPH_H
#define CSVR_REPORT_FLAMEGRAPH_H

#include <stdio.h>

#include "csvreport.h"
#include "csvreport_perf.h"
#include "perf/stacks.h"

/* What the picture says beside the boxes. */
struct csvr_graph_info {
	const char *program;
	const char *sampler; /* who took the samples, such as "perf"; NULL: the program itself */
	unsigned rate_hz; /* 0: not known */
	struct csvr_profile_losses gaps;
};

/* Writes an SVG that needs nothing else: it opens as a file, and its script finds, zooms and
 * explains. `stacks` are sorted. */
enum csvr_status csvr_flamegraph_write(const struct csvr_stacks *stacks,
				       const struct csvr_graph_info *facts, FILE *stream);

/* Writes "frame;frame;frame samples", a line per stack. */
void csvr_folded_write(const struct csvr_stacks *stacks, FILE *stream);

#endif
