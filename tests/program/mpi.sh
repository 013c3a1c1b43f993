#!/bin/sh
# mpi.sh - csv-report-mpi gives the report, messages and exit status of csv-report on any number of ranks,
# and resumes from its checkpoint
#
# Env     CSV_REPORT      the program (default: ./src/csv-report)
#         CSV_REPORT_MPI  the program for MPI (default: csv-report-mpi in the same directory)
#         MPIEXEC         the launcher of its MPI library (default: mpiexec)
#         HOSTILE         the generator of hostile files (default: $builddir/tests/tools/hostile)
#         MPI_TESTS       "no": skip all tests, for a build whose difference does not concern MPI
# Output  TAP
set -eu
if [ "${MPI_TESTS:-yes}" = no ]; then
	echo '1..0 # SKIP MPI_TESTS is "no"'
	exit
fi
unset NO_COLOR OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_SCHEDULE OMP_PROC_BIND OMP_PLACES OMP_DYNAMIC \
	CSVR_KERNEL SLURM_JOB_END_TIME
mpi_program=${CSV_REPORT_MPI:-}
HOSTILE=${HOSTILE:-${builddir:-$PWD}/tests/tools/hostile}
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
mpi_program=${mpi_program:-$(dirname "$program")/csv-report-mpi}
launcher=${MPIEXEC:-mpiexec}

[ -x "$mpi_program" ] || skip_all 'configure found no MPI, so csv-report-mpi was not built'
command -v "$launcher" >/dev/null 2>&1 || skip_all "$launcher is missing; set MPIEXEC to another launcher"
if grep -q -a __tsan_init "$mpi_program"; then
	skip_all 'ThreadSanitizer does not know the locks of MPI libraries'
fi

# All ranks run on one machine with fewer cores than ranks, perhaps in a container and as root. Without
# these settings Open MPI refuses this or hangs. Without the search for networks (pml, btl) the tests take
# a third less time.
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
OMPI_MCA_hwloc_base_binding_policy=none
OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader OMPI_MCA_btl_vader_single_copy_mechanism=none
OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_rmaps_base_oversubscribe \
	PRTE_MCA_rmaps_default_mapping_policy OMPI_MCA_hwloc_base_binding_policy OMPI_MCA_pml OMPI_MCA_btl \
	OMPI_MCA_btl_vader_single_copy_mechanism OMPI_MCA_btl_tcp_if_include \
	OMPI_MCA_oob_tcp_if_include
# MPI libraries do not free all memory at exit.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS

printf 'x\n1\n' >one.csv
if ! timeout 60 "$launcher" -n 2 "$mpi_program" one.csv >out 2>err </dev/null; then
	sed 's/^/# /' err
	"$launcher" -n 2 true >out 2>err </dev/null || skip_all "$launcher cannot start two ranks"
fi

# ---- both programs ----

# mpi N ARGUMENT...: runs csv-report-mpi on N ranks.
mpi() {
	n_ranks=$1
	shift
	status=0
	timeout 60 "$launcher" -n "$n_ranks" "$mpi_program" "$@" >out 2>err </dev/null || status=$?
}

# run_serial ARGUMENT...: runs csv-report and keeps its result as the expected one.
run_serial() {
	expected_status=0
	"$program" "$@" >expected 2>expected_err </dev/null || expected_status=$?
}

# expect_same_result: report, exit status and the program's own messages equal those of csv-report.
expect_same_result() {
	cmp -s expected out || wrong "$n_ranks ranks: the report differs: $*"
	[ "$status" -eq "$expected_status" ] ||
		wrong "$n_ranks ranks: exit status $status, expected $expected_status: $*"
	grep '^csv-report: ' err | sort >messages || :
	sort expected_err | cmp -s - messages || {
		wrong "$n_ranks ranks: the messages differ: $*"
		sed 's/^/expected: /' expected_err >>"$work/why"
	}
}

# expect_same_run RANKS ARGUMENT...: both programs give the same result, for each number of ranks.
expect_same_run() {
	all_ranks=$1
	shift
	run_serial "$@"
	for n_ranks in $all_ranks; do
		mpi "$n_ranks" "$@"
		expect_same_result "$@"
	done
}

# expect_message_once TEXT: exactly one line of standard error contains TEXT.
expect_message_once() {
	[ "$(grep -c -F -e "$1" err)" -eq 1 ] || wrong "standard error does not contain exactly once: $1"
}

# ---- input ----

