#!/bin/sh
# checkpoint.sh - a run that is killed, stopped or out of disk space resumes to the same report, or fails
# with a clear error and an unchanged checkpoint
#
# Shape   one big file, split into many chunks, and some hundred small ones; small blocks and the scalar
#         kernel make a run last about half a second
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         CHECKPOINT_TESTS  "no": skip all tests
#         CRASHES     how many runs are ended at random times (default: 24)
#         SEED        the seed of the random times, signals and threads (default: 1)
# Output  TAP
set -eu
unset NO_COLOR OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_SCHEDULE SLURM_JOB_END_TIME CSVR_KERNEL
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
if [ "${CHECKPOINT_TESTS:-yes}" = no ]; then
	echo '1..0 # SKIP CHECKPOINT_TESTS is "no"'
	exit
fi
CRASHES=${CRASHES:-24}
SEED=${SEED:-1}

# ---- helpers ----

# run_until SIGNAL SECONDS ARGUMENT...: a run that receives the signal after that time. timeout starts it,
# because a shell lets background processes ignore SIGINT.
run_until() {
	signal=$1
	moment=$2
	shift 2
	status=0
	timeout --foreground --preserve-status -s "$signal" "$moment" "$program" "$@" \
		>out 2>err </dev/null || status=$?
}

expect_same() {
	cmp -s "$1" "$2" || wrong "$2 is not the same as $1"
}

expect_gone() {
	[ ! -e "$1" ] || wrong "$1 still exists"
}

