/* main_remote.c - csv-report-remote: csv-report, and what is on other machines
 *
 * Why  csv-report runs for some milliseconds, and the libraries that this program needs alone take five
 *      to load. So csv-report goes on as this program where an input is an url.
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
