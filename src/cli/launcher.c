/* launcher.c - what the environment reveals about the launcher of a parallel job */
#ifdef HAVE_CONFIG_H
#include <config.h>
#endif

#include "cli/launcher.h"

#include <stddef.h>
#include <stdlib.h>

/* The first launcher whose count is set wins. mpirun starts its daemons as a job step of Slurm, and its
 * processes inherit the variables of that step, so Slurm comes last. */
static const struct {
	const char *count, *number;
} launchers[] = {
	{ "OMPI_COMM_WORLD_SIZE",
	  "OMPI_COMM_WORLD_RANK" }, /* mpirun of Open MPI and its derivatives */
	{ "PMI_SIZE", "PMI_RANK" }, /* mpiexec of MPICH and its derivatives, srun --mpi=pmi2 */
	{ "SLURM_STEP_NUM_TASKS", "SLURM_PROCID" }, /* srun */
};

/* The value of a variable; -1 if it is not a number. */
static long read_number(const char *variable)
{
	const char *text = getenv(variable);
	char *end = NULL;
	const long value = text != NULL ? strtol(text, &end, 10) : -1;
	return text != NULL && end != text && *end == '\0' ? value : -1;
}

struct csvr_launcher_env csvr_launcher_detect(void)
{
	for (size_t i = 0; i < sizeof launchers / sizeof launchers[0]; i++) {
		const long count = read_number(launchers[i].count);
		const long number = read_number(launchers[i].number);
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
