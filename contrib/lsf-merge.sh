#!/bin/sh
# lsf-merge.sh - one report of the states that lsf-array.sh has saved
#
# Usage   as lsf-array.sh says
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  how many shares (default: 4), as for lsf-array.sh
#         CSV_REPORT_STATES  folder of the saved states (default: states)
#         CSV_REPORT_OUTPUT  the report (default: report.txt in the folder of submission)
# Exit    csv-report's own
#
#BSUB -J csv-report-merge
#BSUB -n 1
#BSUB -W 0:15
#BSUB -o csv-report-merge.%J.log
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}

share=1
while [ "$share" -le "$shards" ]; do
	set -- "$@" "$states/$share-of-$shards.state"
	share=$((share + 1))
done
exec "${CSV_REPORT:-csv-report}" -o "${CSV_REPORT_OUTPUT:-report.txt}" "$@"
