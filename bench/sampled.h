/* sampled.h - a program of bench/ that samples itself, as csv-report --flamegraph does
 *
 * Shape   asked for by the environment: WAYS_FLAMEGRAPH=FILE.svg or FILE.folded; else each of these
 *         returns at once
 * Errors  end the program with a message
 */
#ifndef CSVR_BENCH_SAMPLED_H
#define CSVR_BENCH_SAMPLED_H

/* The calling thread, which is the main one, is sampled from now on. */
void sampled_begin(const char *program);

/* So is this one, if it is not yet; for every thread that works, at any time. */
void sampled_enter(void);

/* Writes the graph. The other threads have nothing left to do. */
void sampled_end(void);

#endif
