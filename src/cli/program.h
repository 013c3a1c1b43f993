/* program.h - what all programs do with their command line */
#ifndef CSVR_CLI_PROGRAM_H
#define CSVR_CLI_PROGRAM_H

#include "csvreport.h"

/* Does what the arguments say, with other processes where `peers` is not NULL: these are called alike
 * in all of them, and all but the first say nothing. `mpi` is what --version says of MPI. Returns the
 * exit status; that of the first is the one that counts. */
int csvr_program(int argc, char **argv, const char *mpi, const struct csvr_peers *peers);

#endif