mkdir in in/small
# Quoted fields with line ends and text that looks like records, so that chunks start inside them.
awk 'BEGIN {
	print "a,b,text"
	for (i = 0; i < 9000; i++) {
		text = i % 7 ? "plain" : "\"one\n" i ",2,three\n\"\"4\"\",5,\n\""
		if (i % 500 == 3)
			for (k = 0; k < 200; k++)
				text = k ? substr(text, 1, length(text) - 1) "\n" k "," k ",x\"" : "\"" i "\""
		printf "%d.%02d,%d,%s\n", i, i % 97, i % 11 ? i * 3 : "", text
	}
}' >in/big.csv
i=0
while [ "$i" -lt 30 ]; do
	printf 'b,c%d,a\n%d,2.5,-0.1\n7,NA,1e3\n' $((i % 3)) "$i" >"in/small/$i.csv"
	i=$((i + 1))
done
printf 'a,b\n1,"never closed\n' >bad.csv
printf 'a,b\n1,2,3\n4\n' >in/ragged.csv
: >in/empty.csv
printf 'only,a,header\n' >in/header.csv
split_options='--chunk=9000 --block=4096'

# ---- reports ----

# Options are split into words.
# shellcheck disable=SC2086
{
# mpirun takes a second longer if the exit status is not 0, so few runs have bad files.
begin '1, 2, 3 and 4 ranks print the report of one process'
expect_same_run '1 2 3 4' $split_options -j2 in
finish

begin 'ranks print the report of one process with groups'
expect_same_run '2 3' $split_options -j2 --format=json --group-by=b,:file in
grep -q '"groups": ' expected || wrong 'there are no groups'
finish

begin 'bad files are reported once and give exit status 3'
expect_same_run '3' $split_options -j1 --format=json bad.csv in gone.csv
[ "$expected_status" -eq 3 ] || wrong "csv-report exits with $expected_status, expected 3"
finish

begin 'ranks divide the second pass of --exact, and print the report of one process'
expect_same_run '2 3' $split_options -j1 --format=json --exact --all in
! grep -q '"median_approximate"' expected || wrong 'the median is an estimate'
mpi 2 $split_options -j1 -v --exact --stats=median in
grep -q 'passes: 2 over' err || wrong 'there was one pass'
finish

begin 'ranks end if --exact needs no second pass'
expect_same_run '3' $split_options -j1 --format=json --exact --all in/small
finish

begin 'ranks print the report of one process with --per-file'
expect_same_run '3' $split_options -j1 --format=json --per-file --all in
finish

begin 'ranks make passes over single files with --exact and --per-file'
expect_same_run '3' $split_options -j1 --format=json --exact --per-file --all in
finish

begin 'ranks refine a saved state, and shards of it'
"$program" $split_options --all --format=state -o old.state in 2>/dev/null || :
run_serial $split_options -j1 --format=json --exact --all in
mpi 3 $split_options -j1 --format=json --refine=old.state --all in
expect_same_result refine
for round in 2 3; do
	for shard in 1 2; do
		mpi 2 $split_options -j1 --refine=old.state --shard="$shard/2" --format=state -o "pass.$shard" in
	done
	mpi 2 -j1 --refine=old.state --format=state -o old.state pass.1 pass.2
done
mpi 2 -j1 --format=json --all old.state
expect_same_result "$round rounds"
finish

begin 'ranks print the report of one process with --select'
expect_same_run '3' $split_options -j1 --format=csv --select='b,c*,!c1' in
finish

begin 'ranks find the groups of one process'
expect_same_run '2 3' $split_options -j1 --format=json --group-by=text,b --all --max-groups=100000 in
expect_same_run '3' $split_options -j2 --format=csv --group-by=:file in
finish

begin 'ranks print the report of one process with --columns-by=position'
expect_same_run '3' $split_options -j1 --format=json --columns-by=position in
finish

begin 'ranks find the tables of one process'
expect_same_run '2 3' $split_options -j1 --format=json --tables=header --per-file in
[ "$(grep -c '"table": 2' expected)" -gt 0 ] || wrong 'there are fewer than three tables'
expect_same_run '3' $split_options -j1 in one.csv
grep -q ' tables, ' expected || wrong 'there is one table'
finish

begin 'a pipe is read by one rank'
mkfifo pipe
printf 'a,b\n1,2\n' >pipe &
run_serial -j1 one.csv pipe
printf 'a,b\n1,2\n' >pipe &
mpi 2 -j1 one.csv pipe
expect_same_result one.csv pipe
rm pipe
finish

begin 'ranks print the report of one process on hostile files'
if [ -x "$HOSTILE" ]; then
	"$HOSTILE" 5 hostile 12 >/dev/null
	expect_same_run '3' --chunk=700 --block=512 -j2 --format=json --per-file hostile
	finish
else
	skip 'the generator was not built'
fi

# ---- few chunks or none ----

begin 'more ranks than chunks print the report of one process'
expect_same_run '4' one.csv
finish

begin 'ranks report files without rows, and fail if no file can be read'
expect_same_run '3' in/empty.csv in/header.csv
expect_same_run '2' bad.csv
[ "$expected_status" -eq 1 ] || wrong "csv-report exits with $expected_status, expected 1"
finish

# ---- states ----

begin 'a state saved by ranks gives the report of one process'
run_serial --format=json in
mpi 3 $split_options -j1 --format=state -o all.state in
[ "$status" -eq "$expected_status" ] || wrong "exit status $status, expected $expected_status"
"$program" --format=json all.state >out 2>err || :
cmp -s expected out || wrong 'the report of the state differs'
finish

begin 'ranks read a state among other inputs, and a state of other options alone'
"$program" $split_options --format=state -o small.state in/small 2>/dev/null
expect_same_run '3' $split_options -j1 --format=json small.state in/big.csv
"$program" --format=state --select=a,c1 --columns-by=name -o some.state in/small 2>/dev/null
expect_same_run '2' --format=json some.state
finish

begin 'ranks merge a shard of ranks and a shard of one process to the complete report'
mpi 2 $split_options -j1 --shard=1/2 --format=state -o 1.state in
"$program" $split_options --shard=2/2 --format=state -o 2.state in 2>/dev/null
run_serial --format=json $split_options in
mpi 3 --format=json 1.state 2.state
expect_same_result 1.state 2.state
finish

# ---- checkpoints ----

begin 'frequent checkpoints do not change the report'
run_serial $split_options -j1 --format=json in
mpi 3 $split_options -j2 --format=json --checkpoint=often in
expect_same_result
[ ! -e often ] || wrong 'the checkpoint remains'
finish
}

