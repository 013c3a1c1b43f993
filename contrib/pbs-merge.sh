#!/bin/sh
# pbs-merge.sh - merge the states saved by pbs-array.sh into one report
#
# Usage   see pbs-array.sh
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  number of shards (default: 4); must match pbs-array.sh
#         CSV_REPORT_STATES  directory of the saved states (default: states)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the directory of submission)
# Exit    that of csv-report
#
#PBS -N csv-report-merge
#PBS -l select=1:ncpus=1:mem=256mb
#PBS -l walltime=00:15:00
#PBS -j oe
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}

cd "${PBS_O_WORKDIR:-.}" || exit 1
shard=1
while [ "$shard" -le "$shards" ]; do
	set -- "$@" "$states/$shard-of-$shards.state"
	shard=$((shard + 1))
done
exec "${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
