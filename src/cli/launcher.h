/* launcher.h - what the environment reveals about the launcher of a parallel job
 *
 * Shape    functions of the environment only: they work without an MPI library, and with one that does not
 *          know the launcher
 */
#ifndef CSVR_CLI_LAUNCHER_H
#define CSVR_CLI_LAUNCHER_H

#include <stdbool.h>

/* The number of processes that the launcher started, and the number of this one, from 0. */
struct csvr_launcher_env {
	long count; /* 1: a single process, or unknown */
	long number; /* 0 if unknown */
};
struct csvr_launcher_env csvr_launcher_detect(void);

/* Whether this process may be one of several of a launcher, which then forwards its standard output and
 * error. mpirun connects them to a terminal even if they end in a file. */
bool csvr_launcher_is_rank(void);

#endif
