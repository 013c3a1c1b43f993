#!/bin/sh
# timing.sh - the bottleneck of --timing is correct for runs with one known bottleneck
#
# Other programs on a busy machine do not change the expected result of most runs: a pipe that is filled
# slowly, two copies on one CPU, one thread with all the work. Whether the CPUs were free depends on the
# machine, so there the result is compared with what the shell and /proc/stat measure during the run.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         TIMING_RUNS how often each run is repeated (default: 1)
#         TIMING_ONLY the only run to start: busy, starved, fifo, pipe, reader, giant, stream,
#         short
# Output  TAP
set -eu
unset OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_SCHEDULE OMP_PROC_BIND OMP_PLACES OMP_DYNAMIC \
	OMP_WAIT_POLICY CSVR_KERNEL GOMP_CPU_AFFINITY KMP_AFFINITY
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
n_runs=${TIMING_RUNS:-1}
only=${TIMING_ONLY:-}

# is_selected RUN: whether TIMING_ONLY allows the run.
is_selected() {
	[ -z "$only" ] || [ "$only" = "$1" ]
}

# expect_bottleneck KIND [TEXT]: the bottleneck in `err` is KIND, and its line contains TEXT.
expect_bottleneck() {
	grep '^csv-report: bottleneck: ' err >bottleneck || :
	case $(cat bottleneck) in
	"csv-report: bottleneck: $1:"*) ;;
	*) wrong "run $i: expected the bottleneck: $1" ;;
	esac
	if [ $# -gt 1 ]; then
		grep -F -q -e "$2" bottleneck || wrong "run $i: the bottleneck lacks: $2"
	fi
}

# percentage NAME: the percentage of NAME in the line of the bottleneck.
percentage() {
	sed -n "s/^csv-report: bottleneck: .* $1 \([0-9]*\)%.*/\1/p" err
}

has_openmp() {
	"$program" --version | grep -q -e '^features: OpenMP ('
}

# ---- data: exponents make a few MB expensive to convert ----

awk 'BEGIN {
	print "a,b,c,d"
	for (i = 0; i < 30000; i++)
		printf "%de-3,%de-4,%de-5,%de-6\n", i * 7919 % 1000003, i * 104729 % 999983,
			i * 15485863 % 1000033, i * 32452843 % 1000037
}' >unit.csv
printf 'x,y\n1,2\n' >tiny.csv

# ms_of NAME: the real or user time in `err`, in milliseconds.
ms_of() {
	sed -n "s/^csv-report: timing: .*\\<\([0-9]*\)\.\([0-9]*\) s $1.*/\1\2/p" err |
		sed 's/^0*\(.\)/\1/'
}

# How often one thread must read unit.csv to use half a second of CPU time, even if a busy machine needs
# longer. Runs of less than 0.2 s are not judged, and the machine may be faster the next time.
times=4
while :; do
	list=$(yes unit.csv | head -n "$times")
	# shellcheck disable=SC2086
	"$program" --timing -j 1 $list >out 2>err
	[ "$(ms_of user)" -lt 500 ] || break
	times=$((times * 2))
done

# ---- output ----

begin "the report and the exit status are the same with and without --timing"
for format in $(formats); do
	"$program" --tables=one --format="$format" unit.csv tiny.csv >plain 2>err
	[ ! -s err ] || wrong "standard error is not empty without --timing"
	"$program" --tables=one --format="$format" --timing unit.csv tiny.csv >out 2>err || wrong "status $?"
	cmp -s plain out || wrong "the $format report differs"
done
finish

begin "--timing prints a line of times, the bottleneck and the advice"
"$program" --timing tiny.csv >out 2>err
sed -n 1p err | grep -q -x -E 'csv-report: timing: [0-9]+\.[0-9]{3} s real, [0-9]+\.[0-9]{3} s user, [0-9]+\.[0-9]{3} s sys, [0-9]+% CPU of 1 thread' ||
	wrong "the first line has no times"
sed -n 2p err | grep -q '^csv-report: bottleneck: ' || wrong "the second line is not the bottleneck"
sed -n 3p err | grep -q '^csv-report: next: ' || wrong "the third line is not the advice"
[ "$(wc -l <err)" -eq 3 ] || wrong "expected three lines"
finish

begin "--verbose adds a line for each thread, and their bytes and units add up"
# shellcheck disable=SC2046
"$program" --timing -v -j 2 $(yes unit.csv | head -n 8) >out 2>err
n_threads=$(sed -n 's/^csv-report: timing: .* CPU of \([0-9]*\) thread.*/\1/p' err)
[ "$(grep -c '^csv-report: thread  *[0-9]' err)" -eq "$n_threads" ] ||
	wrong "expected $n_threads threads"
