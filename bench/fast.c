/* fast.c - the third baseline: mid.c with the files in parallel
 *
 * Each thread has its own statistics; a reduction adds them up. Nothing else differs.
 */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "split.h"

/* clang-format off */
#pragma omp declare reduction(merge : struct report : report_add(&omp_out, &omp_in)) \
	initializer(report_init(&omp_priv))
/* clang-format on */

int main(int argc, char **argv)
{
	struct paths paths = list_files(argc, argv);
	struct report report;

	report_init(&report);
#pragma omp parallel for schedule(dynamic) reduction(merge : report)
	for (size_t i = 0; i < paths.n; i++)
		read_file(paths.path[i], &report);
	report_print(&report, paths.path[0]);
	free_paths(&paths);
	return EXIT_SUCCESS;
}
