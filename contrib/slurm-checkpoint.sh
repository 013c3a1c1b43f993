#!/bin/sh
# slurm-checkpoint.sh - make a report in a job that may be stopped at any time and resumes
#
# Usage   sbatch contrib/slurm-checkpoint.sh [OPTION|PATH]...
#         For partitions whose jobs are preempted, and for runs longer than their time limit
# Env     CSV_REPORT             the program (default: csv-report)
#         CSV_REPORT_OUTPUT      the report (default: report.txt in the directory of submission)
#         CSV_REPORT_CHECKPOINT  the checkpoint (default: csv-report-JOB.checkpoint there)
#         CSV_REPORT_RESTARTS    maximum number of restarts of the job (default: 20)
# Exit    that of csv-report; 75 also if it was stopped and the limit of restarts is reached
#
# Slurm sends USR1 two minutes before the time limit (it may be a minute early), and SIGTERM when it
# preempts the job. The program then saves a checkpoint and exits with 75, and the job is requeued
# with the same id. This script runs again from the top; the program resumes from the checkpoint.
#SBATCH --job-name=csv-report
#SBATCH --cpus-per-task=4
#SBATCH --mem=256M
#SBATCH --time=01:00:00
#SBATCH --signal=USR1@120
#SBATCH --requeue
#SBATCH --open-mode=append
set -u

n_restarts=${SLURM_RESTART_COUNT:-0}
checkpoint=${CSV_REPORT_CHECKPOINT:-csv-report-$SLURM_JOB_ID.checkpoint}
echo "slurm-checkpoint.sh: job $SLURM_JOB_ID, start $((n_restarts + 1)), on $SLURM_JOB_NODELIST" >&2

OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_NUM_THREADS
# srun makes the program a step: Slurm signals steps, not the plain commands of a script.
status=0
srun -n 1 -c "$OMP_NUM_THREADS" "${CSV_REPORT:-csv-report}" --checkpoint="$checkpoint" \
	-o "${CSV_REPORT_OUTPUT:-report.txt}" "$@" || status=$?

if [ "$status" -eq 75 ]; then
	if [ "$n_restarts" -lt "${CSV_REPORT_RESTARTS:-20}" ]; then
		# This fails if Slurm is already requeueing the job; then there is nothing left to do.
		scontrol requeue "$SLURM_JOB_ID"
	else
		echo "slurm-checkpoint.sh: started $((n_restarts + 1)) times; to resume, submit again with" \
			"CSV_REPORT_CHECKPOINT=$checkpoint" >&2
	fi
fi
exit "$status"