# start N ARGUMENT...: starts N ranks in the background, with a pipe among the inputs; this shell
# writes to it through descriptor 3. It returns when a rank has opened the pipe. Each rank writes
# its process ID to a file.
start() {
	n_ranks=$1
	shift
	rm -f pid.*
	# shellcheck disable=SC2016 # each rank expands it
	"$launcher" -n "$n_ranks" sh -c \
		'echo $$ >"pid.${OMPI_COMM_WORLD_RANK:-$PMI_RANK}"; exec "$@"' sh \
		"$mpi_program" "$@" >out 2>err </dev/null &
	started=$!
	exec 3>slow.csv
	# This is more than the prefix that is read before the first record is parsed.
	awk 'BEGIN { print "a,b"; for (i = 0; i < 100000; i++) print "1,2" }' >&3
	sleep 0.3
	(while echo 1,2; do sleep 0.05; done >&3 2>/dev/null) &
	writer=$!
	exec 3>&-
}

# end_of_run: sets $status to the exit status. A run that does not end is killed.
end_of_run() {
	# The process IDs are split into words.
	# shellcheck disable=SC2046
	(sleep 20; kill -KILL "$started" $(cat pid.*)) 2>/dev/null &
	guard=$!
	status=0
	wait "$started" || status=$?
	kill "$guard" "$writer" 2>/dev/null || :
	wait "$writer" 2>/dev/null || :
}

# resume_with COMMAND...: the run resumes from the checkpoint and gives the report of one process.
resume_with() {
	cp kept again
	(printf 'a,b\n5,6\n' >slow.csv) &
	status=0
	timeout 60 "$@" -j1 --chunk=9000 --format=json --checkpoint=again in slow.csv >out 2>err \
		</dev/null || status=$?
	wait $!
	cmp -s expected out || wrong "the report is not that of a run that was not stopped: $*"
	expect_status "$expected_status"
	grep -q 'resuming from this checkpoint' err || wrong "the run did not resume: $*"
	[ ! -e again ] || wrong 'the checkpoint remains'
}

mkfifo slow.csv
(printf 'a,b\n5,6\n' >slow.csv) &
run_serial --format=json in slow.csv
wait $!

begin 'a signal to the launcher ends all ranks with 75, and any number of ranks resumes'
start 3 -j1 --chunk=9000 --format=json --checkpoint=kept in slow.csv
kill -USR1 "$started"
end_of_run
expect_status 75
[ ! -s out ] || wrong 'a report was written'
expect_message_once 'interrupted by SIGUSR1; progress is saved'
if [ -e kept ]; then
	resume_with "$launcher" -n 2 "$mpi_program"
	resume_with "$launcher" -n 4 "$mpi_program"
	resume_with "$program"
else
	wrong 'no checkpoint was written'
fi
finish

