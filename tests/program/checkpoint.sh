#!/bin/sh
# checkpoint.sh - runs that are killed, told to stop, or lack room for their checkpoint end in the right
# report, or in a clear error and a checkpoint that is as it was
#
# Shape   one big file, cut into many pieces, and some hundred small ones; small blocks and the scalar
#         kernel make a run last about half a second
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         CHECKPOINT_TESTS  "no": skip all of it
#         CRASHES     how many runs are ended at random moments (default: 24)
#         SEED        of the random moments, signals and threads (default: 1)
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

# ended SIGNAL SECONDS ARGUMENT...: a run that gets the signal then. A shell would have it ignore SIGINT
# in the background.
ended() {
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
	[ ! -e "$1" ] || wrong "$1 is still there"
}

# expect_no_temporary [OLDER]: but for what lies in the file OLDER, a line each.
expect_no_temporary() {
	for left in .csv-report.*; do
		[ ! -e "$left" ] || { [ $# -gt 0 ] && grep -q -x -F -e "$left" "$1"; } ||
			wrong "a temporary file is left: $left"
	done
}

# rows FILE: those of the finished files in a checkpoint, 0 if there is none yet
rows() {
	"$program" --partial --format=json "$1" 2>/dev/null </dev/null |
		awk -F '[:,]' '/"rows":/ { print $2 + 0; found = 1; exit } END { if (!found) print 0 }'
}

# stop_midway ARGUMENT...: a run that a signal ended, so that there is a checkpoint. The moment is sought
# by halves, between one that was too early for a checkpoint and one that was too late.
stop_midway() {
	early=0
	late=6.4
	moment=0.2
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		rm -f ck
		ended TERM "$moment" --checkpoint=ck "$@"
		if [ "$status" -eq 75 ] && [ -e ck ]; then
			return
		elif [ "$status" -eq 0 ]; then
			late=$moment
		else
			early=$moment
		fi
		# One run is not as fast as the next: the bounds give way again.
		if [ $((try % 5)) -eq 0 ]; then
			early=$(echo "$early" | awk '{ print $1 * 0.7 }')
			late=$(echo "$late" | awk '{ print $1 * 1.4 }')
		fi
		moment=$(echo "$early $late" | awk '{ print ($1 + ($2 < 4 * $1 + 0.1 ? $2 : 4 * $1 + 0.1)) / 2 }')
	done
	wrong "no run was ended midway: exit status $status after $moment s"
	: >ck
}

# How long a program surely takes signals after it was started.
soon=0.3
# Where one thread waits for a pipe, another reads the rest.
has_threads=yes
! "$program" --version | grep -q 'no OpenMP' || has_threads=no
later=1
if grep -q -a -e __asan_init -e __tsan_init "$program"; then
	soon=2
	later=3
fi

# ThreadSanitizer holds signals back until a read returns.
has_signals=yes
if grep -q -a __tsan_init "$program"; then
	has_signals=no
fi

# A FIFO that the script itself holds open, as its file 9, can be opened at once, and never read from.

# The slow way through, and pieces of 40 kB.
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
		print f % 3 == 0 ? "value,other" : "id,value" >name
		for (i = 1; i <= 400; i++)
			printf "%d,%.4f\n", i, rand() * f >name
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

begin "$CRASHES runs ended at random moments go on, to the right report"
if [ "$has_timeout" = no ]; then
	skip 'there is no timeout of coreutils'
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
	# all_done: a run has put its report in place, and the next begins anew: also one that was killed
	# behind that, before or after it removed its checkpoint.
	all_done() {
		expect_same expected report
		rm -f report
		[ -e ck ] || most=0
	}
	while read -r kind moment n_threads every <&3; do
		rm -f before
		[ ! -e ck ] || cp ck before
		# Those of killed runs go when another has begun.
		for left in .csv-report.*; do
			echo "$left"
		done >older
		# shellcheck disable=SC2086 # several options
		ended "$kind" "$moment" --checkpoint=ck --checkpoint-every="$every" -j "$n_threads" \
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
			[ -e ck ] || ! grep -q 'is saved' err || wrong "$what: there is no checkpoint"
			;;
		*)
			# It came before the program took signals, and nothing was begun; or when all was
			# done.
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
			[ "$found" -ge "$most" ] || wrong "$what: $found rows, and there were $most"
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
	echo "# $n_ended ended, $n_done came to their end before"
	rm -f report before older plan
	finish
fi

begin 'what a killed run left half written is removed, and what belongs to others is not'
: >.csv-report.ck.0123456789abcdef
: >.csv-report.ck.2.0123456789abcdef
: >.csv-report.ck.0123456789abcdef.0123456789abcdef
: >.csv-report.0123456789abcdef
run --checkpoint=ck data/ragged.csv
expect_status 0
expect_gone .csv-report.ck.0123456789abcdef
for name in .csv-report.ck.2.0123456789abcdef .csv-report.0123456789abcdef \
	.csv-report.ck.0123456789abcdef.0123456789abcdef; do
	[ -e "$name" ] || wrong "$name is gone"
	rm -f "$name"
done
finish

# ---- no room ----

# full_disk FOLDER: what a run does that cannot write its checkpoint there any more. A pipe holds it up
# until it has said so.
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

begin 'a checkpoint that finds no room on the disk costs nothing but a word'
mkdir small
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=64k tmpfs small 2>/dev/null; then
	head -c 50000 /dev/zero >small/filler
	full_disk small
	for left in small/.csv-report.*; do
		[ ! -e "$left" ] || wrong "a temporary file is left: $left"
	done
	umount small
	finish
else
	skip 'only root can mount a tmpfs'
fi

begin 'a checkpoint that was there stays as it was when there is no room for another'
if [ "$has_timeout$has_signals" = yesyes ]; then
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --format=json -o report data
	cp ck kept
	mkfifo pipe
	exec 9<>pipe
	(
		ulimit -f 1
		# shellcheck disable=SC2086
		ended TERM "$later" --checkpoint=ck -j 2 $slow --format=json data pipe
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
	skip 'there is no timeout of coreutils'
fi

# ---- files that are no checkpoint of this run ----

if [ "$has_timeout" = yes ]; then
	begin 'a checkpoint to try'
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --format=json data
	cp ck good
	finish
else
	: >good
fi

# refused STATUS TEXT ARGUMENT...: the run ends with a word about ck, which stays as it is
refused() {
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

begin 'a text is no checkpoint, and stays'
printf 'a,b\n1,2\n' >ck
refused 1 'not a saved state' data
: >ck
refused 1 'not a saved state' data
finish

if [ "$has_timeout" = yes ]; then
	begin 'a checkpoint that is cut or altered is refused, and stays'
	size=$(wc -c <good)
	for n_bytes in 7 8 30 $((size / 2)) $((size - 1)); do
		head -c "$n_bytes" good >ck
		refused 1 'saved state' data
	done
	{
		cat good
		echo
	} >ck
	refused 1 'has trailing data' data
	{
		head -c $((size / 2)) good
		printf '\377\376\375'
		tail -c +$((size / 2 + 4)) good
	} >ck
	refused 1 'is corrupt' data
	finish

	begin 'a checkpoint of a run with other options is refused, and stays'
	cp good ck
	refused 2 '--null-values' --null-values=x data
	refused 2 '--delimiter' -d ';' data
	finish

	begin 'a checkpoint is of use for other inputs as far as they are the same'
	cp good ck
	run --format=json data/small*.csv
	cp out expected.small
	run --checkpoint=ck --chunk=40000 --format=json data/small*.csv
	expect_status 0
	expect_same expected.small out
	expect_gone ck
	rm -f expected.small
	finish

	begin 'a checkpoint of another share is refused, and stays'
	cp good ck
	refused 2 'of another shard' --shard=1/2 --format=state data
	# shellcheck disable=SC2086
	stop_midway $slow -j 2 --shard=1/2 --format=state data
	refused 2 'of another shard' --shard=2/2 --format=state data
	refused 2 'of another shard' --shard=1/3 --format=state data
	refused 2 'of another shard' data
	rm -f ck
	finish
fi

# ---- files that change ----

if [ "$has_timeout$has_threads$has_signals" = yesyesyes ]; then
	# keep_all: a checkpoint in which all of the folder is; what the run waits for is a pipe.
	keep_all() {
		mkfifo pipe
		exec 9<>pipe
		ended TERM "$later" --checkpoint=ck -j 2 --chunk=40000 changing pipe
		exec 9>&-
		rm -f pipe
		expect_status 75
	}

	begin 'files that changed, came, went or were cut are read as they are, and the report says so'
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
	expect_err 'changed or were deleted since the checkpoint'
	expect_out '"changed_file"' 'read again'
	[ "$(grep -c '"changed_file"' out)" -eq 2 ] || wrong 'not two files are said to have changed'
	sed '/"problems"/,$d' out >out.rest
	sed '/"problems"/,$d' expected.changed >expected.rest
	expect_same expected.rest out.rest
	finish

	begin 'it says so too when the run is ended once more'
	keep_all
	echo '8,8' >>changing/small001.csv
	echo '8,8' >>changing/small200.csv
	cp ck kept
	for moment in 0.1 0.05 0.15 0.4 0.8 1.6; do
		cp kept ck
		# shellcheck disable=SC2086
		ended TERM $moment --checkpoint=ck $slow -j 1 --format=json changing
		if [ "$status" -eq 75 ] && ! cmp -s kept ck; then
			break
		fi
	done
	expect_status 75
	rm -f kept
	run --checkpoint=ck --chunk=40000 --format=json changing
	expect_status 0
	[ "$(grep -c '"changed_file"' out)" -eq 2 ] || wrong 'not two files are said to have changed'
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

	begin 'of shares that each read a part of a file one may say so, whichever is merged first'
	mkdir changing
	cp data/big.csv changing
	mkfifo pipe
	exec 9<>pipe
	ended TERM "$later" --checkpoint=ck -j 2 --chunk=40000 --shard=2/2 --format=state changing pipe
	exec 9>&-
	expect_status 75
	printf 'x\n1\n' >>changing/big.csv
	printf 'x\n1\n' >pipe &
	run --checkpoint=ck --chunk=40000 --shard=2/2 --format=state --output=s2.state changing pipe
	wait
	expect_status 0
	expect_err 'changed or were deleted since the checkpoint'
	run --chunk=40000 --shard=1/2 --format=state --output=s1.state changing pipe
	run --format=json s2.state s1.state
	cp out turned
	run --format=json s1.state s2.state
	expect_out '"changed_file"' 'read again'
	expect_same turned out
	rm -rf changing pipe ck s1.state s2.state turned
	finish
fi

# ---- reads that do not come back ----

begin 'a run that is stuck in a read saves the rest, ends, and goes on'
if [ "$has_timeout$has_threads$has_signals" = yesyesyes ] && mkfifo pipe; then
	cp data/ragged.csv fed
	run --format=json data fed
	sed 's/"fed"/"pipe"/' out >expected.fed
	exec 9<>pipe
	begun=$(date +%s)
	ended TERM "$later" --checkpoint=ck --checkpoint-every=0.05 -j 2 --chunk=40000 data pipe
	expect_status 75
	expect_err 'while blocked on an input' 'is saved'
	[ $(($(date +%s) - begun)) -le 13 ] || wrong 'it did not end in time'
	[ "$(rows ck)" -ge 350000 ] || wrong "the checkpoint lacks the rest: $(rows ck) rows"
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
	skip 'there is no timeout of coreutils, or there are no FIFOs'
fi

# ---- limits ----

begin 'a time limit may be written in many ways'
for notation in 90 90s 0.5m 15m 2h 1d 1:30 1:30:00 1-12:00:00 001:00; do
	run --time-limit=$notation data/ragged.csv
	expect_status 0
done
for notation in '' 0 0s -1 1x 1mm m : 1: :1 1:2:3:4 1-2 0:00 nan inf 1e 1:3x; do
	run --time-limit="$notation" data/ragged.csv
	expect_status 2
	expect_err '--time-limit'
done
finish

begin 'a file that stands besides in a saved state is not taken for that one'
if [ "$has_timeout" = yes ] && [ "$has_signals" = yes ]; then
	run --format=state -o both data/small001.csv data/small002.csv
	# The two lists stand in an order that is as good as random.
	for pipe in pipe1 pipe2 pipe3 pipe4 pipe5; do
		mkfifo $pipe
		cp data/small003.csv fed
		run --format=csv data/small001.csv fed both
		cp out expected.both
		exec 9<>$pipe
		ended TERM "$soon" --checkpoint=ck -j 1 data/small001.csv $pipe both
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
	skip 'there is no timeout'
fi

begin 'a run ends with its time limit, and goes on'
if [ "$has_signals" = yes ]; then
	mkfifo pipe
	exec 9<>pipe
	run --time-limit=$soon --checkpoint=ck data/ragged.csv pipe
	expect_status 75
	expect_err 'the time limit'
	[ -e ck ] || wrong 'there is no checkpoint'
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
	skip 'ThreadSanitizer holds signals back'
fi

begin 'without a checkpoint the end of the job is not the end of the run'
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

	begin 'without a checkpoint signals end a run at once: those from a person by the signal'
	for name in TERM USR1 USR2 XCPU; do
		ended $name $soon -o report data/ragged.csv pipe
		expect_status 75
		expect_err "interrupted by SIG$name" '--checkpoint=FILE'
		expect_gone report
	done
	ended INT $soon -o report pipe
	expect_status 130
	ended HUP $soon -o report pipe
	expect_status 129
	expect_gone report
	expect_no_temporary
	finish

	begin 'signals that were ignored when the program began stay so'
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

	begin 'a second SIGINT kills, and the checkpoint stays as it was'
	# shellcheck disable=SC2016 # for the shell that is started
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

	# The program stands still at the FIFO of the graph, which nobody reads yet.
	begin 'a signal that comes when the report is written changes nothing any more'
	if "$program" --version | grep -q 'no flamegraph'; then
		skip 'this build has no --flamegraph, and nothing else comes behind the report'
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
				! grep -q 'no report' err || wrong "SIG$name: there is a report, and err denies it"
				rm -f report
			done
		done
		rm -f graph.folded graph
		finish
	fi
	rm -f pipe
fi

# ---- together with other options ----

# same_after_stop ARGUMENT...: ended midway and continued, these give what they give in one run
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
	begin 'a run that was ended goes on with --per-file'
	same_after_stop --per-file --format=csv data
	finish

	begin 'a run that was ended goes on with saved states among its inputs'
	mkdir other
	cp data/small00?.csv other
	run --format=state --chunk=40000 -o other.state other
	same_after_stop --format=json other.state data
	same_after_stop --format=json data other.state
	# One more state the second time, and then parts of a big file on both sides.
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

	begin 'a share that was ended goes on, to the same state'
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

begin 'a saved state is no checkpoint: it is not gone on from, and not removed'
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
	begin 'a checkpoint among the inputs does not pass for a whole state'
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

begin 'standard input cannot be gone on from'
run --checkpoint=ck - data
expect_status 2
expect_err '--checkpoint=ck' 'standard input'
run --checkpoint=ck
expect_status 2
expect_gone ck
finish

begin 'a checkpoint is not written where the report goes'
run --checkpoint=ck -o ./ck data/ragged.csv
expect_status 2
expect_err '--checkpoint=ck: same file as the report'
expect_gone ck
finish

begin 'the checkpoint stays when the report cannot be written'
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
	# A reader that has gone may not have it.
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
	skip 'there is no /dev/full'
fi

begin 'a signal does not leave the report half written, nor lose it when it is there'
if [ "$has_timeout" = yes ]; then
	for moment in 0.01 0.02 0.03 0.04 0.05 0.06; do
		rm -f report
		ended TERM "$moment" --checkpoint=ck --format=json -o report data
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
	skip 'there is no timeout of coreutils'
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
