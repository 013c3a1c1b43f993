/* program.h - what all programs do with their command line */
#ifndef CSVR_CLI_PROGRAM_H
#define CSVR_CLI_PROGRAM_H

#include "csvreport.h"

struct csvr_remote;

/* The differences between the programs. */
struct csvr_program {
	const char *mpi, *remote; /* shown by --version */
	/* The ranks of an MPI job, all called with the same arguments. Only rank 0 writes messages. NULL: a
	 * single process. */
	const struct csvr_comm *comm;
	/* Make and free the reader of URLs (input/remote_ops.h). NULL: the program cannot read them. */
	enum csvr_status (*connect)(int connections, struct csvr_remote **remote,
				    struct csvr_error *error);
	void (*disconnect)(struct csvr_remote *remote);
};

/* Does what the arguments request. Returns the exit status; of several ranks, that of rank 0 counts. */
int csvr_program_run(int argc, char **argv, const struct csvr_program *program);

#endif
