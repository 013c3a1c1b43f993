/* main_remote.c - csv-report-remote: csv-report with remote inputs
 *
 * Why  csv-report often runs for some milliseconds, and loading this program's libraries takes five. So
 *      csv-report executes this program only if an input is a URL.
 */
#include <stdlib.h>

#include "cli/program.h"
#include "input/remote_ops.h"

int main(int argc, char **argv)
{
	static const struct csvr_program program = {
		.mpi = "no MPI (csv-report-mpi is the program with it)",
		.remote = "remote (s3, http, https)",
		.connect = csvr_remote_new,
		.disconnect = csvr_remote_free
	};
	/* Not `return`: see main.c. */
	exit(csvr_program_run(argc, argv, &program));
}