# expect_no_temporary [OLDER]: except for the names in the file OLDER, one per line.
expect_no_temporary() {
	for left in .csv-report.*; do
		[ ! -e "$left" ] || { [ $# -gt 0 ] && grep -q -x -F -e "$left" "$1"; } ||
			wrong "a temporary file remains: $left"
	done
}

# rows FILE: the number of rows of the finished files in a checkpoint, 0 if it does not exist yet
rows() {
	"$program" --partial --format=json "$1" 2>/dev/null </dev/null |
		awk -F '[:,]' '/"rows":/ { print $2 + 0; found = 1; exit } END { if (!found) print 0 }'
}

# stop_midway ARGUMENT...: stops a run by a signal when it has written a checkpoint. Bisection finds the
# time, between one too early for a checkpoint and one too late to stop the run.
stop_midway() {
	early=0
	late=6.4
	moment=0.2
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		rm -f ck
		run_until TERM "$moment" --checkpoint=ck "$@"
		if [ "$status" -eq 75 ] && [ -e ck ]; then
			return
		elif [ "$status" -eq 0 ]; then
			late=$moment
		else
			early=$moment
		fi
		# Runs differ in speed, so the bounds are widened again.
		if [ $((try % 5)) -eq 0 ]; then
			early=$(echo "$early" | awk '{ print $1 * 0.7 }')
			late=$(echo "$late" | awk '{ print $1 * 1.4 }')
		fi
		moment=$(echo "$early $late" | awk '{ print ($1 + ($2 < 4 * $1 + 0.1 ? $2 : 4 * $1 + 0.1)) / 2 }')
	done
	wrong "no run was stopped midway: exit status $status after $moment s"
	: >ck
}

# Seconds after which the program surely handles signals, and (`later`) has read its files.
soon=0.3
# With several threads, one waits for a pipe while another reads the other inputs.
has_threads=yes
! "$program" --version | grep -q 'no OpenMP' || has_threads=no
later=1
if grep -q -a -e __asan_init -e __tsan_init "$program"; then
	soon=2
	later=3
fi

# ThreadSanitizer delays signals until a read returns.
has_signals=yes
if grep -q -a __tsan_init "$program"; then
	has_signals=no
fi

# A FIFO that the script holds open as descriptor 9 can be opened at once, but a read from it blocks.

# These options make parsing slow and chunks 40 kB long.
slow='--kernel=scalar --block=8 --chunk=40000'

# ---- inputs ----

mkdir data
awk 'BEGIN {
	srand(7)
	print "id,value,word,quoted" >"data/big.csv"
	for (i = 1; i <= 400000; i++)
		printf "%d,%.6f,w%d,\"a %s\nb\"\n", i, rand() * 1000 - 500, i % 13, i % 97 == 0 ? "\"\"" : "," \
			>"data/big.csv"
	for (f = 1; f <= 300; f++) {
		name = sprintf("data/small%03d.csv", f)
		print f % 3 == 0 ? "value,other,id" : "id,value" >name
		for (i = 1; i <= 400; i++)
			printf "%d,%.4f%s\n", i, rand() * f, f % 3 == 0 ? "," i : "" >name
		close(name)
	}
	print "id,value" >"data/only-header.csv"
	printf "" >"data/empty.csv"
	printf "id,value\n1,2,3\nx\n" >"data/ragged.csv"
}'
"$program" --format=json data >expected

has_timeout=no
if timeout --foreground --preserve-status -s KILL 10 true 2>/dev/null; then
	has_timeout=yes
fi

# ---- crashes ----

begin "$CRASHES runs ended at random times resume to the same report"
if [ "$has_timeout" = no ]; then
	skip 'timeout of coreutils is missing'
else
	awk -v n="$CRASHES" -v seed="$SEED" 'BEGIN {
		srand(seed)
		split("KILL TERM INT USR1 USR2 XCPU HUP", names, " ")
		split("1 2 3 7", threads, " ")
		split("0.01 0.01 0.05 60", every, " ")
		for (i = 0; i < n; i++)
			printf "%s %.3f %d %s\n", i % 2 ? "KILL" : names[int(rand() * 7) + 1], \
				0.01 + rand() * rand() * 0.6, threads[int(rand() * 4) + 1], \
				every[int(rand() * 4) + 1]
	}' >plan
	most=0
	n_done=0
	n_ended=0
	# all_done: a run has written its report, so the next one starts again. It may have been killed
	# after that, before or after it removed its checkpoint.
	all_done() {
		expect_same expected report
		rm -f report
		[ -e ck ] || most=0
	}
	while read -r kind moment n_threads every <&3; do
		rm -f before
		[ ! -e ck ] || cp ck before
		# The next run removes the temporary files of killed ones.
		for left in .csv-report.*; do
			echo "$left"
		done >older
		# shellcheck disable=SC2086 # several options
		run_until "$kind" "$moment" --checkpoint=ck --checkpoint-every="$every" -j "$n_threads" \
			$slow --format=json -o report data
		what="$kind after $moment s, -j $n_threads, every $every s"
		case $kind-$status in
		*-0)
			all_done
			expect_gone ck
			n_done=$((n_done + 1))
			;;
		KILL-137)
			n_ended=$((n_ended + 1))
			[ ! -e report ] || all_done
			;;
		*-75)
			n_ended=$((n_ended + 1))
			[ -e ck ] || ! grep -q 'is saved' err || wrong "$what: no checkpoint was written"
			;;
		*)
			# The signal came before the program handled signals and had started to read, or
			# after it had finished.
			if [ "$status" -lt 128 ] || [ -s err ]; then
				wrong "$what: exit status $status"
				cat err >>why
			elif [ -e report ]; then
				all_done
				expect_gone ck
			elif [ -e ck ] || [ -e before ]; then
				expect_same before ck
			fi
			;;
		esac
		[ "$kind" = KILL ] || expect_no_temporary older
		if [ -e ck ]; then
			found=$(rows ck)
			[ "$found" -ge "$most" ] || wrong "$what: $found rows, fewer than the $most before"
			most=$found
		fi
		[ ! -s why ] || break
	done 3<plan
	# shellcheck disable=SC2086
	run --checkpoint=ck -j 2 $slow --format=json -o report data
	expect_status 0
	expect_same expected report
	expect_gone ck
	expect_no_temporary
	[ "$n_ended" -gt 0 ] || wrong 'no run was ended'
	echo "# $n_ended runs were ended, $n_done finished before"
	rm -f report before older plan
	finish
fi

begin 'temporary files of a killed run are removed, other files are not'
: >.csv-report.ck.0123456789abcdef
: >.csv-report.ck.2.0123456789abcdef
: >.csv-report.ck.0123456789abcdef.0123456789abcdef
: >.csv-report.0123456789abcdef
run --checkpoint=ck data/ragged.csv
expect_status 0
expect_gone .csv-report.ck.0123456789abcdef
for name in .csv-report.ck.2.0123456789abcdef .csv-report.0123456789abcdef \
	.csv-report.ck.0123456789abcdef.0123456789abcdef; do
	[ -e "$name" ] || wrong "$name was removed"
	rm -f "$name"
