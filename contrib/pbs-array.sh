#!/bin/sh
# pbs-array.sh - read one shard per job of a PBS array; pbs-merge.sh merges them
#
# Usage   id=$(qsub -v CSV_REPORT_INPUT=DIR contrib/pbs-array.sh) &&
#         qsub -W depend=afterok:"$id" contrib/pbs-merge.sh
#         Torque: -t 1-4 instead of -J, nodes=1:ppn=2 instead of select,
#         afterokarray instead of afterok
# Env     CSV_REPORT_INPUT   the input, one path (qsub does not pass arguments on)
#         CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_SHARDS  number of shards (default: 4); must match -J
#         CSV_REPORT_STATES  directory of the saved states, created if missing (default: states)
# Exit    that of csv-report
#
#PBS -N csv-report
#PBS -J 1-4
#PBS -l select=1:ncpus=2:mem=256mb:ompthreads=2
#PBS -l walltime=01:00:00
#PBS -j oe
set -u

shards=${CSV_REPORT_SHARDS:-4}
states=${CSV_REPORT_STATES:-states}
shard=${PBS_ARRAY_INDEX:-${PBS_ARRAYID:?this is a script for the jobs of an array}}

# PBS starts jobs in the home directory.
cd "${PBS_O_WORKDIR:-.}" && mkdir -p "$states" || exit 1
rm -f "$states/$shard-of-$shards.state"
exec "${CSV_REPORT:-csv-report}" --shard="$shard/$shards" --format=state \
	-o "$states/$shard-of-$shards.state" "${CSV_REPORT_INPUT:?set it to the input path}"
