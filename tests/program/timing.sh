#!/bin/sh
# timing.sh - the bottleneck of --timing is right, for runs made so that one thing holds them up
#
# A busy machine is met with runs that mean the same on it: what a pipe gives slowly, or what two
# copies compute on one CPU, or one thread alone, others cannot turn into something else. Whether the
# CPUs were ours is up to the machine, so there the bottleneck is held against what the shell and
# /proc/stat say about the very run.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         TIMING_RUNS how often each of the runs is made (default: 1)
#         TIMING_ONLY the one to make: busy, starved, fifo, pipe, reader, giant, stream,
#         short
# Output  TAP
set -eu
unset OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_SCHEDULE OMP_PROC_BIND OMP_PLACES OMP_DYNAMIC \
	OMP_WAIT_POLICY CSVR_KERNEL GOMP_CPU_AFFINITY KMP_AFFINITY
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
n_runs=${TIMING_RUNS:-1}
only=${TIMING_ONLY:-}

# wanted RUN: whether that one is to be made.
wanted() {
	[ -z "$only" ] || [ "$only" = "$1" ]
}

# expect_bottleneck KIND [TEXT]: in `err`; TEXT stands in the line of the bottleneck.
expect_bottleneck() {
	grep '^csv-report: bottleneck: ' err >bottleneck || :
	case $(cat bottleneck) in
	"csv-report: bottleneck: $1:"*) ;;
	*) wrong "run $i: the bottleneck should be: $1" ;;
	esac
	if [ $# -gt 1 ]; then
		grep -F -q -e "$2" bottleneck || wrong "run $i: the bottleneck lacks: $2"
	fi
}

# share NAME: that figure of the bottleneck, in percent.
share() {
	sed -n "s/^csv-report: bottleneck: .* $1 \([0-9]*\)%.*/\1/p" err
}

has_openmp() {
	"$program" --version | grep -q -e '^features: OpenMP ('
}

# ---- data: exponents, so that a few MB are arithmetic enough ----

awk 'BEGIN {
	print "a,b,c,d"
	for (i = 0; i < 30000; i++)
		printf "%de-3,%de-4,%de-5,%de-6\n", i * 7919 % 1000003, i * 104729 % 999983,
			i * 15485863 % 1000033, i * 32452843 % 1000037
}' >unit.csv
printf 'x,y\n1,2\n' >tiny.csv

# ms_of NAME: the real or user time that `err` tells, in milliseconds.
ms_of() {
	sed -n "s/^csv-report: timing: .*\\<\([0-9]*\)\.\([0-9]*\) s $1.*/\1\2/p" err |
		sed 's/^0*\(.\)/\1/'
}

# How often one thread must read unit.csv to compute for half a second, however long a busy machine
# takes for it: 0.2 s is the least that is judged, and a machine may be faster next time.
times=4
while :; do
	list=$(yes unit.csv | head -n "$times")
	# shellcheck disable=SC2086
	"$program" --timing -j 1 $list >out 2>err
	[ "$(ms_of user)" -lt 500 ] || break
	times=$((times * 2))
done

# ---- what is printed ----

begin "the report is the same with and without --timing, and so is the exit status"
for format in $(formats); do
	"$program" --format="$format" unit.csv tiny.csv >plain 2>err
	[ ! -s err ] || wrong "standard error should be empty without it"
	"$program" --format="$format" --timing unit.csv tiny.csv >out 2>err || wrong "status $?"
	cmp -s plain out || wrong "another report as $format"
done
finish

begin "first stands the line of time, then the bottleneck, then what to do next"
"$program" --timing tiny.csv >out 2>err
sed -n 1p err | grep -q -x -E 'csv-report: timing: [0-9]+\.[0-9]{3} s real, [0-9]+\.[0-9]{3} s user, [0-9]+\.[0-9]{3} s sys, [0-9]+% CPU of 1 thread' ||
	wrong "the first line is not that of time"
sed -n 2p err | grep -q '^csv-report: bottleneck: ' || wrong "the second line is no bottleneck"
sed -n 3p err | grep -q '^csv-report: next: ' || wrong "the third line is no next step"
[ "$(wc -l <err)" -eq 3 ] || wrong "there should be three lines"
finish

begin "--verbose adds a line for each thread, and their bytes and units add up"
# shellcheck disable=SC2046
"$program" --timing -v -j 2 $(yes unit.csv | head -n 8) >out 2>err
n_threads=$(sed -n 's/^csv-report: timing: .* CPU of \([0-9]*\) thread.*/\1/p' err)
[ "$(grep -c '^csv-report: thread  *[0-9]' err)" -eq "$n_threads" ] ||
	wrong "there should be $n_threads threads"
n_units=$(sed -n 's/^csv-report: work: \([0-9]*\) unit.*/\1/p' err)
[ "$(awk '/^csv-report: thread  *[0-9]/ { n += $NF } END { print n }' err)" -eq "$n_units" ] ||
	wrong "the units of the threads should be $n_units"
finish

begin "--quiet does not hold back what was asked for"
"$program" --quiet --timing tiny.csv >out 2>err
grep -q '^csv-report: bottleneck: ' err || wrong "there is no bottleneck"
finish