done
finish

# ---- no disk space ----

# full_disk DIRECTORY: a run cannot write its checkpoint in DIRECTORY. It waits for a pipe until it has
# reported the failure.
full_disk() {
	mkfifo pipe
	printf 'x\n1\n' >pipe &
	# shellcheck disable=SC2086
	run -j 2 $slow --format=json -o piped data pipe
	wait
	exec 9<>pipe
	status=0
	# shellcheck disable=SC2086
	"$program" --checkpoint="$1/ck" --checkpoint-every=0.02 -j 2 $slow --format=json -o report \
		data pipe >out 2>err </dev/null 9>&- &
	tries=0
	until grep -F -q 'continuing without it' err || [ $((tries += 1)) -gt 300 ]; do
		sleep 0.1
	done
	printf 'x\n1\n' >&9
	exec 9>&-
	wait $! || status=$?
	expect_status 0
	expect_same piped report
	expect_err 'continuing without it'
	expect_gone "$1/ck"
	rm -f report piped pipe
}

begin 'a run that cannot write its checkpoint to a full disk warns and continues'
mkdir small
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
	head -c 50000 /dev/zero >small/filler
	full_disk small
	for left in small/.csv-report.*; do
		[ ! -e "$left" ] || wrong "a temporary file remains: $left"
	done
	umount small
	finish
else
	skip 'only root can mount a tmpfs'
fi

begin 'an existing checkpoint does not change if a new one cannot be written'
if [ "$has_timeout$has_signals" = yesyes ]; then
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --format=json -o report data
	cp ck kept
	mkfifo pipe
	exec 9<>pipe
	(
		ulimit -f 1
		# shellcheck disable=SC2086
		run_until TERM "$later" --checkpoint=ck -j 2 $slow --format=json data pipe
		expect_status 1
	)
	exec 9>&-
	expect_err 'ck: cannot write: File too large' 'progress could not be saved'
	expect_same kept ck
	expect_no_temporary
	run --checkpoint=ck -j 2 --chunk=40000 --format=json -o report data
	expect_status 0
	expect_same expected report
	rm -f report kept pipe
	finish
else
	skip 'timeout of coreutils is missing'
fi

# ---- files that are not a checkpoint of this run ----

if [ "$has_timeout" = yes ]; then
	begin 'a run that is stopped leaves a checkpoint'
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --format=json data
	cp ck good
	finish
else
	: >good
fi

# expect_refusal STATUS TEXT ARGUMENT...: the run exits with STATUS and a message about ck, which does not
# change.
expect_refusal() {
	expected_status=$1
	expected_text=$2
	shift 2
	cp ck ck.before
	run --checkpoint=ck --chunk=40000 -o report "$@"
	expect_status "$expected_status"
	expect_err "$expected_text"
	expect_same ck.before ck
	expect_gone report
	rm -f ck.before
}

begin 'a text file is refused as a checkpoint and does not change'
printf 'a,b\n1,2\n' >ck
expect_refusal 1 '--checkpoint=ck: the file exists and is not a checkpoint; name another file' data
: >ck
expect_refusal 1 '--checkpoint=ck: the file exists and is not a checkpoint; name another file' data
finish

if [ "$has_timeout" = yes ]; then
	begin 'a truncated or altered checkpoint is refused and does not change'
	size=$(wc -c <good)
	for n_bytes in 8 30 $((size / 2)) $((size - 1)); do
		head -c "$n_bytes" good >ck
		expect_refusal 1 'saved state' data
	done
	{
		cat good
		echo
	} >ck
	expect_refusal 1 'has trailing data' data
	{
		head -c $((size / 2)) good
		printf '\377\376\375'
		tail -c +$((size / 2 + 4)) good
	} >ck
	expect_refusal 1 'is corrupt' data
	finish

	begin 'a checkpoint of a run with other options is refused and does not change'
	cp good ck
	expect_refusal 2 '--null-values' --null-values=x data
	expect_refusal 2 '--delimiter' -d ';' data
	finish

	begin 'a run with some of the inputs of a checkpoint resumes from it'
	cp good ck
	run --format=json data/small*.csv
	cp out expected.small
	run --checkpoint=ck --chunk=40000 --format=json data/small*.csv
	expect_status 0
	expect_same expected.small out
	expect_gone ck
	rm -f expected.small
	finish

	begin 'a checkpoint of another shard is refused and does not change'
	cp good ck
	expect_refusal 2 'of another shard' --shard=1/2 --format=state data
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --shard=1/2 --format=state data
	expect_refusal 2 'of another shard' --shard=2/2 --format=state data
	expect_refusal 2 'of another shard' --shard=1/3 --format=state data
	expect_refusal 2 'of another shard' data
	rm -f ck
	finish
