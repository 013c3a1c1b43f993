#!/bin/sh
# mpi.sh - csv-report-mpi prints the bytes of csv-report, with its messages and exit status, on any
# number of ranks; stopped, it goes on from its checkpoint
#
# Env     CSV_REPORT      the program (default: ./src/csv-report)
#         CSV_REPORT_MPI  that for MPI (default: csv-report-mpi beside it)
#         MPIEXEC         the launcher of its MPI library (default: mpiexec)
#         HOSTILE         the generator of hostile files (default: $builddir/tests/tools/hostile)
#         MPI_TESTS       "no": skip all of it, for a build that differs in nothing that ranks see
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

[ -x "$mpi_program" ] || skip_all 'csv-report-mpi was not built: configure found no MPI'
command -v "$launcher" >/dev/null 2>&1 || skip_all "there is no $launcher; name one in MPIEXEC"
if grep -q -a __tsan_init "$mpi_program"; then
	skip_all 'ThreadSanitizer does not know the locks of MPI libraries'
fi

# The ranks of this test stand on one machine, of fewer cores than ranks, maybe in a container and as
# root: all of that is refused, or hangs, unless Open MPI is told that it is meant. Not looking for
# networks (pml, btl) saves a third of the time.
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
OMPI_MCA_rmaps_base_oversubscribe=1 PRTE_MCA_rmaps_default_mapping_policy=:oversubscribe
OMPI_MCA_hwloc_base_binding_policy=none
OMPI_MCA_pml=ob1 OMPI_MCA_btl=self,vader OMPI_MCA_btl_vader_single_copy_mechanism=none
OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_rmaps_base_oversubscribe \
	PRTE_MCA_rmaps_default_mapping_policy OMPI_MCA_hwloc_base_binding_policy OMPI_MCA_pml OMPI_MCA_btl \
	OMPI_MCA_btl_vader_single_copy_mechanism OMPI_MCA_btl_tcp_if_include \
	OMPI_MCA_oob_tcp_if_include
# What MPI libraries leave to the end of the process is not ours.
ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}detect_leaks=0
export ASAN_OPTIONS

printf 'x\n1\n' >one.csv
if ! timeout 60 "$launcher" -n 2 "$mpi_program" one.csv >out 2>err </dev/null; then
	sed 's/^/# /' err
	"$launcher" -n 2 true >out 2>err </dev/null || skip_all "$launcher cannot start two ranks here"
fi

# ---- both programs ----

# mpi N ARGUMENT...: csv-report-mpi on N ranks.
mpi() {
	n_ranks=$1
	shift
	status=0
	timeout 60 "$launcher" -n "$n_ranks" "$mpi_program" "$@" >out 2>err </dev/null || status=$?
}

# alone ARGUMENT...: what is expected, by csv-report.
alone() {
	expected_status=0
	"$program" "$@" >expected 2>expected_err </dev/null || expected_status=$?
}

# Launchers have words of their own; those of the program are to be the same, each said once.
same_result() {
	cmp -s expected out || wrong "$n_ranks ranks: the report differs: $*"
	[ "$status" -eq "$expected_status" ] ||
		wrong "$n_ranks ranks: exit status $status, expected $expected_status: $*"
	grep '^csv-report: ' err | sort >said || :
	sort expected_err | cmp -s - said || {
		wrong "$n_ranks ranks: the messages differ: $*"
		sed 's/^/expected: /' expected_err >>"$work/why"
	}
}

# agree RANKS ARGUMENT...: the same by both.
agree() {
	all_ranks=$1
	shift
	alone "$@"
	for n_ranks in $all_ranks; do
		mpi "$n_ranks" "$@"
		same_result "$@"
	done
}

# expect_said TEXT: by one process, once.
expect_said() {
	[ "$(grep -c -F -e "$1" err)" -eq 1 ] || wrong "standard error should say once: $1"
}

