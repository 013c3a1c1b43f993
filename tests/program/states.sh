#!/bin/sh
# states.sh - saved states and shards, merged in any groups and order, give the report of one run, byte for
# byte; incompatible states are refused, with a message that names them
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         HOSTILE     the generator (default: $builddir/tests/tools/hostile)
#         STATE_ROUNDS the number of random merges (default: 24)
#         SEED        their seed (default: 1)
# Output  TAP
set -eu
unset NO_COLOR OMP_NUM_THREADS OMP_SCHEDULE
builddir=${builddir:-$PWD}
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
STATE_ROUNDS=${STATE_ROUNDS:-24}
random=${SEED:-1}
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
# shellcheck source=tests/tools/states.sh
. "$srcdir/tests/tools/states.sh"

# ---- merged in any groups and order ----

choose_options() {
	below 8
	case $r in
	0) parse_options=--columns-by=position ;;
	6) parse_options='--correlation=*' ;;
	7) parse_options='--columns-by=position --correlation=1-5,x' ;;
	1) parse_options='--select=price,2,x --null-values=x,0,NA' ;;
	2) parse_options=--header=no ;;
	3) parse_options='--select=!id -d ,' ;;
	*) parse_options= ;;
	esac
	below 3
	per_file=
	[ "$r" -gt 0 ] || per_file=--per-file
	below 2
	merge_options=$parse_options
	[ "$r" -gt 0 ] || merge_options=
}

random_round() {
	mkdir "$work/round"
	cd "$work/round"
	mkdir d
	below 30000
	"$HOSTILE" "$r" d/x $((3 + r % 8))
	"$HOSTILE" $((r + 1)) d/y 3
	choose_options
	other_inputs=
	all_inputs='d/x d/y'
	below 3
	if [ "$r" -eq 0 ]; then # with bad files
		printf '\377\376a\0' >d/x/050.csv
		printf 'a,b\n1,2\n"3,4\n' >d/y/003x.csv
	fi
	state_inputs='d/x d/y'
	below 3
	if [ "$r" -eq 0 ]; then # the run that merges reads some files
		state_inputs=d/x
		other_inputs=d/y
		merge_options=$parse_options
	fi
	: >states
	below 3
	if [ "$r" -eq 0 ] && [ ! -e d/x/050.csv ]; then
		what="a state of each file"
		# shellcheck disable=SC2086
		find $state_inputs -type f | sort >files
		i=0
		while read -r file; do
			i=$((i + 1))
			# shellcheck disable=SC2086
			must_state "$i.state" $parse_options $per_file "$file"
			echo "$i.state" >>states
		done <files
	else
		below 9
		n_shards=$((r + 1))
		below 3000
		chunk=$((r + 40))
		what="$n_shards shards, chunks of $chunk bytes"
		i=0
		while [ $i -lt $n_shards ]; do
			i=$((i + 1))
			below 4
			# shellcheck disable=SC2086
			must_state "$i.state" -j $((r + 1)) --chunk=$chunk --shard=$i/$n_shards \
				$parse_options $per_file $state_inputs
			echo "$i.state" >>states
		done
	fi
	merge_some
	compare_reports
	cd "$work"
	rm -rf "$work/round"
	sentence="$sentence: $what $parse_options $per_file"
}

round=0
while [ "$round" -lt "$STATE_ROUNDS" ]; do
	round=$((round + 1))
	begin "random merge $round gives the report of one run"
	random_round
	finish
done

# ---- states that are refused ----

mkdir "$work/data"
cd "$work"
i=0
while [ $i -lt 6 ]; do
	i=$((i + 1))
	awk -v n=$i 'BEGIN { print "a,b"; for (i = 0; i < 50 * n; i++) print i "," n ".5" }' \
		>data/$i.csv
done
save_shards() {
	i=0
	while [ $i -lt "$2" ]; do
		i=$((i + 1))
		state "$1$i.state" --shard=$i/"$2" --chunk=200 data
	done
}
save_shards s 4
run --format=json data
cp out whole.json

begin "the states of all shards merge to the report of one run"
run --format=json s4.state s2.state s1.state s3.state
expect_status 0
cmp -s whole.json out || wrong "the report differs"
finish