fi

# ---- files that change ----

if [ "$has_timeout$has_threads$has_signals" = yesyesyes ]; then
	# keep_all: writes a checkpoint with the whole directory, by a run that then waits for a pipe.
	keep_all() {
		mkfifo pipe
		exec 9<>pipe
		run_until TERM "$later" --checkpoint=ck -j 2 --chunk=40000 changing pipe
		exec 9>&-
		rm -f pipe
		expect_status 75
	}

	begin 'a checkpoint of other inputs is refused and kept'
	cp -R data changing
	keep_all
	cp ck kept
	run --checkpoint=ck data/small001.csv
	expect_status 2
	expect_err 'ck: none of its ' ' inputs is an input of this run; name another file, or remove it'
	expect_no_report
	expect_same kept ck
	run --checkpoint=ck --format=json changing/small001.csv changing/small002.csv
	expect_status 0
	expect_err 'inputs in the checkpoint changed or are not inputs of this run; the changed ones are read again'
	expect_gone ck
	rm -rf changing kept
	finish

	begin 'files that changed after the checkpoint are read again, and the report says so'
	cp -R data changing
	keep_all
	echo '7,7' >>changing/small001.csv
	head -c 2000 data/small002.csv >changing/small002.csv
	rm changing/small003.csv
	cp data/small004.csv changing/small999.csv
	run --format=json changing
	cp out expected.changed
	run --checkpoint=ck --chunk=40000 --format=json changing
	expect_status 0
	expect_err 'in the checkpoint changed or are not inputs of this run; the changed ones are read again'
	expect_out '"changed_file"' 'read again'
	[ "$(grep -c '"changed_file"' out)" -eq 2 ] || wrong 'expected two changed files in the report'
	sed '/"problems"/,$d' out >out.rest
	sed '/"problems"/,$d' expected.changed >expected.rest
	expect_same expected.rest out.rest
	finish

	begin 'a run that is stopped again still reports the changed files'
	keep_all
	echo '8,8' >>changing/small001.csv
	echo '8,8' >>changing/small200.csv
	cp ck kept
	for moment in 0.1 0.05 0.15 0.4 0.8 1.6; do
		cp kept ck
		# shellcheck disable=SC2086
		run_until TERM $moment --checkpoint=ck $slow -j 1 --format=json changing
		if [ "$status" -eq 75 ] && ! cmp -s kept ck; then
			break
		fi
	done
	expect_status 75
	rm -f kept
	run --checkpoint=ck --chunk=40000 --format=json changing
	expect_status 0
	[ "$(grep -c '"changed_file"' out)" -eq 2 ] || wrong 'expected two changed files in the report'
	keep_all
	echo '8,8' >>changing/small001.csv
	cp ck kept
	for format in table md json; do
		cp kept ck
		run --checkpoint=ck --chunk=40000 --format=$format changing
		expect_out 'changed since the checkpoint was written, read again'
	done
	rm -rf changing kept out.rest expected.rest expected.changed
	finish

	begin 'a changed file of one shard is in the merged report, in either order'
	mkdir changing
	cp data/big.csv changing
	mkfifo pipe
	exec 9<>pipe
	run_until TERM "$later" --checkpoint=ck -j 2 --chunk=40000 --shard=2/2 --format=state changing pipe
	exec 9>&-
	expect_status 75
	printf 'x\n1\n' >>changing/big.csv
	printf 'x\n1\n' >pipe &
	run --checkpoint=ck --chunk=40000 --shard=2/2 --format=state --output=s2.state changing pipe
	wait
	expect_status 0
	expect_err 'in the checkpoint changed or are not inputs of this run; the changed ones are read again'
	run --chunk=40000 --shard=1/2 --format=state --output=s1.state changing pipe
	run --format=json s2.state s1.state
	cp out turned
	run --format=json s1.state s2.state
	expect_out '"changed_file"' 'read again'
	expect_same turned out
	rm -rf changing pipe ck s1.state s2.state turned
	finish
