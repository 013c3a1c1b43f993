/* main_remote.c - csv-report-remote: csv-report that can also read URLs
 *
 * Why      a run of csv-report often takes some milliseconds, and loading the libraries of this program
 *          alone takes five. So csv-report executes this program only if an input is a URL
 */
#include <stdlib.h>

#include "cli/program.h"
#include "input/remote_ops.h"

int main(int argc, char **argv)
{
	static const struct csvr_program program = { .mpi = "no MPI (use csv-report-mpi)",
						     .remote = "remote (s3, http, https)",
						     .connect = csvr_remote_new,
						     .disconnect = csvr_remote_free };
	/* Not `return`: see main.c. */
	exit(csvr_program_run(argc, argv, &program));
}
