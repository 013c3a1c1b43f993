/* main.c - csv-report */
#include <stdlib.h>

#include "cli/program.h"

int main(int argc, char **argv)
{
	static const struct csvr_program program = {
		.mpi = "no MPI (csv-report-mpi is the program with it)",
		.remote = "no remote (csv-report-remote is the program with it)"
	};
	/* Not `return`: a compiler makes that a jump, and main would be missing in flame graphs. */
	exit(csvr_program_run(argc, argv, &program));
}