fi

# ---- reads that block ----

begin 'a run that blocks in a read saves its other results, ends and resumes'
if [ "$has_timeout$has_threads$has_signals" = yesyesyes ] && mkfifo pipe; then
	cp data/ragged.csv fed
	run --format=json data fed
	sed 's/"fed"/"pipe"/' out >expected.fed
	exec 9<>pipe
	start=$(date +%s)
	run_until TERM "$later" --checkpoint=ck --checkpoint-every=0.05 -j 2 --chunk=40000 data pipe
	expect_status 75
	expect_err 'while blocked on an input' 'is saved'
	[ $(($(date +%s) - start)) -le 13 ] || wrong 'the run did not end in time'
	[ "$(rows ck)" -ge 350000 ] || wrong "the checkpoint has only $(rows ck) rows"
	exec 9>&-
	cat fed >pipe &
	run --checkpoint=ck --chunk=40000 --format=json data pipe
	wait
	expect_status 0
	expect_gone ck
	sed 's/"size_bytes": *[0-9]*//' expected.fed >a
	sed 's/"size_bytes": *[0-9]*//' out >b
	expect_same a b
	rm -f pipe fed expected.fed a b
	finish
else
	skip 'timeout of coreutils or FIFOs are missing'
fi

# ---- limits ----

begin 'a time limit may be written in the notations of the manual'
for notation in 90 90s 0.5m 15m 2h 1d 1:30 90:00 1:30:00 100:59:59 1-12:00:00 001:00; do
	run --time-limit=$notation data/ragged.csv
	expect_status 0
done
for notation in '' 0 0s -1 1x 1mm m : 1: :1 1:2:3:4 1-2 0:00 nan inf 1e 1:3x 1:60 1:60:00 1:00:60 1-1:30; do
	run --time-limit="$notation" data/ragged.csv
	expect_status 2
	expect_err '--time-limit'
done
finish

begin 'an input that is also in a saved state is not confused with it'
if [ "$has_timeout" = yes ] && [ "$has_signals" = yes ]; then
	run --format=state -o both data/small001.csv data/small002.csv
	# The order of the two manifests depends on hashes, so several names are tried.
	for pipe in pipe1 pipe2 pipe3 pipe4 pipe5; do
		mkfifo $pipe
		cp data/small003.csv fed
		run --format=csv data/small001.csv fed both
		cp out expected.both
		exec 9<>$pipe
		run_until TERM "$soon" --checkpoint=ck -j 1 data/small001.csv $pipe both
		expect_status 75
		exec 9>&-
		cat fed >$pipe &
		run --checkpoint=ck -j 1 --format=csv data/small001.csv $pipe both
		wait
		expect_status 0
		expect_same expected.both out
		rm -f ck fed $pipe
	done
	rm -f both expected.both
	finish
else
	skip 'timeout of coreutils is missing'
fi

begin 'a run ends at its time limit and writes a checkpoint'
if [ "$has_signals" = yes ]; then
	mkfifo pipe
	exec 9<>pipe
	run --time-limit=$soon --checkpoint=ck data/ragged.csv pipe
	expect_status 75
	expect_err 'the time limit'
	[ -e ck ] || wrong 'no checkpoint was written'
	run --time-limit=0.2s pipe
	expect_status 75
	expect_err 'the time limit' '--checkpoint'

	rm -f ck
	SLURM_JOB_END_TIME=$(($(date +%s) + later + 1))
	export SLURM_JOB_END_TIME
	run --checkpoint=ck data/ragged.csv pipe
	expect_status 75
	expect_err 'the time limit'
	rm -f ck
	exec 9>&-
	for SLURM_JOB_END_TIME in 1 x '' 99999999999; do
		run --checkpoint=ck data/ragged.csv
		expect_status 0
	done
	unset SLURM_JOB_END_TIME
	rm -f pipe
	finish
else
	skip 'ThreadSanitizer delays signals'
fi

