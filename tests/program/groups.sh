#!/bin/sh
# groups.sh - the groups of --group-by are those of the manual, however the work is divided
#
# Directories of files with keys are generated (group_directories.py). All statistics of all groups must be those of the
# oracle, the groups must add up to all rows, a group must have the statistics of its rows alone, and the report must be
# byte-identical for threads, schedules, chunks, blocks, kernels, orders of the files, shards, merged states and runs that
# were killed.
#
# Env     CSV_REPORT   the program (default: ./src/csv-report)
#         SEEDS        seeds of the directories (default: 1)
#         GROUPS_ROWS  the most rows of a file (default: 60)
#         SEED         of the random merges and times (default: 1)
# Output  TAP; every test is skipped without python3
# shellcheck disable=SC2034 # states.sh uses some variables
set -eu
unset NO_COLOR OMP_NUM_THREADS OMP_SCHEDULE OMP_DYNAMIC OMP_THREAD_LIMIT CSVR_KERNEL
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
SEEDS=${SEEDS:-1}
GROUPS_ROWS=${GROUPS_ROWS:-60}
random=${SEED:-1}
per_file=
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
# shellcheck source=tests/tools/states.sh
. "$srcdir/tests/tools/states.sh"
duplicates= # groups have none
has_python sys || skip_all "python3 (3.9 or later) is missing"

# ---- helpers ----

# python TOOL ARGUMENT...: a tool in Python finds no difference.
python() {
	tool=$1
	shift
	python3 "$srcdir/tests/tools/$tool.py" "$@" >log 2>&1 || wrong "$*: $(head -n 5 log | cut -c 1-400)"
}

# report FILE ARGUMENT...: writes a report to FILE. The status is 3 if there are bad files.
report() {
	into=$1
	shift
	run -q "$@"
	expect_saved "$@"
	mv out "$into"
}

# agree FORMAT OPTION...: the report has the groups of the oracle, which knows the options, too.
agree() {
	format=$1
	shift
	report "report.$format" --format="$format" -j 2 "$@" data
	python oracle_groups "$@" --check "report.$format" data
}

# plain: writes the reports with which those of `same` are compared; $keys are the options of groups, of which some may
# have --all.
plain() {
	for format in $(formats); do
		# shellcheck disable=SC2086
		report "plain.$format" -j 1 --format="$format" $keys data
	done
}

# same OPTION...: the reports with the options are byte-identical to the plain ones.
same() {
	for format in json csv; do
		# shellcheck disable=SC2086
		report other --format="$format" $keys "$@" data
		cmp -s "plain.$format" other || wrong "$format: the report differs: $*"
	done
}

# ---- figures ----

figures() {
	begin "seed $seed: the groups of one column are those of the oracle"
	agree json --group-by=station
	agree csv --group-by=station
	agree json --group-by=code --tables=one
	agree tsv --group-by=2
	finish

	begin "seed $seed: the groups of several keys, prefixes, globs and files are those of the oracle"
	agree json --group-by=code,day:7
	agree csv --group-by=:file,station:3
	agree json --group-by='stat*:9,c?de' --tables=one
	agree json --group-by=flag,station:26,:file,when:4,1
	finish

	begin "seed $seed: groups have all statistics of the oracle"
	agree json --all --group-by=code
	agree json --stats=sum,median,distinct,top,p99,range,zeros,negative --group-by=station --tables=one
	finish

	begin "seed $seed: groups with other options are those of the oracle"
	agree json --columns-by=position --group-by=1,2
	agree json --fold-names --group-by='STA TION'
	agree json --select=n,note,price,flag --group-by=station --all
	agree json --null-values=station:a,1,x9 --group-by=station,code
	agree json '--where=n > -9' --group-by=station
	agree csv '--where=took>=20:00:00' '--where=station != a*' --group-by=day:4,station
	finish
}

# ---- laws ----

adds_up() {
	for keys in --group-by=station '--group-by=code,day:7 --tables=one' '--group-by=:file,flag --all --select=*'; do
		# shellcheck disable=SC2086
		report grouped.json --format=json $keys data
		# shellcheck disable=SC2086
		set -- $keys
		shift
		report plain.json --format=json "$@" data
		python group_directories totals plain.json grouped.json
		python group_directories sums grouped.json
	done
}

