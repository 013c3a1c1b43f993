/* flamegraph.h - folded stacks to a self-contained picture
 *
 * Shape    rows of boxes: a function is above its caller, and as wide as the fraction of the samples
 *          that it was in; threads are side by side
 * Units    samples
 * Errors   CSVR_NO_MEMORY; CSVR_IO_ERROR: the stream has failed
 * Threads  one at a time
 * Source   the drawing: Gregg, "The Flame Graph", Communications of the ACM 59(6), 2016
 */
#ifndef CSVR_REPORT_FLAMEGRAPH_H
#define CSVR_REPORT_FLAMEGRAPH_H

#include <stdio.h>

#include "csvreport.h"
#include "csvreport_perf.h"
#include "perf/stacks.h"

/* The text around the boxes. */
struct csvr_graph_info {
	const char *program;
	const char *sampler; /* the program that sampled, such as "perf"; NULL: `program` itself */
	unsigned rate_hz; /* 0: unknown */
	struct csvr_profile_losses losses;
};

/* Writes an SVG that depends on no other file; its script searches, zooms and shows details. `stacks`
 * must be sorted. */
enum csvr_status csvr_flamegraph_write(const struct csvr_stacks *stacks,
				       const struct csvr_graph_info *info, FILE *stream);

/* Writes one line per stack: "frame;frame;frame samples". Check the stream with ferror. */
void csvr_folded_write(const struct csvr_stacks *stacks, FILE *stream);

#endif
