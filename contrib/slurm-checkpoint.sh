#!/bin/sh
# slurm-checkpoint.sh - a report that may be stopped at any time and goes on from where it was
#
# Usage   sbatch contrib/slurm-checkpoint.sh [OPTION|PATH]...
#         For partitions whose jobs are preempted, and for runs longer than their time limit
# Env     CSV_REPORT             the program (default: csv-report)
#         CSV_REPORT_OUTPUT      the report (default: report.txt in the folder of submission)
#         CSV_REPORT_CHECKPOINT  where progress is kept (default: csv-report-JOB.checkpoint there)
#         CSV_REPORT_RESTARTS    how often the job may start again (default: 20)
# Exit    csv-report's own; 75 once more where it was stopped and may not start again
#
# Two minutes before the time limit (Slurm may be a minute early) the program is told; what preempts
# a job tells it, too. It then saves its progress, exits with 75, and the job queues again under its
# number: this script starts from its top, the program finds the checkpoint.
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
# The program is a step of its own (srun): Slurm tells steps, not what a script has started.
status=0
srun -n 1 -c "$OMP_NUM_THREADS" "${CSV_REPORT:-csv-report}" --checkpoint="$checkpoint" \
	-o "${CSV_REPORT_OUTPUT:-report.txt}" "$@" || status=$?

if [ "$status" -eq 75 ]; then
	if [ "$n_restarts" -lt "${CSV_REPORT_RESTARTS:-20}" ]; then
		# Refused where Slurm requeues the job already; then there is nothing left to do.
		scontrol requeue "$SLURM_JOB_ID"
	else
		echo "slurm-checkpoint.sh: started $((n_restarts + 1)) times; go on by hand with" \
			"CSV_REPORT_CHECKPOINT=$checkpoint" >&2
	fi
fi
exit "$status"
