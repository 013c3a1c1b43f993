/* launcher.h - what launchers of parallel jobs tell a process by its environment
 *
 * Shape    functions of the environment only: they hold where no MPI library is there to ask, or where
 *          it knows nothing of the launcher
 */
#ifndef CSVR_CLI_LAUNCHER_H
#define CSVR_CLI_LAUNCHER_H

#include <stdbool.h>

/* How many processes were started to do the same, and the number of this one, from 0. */
struct csvr_launcher_env {
	long count; /* 1: this one alone, or nobody tells */
	long number; /* 0 where nobody tells */
};
struct csvr_launcher_env csvr_launcher_detect(void);

/* Whether this is one of several processes of a launcher, or might be: its standard output and error
 * go elsewhere than they seem to. mpirun gives its processes a terminal, whoever reads at the end. */
bool csvr_launcher_is_rank(void);

#endif
