/* program.h - what all programs do with their command line */
#ifndef CSVR_CLI_PROGRAM_H
#define CSVR_CLI_PROGRAM_H

#include "csvreport.h"

struct csvr_remote;

/* In what the programs differ. */
struct csvr_program {
	const char *mpi, *remote; /* what --version says of them */
	/* The other processes, which are called alike: all but the first say nothing. NULL: it is alone. */
	const struct csvr_comm *comm;
	/* For urls (s3://, http://): input/remote_ops.h. NULL: another program is for them. */
	enum csvr_status (*connect)(int connections, struct csvr_remote **remote,
				    struct csvr_error *error);
	void (*disconnect)(struct csvr_remote *remote);
};

/* Does what the arguments say. Returns the exit status; that of the first process is the one that counts. */
int csvr_program_run(int argc, char **argv, const struct csvr_program *program);

#endif
