/* launcher.c - what launchers of parallel jobs tell a process by its environment */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/launcher.h"

#include <stddef.h>
#include <stdlib.h>

/* The first whose count is there tells. mpirun starts its own helpers as a job step, whose variables
 * its processes inherit, so those of Slurm come last. */
static const struct {
	const char *count, *number;
} launchers[] = {
	{ "OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK" }, /* mpirun of Open MPI, and kin */
	{ "PMI_SIZE", "PMI_RANK" }, /* mpiexec of MPICH and kin, srun --mpi=pmi2 */
	{ "SLURM_STEP_NUM_TASKS", "SLURM_PROCID" }, /* srun */
};

/* The value of a variable, -1 if it is no number. */
static long number_in(const char *variable)
{
	const char *text = getenv(variable);
	char *end = NULL;
	const long value = text != NULL ? strtol(text, &end, 10) : -1;
	return text != NULL && end != text && *end == '\0' ? value : -1;
}

struct csvr_launcher_env csvr_launcher_detect(void)
{
	for (size_t i = 0; i < sizeof launchers / sizeof launchers[0]; i++) {
		const long count = number_in(launchers[i].count);
		const long number = number_in(launchers[i].number);
		if (count > 0)
			return (struct csvr_launcher_env){ count, number > 0 ? number : 0 };
	}
	return (struct csvr_launcher_env){ 1, 0 };
}

bool csvr_launcher_is_rank(void)
{
	return getenv("OMPI_COMM_WORLD_SIZE") != NULL || getenv("PMIX_RANK") != NULL ||
	       getenv("PMI_RANK") != NULL;
}
