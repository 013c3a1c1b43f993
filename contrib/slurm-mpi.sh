#!/bin/sh
# slurm-mpi.sh - one report by the ranks of an MPI job, over several nodes
#
# Usage   sbatch [--ntasks=N] contrib/slurm-mpi.sh [OPTION|PATH]...
#         The arguments are csv-report's own; every rank must see the same paths
# Env     CSV_REPORT_MPI       the program (default: csv-report-mpi)
#         CSV_REPORT_OUTPUT    the report, which rank 0 writes (default: report.txt)
#         CSV_REPORT_LAUNCHER  what starts the ranks: srun (default), or mpirun of Open MPI
#         CSV_REPORT_PMI       how srun and the MPI library meet: pmix (default) for Open MPI, pmi2
#                              for MPICH and its kin; `srun --mpi=list` tells what there is
# Exit    csv-report-mpi's own, the same from all ranks
#
# One rank for each node or socket, and threads inside of it, read faster than one rank for each core.
#SBATCH --job-name=csv-report-mpi
#SBATCH --ntasks=2
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=128M
#SBATCH --time=01:00:00
set -u

OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_NUM_THREADS
set -- "${CSV_REPORT_MPI:-csv-report-mpi}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
case ${CSV_REPORT_LAUNCHER:-srun} in
srun) exec srun --mpi="${CSV_REPORT_PMI:-pmix}" -n "$SLURM_NTASKS" -c "$OMP_NUM_THREADS" "$@" ;;
# Without PE a rank is bound to one core, and its threads share that.
mpirun) exec mpirun -np "$SLURM_NTASKS" --map-by "slot:PE=$OMP_NUM_THREADS" "$@" ;;
*)
	echo "slurm-mpi.sh: CSV_REPORT_LAUNCHER is srun or mpirun, not $CSV_REPORT_LAUNCHER" >&2
	exit 2
	;;
esac