begin "a run that --strict ends without a report is timed too, after its messages"
printf 'x,y\n1\n2,3\n' >ragged.csv
status=0
"$program" --strict --timing ragged.csv >out 2>err || status=$?
[ "$status" -eq 1 ] || wrong "exit status: expected 1, found $status"
[ ! -s out ] || wrong "there is a report, and should be none"
tail -n 1 err | grep -q '^csv-report: next: ' || wrong "the last line is not that of --timing"
finish

begin "a run that lacks a file is timed, and ends with 3"
status=0
"$program" --timing tiny.csv missing.csv >out 2>err || status=$?
[ "$status" -eq 3 ] || wrong "exit status: expected 3, found $status"
grep -q '^csv-report: bottleneck: ' err || wrong "there is no bottleneck"
finish

begin "where there was no run there is no timing"
status=0
"$program" --timing -j 0 tiny.csv >out 2>err || status=$?
[ "$status" -eq 2 ] || wrong "exit status: expected 2, found $status"
! grep -q 'bottleneck' err || wrong "there is a bottleneck"
finish

begin "a name cannot command the terminal"
bad=$(printf 'a\033[2Jb\nc.csv')
mkfifo "$bad"
(printf 'x\n1\n' && sleep 0.3) >"$bad" &
"$program" --timing "$bad" >out 2>err
wait
[ "$(wc -l <err)" -eq 3 ] || wrong "there should be three lines"
! grep -q "$(printf '\033')" err || wrong "an escape reaches standard error"
grep -F -q 'slowest input' err || wrong "the name was not to be shown"
finish

# ---- the bottlenecks ----

if wanted short; then
	begin "a tiny file is too short to judge"
	for i in $(seq "$n_runs"); do
		"$program" --timing tiny.csv >out 2>err
		# Started or stopped for 0.2 s by a busy machine, it is not short.
		if [ "$(ms_of real)" -lt 200 ]; then
			expect_bottleneck "too short to judge"
		else
			! grep -q 'too short' err || wrong "run $i: this is not short"
		fi
	done
	finish
fi

# busy_ticks: CPU time of the whole machine so far, in hundredths of a second: user, nice, system,
# interrupts, stolen.
busy_ticks() {
	awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat
}

# Sets child_ticks: CPU time of this shell's children so far, in the same unit. A shell of its own, as
# in $(...), would have had other children.
count_child_ticks() {
	times >times_text
	child_ticks=$(sed -n 2p times_text | tr 'ms' '  ' |
		awk '{ printf "%d\n", (($1 + $3) * 60 + $2 + $4) * 100 + 0.5 }')
}

# now_ticks: time since the machine was started, in the same unit.
now_ticks() {
	awk '{ printf "%d\n", $1 * 100 + 0.5 }' /proc/uptime
}

# Where this user may (root in a container of its own, as a rule), these runs of a third of a second go
# before all others that want the CPUs. nice would not do: it counts within a session or group only.
first=
if chrt -f 1 true 2>/dev/null; then
	first='chrt -f 1'
fi

# The share of the granted CPUs that the run got is measured from outside, by the shell. Above 85% no
# loss can be a quarter, below 65% one or more losses make up more than a third; and what is lost to
# nothing but other programs is queueing. Between the two either bottleneck may be right: the measurement
# includes starting the program and is good for a few hundredths of a run of half a second.
busy_run() {
	count_child_ticks
	before=$child_ticks machine=$(busy_ticks) began=$(now_ticks)
	# shellcheck disable=SC2086
	$first "$program" --timing -j "$n_threads" $list $list >out 2>err
	took=$(($(now_ticks) - began)) others=$(($(busy_ticks) - machine))
	count_child_ticks
	used=$((child_ticks - before))
	others=$((others - used))
	got=$((100 * used / (took * n_threads)))
	if [ "$got" -ge 85 ]; then
		n_clear=$((n_clear + 1))
		expect_bottleneck "CPU-bound"
	elif [ "$got" -le 65 ]; then
		n_busy_machine=$((n_busy_machine + 1))
		expect_bottleneck "starved"
		[ "$others" -gt 0 ] || wrong "run $i: starved, but nobody else computed"
	fi
	if grep -q '^csv-report: bottleneck: CPU-bound' err; then
		[ "$got" -ge 60 ] || wrong "run $i: CPU-bound, but it got $got% of the CPUs"
	fi
	off=$(($(share computing) - got))
	if [ "$off" -lt -15 ] || [ "$off" -gt 15 ]; then
		wrong "run $i: computing $(share computing)%, but the shell measured $got%"
	fi
}

if wanted busy; then
	begin "arithmetic on all granted cores is CPU-bound, as far as the machine grants them"
	if [ -r /proc/stat ] && [ -r /proc/uptime ]; then
		n_threads=1
		if has_openmp && [ "$(nproc)" -gt 1 ]; then
			n_threads=2
		fi
		n_clear=0 n_busy_machine=0 i=0
		while [ $i -lt "$n_runs" ] || { [ $n_clear -eq 0 ] && [ $i -lt $((n_runs + 20)) ]; }; do
			i=$((i + 1))
			busy_run
		done
		echo "# $n_threads threads, $i runs: $n_clear on free cores, $n_busy_machine on taken ones"
		if [ -s why ] || [ $n_clear -gt 0 ]; then
			finish
		else
			skip "other programs keep the CPUs busy; what they left was judged right"
		fi
	else
		skip "there is no /proc/stat to measure it from outside"
	fi