begin 'a run without a checkpoint does not stop at the end of the job'
SLURM_JOB_END_TIME=$(($(date +%s) + 1))
export SLURM_JOB_END_TIME
mkfifo pipe
{
	sleep 2
	cat data/ragged.csv
} >pipe &
run pipe
wait
expect_status 0
unset SLURM_JOB_END_TIME
rm -f pipe
finish

# ---- signals ----

if [ "$has_timeout$has_signals" = yesyes ]; then
	mkfifo pipe
	exec 9<>pipe

	begin 'a signal ends a run without a checkpoint at once, with status 75 or by SIGINT and SIGHUP'
	for name in TERM USR1 USR2 XCPU; do
		run_until $name $soon -o report data/ragged.csv pipe
		expect_status 75
		expect_err "interrupted by SIG$name" '--checkpoint=FILE'
		expect_gone report
	done
	run_until INT $soon -o report pipe
	expect_status 130
	run_until HUP $soon -o report pipe
	expect_status 129
	expect_gone report
	expect_no_temporary
	finish

	begin 'signals that are ignored at the start of the program remain ignored'
	(
		trap '' HUP INT TERM USR1
		for name in HUP INT TERM USR1; do
			"$program" --checkpoint=ck --time-limit=$later pipe >out 2>err </dev/null &
			sleep $soon
			kill -s $name $!
			status=0
			wait $! || status=$?
			expect_status 75
			expect_err 'the time limit'
		done
	)
	rm -f ck
	finish

	begin 'a second SIGINT kills the program'
	# shellcheck disable=SC2016 # the text is a script for sh
	SOON=$soon timeout --foreground -s KILL 30 sh -c '
		"$@" &
		sleep "$SOON"
		exec 2>/dev/null
		kill -s INT $!
		sleep 0.1
		kill -s INT $!
		wait $!' sh env --default-signal=INT "$program" --checkpoint=ck pipe \
		>out 2>err </dev/null && status=0 || status=$?
	if grep -q 'unrecognized option' err; then
		skip 'env cannot set signals'
	else
		expect_status 130
		finish
	fi
	rm -f ck

	exec 9>&-

	# The program blocks at the FIFO of the graph, which has no reader yet.
	begin 'a signal that arrives after the report is written has no effect'
	if "$program" --version | grep -q 'no flamegraph'; then
		skip 'this build has no --flamegraph, and nothing else follows the report'
	else
		mkfifo graph.folded
		for name in TERM USR1 XCPU; do
			for output in - report; do
				"$program" --flamegraph=graph.folded -o $output data/ragged.csv \
					>out 2>err </dev/null &
				n_waits=0
				while [ ! -s out ] && [ ! -s report ] && [ $n_waits -lt 100 ]; do
					sleep 0.1
					n_waits=$((n_waits + 1))
				done
				sleep $soon
				kill -s $name $!
				timeout -s KILL 20 cat graph.folded >graph || wrong "$name: no graph"
				status=0
				wait $! || status=$?
				expect_status 0
				! grep -q 'no report' err || wrong "SIG$name: a message says that there is no report"
				rm -f report
			done
		done
		rm -f graph.folded graph
		finish
	fi
	rm -f pipe
fi

# ---- together with other options ----

# same_after_stop ARGUMENT...: a run that is stopped and resumed gives the report of one run
same_after_stop() {
	# shellcheck disable=SC2086
	run $slow "$@"
	expect_status 0
	cp out expected.this
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --checkpoint-every=0.05 "$@"
	# shellcheck disable=SC2086
	run --checkpoint=ck -j 2 $slow "$@"
	expect_status 0
	expect_err 'resuming from this checkpoint'
	expect_same expected.this out
	expect_gone ck
	rm -f expected.this
}

