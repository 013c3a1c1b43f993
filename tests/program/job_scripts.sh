#!/bin/sh
# job_scripts.sh - the scripts of contrib/ for PBS and LSF merge shards to the report of a plain run
#
# The scripts are started as PBS and LSF would start them. slurm.sh tests those for Slurm.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         srcdir      the top of the source tree (default: two directories above this one)
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

# check_report: the report in the directory of submission equals that of a plain run.
check_report() {
	cmp -s expected submitted/report.txt || wrong 'the report differs from that of a plain run'
	rm -rf submitted/states submitted/report.txt
}

# job COMMAND...: runs it with its messages in `err`.
job() {
	"$@" >out 2>err || wrong "exit status $?: $*"
}

# in_directory DIRECTORY COMMAND...
in_directory() (
	cd "$1"
	shift
	exec "$@"
)

for variable in PBS_ARRAY_INDEX PBS_ARRAYID; do
	begin "PBS: shards by $variable merge to the report of a plain run"
	for shard in 1 2 3 4; do
		job in_directory home env "$variable=$shard" PBS_O_WORKDIR="$work/submitted" \
			CSV_REPORT_INPUT=data sh "$scripts/pbs-array.sh"
	done
	job in_directory home env PBS_O_WORKDIR="$work/submitted" sh "$scripts/pbs-merge.sh"
	check_report
	finish
done

# LSF reads a script from standard input and starts it in the directory of submission.
begin 'LSF: shards by LSB_JOBINDEX merge to the report of a plain run'
for shard in 1 2 3 4 5; do
	job in_directory submitted env LSB_JOBINDEX=$shard LSB_DJOB_NUMPROC=2 CSV_REPORT_SHARDS=5 \
		CSV_REPORT_INPUT=data sh "$scripts/lsf-array.sh"
done
job in_directory submitted env CSV_REPORT_SHARDS=5 sh "$scripts/lsf-merge.sh"
check_report
finish

# expect_failure WORDS COMMAND...: the command fails and its message contains WORDS.
expect_failure() {
	words=$1
	shift
	! "$@" >out 2>err || wrong "no failure: $*"
	grep -q -e "$words" err || wrong "standard error lacks: $words"
}

begin 'an array script fails outside of a job array'
expect_failure 'array' in_directory home env PBS_O_WORKDIR="$work/submitted" CSV_REPORT_INPUT=data \
	sh "$scripts/pbs-array.sh"
expect_failure 'array' in_directory submitted env LSB_JOBINDEX=0 CSV_REPORT_INPUT=data sh "$scripts/lsf-array.sh"
finish

begin 'a merge fails if a shard is missing'
job in_directory submitted env LSB_JOBINDEX=1 CSV_REPORT_SHARDS=2 CSV_REPORT_INPUT=data \
	sh "$scripts/lsf-array.sh"
expect_failure '2-of-2' in_directory submitted env CSV_REPORT_SHARDS=2 sh "$scripts/lsf-merge.sh"
[ ! -e submitted/report.txt ] || wrong 'a report was written'
finish

# Slurm's srun, which starts N tasks at once.
mkdir bin
cat >bin/srun <<'END'
#!/bin/sh
# srun -n N -c CPUS COMMAND...
n=$2
shift 4
rm -f "$0.failed"
for task in $(seq 0 $((n - 1))); do
	(SLURM_PROCID=$task "$@" || echo "$?" >>"$0.failed") &
done
wait
[ ! -e "$0.failed" ] || exit "$(sort -n "$0.failed" | tail -n 1)"
END
chmod +x bin/srun

begin 'Slurm: shards refined in rounds give the report of --exact'
cp -R submitted/data more
awk 'BEGIN { for (i = 0; i < 20000; i++) printf "%d,%d\n", i, i * 7919 % 10007 * 1000003 }' >more/c.csv
sed -i '1s/^/id,price\n/' more/c.csv
printf 'id,price\n1,"2\n' >more/bad.csv
status=0
"$program" --exact --all --format=json more >exact.json 2>err || status=$?
[ "$status" -eq 3 ] || wrong 'the exact run does not end with 3'
status=0
PATH=$work/bin:$PATH SLURM_NTASKS=3 SLURM_CPUS_PER_TASK=1 CSV_REPORT_FORMAT=json CSV_REPORT_OUTPUT=report.json \
	sh "$scripts/slurm-exact.sh" more >out 2>err || status=$?
[ "$status" -eq 3 ] || wrong "exit status $status"
cmp -s exact.json report.json || wrong 'the report differs from that of one run'
grep -q 'no estimates' err || wrong 'the last round reads the inputs'
finish

begin 'Slurm: a shard that fails ends the rounds'
status=0
PATH=$work/bin:$PATH SLURM_NTASKS=3 CSV_REPORT_OUTPUT=none.txt sh "$scripts/slurm-exact.sh" missing >out 2>err ||
	status=$?
[ "$status" -ne 0 ] || wrong 'the script succeeds'
[ ! -e none.txt ] || wrong 'a report was written'
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