begin "a missing shard is reported and the merge refused"
refuse 1 "shard 3 of 4 is missing" -- s1.state s2.state s4.state
refuse 1 "shards 1, 4 of 4 are missing" -- s2.state s3.state
state part.state s1.state s4.state
expect_status 0
refuse 1 "shards 2, 3 of 4 are missing" -- part.state
finish

begin "--partial reports the available shards, with a message"
run --partial --format=json s1.state s2.state s4.state
expect_status 3
expect_err "incomplete: the saved states with its other chunks are missing"
grep -q '"files_bad": [1-9]' out || wrong "the report does not mention it"
finish

begin "--partial of shards of whole files reports the missing shards"
mkdir many
i=0
while [ $i -lt 400 ]; do
	i=$((i + 1))
	printf 'a\n%d\n' $i >many/$i.csv
done
i=0
while [ $i -lt 3 ]; do
	i=$((i + 1))
	state w$i.state --shard=$i/3 many
done
run --partial w1.state w3.state
expect_status 3
grep -q '272 files' out || wrong "the report is not that of the other shards"
expect_err "1 of 3 shards missing: 2"
run --partial --format=json w1.state w3.state
expect_status 3
grep -q '"missing_shares"' out || wrong "the report does not mention it"
finish

begin "a shard that two states contain is refused, and both states are named"
cp s2.state again.state
refuse 1 "again.state: contains shard 2/4, which s2.state also contains" -- s1.state s2.state s3.state s4.state \
	again.state
refuse 1 "s2.state: given twice" -- s2.state s2.state
state part.state s1.state s2.state
refuse 1 "contains shard 2/4, which" -- part.state s2.state s3.state s4.state
state all.state data
refuse 1 "all.state: given twice; pass each state once" -- all.state all.state
cp all.state copy.state
refuse 1 "copy.state: contains the same inputs as all.state; pass only one of them" -- all.state copy.state
finish

begin "shards of different N are refused"
state t1.state --shard=1/3 --chunk=200 data
refuse 1 "was made with --shard=I/3, but " "with --shard=I/4; recreate all with the same N" -- t1.state s2.state s3.state s4.state
finish

