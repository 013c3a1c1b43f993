/* mid.c - the second baseline: split at commas, strtod for each cell, one thread */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "split.h"

int main(int argc, char **argv)
{
	struct paths paths = list_files(argc, argv);
	struct report report;

	report_init(&report);
	for (size_t i = 0; i < paths.n; i++)
		read_file(paths.path[i], &report);
	report_print(&report, paths.path[0]);
	free_paths(&paths);
	return EXIT_SUCCESS;
}
