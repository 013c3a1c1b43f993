#!/bin/sh
# slurm-array.sh - the shares of a report by the tasks of a Slurm array; slurm-merge.sh joins them
#
# Usage   id=$(sbatch --parsable contrib/slurm-array.sh [OPTION|PATH]...) &&
#         sbatch --dependency=afterok:"$id" --kill-on-invalid-dep=yes contrib/slurm-merge.sh
#         Share 3 again:  sbatch --array=3 contrib/slurm-array.sh [THE SAME]...
#         The number of shares stands in two places: --array=1-N below, or for sbatch, and
#         CSV_REPORT_SHARDS. Not SLURM_ARRAY_TASK_COUNT, which is 1 where one task is run again
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  how many shares (default: 4)
#         CSV_REPORT_STATES  folder of the saved states, made if need be (default: states)
# Exit    csv-report's own. A share that could not read all of its files (3) counts as failed, and
#         then the merge does not run; to take it as it is, submit the merge with afterany
#
#SBATCH --job-name=csv-report
#SBATCH --array=1-4
#SBATCH --cpus-per-task=2
#SBATCH --mem=256M
#SBATCH --time=01:00:00
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}
share=${SLURM_ARRAY_TASK_ID:?this is a script for the tasks of an array}

mkdir -p "$states" || exit 1
# What an earlier run has left there must not pass for this one's.
rm -f "$states/$share-of-$shards.state"

OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_NUM_THREADS
exec srun -n 1 -c "$OMP_NUM_THREADS" "${CSV_REPORT:-csv-report}" \
	--shard="$share/$shards" --format=state -o "$states/$share-of-$shards.state" "$@"