alone() {
	report grouped.json --format=json --tables=one --all --group-by="$1" data
	python group_directories alone grouped.json "$program" "$1" data 6
}

divided() {
	plain
	for number in 2 5; do
		same -j $number
	done
	for schedule in static guided dynamic,3; do
		OMP_SCHEDULE=$schedule
		export OMP_SCHEDULE
		same -j 3
		unset OMP_SCHEDULE
	done
	for number in 17 64 1000; do
		same -j 3 --chunk=$number
	done
	for number in 1 63 512; do
		same -j 2 --block=$number
	done
	for format in $(formats); do
		# shellcheck disable=SC2086
		report other --format="$format" $keys -j 5 --chunk=300 --block=70 data
		cmp -s "plain.$format" other || wrong "$format: the report differs in chunks of 300 bytes"
	done
}

kernels() {
	n_kernels=0
	for kernel in scalar avx2 avx512 neon; do
		run --kernel=$kernel data
		[ "$status" -ne 2 ] || continue
		n_kernels=$((n_kernels + 1))
		same --kernel=$kernel -j 1
		same --kernel=$kernel -j 2 --chunk=500 --block=65
	done
	[ $n_kernels -gt 1 ] || wrong 'the scalar kernel is the only one'
}

# Groups are sorted, but columns are listed in the order in which they first occur.
any_order() {
	find data -name '*.csv' >list
	# shellcheck disable=SC2086
	report plain.json --format=json $keys --files-from=list
	python group_directories figures plain.json
	mv log figures
	for round in 1 2 3; do
		shuffle list
		# shellcheck disable=SC2086
		report other.json --format=json $keys --files-from=list
		python group_directories figures other.json
		cmp -s figures log || wrong "the figures differ in another order of files"
	done
}

save_shards() {
	all_inputs=data
	for shard in 1 2 3 4 5; do
		# shellcheck disable=SC2086
		must_state "$shard.state" --chunk=400 --shard="$shard/5" $parse_options data
		echo "$shard.state"
	done >states
}

# A part needs a file that can be read, and has the columns of the keys.
save_parts() {
	all_inputs='--files-from=list'
	find data -name '*.csv' | LC_ALL=C sort >list
	for part in 0 1 2; do
		awk -v part=$part 'NR % 3 == part' list >$part.list
		# shellcheck disable=SC2086
		must_state "$part.state" $parse_options --files-from=$part.list
		echo "$part.state"
	done >states
}

