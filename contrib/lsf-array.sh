#!/bin/sh
# lsf-array.sh - read one shard per job of an LSF array; lsf-merge.sh merges them
#
# Usage   CSV_REPORT_INPUT=DIR bsub <contrib/lsf-array.sh
#         bsub -ti -w 'done(JOB)' <contrib/lsf-merge.sh      JOB: the id printed by bsub
#         -ti ends the merge if a shard has failed; otherwise it would wait forever
# Env     CSV_REPORT_INPUT   the input, one path (a script on standard input has no arguments)
#         CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  number of shards (default: 4); must match -J
#         CSV_REPORT_STATES  directory of the saved states, created if missing (default: states)
# Exit    that of csv-report
#
#BSUB -J "csv-report[1-4]"
#BSUB -n 2
#BSUB -R "span[hosts=1]"
#BSUB -W 1:00
#BSUB -o csv-report.%J.%I.log
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}
shard=${LSB_JOBINDEX:-0}
if [ "$shard" -eq 0 ]; then
	echo 'lsf-array.sh: this is a script for the jobs of an array' >&2
	exit 2
fi

mkdir -p "$states" || exit 1
rm -f "$states/$shard-of-$shards.state"
OMP_NUM_THREADS=${LSB_DJOB_NUMPROC:-1}
export OMP_NUM_THREADS
exec "${CSV_REPORT:-csv-report}" --shard="$shard/$shards" --format=state \
	-o "$states/$shard-of-$shards.state" "${CSV_REPORT_INPUT:?set it to the input path}"
