#!/bin/sh
# compare.sh - --compare finds what was planted and nothing else, whatever OLD is, and --fail-on-change exits with 4
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         HOSTILE     a generator of files (default: $builddir/tests/tools/hostile)
#         SEED        of the directories (default: 1)
#         PAIRS       of samples of one distribution (default: 100)
# Output  TAP; tests that generate data are skipped without python3, those with JSON if it is not read
# shellcheck disable=SC2317 # the functions are called by the one that reports a test
set -eu

srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
SEED=${SEED:-1}
PAIRS=${PAIRS:-100}

# shellcheck source=tests/tools/program.sh
. "$srcdir/tests/tools/program.sh"

printf 'name,x\na,1\nb,2\n' >small.csv
"$program" small.csv --format=json --output=small.json
"$program" small.csv --all --format=state --output=small.state
has_json=false
if "$program" small.csv --compare=small.json >out 2>err; then
	has_json=true
elif ! grep -q 'built without libjansson' err; then
	begin 'a JSON report is read, or refused with a reason'
	wrong 'neither'
	finish
fi

# ---- planted changes ----

# compare CASE OLD: the comparison with a copy of OLD, which has the same name in all reports.
compare() {
	cp "$1/$2" old
	"$program" "$1/new" --compare=old "--format=$3" >"$4" 2>err
}

# is_found CASE: whether the changes of a case are found, and no others.
is_found() {
	python3 "$srcdir/tests/tools/planted_changes.py" check "$1" "$1/report.json" >log
}

# is_same CASE: whether OLD and the inputs can be anything.
is_same() {
	compare "$1" state table "$1/by_state" || return 1
	"$program" "$1/new.state" --compare=old >"$1/of_state" 2>err || return 1
	diff "$1/by_state" "$1/of_state" >log || return 1
	"$program" "$1/new" --compare=old -j 3 --chunk=7000 >"$1/of_chunks" 2>err || return 1
	diff "$1/by_state" "$1/of_chunks" >log || return 1
	$has_json || return 0
	compare "$1" json table "$1/by_json" && diff "$1/by_state" "$1/by_json" >log || return 1
	# Today's report is tomorrow's OLD.
	cp "$1/report.json" old
	"$program" "$1/new" --compare=old >"$1/later" 2>err && grep -q '^no changes in ' "$1/later"
}

# fits CASE: whether no line is wider than a terminal.
fits() {
	awk 'length($0) > 80 { print; wrong = 1 } END { exit wrong }' "$1/by_state" >log
}

