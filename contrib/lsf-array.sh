#!/bin/sh
# lsf-array.sh - the shares of a report by the jobs of an LSF array; lsf-merge.sh joins them
#
# Usage   CSV_REPORT_INPUT=DIR bsub <contrib/lsf-array.sh
#         bsub -ti -w 'done(JOB)' <contrib/lsf-merge.sh      JOB: the number that bsub has told
#         -ti ends the merge where a share has failed, instead of letting it wait for ever
# Env     CSV_REPORT_INPUT   what is read, one path (a script from standard input has no arguments)
#         CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  how many shares (default: 4), as many as -J has
#         CSV_REPORT_STATES  folder of the saved states, made if need be (default: states)
# Exit    csv-report's own
#
#BSUB -J "csv-report[1-4]"
#BSUB -n 2
#BSUB -R "span[hosts=1]"
#BSUB -W 1:00
#BSUB -o csv-report.%J.%I.log
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}
share=${LSB_JOBINDEX:-0}
if [ "$share" -eq 0 ]; then
	echo 'lsf-array.sh: this is a script for the jobs of an array' >&2
	exit 2
fi

mkdir -p "$states" || exit 1
rm -f "$states/$share-of-$shards.state"
OMP_NUM_THREADS=${LSB_DJOB_NUMPROC:-1}
export OMP_NUM_THREADS
exec "${CSV_REPORT:-csv-report}" --shard="$share/$shards" --format=state \
	-o "$states/$share-of-$shards.state" "${CSV_REPORT_INPUT:?name what is to be read}"