n_units=$(sed -n 's/^csv-report: work: \([0-9]*\) unit.*/\1/p' err)
[ "$(awk '/^csv-report: thread  *[0-9]/ { n += $NF } END { print n }' err)" -eq "$n_units" ] ||
	wrong "expected $n_units units in all threads"
finish

begin "--quiet does not suppress the output of --timing"
"$program" --quiet --timing tiny.csv >out 2>err
grep -q '^csv-report: bottleneck: ' err || wrong "there is no bottleneck"
finish

begin "--timing follows the messages of a run that --strict ends without a report"
printf 'x,y\n1\n2,3\n' >ragged.csv
status=0
"$program" --strict --timing ragged.csv >out 2>err || status=$?
[ "$status" -eq 1 ] || wrong "exit status: expected 1, found $status"
[ ! -s out ] || wrong "a report was written"
tail -n 1 err | grep -q '^csv-report: next: ' || wrong "the last line is not that of --timing"
finish

begin "--timing reports on a run with a missing file, which exits with 3"
status=0
"$program" --timing tiny.csv missing.csv >out 2>err || status=$?
[ "$status" -eq 3 ] || wrong "exit status: expected 3, found $status"
grep -q '^csv-report: bottleneck: ' err || wrong "there is no bottleneck"
finish

begin "a usage error has no output of --timing"
status=0
"$program" --timing -j 0 tiny.csv >out 2>err || status=$?
[ "$status" -eq 2 ] || wrong "exit status: expected 2, found $status"
! grep -q 'bottleneck' err || wrong "there is a bottleneck"
finish

begin "control characters of a name are escaped in the output of --timing"
bad=$(printf 'a\033[2Jb\nc.csv')
mkfifo "$bad"
(printf 'x\n1\n' && sleep 0.3) >"$bad" &
"$program" --timing "$bad" >out 2>err
wait
[ "$(wc -l <err)" -eq 3 ] || wrong "expected three lines"
! grep -q "$(printf '\033')" err || wrong "an escape character reaches standard error"
grep -F -q 'slowest input' err || wrong "the name is not shown"
finish

# ---- bottlenecks ----

if is_selected short; then
	begin "a tiny file is too short to judge"
	for i in $(seq "$n_runs"); do
		"$program" --timing tiny.csv >out 2>err
		# A busy machine may delay the run by 0.2 s, which makes it long enough to judge.
		if [ "$(ms_of real)" -lt 200 ]; then
			expect_bottleneck "too short to judge"
		else
			! grep -q 'too short' err || wrong "run $i: the run is not short"
		fi
	done
	finish
fi

# busy_ticks: CPU time of the whole machine so far, in hundredths of a second: user, nice, system,
# interrupts, stolen.
busy_ticks() {
	awk '/^cpu / { print $2 + $3 + $4 + $7 + $8 + $9 }' /proc/stat
}

# count_child_ticks: sets child_ticks, the CPU time of this shell's children so far, in the same unit.
# A subshell, as in $(...), would have other children.
count_child_ticks() {
	times >times_text
	child_ticks=$(sed -n 2p times_text | tr 'ms' '  ' |
		awk '{ printf "%d\n", (($1 + $3) * 60 + $2 + $4) * 100 + 0.5 }')
}

# now_ticks: time since the machine booted, in the same unit.
now_ticks() {
	awk '{ printf "%d\n", $1 * 100 + 0.5 }' /proc/uptime
}

# If permitted (root in a container usually is), these runs of a third of a second have priority
# over all other programs. nice does not suffice: it applies only within a session or group.
first=
if chrt -f 1 true 2>/dev/null; then
	first='chrt -f 1'
fi

# The shell measures the percentage of the granted CPU time that the run used. Above 85% no loss can be
# a quarter. Below 65% the losses exceed a third, and time lost only to other programs is queueing.
# Between the two either result may be correct: the measurement includes the start of the program and
# is accurate to a few hundredths of a run of half a second.
busy_run() {
	count_child_ticks
	before=$child_ticks machine=$(busy_ticks) start=$(now_ticks)
	# shellcheck disable=SC2086
	$first "$program" --timing -j "$n_threads" $list $list >out 2>err
	took=$(($(now_ticks) - start)) others=$(($(busy_ticks) - machine))
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
		[ "$others" -gt 0 ] || wrong "run $i: starved, but no other program used the CPUs"
	fi
	if grep -q '^csv-report: bottleneck: CPU-bound' err; then
		[ "$got" -ge 60 ] || wrong "run $i: CPU-bound, but it got $got% of the CPUs"
	fi
	off=$(($(percentage computing) - got))
	if [ "$off" -lt -15 ] || [ "$off" -gt 15 ]; then
		wrong "run $i: computing $(percentage computing)%, but the shell measured $got%"
	fi
}