if has_python json; then
	mkdir cases
	python3 "$srcdir/tests/tools/planted_changes.py" generate cases "$SEED"
	for case in cases/*/; do
		case=${case%/}
		sentence=$(cat "$case/sentence")
		"$program" "$case/old" --all --format=state --output="$case/state" 2>err
		"$program" "$case/old" --all --format=json --output="$case/json" 2>err
		"$program" "$case/new" --all --format=state --output="$case/new.state" 2>err
		compare "$case" state json "$case/report.json"
		succeeds "found: $sentence" is_found "$case"
		succeeds "the same for states, JSON and files: $sentence" is_same "$case"
		succeeds "fits into 80 columns: $sentence" fits "$case"
		rm -rf "$case"
	done

	begin "$PAIRS pairs of samples of one distribution have no changes"
	python3 "$srcdir/tests/tools/compare_samples.py" "$program" "$work" "$SEED" "$PAIRS" >samples 2>err
	read -r _ n_columns n_changes _ <samples
	[ "$n_changes" -eq 0 ] || wrong "$n_changes changes of $n_columns columns: $(tail -n +2 samples)"
	finish

	begin 'groups have no more statistics than without --compare'
	awk 'BEGIN { for (i = 0; i < 200; i++) print (i ? i % 50 "," i : "k,x") }' >groups.csv
	for option in --verbose --compare=small.state; do
		"$program" groups.csv --format=json --group-by=k "$option" 2>err |
			python3 -c 'import json, sys; print(json.load(sys.stdin)["groups"])' >"groups$option"
	done
	cmp groups--verbose groups--compare=small.state >out 2>&1 || wrong 'they differ'
	finish
else
	begin 'planted changes are found'
	skip 'python3 (3.9 or later) is missing'
fi

# ---- hostile files ----

# agrees SEED OPTION...: whether a saved state and a JSON report of the same run have the same changes.
agrees() {
	seed=$1
	shift
	rm -rf before now
	"$HOSTILE" "$seed" before 6
	"$HOSTILE" $((seed + 1000)) now 6
	for format in state json; do
		"$program" before "$@" "--format=$format" --output=old 2>err
		"$program" now --compare=old >"by_$format" 2>err
	done
	diff by_state by_json >log
}

for seed in 1 2 3 4 5 6 7 8; do
	if ! $has_json || [ ! -x "$HOSTILE" ]; then
		break
	fi
	succeeds "states and JSON of hostile files agree: seed $seed" agrees "$seed"
	succeeds "states and JSON of hostile files agree: seed $seed, all statistics" agrees "$seed" --all
done

# ---- exit status ----

printf 'name,x\na,1\nb,2\nc,3\n' >more.csv
printf 'name,y\na,1\nb,2\n' >other.csv

# status_of STATUS SENTENCE ARGUMENT...: a test of the exit status of a comparison with small.state.
status_of() {
	wanted=$1
	begin "$2"
	shift 2
	status=0
	"$program" --compare=small.state "$@" >out 2>err || status=$?
	[ "$status" -eq "$wanted" ] || wrong "exit status $status instead of $wanted"
	finish
}

# says TEXT...: more of the last test: standard error has exactly these lines.
says() {
	printf 'csv-report: %s\n' "$@" >expected
	begin "$sentence: the messages"
	diff expected err >log || wrong "$(cat log)"
	finish
}

status_of 0 'nothing has changed' --fail-on-change small.csv
status_of 0 'a change is no failure by default' other.csv
status_of 4 'a change beyond a rule is one with --fail-on-change' --fail-on-change other.csv
says 'x: the column is gone (integer)' 'y: the column is new (integer)'
status_of 0 'a rule is off' --fail-on-change=lost=off,new=off other.csv
status_of 4 'a rule for one column is not off' --fail-on-change=all=off,x:lost other.csv
says 'x: the column is gone (integer)'
status_of 0 'more rows are no failure by default' --fail-on-change more.csv
status_of 4 'more rows are one by rule' --fail-on-change=rows more.csv
says 'rows rose from 2 to 3'
status_of 4 'the greatest change that a rule allows' --fail-on-change=rows=0.49 more.csv
status_of 0 'a change of that size is not beyond it' --fail-on-change=rows=0.5 more.csv
status_of 3 'an incomplete report precedes a change' --fail-on-change other.csv absent.csv
status_of 3 'a rule for a column that is in no file' --fail-on-change=z:lost=off small.csv
status_of 1 'no report precedes a change' --fail-on-change absent.csv
status_of 4 'messages may be silent' --quiet --fail-on-change other.csv
begin 'messages may be silent: there are none'
[ ! -s err ] || wrong 'there are'
finish

begin 'a reader that closes the pipe does not change the exit status'
{
	status=0
	"$program" --compare=small.state --fail-on-change other.csv 2>err || status=$?
	echo "$status" >status_of_closed
} | (
	exec <&-
	sleep 0.2
)
read -r status <status_of_closed
[ "$status" -eq 4 ] || wrong "exit status $status instead of 4"
finish

begin 'a report that has changed is complete, and replaces OLD'
cp small.state today.json
if $has_json; then
	status=0
	"$program" small.csv --format=json --output=today.json
	"$program" other.csv --compare=today.json --format=json --output=today.json --fail-on-change 2>err || status=$?
	[ "$status" -eq 4 ] || wrong "exit status $status"
	"$program" other.csv --compare=today.json --fail-on-change >out 2>err || wrong 'the new report is not the next OLD'
	finish
else
	skip 'libjansson is missing'
fi

# ---- what is no OLD ----

# rejects STATUS SENTENCE OLD TEXT: a test that OLD is rejected before anything is read, with that message.
rejects() {
	begin "rejected: $2"
	status=0
	"$program" --compare="$3" /dev/full/absent >out 2>err || status=$?
	[ "$status" -eq "$1" ] || wrong "exit status $status instead of $1"
	grep -qF -e "$4" err || wrong "no message has: $4"
	! grep -q /dev/full err || wrong 'an input was opened'
	[ ! -s out ] || wrong 'there is a report'
	finish
}

rejects 1 'no file' absent.json 'absent.json: cannot open'
rejects 1 'a directory' . 'is a directory'
rejects 2 'a URL' https://localhost/report.json 'not read over the network'
head -c 100 small.state >damaged.state
rejects 1 'a state that is damaged' damaged.state 'damaged.state: saved state is truncated; recreate it'
awk 'BEGIN { for (i = 0; i < 2000; i++) print i }' >many.csv
"$program" many.csv --shard=1/2 --format=state --output=half.state
rejects 1 'one of two shards' half.state 'half.state: has only a part of a run; merge its shards'
if $has_json; then
	rejects 1 'a CSV file' small.csv 'neither a saved state nor valid JSON'
	head -c 300 small.json >damaged.json
	rejects 1 'a report that is damaged' damaged.json 'damaged.json:'
	echo '{"version": 1}' >foreign.json
	rejects 1 'JSON of another program' foreign.json 'not a report of csv-report'
fi
for format in csv tsv md state; do
	begin "rejected: --format=$format"
	status=0
	"$program" --compare=small.state small.csv "--format=$format" >out 2>err || status=$?
	[ "$status" -eq 2 ] || wrong "exit status $status instead of 2"
	grep -q -e "--compare: not supported by --format=$format; use one of table, " err || wrong 'no remedy'
	finish
done

# ---- default statistics ----

begin 'an OLD with default statistics is compared as far as it goes, whatever it is'
"$program" small.csv --format=state --output=old
"$program" more.csv --compare=old >by_state
cp small.json old
if $has_json; then
	"$program" more.csv --compare=old >by_json
	diff by_state by_json >out || wrong 'state and JSON differ'
fi
grep -q '^not compared: percentiles, histogram.* (OLD needs --all)' by_state || wrong 'what is lacking is not said'
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
