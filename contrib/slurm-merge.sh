#!/bin/sh
# slurm-merge.sh - merge the states saved by slurm-array.sh into one report
#
# Usage   see slurm-array.sh. Arguments are options for the report: --format=json, --partial, ...
#         The states are named one by one, so a missing one is an error and a stray one is ignored
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  number of shards (default: 4); must match slurm-array.sh
#         CSV_REPORT_STATES  directory of the saved states (default: states)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the directory of submission)
# Exit    that of csv-report; it becomes that of the job
#
#SBATCH --job-name=csv-report-merge
#SBATCH --mem=256M
#SBATCH --time=00:15:00
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}

shard=1
while [ "$shard" -le "$shards" ]; do
	set -- "$@" "$states/$shard-of-$shards.state"
	shard=$((shard + 1))
done
exec srun -n 1 "${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
