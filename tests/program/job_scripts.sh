#!/bin/sh
# job_scripts.sh - the scripts of contrib/ for PBS and LSF, started as these would: shares and their
# merge give the report of a run by hand. Those for Slurm have a Slurm: slurm.sh
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         srcdir      the top of the source tree (default: two folders above this one)
# Output  TAP
set -eu
unset NO_COLOR OMP_NUM_THREADS CSV_REPORT_OUTPUT CSV_REPORT_STATES CSV_REPORT_SHARDS CSV_REPORT_INPUT
tests=$(cd "$(dirname "$0")/.." && pwd)
scripts=${srcdir:-$tests/..}/contrib
# shellcheck source=tests/tools/program.sh
. "$tests/tools/program.sh"
CSV_REPORT=$program
export CSV_REPORT

if ! "$program" --help | grep -q -e --shard; then
	echo '1..0 # SKIP this csv-report has no --shard'
	exit
fi

mkdir home submitted submitted/data
awk 'BEGIN {
	print "id,price"
	for (i = 0; i < 50000; i++)
		printf "%d,%d.%02d\n", i, i * 7919 % 10007, i % 100
}' >submitted/data/a.csv
printf 'id,note\n1,x\n2,"y\n"\n' >submitted/data/b.csv
(cd submitted && "$program" data >../expected)

# check_report: that of a run by hand is where the job was submitted from.
check_report() {
	cmp -s expected submitted/report.txt || wrong 'the report is not that of a run by hand'
	rm -rf submitted/states submitted/report.txt
}

# job COMMAND...: what it says goes to `err`.
job() {
	"$@" >out 2>err || wrong "exit status $?: $*"
}

# in_folder FOLDER COMMAND...
in_folder() (
	cd "$1"
	shift
	exec "$@"
)

for variable in PBS_ARRAY_INDEX PBS_ARRAYID; do
	begin "PBS: shares by $variable, merged, are the report of a run by hand"
	for share in 1 2 3 4; do
		job in_folder home env "$variable=$share" PBS_O_WORKDIR="$work/submitted" \
			CSV_REPORT_INPUT=data sh "$scripts/pbs-array.sh"
	done
	job in_folder home env PBS_O_WORKDIR="$work/submitted" sh "$scripts/pbs-merge.sh"
	check_report
	finish
done

# LSF reads a script from standard input and starts it in the folder of submission.
begin 'LSF: shares by LSB_JOBINDEX, merged, are the report of a run by hand'
for share in 1 2 3 4 5; do
	job in_folder submitted env LSB_JOBINDEX=$share LSB_DJOB_NUMPROC=2 CSV_REPORT_SHARDS=5 \
		CSV_REPORT_INPUT=data sh "$scripts/lsf-array.sh"
done
job in_folder submitted env CSV_REPORT_SHARDS=5 sh "$scripts/lsf-merge.sh"
check_report
finish

# refused WORDS COMMAND...: fails and says so.
refused() {
	words=$1
	shift
	! "$@" >out 2>err || wrong "no failure: $*"
	grep -q -e "$words" err || wrong "standard error lacks: $words"
}

begin 'a script for arrays refuses to run outside of one'
refused 'array' in_folder home env PBS_O_WORKDIR="$work/submitted" CSV_REPORT_INPUT=data \
	sh "$scripts/pbs-array.sh"
refused 'array' in_folder submitted env LSB_JOBINDEX=0 CSV_REPORT_INPUT=data sh "$scripts/lsf-array.sh"
finish

begin 'a merge without one of the shares is refused'
job in_folder submitted env LSB_JOBINDEX=1 CSV_REPORT_SHARDS=2 CSV_REPORT_INPUT=data \
	sh "$scripts/lsf-array.sh"
refused '2-of-2' in_folder submitted env CSV_REPORT_SHARDS=2 sh "$scripts/lsf-merge.sh"
[ ! -e submitted/report.txt ] || wrong 'there is a report'
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