fi

# The first CPU that this process may run on.
first_cpu() {
	taskset -c -p $$ | sed 's/.*: \([0-9]*\).*/\1/'
}

if wanted starved; then
	begin "two copies on one CPU are starved, both"
	if ! command -v taskset >/dev/null 2>&1; then
		skip "there is no taskset"
	elif [ ! -r /proc/self/schedstat ]; then
		skip "this system does not account for run queues"
	else
		cpu=$(first_cpu)
		for i in $(seq "$n_runs"); do
			# shellcheck disable=SC2086
			taskset -c "$cpu" "$program" --timing -j 1 $list >out2 2>err2 &
			# shellcheck disable=SC2086
			taskset -c "$cpu" "$program" --timing -j 1 $list >out 2>err
			expect_bottleneck starved
			wait
			cat err2 >err
			expect_bottleneck starved
		done
		finish
	fi
	begin "more threads than CPUs are starved, and told so"
	if ! command -v taskset >/dev/null 2>&1 || ! has_openmp || [ ! -r /proc/self/schedstat ]; then
		skip "it takes taskset, OpenMP and an account of run queues"
	else
		for i in $(seq "$n_runs"); do
			# shellcheck disable=SC2086
			taskset -c "$(first_cpu)" "$program" --timing -j 2 $list >out 2>err
			expect_bottleneck starved
			grep -q -e '^csv-report: next: 2 threads shared 1 CPU; use --threads=1' err ||
				wrong "run $i: the remedy is not named"
		done
		finish
	fi
fi

# drip: 26 lines in half a second, 2.5 times the least that is judged.
drip() {
	echo x,y
	for line in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		echo "$line,2"
		sleep 0.02
	done
}

if wanted fifo; then
	begin "a pipe that is filled slowly is waited for, by name"
	mkfifo slow.fifo
	for i in $(seq "$n_runs"); do
		drip >slow.fifo &
		"$program" --timing slow.fifo >out 2>err
		wait
		expect_bottleneck waiting slow.fifo
		[ "$(share waiting)" -ge 75 ] || wrong "run $i: waiting is only $(share waiting)%"
	done
	finish
	begin "threads that are done with small files wait for the pipe too"
	for i in $(seq "$n_runs"); do
		drip >slow.fifo &
		"$program" --timing -j 2 slow.fifo unit.csv tiny.csv >out 2>err
		wait
		expect_bottleneck waiting slow.fifo
	done
	finish
fi

if wanted pipe; then
	begin "slow standard input is waited for"
	for i in $(seq "$n_runs"); do
		drip | "$program" --timing >out 2>err
		expect_bottleneck waiting ": standard input"
		grep -q -e '^csv-report: next: the program that writes to it is slow' err ||
			wrong "run $i: the remedy is not named"
	done
	finish
fi

# sip: what a pipe holds at a time, with a pause after each.
sip() {
	while [ "$(head -c 65536 | wc -c)" -gt 0 ]; do
		sleep 0.02
	done
}

if wanted reader; then
	begin "a reader that takes the report in slowly is waited for"
	# A report of a MB, through a pipe that holds 64 KiB; one long sleep could be booked wrong.
	awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "a%d%s", i, i < 3000 ? "," : "\n1\n" }' \
		>wide.csv
	for i in $(seq "$n_runs"); do
		"$program" --timing --format=json wide.csv 2>err | sip
		expect_bottleneck waiting "writing the report took"
	done
	finish
fi

# ---- one thread computes, the other has nothing left ----

{
	cat unit.csv
	i=1
	while [ $i -lt "$times" ]; do
		sed 1d unit.csv
		i=$((i + 1))
	done
} >giant.csv

if wanted giant; then
	begin "a giant that is not cut is named, and that it was read in one piece"
	if has_openmp; then
		for i in $(seq "$n_runs"); do
			"$program" --timing --chunk=1000000000000 -j 2 tiny.csv giant.csv unit.csv \
				>out 2>err
			expect_bottleneck unbalanced giant.csv
			grep -q -e '^csv-report: next: one thread read all of it' err ||
				wrong "run $i: the remedy is not named"
		done
		finish
	else
		skip "built without OpenMP there is one thread"
	fi
fi

if wanted stream; then
	begin "a stream that keeps one thread computing is named, and that it is a stream"
	if has_openmp; then
		for i in $(seq "$n_runs"); do
			"$program" --timing -j 2 - unit.csv tiny.csv <giant.csv >out 2>err
			expect_bottleneck unbalanced "on standard input"
			grep -q -e '^csv-report: next: a stream is read by one thread' err ||
				wrong "run $i: the remedy is not named"
		done
		finish
	else
		skip "built without OpenMP there is one thread"
	fi
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