begin "a file added between the runs of two shards is reported by name"
cp -R data data.before
touch -d '2001-01-01' data/*.csv
save_shards u 2
printf 'a,b\n1,2\n' >data/new.csv
state u2.state --shard=2/2 --chunk=200 data
refuse 1 "the inputs changed between the runs" "(last modified: data/new.csv); recreate all shards" -- u1.state u2.state
for text in 'u1.state [a-z ]*6' 'u2.state [a-z ]*7'; do
	grep -q "$text" err || wrong "the message lacks the number of inputs of each shard"
done
rm data/new.csv
save_shards u 2
printf '3,4\n' >>data/1.csv
state u2.state --shard=2/2 --chunk=200 data
refuse 1 "the inputs changed between the runs of u" "(last modified: data/1.csv); recreate all shards" -- u1.state u2.state
rm -r data
cp -Rp data.before data
finish

begin "shards of a file whose header changed, but not its size and time, are refused in any order"
must_state h1.state --chunk=200 --shard=1/2 data/1.csv
cp -p data/1.csv unchanged.csv
sed '1s/a/z/' unchanged.csv >data/1.csv
touch -r unchanged.csv data/1.csv
must_state h2.state --chunk=200 --shard=2/2 data/1.csv
cmp -s unchanged.csv data/1.csv && wrong "the header is the same"
refuse 1 "has other column names for a file than another saved state" -- h1.state h2.state
refuse 1 "has other column names for a file than another saved state" -- h2.state h1.state
cp -p unchanged.csv data/1.csv
finish

begin "a state of other options is refused with the option and both values"
for option in --null-values=x --columns-by=position --select=a --delimiter=';' --no-quote \
	--header=no --comment='#'; do
	state other.state "$option" data/1.csv
	refuse 2 "other.state: was saved with $option, but this run uses " -- all.state other.state
	refuse 2 "other.state: was saved with $option, but this run uses " -- other.state data/2.csv
done
refuse 2 "all.state: was saved with no --select, but this run uses --select=a;" -- -s a all.state data/2.csv
refuse 2 "all.state: was saved with no --comment, but this run uses --comment=#;" -- --comment='#' all.state data/2.csv
refuse 2 "was saved with --null-values=NA,N/A,NULL,null,None, but this run uses --null-values=x; use the options it was saved with, or recreate it" \
	-- --null-values=x all.state
refuse 2 "all.state: was saved without --per-file" -- --per-file all.state
finish

begin "a state that is truncated, too long, altered or of a newer format is refused"
n_bytes=$(wc -c <all.state)
for at in 9 12 19 20 51 60 $((n_bytes - 33)) $((n_bytes - 1)); do
	head -c "$at" all.state >bad.state
	refuse 1 "bad.state: saved state is truncated" -- bad.state
done
{ cat all.state; echo x; } >bad.state
refuse 1 "bad.state: saved state has trailing data" -- bad.state
for at in 25 60 200 $((n_bytes - 5)); do
	{
		head -c "$at" all.state
		head -c $((at + 1)) all.state | tail -c 1 | LC_ALL=C tr '\000-\377' '\001-\377\000'
		tail -c +$((at + 2)) all.state
	} >bad.state
	refuse 1 "bad.state: saved state is corrupt" -- bad.state
done
run --partial all.state bad.state
expect_status 3
expect_err "bad.state: saved state is corrupt: its digest does not match; recreate it"
{ head -c 8 all.state; printf '\004\0\0\0'; tail -c +13 all.state; } >bad.state
refuse 1 "bad.state: saved state has format 4" "reads format 3" -- bad.state
finish

begin "states of standard input from two runs are different inputs"
printf 'x\n1\n2\n' >first.csv
printf 'x\n30\n' >second.csv
for name in first second; do
	"$program" --format=state -o $name.state - <$name.csv 2>err || wrong "no state of $name.csv"
done
run --format=csv first.csv second.csv
cp out expected
run --format=csv second.state first.state
expect_status 0
cmp -s expected out || wrong "the report differs"
refuse 1 "first.state: given twice" -- first.state first.state
finish

begin "shards with different sizes of chunks are refused with the reason"
must_state c1.state --chunk=300 --shard=1/2 data/1.csv
must_state c2.state --chunk=400 --shard=2/2 data/1.csv
refuse 1 "recreate all with the same --chunk" -- c1.state c2.state
finish

begin "the command in --provenance is quoted for a shell"
run --provenance --format=json --null-values="it's" data/1.csv
expect_status 0
grep -F -q -e "'--null-values=it'\\\\''s'" out || wrong "wrong quoting: $(grep '"command"' out)"
finish

begin "--partial leaves out a damaged state as a bad file"
head -c 100 all.state >bad.state
run --partial --format=json bad.state data/1.csv
expect_status 3
expect_err "bad.state"
grep -q '"files_bad": 1' out || wrong "the report does not mention it"
finish

begin "a CSV file with the suffix of a state is read as CSV"
cp data/1.csv data.state
run --format=csv --stats=count data.state
expect_status 0
grep -q '^a,50$' out || wrong "the cells are not counted"
finish

begin "a state with another suffix is read, as an argument or from a directory"
mkdir walk
for i in 1 2 3; do
	state walk/$i.csv --shard=$i/4 --chunk=200 data
done
state walk.csv --shard=4/4 --chunk=200 data
run --format=json walk walk.csv
expect_status 0
cmp -s whole.json out || wrong "the report differs"
head -c 60 all.state >walk/4.csv
refuse 1 "walk/4.csv: saved state is truncated" -- walk walk.csv
finish

begin "states are read with --include and --files-from"
mkdir states
cp s1.state s2.state s3.state s4.state states
run --format=json --include='*.state' states
expect_status 0
cmp -s whole.json out || wrong "the report differs with --include"
ls states/*.state >list
run --format=json --files-from=list
expect_status 0
cmp -s whole.json out || wrong "the report differs with --files-from"
finish

begin "states of single files give the report of one run in any order"
for i in 1 2 3 4 5 6; do
	state f$i.state data/$i.csv
done
run --format=json f3.state f6.state data/1.csv f2.state f5.state f4.state
expect_status 0
cmp -s whole.json out || wrong "the report differs"
finish

begin "an input named twice is read twice, also in shards"
run --format=json data/1.csv data/1.csv data/2.csv data/1.csv
cp out expected
list=
for i in 1 2 3; do
	state d$i.state --chunk=100 --shard=$i/3 data/1.csv data/1.csv data/2.csv data/1.csv
	list="d$i.state $list"
done
# shellcheck disable=SC2086
run --format=json $list
expect_status 0
cmp -s expected out || wrong "the report of the shards differs"
state two.state data/1.csv data/2.csv
run --format=json data/1.csv data/1.csv data/2.csv
cp out expected
run --format=json two.state f1.state
cmp -s expected out || wrong "the report of two runs differs"
finish

begin "a state from standard input is refused"
status=0
"$program" <f1.state >out 2>err || status=$?
expect_status 1
expect_err "(standard input): is a saved state in a stream"
"$program" - data/2.csv <f1.state >out 2>err || status=$?
expect_status 3
expect_err "(standard input): is a saved state in a stream"
finish

begin "a shard with states among its inputs is incomplete without the other shards"
state mix1.state --shard=1/2 --chunk=200 data/1.csv data/2.csv data/3.csv data/4.csv data/5.csv f6.state
refuse 1 "shard 2 of 2 is missing" -- mix1.state
state mix2.state --shard=2/2 --chunk=200 data/1.csv data/2.csv data/3.csv data/4.csv data/5.csv
run --format=json mix2.state mix1.state
expect_status 0
cmp -s whole.json out || wrong "the report differs"
finish

begin "--shard accepts I/N, with --format=state only"
for shard in 0/4 5/4 x/y 1 1/0 /4 1/ -1/4 1/4/2 ''; do
	refuse 2 "--shard=" "expected I/N" -- --format=state --shard="$shard" data
done
refuse 2 "--shard=1/4: a shard may end inside a file" -- --shard=1/4 data
refuse 2 "--shard=1/4: a shard may end inside a file" -- --shard=1/4 --format=json data
finish

begin "a state is not written to a terminal"
if command -v script >/dev/null 2>&1; then
	status=0
	script -q -e -c "$program --format=state data" /dev/null >out 2>err </dev/null || status=$?
	expect_status 2
	grep -q -e '--format=state: refusing to write binary data to a terminal' out || wrong "the message is missing"
	finish
else
	skip "script(1) is missing"
fi

begin "shards without work are empty states"
mkdir one
printf 'a,b\n1,2\n' >one/1.csv
list=
for i in 1 2 3; do
	state e$i.state --shard=$i/3 one
	expect_status 0
	list="$list e$i.state"
done
# shellcheck disable=SC2086
run --format=csv --stats=count $list
expect_status 0
grep -q '^a,1$' out || wrong "the report differs"
finish

begin "bad files of a shard are reported by its run and by the merge, with exit status 3"
mkdir mixed
cp data/1.csv data/2.csv mixed
printf 'a\0b\0,\0c\0' >mixed/3.csv
state b1.state --shard=1/2 --chunk=200 mixed
first=$status
state b2.state --shard=2/2 --chunk=200 mixed
[ $((first + status)) -eq 3 ] || wrong "shards: status $first and $status, expected 0 and 3"
run --format=json mixed
cp out expected
run --format=json b1.state b2.state
expect_status 3
expect_err "mixed/3.csv: this is UTF-16 text"
cmp -s expected out || wrong "the report differs"
finish

begin "chunks whose start was guessed wrong are read again by the run that merges"
awk 'BEGIN {
	print "a,b,c"
	for (i = 0; i < 40; i++)
		print i ",\"1,2,3\n4,5,6\n7,8,9\n\"," i
}' >fooling.csv
run --format=json -A fooling.csv
cp out expected
for n_shards in 2 5 9; do
	list=
	i=0
	while [ $i -lt $n_shards ]; do
		i=$((i + 1))
		state q$i.state --shard=$i/$n_shards --chunk=37 fooling.csv
		list="q$i.state $list"
	done
	# shellcheck disable=SC2086
	run --format=json -A $list
	expect_status 0
	cmp -s expected out || wrong "the report of $n_shards shards differs"
done
finish

begin "a file that is missing when it must be read again is a bad file"
mv fooling.csv gone.csv
# shellcheck disable=SC2086
run --format=json $list
case $status in
1 | 3) ;;
*) wrong "status $status" ;;
esac
expect_err "fooling.csv"
finish

begin "--strict applies to the contents of states"
printf 'a,b\n1\n' >ragged.csv
state r.state ragged.csv
expect_status 0
refuse 1 "--strict: the data has problems; no report" "ragged.csv:2" -- --strict r.state data/1.csv
run --strict --format=json s1.state s2.state s3.state s4.state
expect_status 0
cmp -s whole.json out || wrong "the report differs"
refuse 2 "--strict: one shard does not show all problems" -- --strict --format=state --shard=1/2 data
finish

begin "a column of --select may be missing from some states, but not from all"
state c1.state --select=b data/1.csv
printf 'z\n1\n' >z.csv
state c2.state --select=b z.csv
expect_status 0
run --format=csv --stats=count --select=b c1.state c2.state
expect_status 0
grep -q '^data/1.csv,b,50$' out || wrong "the report differs"
refuse 2 "--select=b: no such column in any file" -- c2.state
finish

# ---- the format ----

begin "the program writes the example of doc/state-format.md"
mkdir example
cd example
printf 'x,y\n1,2.5\n3,\n-4,no\n' >a.csv
TZ=UTC0 touch -d '2026-01-01T00:00:00Z' a.csv 2>/dev/null || TZ=UTC0 touch -t 202601010000 a.csv
run --format=state --output=a.state a.csv
awk '/^c5 43 53/ { is_on = 1 }
	/^```/ { is_on = 0 }
	is_on && n++ > 2 { for (i = 1; i <= NF && $i ~ /^[0-9a-f][0-9a-f]$/; i++) print $i }' \
	"$srcdir/doc/state-format.md" >documented
od -A n -v -t x1 -j 20 -N "$(wc -l <documented)" a.state | tr -s ' ' '\n' | sed '/^$/d' >written
[ "$(wc -l <documented)" -gt 200 ] || wrong "the example is missing"
cmp -s documented written || wrong "$(diff documented written | head -n 5)"
cd "$work"
finish

begin "a reader written from doc/state-format.md finds the values of the report"
if command -v python3 >/dev/null 2>&1; then
	for seed in 1 2 3 4; do
		"$HOSTILE" "$seed" h$seed 20
		for options in '' --columns-by=position '--per-file --select=price,1-3'; do
			# shellcheck disable=SC2086
			must_state h.state $options h$seed
			# shellcheck disable=SC2086
			run --format=json -A --stats=duplicates $options h.state
			cp out h.json
			python3 "$srcdir/tests/tools/read_state.py" h.state h.json >out 2>err ||
				wrong "seed $seed $options: $(head -n 3 out)"
		done
	done
	duplicates=''
	for options in '--group-by=:file' '--group-by=price,date:4' '--tables=one --group-by=1 --stats=median,top'; do
		# shellcheck disable=SC2086
		must_state h.state $options h1
		# shellcheck disable=SC2086
		run --format=json --all $options h.state
		cp out h.json
		grep -q '"groups": ' h.json || wrong "$options: the report has no groups"
		python3 "$srcdir/tests/tools/read_state.py" h.state h.json >out 2>err ||
			wrong "$options: $(head -n 3 out err)"
	done
	state h.state --shard=2/3 --chunk=300 --group-by=price h1
	python3 "$srcdir/tests/tools/read_state.py" h.state >out 2>err || wrong "it cannot read the groups of a shard"
	grep -q '"key": ' out || wrong 'a shard has no groups'
	duplicates=--stats=duplicates
	state h.state --shard=2/3 --chunk=300 h1
	python3 "$srcdir/tests/tools/read_state.py" h.state >out 2>err || wrong "it cannot read the state of a shard"
	finish
else
	skip "python3 is missing"
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
