#!/bin/sh
# lsf-merge.sh - merge the states saved by lsf-array.sh into one report
#
# Usage   see lsf-array.sh
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  number of shards (default: 4); must match lsf-array.sh
#         CSV_REPORT_STATES  directory of the saved states (default: states)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the directory of submission)
# Exit    that of csv-report
#
#BSUB -J csv-report-merge
#BSUB -n 1
#BSUB -W 0:15
#BSUB -o csv-report-merge.%J.log
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}

shard=1
while [ "$shard" -le "$shards" ]; do
	set -- "$@" "$states/$shard-of-$shards.state"
	shard=$((shard + 1))
done
exec "${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
