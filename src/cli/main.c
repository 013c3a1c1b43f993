/* main.c - csv-report */
#include <stdlib.h>

#include "cli/program.h"

int main(int argc, char **argv)
{
	return csvr_program(argc, argv, "no MPI (csv-report-mpi is the program with it)", NULL);
}