if [ "$has_timeout" = yes ]; then
	begin 'a stopped run resumes with --per-file'
	same_after_stop --per-file --format=csv data
	finish

	begin 'a stopped run resumes with saved states among its inputs'
	mkdir other
	cp data/small00?.csv other
	run --format=state --chunk=40000 -o other.state other
	same_after_stop --format=json other.state data
	same_after_stop --format=json data other.state
	# First the resumed run gets one more state; then states and inputs both have chunks of a big file.
	cp data/small01?.csv other
	rm other/small00?.csv
	run --format=state --chunk=40000 -o more.state other
	run --format=json other.state more.state data
	cp out expected.more
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --checkpoint-every=0.05 --format=json other.state data
	# shellcheck disable=SC2086
	run --checkpoint=ck -j 2 $slow --format=json other.state more.state data
	expect_status 0
	expect_same expected.more out
	cp data/big.csv other
	for shard in 1/3 2/3 3/3; do
		run --format=state --chunk=40000 --shard=$shard -o "other.${shard%/3}" other
	done
	run --format=json other.? data
	cp out expected.more
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --checkpoint-every=0.05 --format=json other.? data
	# shellcheck disable=SC2086
	run --checkpoint=ck -j 2 $slow --format=json other.? data
	expect_status 0
	expect_same expected.more out
	rm -rf other other.? other.state more.state expected.more
	finish

	begin 'a stopped shard resumes to the same state'
	for shard in 1/2 2/2; do
		# shellcheck disable=SC2086
		stop_midway $slow -j 2 --checkpoint-every=0.05 --shard=$shard --format=state data
		# shellcheck disable=SC2086
		run --checkpoint=ck -j 2 $slow --shard=$shard --format=state -o "state.${shard%/2}" data
		expect_status 0
		expect_gone ck
	done
	run --format=json state.1 state.2
	expect_status 0
	expect_same expected out
	rm -f state.1 state.2
	finish
fi

begin 'a saved state is refused as a checkpoint and does not change'
run --format=state -o keep data/small001.csv
cp keep kept
for inputs in 'keep data/small002.csv' data/small001.csv; do
	# shellcheck disable=SC2086
	run --checkpoint=keep $inputs
	expect_status 2
	expect_err 'keep: is a saved state, not a checkpoint'
	expect_same kept keep
done
rm -f keep kept
finish

if [ "$has_timeout" = yes ]; then
	begin 'a checkpoint among the inputs is not accepted as a complete state'
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --shard=1/2 --format=state data
	run --chunk=40000 --shard=2/2 --format=state -o state.2 data
	run ck state.2
	expect_status 1
	expect_err 'ck: is the checkpoint of an unfinished run'
	run --format=state -o laundered --partial ck state.2
	[ "$status" -ne 0 ] || wrong 'a checkpoint became a state'
	run --partial ck state.2
	case $status in
	0 | 3) ;;
	*) wrong "--partial: exit status $status" ;;
	esac
	rm -f ck state.2 laundered
	finish
fi

begin 'standard input is refused with --checkpoint'
run --checkpoint=ck - data
expect_status 2
expect_err '--checkpoint=ck' 'standard input'
run --checkpoint=ck
expect_status 2
expect_gone ck
finish

begin 'the file of the report is refused as a checkpoint'
run --checkpoint=ck -o ./ck data/ragged.csv
expect_status 2
expect_err '--checkpoint=ck: same file as the report'
expect_gone ck
finish

begin 'the checkpoint is kept if the report cannot be written'
if [ "$has_timeout" = yes ] && [ -c /dev/full ]; then
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --format=json data
	cp ck kept
	status=0
	"$program" --checkpoint=ck --chunk=40000 --format=json data >/dev/full 2>err || status=$?
	expect_status 1
	expect_err 'No space left on device'
	expect_same kept ck
	run --checkpoint=ck --chunk=40000 --format=json -o /dev/full data
	expect_status 1
	expect_same kept ck
	# The report is also lost if its reader has exited.
	{
		status=0
		"$program" --checkpoint=ck --chunk=40000 --format=json data 2>err || status=$?
		echo "$status" >status
	} | :
	expect_same kept ck
	run --checkpoint=ck --chunk=40000 --format=json data
	expect_status 0
	expect_same expected out
	expect_gone ck
	rm -f kept status
	finish
else
	skip '/dev/full is missing'
fi

begin 'a signal leaves no partial report and removes no complete one'
if [ "$has_timeout" = yes ]; then
	for moment in 0.01 0.02 0.03 0.04 0.05 0.06; do
		rm -f report
		run_until TERM "$moment" --checkpoint=ck --format=json -o report data
		expect_no_temporary
		if [ -e report ]; then
			expect_same expected report
			expect_status 0
			expect_gone ck
		fi
		rm -f ck
	done
	rm -f report
	finish
else
	skip 'timeout of coreutils is missing'
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
