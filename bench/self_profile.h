/* self_profile.h - lets a program of bench/ sample itself, as csv-report --flamegraph does
 *
 * Shape   enabled by the environment: BASELINE_FLAMEGRAPH=FILE.svg or FILE.folded; otherwise these
 *         functions do nothing
 * Errors  end the program with a message
 */
#ifndef CSVR_BENCH_SELF_PROFILE_H
#define CSVR_BENCH_SELF_PROFILE_H

/* Starts sampling the calling thread, which must be the main thread. */
void self_profile_start(const char *program);

/* Samples the calling thread too, unless it is sampled already. */
void self_profile_attach(void);

/* Writes the graph. The other threads must have finished their work. */
void self_profile_finish(void);

#endif
