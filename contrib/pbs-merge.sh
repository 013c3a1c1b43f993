#!/bin/sh
# pbs-merge.sh - one report of the states that pbs-array.sh has saved
#
# Usage   as pbs-array.sh says
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  how many shares (default: 4), as for pbs-array.sh
#         CSV_REPORT_STATES  folder of the saved states (default: states)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the folder of submission)
# Exit    csv-report's own
#
#PBS -N csv-report-merge
#PBS -l select=1:ncpus=1:mem=256mb
#PBS -l walltime=00:15:00
#PBS -j oe
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}

cd "${PBS_O_WORKDIR:-.}" || exit 1
share=1
while [ "$share" -le "$shards" ]; do
	set -- "$@" "$states/$share-of-$shards.state"
	share=$((share + 1))
done
exec "${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