# until_true SECONDS COMMAND...
until_true() {
	tries=$(($1 * 10))
	shift
	until "$@"; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# ---- input ----

mkdir in in/small
# Quoted fields full of line ends and of what looks like records: pieces begin in the middle of them.
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
cut='--chunk=9000 --block=4096'

# ---- reports ----

# Options are words here.
# shellcheck disable=SC2086
{
# mpirun takes a second more to end where the exit status is not 0, so few runs have bad files.
begin '1, 2, 3 and 4 ranks print the report of one process'
agree '1 2 3 4' $cut -j2 in
finish

begin 'files that fail are named once, whichever rank had them, by exit status 3'
agree '3' $cut -j1 --format=json bad.csv in gone.csv
[ "$expected_status" -eq 3 ] || wrong "the run by hand should end with 3, not $expected_status"
finish

begin 'as JSON, with a block for each file'
agree '3' $cut -j1 --format=json --per-file --all in
finish

begin 'as CSV, with columns that are selected'
agree '3' $cut -j1 --format=csv --select='b,c*,!c1' in
finish

begin 'with columns by position'
agree '3' $cut -j1 --format=json --columns-by=position in
finish

begin 'a pipe in place of a file is read by one rank'
mkfifo pipe
printf 'a,b\n1,2\n' >pipe &
alone -j1 one.csv pipe
printf 'a,b\n1,2\n' >pipe &
mpi 2 -j1 one.csv pipe
same_result one.csv pipe
rm pipe
finish

begin 'hostile files'
if [ -x "$HOSTILE" ]; then
	"$HOSTILE" 5 hostile 12 >/dev/null
	agree '3' --chunk=700 --block=512 -j2 --format=json --per-file hostile
	finish
else
	skip 'its generator was not built'
fi

# ---- few units, and none ----

begin 'more ranks than there is work'
agree '4' one.csv
finish

begin 'files without rows, and nothing that can be read'
agree '3' in/empty.csv in/header.csv
agree '2' bad.csv
[ "$expected_status" -eq 1 ] || wrong 'that should be exit status 1'
finish

# ---- states ----

begin 'a state that ranks have saved is that of one process'
alone --format=json in
mpi 3 $cut -j1 --format=state -o all.state in
[ "$status" -eq "$expected_status" ] || wrong "exit status $status, expected $expected_status"
"$program" --format=json all.state >out 2>err || :
cmp -s expected out || wrong 'the report of the state differs'
finish

begin 'a state among the inputs; nothing but a state, made with other options'
"$program" $cut --format=state -o small.state in/small 2>/dev/null
agree '3' $cut -j1 --format=json small.state in/big.csv
"$program" --format=state --select=a,c1 --columns-by=name -o some.state in/small 2>/dev/null
agree '2' --format=json some.state
finish

begin 'a share by ranks and one by a single process, merged by ranks, are the whole'
mpi 2 $cut -j1 --shard=1/2 --format=state -o 1.state in
"$program" $cut --shard=2/2 --format=state -o 2.state in 2>/dev/null
alone --format=json $cut in
mpi 3 --format=json 1.state 2.state
same_result 1.state 2.state
finish

# ---- checkpoints ----

begin 'saving all the time changes nothing'
alone $cut -j1 --format=json in
mpi 3 $cut -j2 --format=json --checkpoint=often in
same_result
[ ! -e often ] || wrong 'the checkpoint is left'
finish
}

# start N ARGUMENT...: on N ranks, in the background, with a pipe among the inputs that this shell
# writes to by descriptor 3; returns when a rank has opened it. Each leaves its process number.
start() {
	n_ranks=$1
	shift
	rm -f pid.*
	# shellcheck disable=SC2016 # to be expanded by each rank
	"$launcher" -n "$n_ranks" sh -c \
		'echo $$ >"pid.${OMPI_COMM_WORLD_RANK:-$PMI_RANK}"; exec "$@"' sh \
		"$mpi_program" "$@" >out 2>err </dev/null &
	started=$!
	exec 3>slow.csv
	# More than is looked at before the first record is taken.
	awk 'BEGIN { print "a,b"; for (i = 0; i < 100000; i++) print "1,2" }' >&3
	sleep 0.3
	(while echo 1,2; do sleep 0.05; done >&3 2>/dev/null) &
	writer=$!
	exec 3>&-
}

# end_of_run: its exit status; one that does not end is killed.
end_of_run() {
	# Numbers are words here.
	# shellcheck disable=SC2046
	(sleep 20; kill -KILL "$started" $(cat pid.*)) 2>/dev/null &
	guard=$!
	status=0
	wait "$started" || status=$?
	kill "$guard" "$writer" 2>/dev/null || :
	wait "$writer" 2>/dev/null || :
}

# go_on_by COMMAND...: the run goes on from the checkpoint, and its report is that of one without.
go_on_by() {
	cp kept again
	(printf 'a,b\n5,6\n' >slow.csv) &
	status=0
	timeout 60 "$@" -j1 --chunk=9000 --format=json --checkpoint=again in slow.csv >out 2>err \
		</dev/null || status=$?
	wait $!
	cmp -s expected out || wrong "the report is not that of a run that was not stopped: $*"
	expect_status "$expected_status"
	grep -q 'resuming from this checkpoint' err || wrong "it did not go on, but began anew: $*"
	[ ! -e again ] || wrong 'the checkpoint is left'
}

mkfifo slow.csv
(printf 'a,b\n5,6\n' >slow.csv) &
alone --format=json in slow.csv
wait $!

begin 'a signal to the launcher ends all with 75; other numbers of ranks go on, and one process'
start 3 -j1 --chunk=9000 --format=json --checkpoint=kept in slow.csv
kill -USR1 "$started"
end_of_run
expect_status 75
[ ! -s out ] || wrong 'there is a report'
expect_said 'interrupted by SIGUSR1; progress is saved'
if [ -e kept ]; then
	go_on_by "$launcher" -n 2 "$mpi_program"
	go_on_by "$launcher" -n 4 "$mpi_program"
	go_on_by "$program"
else
	wrong 'there is no checkpoint'
fi
finish

# Which rank that is differs from run to run; the others wait for it.
begin 'a signal to the one rank that still reads ends all with 75'
rm -f kept
start 3 -j1 --chunk=9000 --format=json --checkpoint=kept in slow.csv
reader=
# shellcheck disable=SC2013 # numbers are words
for pid in $(cat pid.*); do
	if find "/proc/$pid/fd" -lname "*/slow.csv" 2>/dev/null | grep -q .; then
		reader=$pid
	fi
done
[ -z "$reader" ] || kill -USR1 "$reader"
end_of_run
if [ -z "$reader" ]; then
	skip 'nothing tells which rank reads'
else
	expect_status 75
	[ ! -s out ] || wrong 'there is a report'
	expect_said 'progress is saved; run the same command again to resume'
	if [ -e kept ]; then
		go_on_by "$program"
	else
		wrong 'there is no checkpoint'
	fi
	finish
fi

begin 'without a checkpoint a signal ends all at once, and one of them says so'
start 3 -j1 --format=json in slow.csv
kill -USR1 "$started"
end_of_run
expect_status 75
expect_said 'interrupted by SIGUSR1; no report'
[ ! -s out ] || wrong 'there is a report'
finish
rm slow.csv

# ---- exit status, messages ----

begin 'wrong usage is said once, by exit status 2'
agree '2' --format=nosuch in
agree '2' --kernel=nosuch in
finish

begin 'what --strict does not allow is said once, by exit status 1'
agree '2' --strict in/ragged.csv one.csv
finish

begin 'an output that cannot be written is said once, by exit status 1'
mpi 2 -o nosuch/report.txt in
expect_status 1
expect_said 'nosuch/report.txt'
finish

begin 'standard input is refused by exit status 2'
mpi 2 -
expect_status 2
expect_said 'standard input cannot be read by several processes'
mpi 1
expect_status 2
expect_said 'standard input cannot be read by several processes'
finish

begin 'an address is refused by exit status 2, with the program that reads it'
mpi 2 http://127.0.0.1:1/x.csv
expect_status 2
expect_said 'this program cannot read URLs'
finish

begin 'a list of files may come from standard input'
alone one.csv in/ragged.csv
status=0
printf '%s\n' one.csv in/ragged.csv |
	timeout 60 "$launcher" -n 2 "$mpi_program" --files-from=- >out 2>err || status=$?
n_ranks=2
same_result --files-from=-
finish

begin 'the report has no colour, whatever terminal the launcher gives to its ranks'
TERM=xterm
export TERM
agree '2' in/small
finish

begin 'the help is that of csv-report, printed once; the version names MPI'
agree '2' --help
mpi 2 --version
expect_status 0
[ "$(grep -c 'features: .*, MPI ([0-9]' out)" -eq 1 ] || wrong 'MPI should be named, once'
"$program" --version >out
grep -q 'features: .*no MPI (use csv-report-mpi)' out || wrong 'csv-report should name csv-report-mpi'
finish

# ---- the wrong launcher ----

begin 'started by the launcher of another MPI library, the ranks refuse to be alone'
# lone RANK COUNT-VARIABLE RANK-VARIABLE: in place of that launcher, what it tells its processes.
lone() {
	status=0
	env -u PMI_SIZE -u PMI_RANK "$2=4" "$3=$1" "$mpi_program" in >out 2>err </dev/null || status=$?
	expect_status 2
	[ ! -s out ] || wrong 'there is a report'
}
lone 0 OMPI_COMM_WORLD_SIZE OMPI_COMM_WORLD_RANK
expect_said 'started 4 times, but each process sees only itself'
lone 1 OMPI_COMM_WORLD_SIZE OMPI_COMM_WORLD_RANK
! grep -q csv-report: err || wrong 'rank 1 says it too'
lone 0 SLURM_STEP_NUM_TASKS SLURM_PROCID
expect_said 'started 4 times, but each process sees only itself'
finish

begin 'csv-report started several times warns once, unless each has its share'
for rank in 0 1; do
	SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=$rank "$program" one.csv >out 2>err
	grep -q 'started 2 times' err && is_said=1 || is_said=0
	[ "$is_said" -eq $((1 - rank)) ] || wrong "rank $rank: said $is_said times"
done
SLURM_STEP_NUM_TASKS=2 SLURM_PROCID=0 "$program" --shard=1/2 one.csv >out 2>err || :
! grep -q 'started 2 times' err || wrong 'it warns of a share'
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
