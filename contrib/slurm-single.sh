#!/bin/sh
# slurm-single.sh - make a report in one Slurm job, on the cores of one node
#
# Usage   sbatch contrib/slurm-single.sh [OPTION|PATH]...
#         The arguments are those of csv-report; sbatch takes --cpus-per-task and other options
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the directory of submission)
# Exit    that of csv-report; it becomes that of the job
#
#SBATCH --job-name=csv-report
#SBATCH --cpus-per-task=4
#SBATCH --mem=256M
#SBATCH --time=01:00:00
set -u

# srun does not inherit the number of cores from sbatch; it must be given again.
OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_NUM_THREADS
exec srun -n 1 -c "$OMP_NUM_THREADS" \
	"${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