if is_selected busy; then
	begin "a run that computes on all its CPUs is CPU-bound if these are free, otherwise starved"
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
		echo "# $n_threads threads, $i runs: $n_clear on free CPUs, $n_busy_machine on busy ones"
		if [ -s why ] || [ $n_clear -gt 0 ]; then
			finish
		else
			skip "other programs keep the CPUs busy; all runs were reported as starved"
		fi
	else
		skip "/proc/stat is missing"
	fi
fi

# The first CPU that this process may run on.
first_cpu() {
	taskset -c -p $$ | sed 's/.*: \([0-9]*\).*/\1/'
}

if is_selected starved; then
	begin "two copies on one CPU are both starved"
	if ! command -v taskset >/dev/null 2>&1; then
		skip "taskset is missing"
	elif [ ! -r /proc/self/schedstat ]; then
		skip "this system does not report waiting times in run queues"
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
	begin "more threads than CPUs are starved, with the advice to use fewer"
	if ! command -v taskset >/dev/null 2>&1 || ! has_openmp || [ ! -r /proc/self/schedstat ]; then
		skip "taskset, OpenMP or waiting times in run queues are missing"
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

# drip: 26 lines in half a second, 2.5 times the shortest run that is judged.
drip() {
	echo x,y
	for line in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25; do
		echo "$line,2"
		sleep 0.02
	done
}

if is_selected fifo; then
	begin "a run that waits for a slow pipe is waiting for it by name"
	mkfifo slow.fifo
	for i in $(seq "$n_runs"); do
		drip >slow.fifo &
		"$program" --timing slow.fifo >out 2>err
		wait
		expect_bottleneck waiting slow.fifo
		[ "$(percentage waiting)" -ge 75 ] || wrong "run $i: waiting is only $(percentage waiting)%"
	done
	finish
	begin "threads without further files wait for the pipe"
	for i in $(seq "$n_runs"); do
		drip >slow.fifo &
		"$program" --timing -j 2 slow.fifo unit.csv tiny.csv >out 2>err
		wait
		expect_bottleneck waiting slow.fifo
	done
	finish
fi

if is_selected pipe; then
	begin "a run that waits for slow standard input is waiting"
	for i in $(seq "$n_runs"); do
		drip | "$program" --timing >out 2>err
		expect_bottleneck waiting ": (standard input)"
		grep -q -e '^csv-report: next: the program that writes to it is slow' err ||
			wrong "run $i: the remedy is not named"
	done
	finish
fi

# sip: reads one pipe buffer at a time, with a pause after each.
sip() {
	while [ "$(head -c 65536 | wc -c)" -gt 0 ]; do
		sleep 0.02
	done
}

if is_selected reader; then
	begin "a run that waits for a slow reader of its report is waiting"
	# A report of 1 MB through a pipe of 64 KiB: many short waits instead of a single long one.
	awk 'BEGIN { for (i = 1; i <= 3000; i++) printf "a%d%s", i, i < 3000 ? "," : "\n1\n" }' \
		>wide.csv
	for i in $(seq "$n_runs"); do
		"$program" --timing --format=json wide.csv 2>err | sip
		expect_bottleneck waiting "writing the report took"
	done
	finish
fi

# ---- one thread computes, the other is idle ----

{
	cat unit.csv
	i=1
	while [ $i -lt "$times" ]; do
		sed 1d unit.csv
		i=$((i + 1))
	done
} >giant.csv

if is_selected giant; then
	begin "a run with one big file that is not split is unbalanced, with its name"
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
		skip "a build without OpenMP has one thread"
	fi
fi

if is_selected stream; then
	begin "a run with one big stream is unbalanced, with its name"
	if has_openmp; then
		for i in $(seq "$n_runs"); do
			"$program" --timing -j 2 - unit.csv tiny.csv <giant.csv >out 2>err
			expect_bottleneck unbalanced "on (standard input)"
			grep -q -e '^csv-report: next: a stream is read by one thread' err ||
				wrong "run $i: the remedy is not named"
		done
		finish
	else
		skip "a build without OpenMP has one thread"
	fi
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
