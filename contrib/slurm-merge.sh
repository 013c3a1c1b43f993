#!/bin/sh
# slurm-merge.sh - one report of the states that slurm-array.sh has saved
#
# Usage   as slurm-array.sh says. Arguments are options of the report: --format=json, --partial, ...
#         States are named one by one, so that a missing one is an error and a stray one is no part
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  how many shares (default: 4), as for slurm-array.sh
#         CSV_REPORT_STATES  folder of the saved states (default: states)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the folder of submission)
# Exit    csv-report's own, which is then the job's
#
#SBATCH --job-name=csv-report-merge
#SBATCH --mem=256M
#SBATCH --time=00:15:00
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}

share=1
while [ "$share" -le "$shards" ]; do
	set -- "$@" "$states/$share-of-$shards.state"
	share=$((share + 1))
done
exec srun -n 1 "${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
