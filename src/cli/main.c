/* main.c - csv-report */
#include <stdlib.h>

#include "cli/program.h"

int main(int argc, char **argv)
{
	static const struct csvr_program program = {
		.mpi = "no MPI (use csv-report-mpi)", .remote = "no remote (use csv-report-remote)"
	};
	/* Not `return`, which compilers turn into a jump: main would be missing from flame graphs. */
	exit(csvr_program_run(argc, argv, &program));
}
