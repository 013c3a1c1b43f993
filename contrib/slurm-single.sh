#!/bin/sh
# slurm-single.sh - one report by one Slurm job, on the cores of one node
#
# Usage   sbatch contrib/slurm-single.sh [OPTION|PATH]...
#         The arguments are csv-report's own; --cpus-per-task and the like may be given to sbatch
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the folder of submission)
# Exit    csv-report's own, which is then the job's
#
#SBATCH --job-name=csv-report
#SBATCH --cpus-per-task=4
#SBATCH --mem=256M
#SBATCH --time=01:00:00
set -u

# srun does not take the number of cores over from sbatch; it has to be told again.
OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_NUM_THREADS
exec srun -n 1 -c "$OMP_NUM_THREADS" \
	"${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
