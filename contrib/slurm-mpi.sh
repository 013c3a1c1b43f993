#!/bin/sh
# slurm-mpi.sh - make a report with the ranks of an MPI job, over several nodes
#
# Usage   sbatch [--ntasks=N] contrib/slurm-mpi.sh [OPTION|PATH]...
#         The arguments are those of csv-report; every rank must see the same paths
# Env     CSV_REPORT_MPI       the program (default: csv-report-mpi)
#         CSV_REPORT_OUTPUT    the report, which rank 0 writes (default: report.txt)
#         CSV_REPORT_LAUNCHER  starts the ranks: srun (default), or Open MPI's mpirun
#         CSV_REPORT_PMI       the interface of srun and MPI: pmix (default) for Open MPI, pmi2 for
#                              MPICH and its derivatives; `srun --mpi=list` shows those available
# Exit    that of csv-report-mpi, the same from all ranks
#
# One rank per node or socket, with threads inside, reads faster than one rank per core.
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
# Without PE, mpirun binds a rank and all its threads to one core.
mpirun) exec mpirun -np "$SLURM_NTASKS" --map-by "slot:PE=$OMP_NUM_THREADS" "$@" ;;
*)
	echo "slurm-mpi.sh: CSV_REPORT_LAUNCHER is srun or mpirun, not $CSV_REPORT_LAUNCHER" >&2
	exit 2
	;;
esac