# merged: the states, merged in random groups and order, give the report of one run.
merged() {
	merge_options='' other_inputs=''
	merge_some
	compare_reports
	rm -f ./*.state
}

# killed: a run that is killed several times after it has saved a checkpoint has the report of one that is not.
killed() {
	python3 "$srcdir/tests/tools/group_directories.py" make 1 many 3000
	options='-q -j 2 --group-by=station,code --all --format=json'
	# shellcheck disable=SC2086
	report expected $options many
	moment=0.1
	n_resumed=0
	for try in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do
		[ $n_resumed -lt 3 ] || break
		status=0
		# shellcheck disable=SC2086
		timeout --foreground --preserve-status -s KILL "$moment" "$program" --checkpoint=ck \
			--checkpoint-every=0.01 --chunk=5000 --block=8 --kernel=scalar $options -o report many \
			>out 2>err </dev/null || status=$?
		case $status in
		137)
			[ ! -e ck ] || n_resumed=$((n_resumed + 1))
			moment=$(echo "$moment" | awk '{ print $1 * 1.3 }')
			;;
		0 | 3)
			cmp -s expected report || wrong 'the report differs'
			moment=$(echo "$moment" | awk '{ print $1 / 2 }')
			;;
		*) wrong "exit status $status" ;;
		esac
	done
	# shellcheck disable=SC2086
	run --checkpoint=ck --chunk=5000 $options -o report many
	expect_saved
	cmp -s expected report || wrong 'the report differs'
	[ $n_resumed -gt 0 ] || wrong "no run was killed after $try tries"
	rm -rf many report ck
}

# ---- all tests ----

begin 'the groups of the oracle are those computed by hand'
python oracle_groups --self-test
finish

for seed in $SEEDS; do
	rm -rf data
	python3 "$srcdir/tests/tools/group_directories.py" make "$seed" data "$GROUPS_ROWS"
	figures

	begin "seed $seed: groups change no other statistics, and add up to them"
	adds_up
	finish
	begin "seed $seed: a group has the statistics of its rows alone"
	alone station
	alone code
	finish
	for keys in --group-by=station,day:7 '--group-by=code,:file --all --where=n>-9'; do
		begin "seed $seed: $keys: the same report for threads, schedules, chunks and blocks"
		divided
		finish
	done
	begin "seed $seed: the same report from all kernels"
	keys='--group-by=station,code,note'
	plain
	kernels
	finish
	begin "seed $seed: the same figures for files in any order"
	keys='--group-by=station --tables=one --all'
	any_order
	finish
	begin "seed $seed: shards are merged to the report of one run"
	parse_options=--group-by=station,code
	save_shards
	merged
	finish
	begin "seed $seed: states of some files each are merged to the report of one run"
	parse_options='--group-by=:file,day:4 --tables=one'
	save_parts
	merged
	finish
done

begin 'groups of large numbers are those of the oracle, from all kernels'
rm -rf data
python3 "$srcdir/tests/tools/group_directories.py" make-large 1 data 5000
keys=--group-by=key
report plain.json --format=json -j 1 $keys data
python oracle_groups $keys --check plain.json data
report plain.csv --format=csv -j 1 $keys data
kernels
finish

# In all tables there are 602 columns: each of 5 groups keeps 256 values of a column.
begin 'estimates in groups are those of the oracle'
rm -rf data
mkdir data
awk 'BEGIN {
	srand(6)
	print "key,price,steps" >"data/a.csv"
	for (i = 0; i < 3000; i++)
		print int(rand() * 5) "," int(rand() * 1e6) / 100 "," int(rand() * 3) * int(rand() * 1000) >"data/a.csv"
	for (i = 0; i < 600; i++) {
		printf "%sc%d", i ? "," : "", i >"data/b.csv"
		row = row (i ? "," : "") i
	}
	print "\n" row >"data/b.csv"
}'
agree json --all --group-by=key
[ "$(grep -c '"p75_approximate"' report.json)" -gt 2 ] || wrong 'the statistics of groups are no estimates'
keys='--group-by=key --all'
plain
same -j 3 --chunk=2000
finish

begin 'the texts of keys count if their cells as written are not too long'
rm -rf data
mkdir data
awk 'function text(n,  s) {
	for (s = "x"; length(s) < n; s = s s)
		;
	return substr(s, 1, n)
}
BEGIN {
	blanks = long = text(524288)
	gsub(/x/, " ", blanks)
	print "key,price\na,1\nb,2\n" long ",3\n\"" long "\",4\n" long ",5"
	print "\"" substr(long, 3) "\",6\n\"a" blanks "\",7\na,8\nb,9"
}' >data/a.csv
report plain.json --format=json data
keys=--group-by=key
for options in '-j 1' '--block=1000' '-j 3 --chunk=10000' --kernel=scalar; do
	# shellcheck disable=SC2086
	report grouped.json --format=json "$keys" $options data
	python group_directories totals plain.json grouped.json
done
finish

begin 'a record of 16 MiB has a group, a longer one makes its file bad, and other files are counted'
rm -rf data
mkdir data
printf 'key,price\na,1\nb,2\n' >data/a.csv
printf 'key,price\na,4\n' >data/c.csv
for n_bytes in 16777216 16777217; do
	{
		printf 'key,price\na,8\na,16,'
		head -c $((n_bytes - 5)) /dev/zero | tr '\0' x
		printf '\nb,32\n'
	} >data/b.csv
	for how in '-j 2' '--block=1000000 --chunk=3000000'; do
		# shellcheck disable=SC2086
		run --group-by=key --where='price>0' --select=price --format=csv --stats=count,sum $how data
		if [ "$n_bytes" -eq 16777216 ]; then
			expect_status 0
			expect_out 'a,price,4,29' 'b,price,2,34'
		else
			expect_status 3
			expect_out 'a,price,2,5' 'b,price,1,2'
			expect_err 'b.csv:3: record longer than 16 MiB'
		fi
	done
done
finish

begin 'runs that are killed resume to the report of one run'
if timeout --foreground --preserve-status -s KILL 10 true 2>/dev/null; then
	killed
	finish
else
	skip 'timeout of coreutils is missing'
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