# The rank that reads the pipe differs from run to run. The others wait for it.
begin 'a signal to the one rank that still reads ends all ranks with 75'
rm -f kept
start 3 -j1 --chunk=9000 --format=json --checkpoint=kept in slow.csv
reader=
# shellcheck disable=SC2013 # process IDs are words
for pid in $(cat pid.*); do
	if find "/proc/$pid/fd" -lname "*/slow.csv" 2>/dev/null | grep -q .; then
		reader=$pid
	fi
done
[ -z "$reader" ] || kill -USR1 "$reader"
end_of_run
if [ -z "$reader" ]; then
	skip '/proc does not show which rank reads'
else
	expect_status 75
	[ ! -s out ] || wrong 'a report was written'
	expect_message_once 'progress is saved; run the same command again to resume'
	if [ -e kept ]; then
		resume_with "$program"
	else
		wrong 'no checkpoint was written'
	fi
	finish
fi

begin 'a signal ends all ranks without a checkpoint at once, with one message'
start 3 -j1 --format=json in slow.csv
kill -USR1 "$started"
end_of_run
expect_status 75
# mpiexec forwards the signal to one rank after the other, and ends the others as soon as one has ended: on a
# busy machine SIGTERM may come first to rank 0.
sed 's/interrupted by SIGTERM; no report/interrupted by SIGUSR1; no report/' err >err.any
mv err.any err
expect_message_once 'interrupted by SIGUSR1; no report'
[ ! -s out ] || wrong 'a report was written'
finish
rm slow.csv

# ---- exit status, messages ----

begin 'a usage error is reported once and gives exit status 2'
expect_same_run '2' --format=nosuch in
expect_same_run '2' --kernel=nosuch in
finish

begin 'a failure of --strict is reported once and gives exit status 1'
expect_same_run '2' --strict in/ragged.csv one.csv
finish

begin 'an output that cannot be written is reported once and gives exit status 1'
mpi 2 -o nosuch/report.txt in
expect_status 1
expect_message_once 'nosuch/report.txt'
finish

begin 'standard input is refused with exit status 2'
mpi 2 -
expect_status 2
expect_message_once 'standard input cannot be read by several processes'
mpi 1
expect_status 2
expect_message_once 'standard input cannot be read by several processes'
finish

begin 'a URL is refused with exit status 2'
mpi 2 http://127.0.0.1:1/x.csv
expect_status 2
expect_message_once 'this program cannot read URLs'
finish

begin 'a list of files may come from standard input'
run_serial one.csv in/ragged.csv
status=0
printf '%s\n' one.csv in/ragged.csv |
	timeout 60 "$launcher" -n 2 "$mpi_program" --files-from=- >out 2>err || status=$?
n_ranks=2
expect_same_result --files-from=-
finish

begin 'the report has no color, even if the launcher gives its ranks a terminal'
TERM=xterm
export TERM
expect_same_run '2' in/small
finish

begin '--help is that of csv-report, printed once, and --version names MPI'
expect_same_run '2' --help
mpi 2 --version
expect_status 0
[ "$(grep -c 'features: .*, MPI ([0-9]' out)" -eq 1 ] || wrong 'the version does not name MPI exactly once'
"$program" --version >out
grep -q 'features: .*no MPI (use csv-report-mpi)' out || wrong 'the version of csv-report does not name csv-report-mpi'
finish

# ---- the wrong launcher ----

begin 'ranks started by the launcher of another MPI library exit with 2'
# run_under RANK COUNT-VARIABLE RANK-VARIABLE: runs one rank in the environment that such a launcher sets.
run_under() {
	status=0
	env -u PMI_SIZE -u PMI_RANK "$2=4" "$3=$1" "$mpi_program" in >out 2>err </dev/null || status=$?
	expect_status 2
	[ ! -s out ] || wrong 'a report was written'
}
run_under 0 OMPI_COMM_WORLD_SIZE OMPI_COMM_WORLD_RANK
expect_message_once 'started 4 times, but each process sees only itself'
run_under 1 OMPI_COMM_WORLD_SIZE OMPI_COMM_WORLD_RANK
! grep -q csv-report: err || wrong 'rank 1 also reports it'
run_under 0 SLURM_STEP_NUM_TASKS SLURM_PROCID
expect_message_once 'started 4 times, but each process sees only itself'
finish

begin 'csv-report started several times warns once, unless each process has its shard'
for rank in 0 1; do
	SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=$rank "$program" one.csv >out 2>err
	grep -q 'started 2 times' err && is_said=1 || is_said=0
	[ "$is_said" -eq $((1 - rank)) ] || wrong "rank $rank: warned $is_said times"
done
SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0 "$program" --shard=1/2 one.csv >out 2>err || :
! grep -q 'started 2 times' err || wrong 'a shard is warned about'
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
