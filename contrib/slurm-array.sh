#!/bin/sh
# slurm-array.sh - read one shard per task of a Slurm array; slurm-merge.sh merges them
#
# Usage   id=$(sbatch --parsable contrib/slurm-array.sh [OPTION|PATH]...) &&
#         sbatch --dependency=afterok:"$id" --kill-on-invalid-dep=yes contrib/slurm-merge.sh
#         Shard 3 again:  sbatch --array=3 contrib/slurm-array.sh [THE SAME]...
#         The number of shards is set twice: by --array=1-N (below, or as an option of sbatch) and
#         by CSV_REPORT_SHARDS. SLURM_ARRAY_TASK_COUNT is not used: it is 1 if a task is resubmitted
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  number of shards (default: 4)
#         CSV_REPORT_STATES  directory of the saved states, created if missing (default: states)
# Exit    that of csv-report. A shard that could not read all of its files (3) counts as failed, so
#         the merge does not run; to merge it anyway, submit the merge with afterany
#
#SBATCH --job-name=csv-report
#SBATCH --array=1-4
#SBATCH --cpus-per-task=2
#SBATCH --mem=256M
#SBATCH --time=01:00:00
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}
shard=${SLURM_ARRAY_TASK_ID:?this is a script for the tasks of an array}

mkdir -p "$states" || exit 1
# A state left by an earlier run must not be mistaken for this one's.
rm -f "$states/$shard-of-$shards.state"

OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_NUM_THREADS
exec srun -n 1 -c "$OMP_NUM_THREADS" "${CSV_REPORT:-csv-report}" \
	--shard="$shard/$shards" --format=state -o "$states/$shard-of-$shards.state" "$@"
