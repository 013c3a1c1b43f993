/* main.c - csv-report */
#include <stdlib.h>

#include "cli/program.h"

int main(int argc, char **argv)
{
	/* Not `return`: a compiler makes that a jump, and main would be missing in flame graphs. */
	exit(csvr_program(argc, argv, "no MPI (csv-report-mpi is the program with it)", NULL));
}
