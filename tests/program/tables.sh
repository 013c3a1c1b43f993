#!/bin/sh
# tables.sh - the tables of a directory are those of the rules in doc/tables.md, however the work is divided
#
# Directories of several tables are generated (table_directories.py). Which files belong together must be as the
# generator meant it, all statistics those of the oracle, and the report byte-identical for threads, chunks, blocks,
# shards, merged states and resumed runs.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       seeds of the directories (default: 1 to 5)
#         SEED        of the random merges (default: 1)
# Output  TAP; every test is skipped without python3
# shellcheck disable=SC2034 # states.sh uses some variables
set -eu
unset NO_COLOR OMP_NUM_THREADS OMP_SCHEDULE OMP_DYNAMIC OMP_THREAD_LIMIT
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
SEEDS=${SEEDS:-1 2 3 4 5}
random=${SEED:-1}
per_file=
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
# shellcheck source=tests/tools/states.sh
. "$srcdir/tests/tools/states.sh"
has_python sys || skip_all "python3 (3.9 or later) is missing"

# ---- helpers ----

directories() {
	python3 "$srcdir/tests/tools/table_directories.py" "$@" >log 2>&1 || wrong "$1: $(head -n 5 log | cut -c 1-400)"
}

# report FILE ARGUMENT...: writes a report to FILE. The status is 3 if there are bad files.
report() {
	into=$1
	shift
	run -q "$@"
	expect_saved "$@"
	mv out "$into"
}

# oracle ARGUMENT...: the report on `data` that the arguments name equals the oracle's.
oracle() {
	python3 "$srcdir/tests/tools/oracle.py" "$@" data >log 2>&1 || wrong "$*: $(head -n 5 log | cut -c 1-400)"
}

# agree OPTION...: every format has the figures of the oracle, which knows the options, too.
agree() {
	report report.json --format=json --all --stats=duplicates "$@" data
	oracle "$@" --check report.json
	report report.json --format=json --per-file '--correlation=*' "$@" data
	oracle "$@" --check report.json
	for format in csv tsv; do
		report report.$format --format=$format "$@" data
		oracle "$@" --check-csv report.$format
		report report.$format --format=$format --all --per-file "$@" data
		oracle "$@" --check-csv report.$format
	done
}

# n_tables FILE: the number of tables in a JSON report, 0 if it has no list of them.
n_tables() {
	python3 -c 'import json, sys; print(len(json.load(open(sys.argv[1])).get("tables", ())))' "$1"
}

# plain: writes the reports with which those of `same` are compared.
plain() {
	for format in $(formats); do
		report "plain.$format" -j 1 --format="$format" data
		report "plain.$format.files" -j 1 --format="$format" --per-file data
	done
}

# same OPTION...: the reports with the options are byte-identical to the plain ones.
same() {
	for format in $(formats); do
		report other --format="$format" "$@" data
		cmp -s "plain.$format" other || wrong "$format: the report differs: $*"
		report other --format="$format" --per-file "$@" data
		cmp -s "plain.$format.files" other || wrong "$format: the report with --per-file differs: $*"
	done
}

# save_shards, save_parts: states of all inputs, listed in `states`.
save_shards() {
	all_inputs=data
	for shard in 1 2 3 4 5; do
		# shellcheck disable=SC2086
		must_state "$shard.state" --chunk=60 --shard="$shard/5" $parse_options $per_file data
		echo "$shard.state"
	done >states
}

save_parts() {
	directories split truth 6
	all_inputs='-0 --files-from=all.list'
	for list in [1-6].list; do
		# shellcheck disable=SC2086
		must_state "${list%.list}.state" $parse_options $per_file -0 --files-from="$list"
		echo "${list%.list}.state"
	done >states
}

# expect_merged: the states, merged in random groups and order, give the report of one run.
expect_merged() {
	merge_options='' other_inputs=''
	below 2
	[ "$r" -eq 0 ] || merge_options=$parse_options
	merge_some
	compare_reports
	rm -f ./*.state ./*.list
}

# choose_options: some of those that states depend on.
choose_options() {
	below 3
	parse_options=
	[ "$r" -gt 0 ] || parse_options=--tables=header
	below 2
	per_file=
	[ "$r" -gt 0 ] || per_file=--per-file
}

# ---- generated directories ----

n_several=0
for seed in $SEEDS; do
	begin "seed $seed: the tables are those that were meant"
	directories make "$seed" data truth
	report report.json --per-file --format=json --all --stats=duplicates data
	directories check truth report.json
	[ "$(n_tables report.json)" -eq 0 ] || n_several=$((n_several + 1))
	finish

	begin "seed $seed: a table has the statistics and problems of its files, whatever other files there are"
	directories alone report.json "$program" --all --stats=duplicates
	finish

	begin "seed $seed: all figures in all tables equal the oracle's"
	agree
	finish

	begin "seed $seed: with --tables=header and --tables=one, too"
	agree --tables=header
	agree --tables=one
	finish

	begin "seed $seed: selected columns do not change the tables"
	report report.tsv --format=tsv --stats=count data
	names=$(awk -F '\t' 'NR > 1 && $(NF - 1) ~ /^[a-z]+_[0-9]+$/ { print $(NF - 1) }' report.tsv | sort -u |
		awk 'NR % 5 == 2 { printf "%s%s", comma, $0; comma = "," }')
	[ -z "$names" ] || agree --select="$names"
	finish

	begin "seed $seed: the same report for any threads, chunks, blocks and kernels"
	plain
	for number in 2 3 7; do
		same -j $number
	done
	same -j 3 --chunk=50
	same -j 2 --block=3
	same --kernel=scalar --chunk=100 --block=65
	finish

	begin "seed $seed: the order of arguments changes nothing but the order of tables and columns"
	report forward --format=csv --all data
	find data -type f -print0 | sort -rz >list
	report backward --format=csv --all -0 --files-from=list
	for order in forward backward; do
		sort $order >$order.sorted
	done
	cmp -s forward.sorted backward.sorted || wrong 'the reports have other lines'
	finish

	for what in shards parts; do
		choose_options
		begin "seed $seed: states of $what give the report of one run, in any groups and order $parse_options $per_file"
		save_$what
		expect_merged
		finish
	done
	rm -r data
done

begin 'most of these directories have several tables'
[ $((2 * n_several)) -gt "$(echo "$SEEDS" | wc -w)" ] || wrong "only $n_several have"
finish

# ---- two tables, of many values ----

mkdir data
awk 'BEGIN {
	srand(11)
	for (f = 0; f < 4; f++) {
		file = "data/" f ".csv"
		print f % 2 ? "id,level,flow" : "id,name,price" > file
		for (i = 0; i < 5000; i++) {
			printf "%d,", f * 5000 + i > file
			if (f % 2)
				printf "%.4f,%d\n", rand() * 100, rand() * 1e9 > file
			else
				printf "n%d,%d.%02d\n", rand() * 9000, rand() * 90000, rand() * 100 > file
		}
	}
}'

begin 'with --exact the figures of each table are exact'
report report.json --exact --all --stats=p0.01,p37.5,p99.9 --format=json data
oracle --check-exact report.json
[ "$(n_tables report.json)" -eq 2 ] || wrong 'there are not two tables'
! grep -E -q '"(median|p[0-9.]+|iqr|mad)_approximate"|max_error' report.json || wrong 'some are estimates'
finish

begin 'with --exact the report is the same for any threads and chunks'
for options in '-j 1' '-j 3 --chunk=20000' '-j 7 --chunk=4096 --block=4096'; do
	# shellcheck disable=SC2086
	report other $options --exact --all --stats=p0.01,p37.5,p99.9 --format=json data
	cmp -s report.json other || wrong "$options: the report differs"
done
finish

# refine_rounds OPTION...: refines old.state by shards; then it gives the report exact.json.
refine_rounds() {
	for round in 1 2 3; do
		for shard in 1 2; do
			run -q -A "$@" --refine=old.state --shard=$shard/2 --format=state -o pass.$shard data
		done
		run -q -A "$@" --refine=old.state --format=state -o new.state pass.1 pass.2
		mv new.state old.state || wrong "$*: round $round wrote no state"
	done
	report other -A "$@" --format=json old.state
	cmp -s exact.json other || wrong "$*: the report differs"
	rm -f ./*.state pass.*
}

begin 'shards refine a saved state of several tables to the report of --exact'
report exact.json --exact --all --format=json data
run -A --format=state -o old.state data
refine_rounds
finish

begin 'shards join the tables of a saved state that they refine'
awk -F, '{ print $1 "," $3 }' data/1.csv >data/1a.csv
awk -F, '{ print $2 "," $1 }' data/0.csv >data/2a.csv
for how in similar one; do
	report exact.json --exact --all --tables=$how --format=json data
	run -A --tables=header --format=state -o old.state data
	refine_rounds --tables=$how
done
finish

begin 'how many values are counted exactly depends on the columns of all tables'
rm -r data
mkdir data
awk 'BEGIN {
	for (f = 0; f < 2; f++) {
		line = ""
		for (c = 0; c < 150; c++)
			line = line (c ? "," : "") "c" f "_" c
		print line > "data/" f ".csv"
		for (r = 0; r < 1500; r++) {
			line = r * 7919 % 1500
			for (c = 1; c < 150; c++)
				line = line "," c
			print line > "data/" f ".csv"
		}
	}
}'
for files in 'data' 'data/0.csv'; do
	report report.json --all --format=json "$files"
	python3 "$srcdir/tests/tools/oracle.py" --check report.json "$files" >log || wrong "$(head -n 5 log | cut -c 1-400)"
done
finish

# ---- a run that is stopped ----

begin 'a run that was stopped resumes to the same report'
later=1
if grep -q -a __asan_init "$program"; then
	later=3
fi
if "$program" --version | grep -q 'no OpenMP' || grep -q -a __tsan_init "$program" ||
	! timeout --foreground --preserve-status -s KILL 10 true 2>/dev/null; then
	skip 'it needs threads, signals and timeout of coreutils'
else
	# One thread waits for a pipe, whose writer is this shell, while another reads the other files. The header of the
	# pipe links two of them, which are saved before it is known.
	mkdir linked
	for names in x,y y,z u,v; do
		printf '%s\n1,2\n3,4\n' "$names" >"linked/$names.csv"
	done
	report expected --format=json linked
	[ "$(n_tables expected)" -eq 3 ] || wrong 'there are not three tables without the pipe'
	mkfifo pipe
	(printf 'x,y,z\n5,6,7\n8,9,1\n' >pipe) &
	report expected --format=json linked pipe
	wait $!
	[ "$(n_tables expected)" -eq 2 ] || wrong 'there are not two tables'
	exec 9<>pipe
	status=0
	timeout --foreground --preserve-status -s TERM "$later" "$program" -q -j 2 --checkpoint=ck --format=json \
		linked pipe >out 2>err </dev/null 9>&- || status=$?
	exec 9>&-
	expect_status 75
	[ -e ck ] || wrong 'there is no checkpoint'
	(printf 'x,y,z\n5,6,7\n8,9,1\n' >pipe) &
	report other -j 2 --checkpoint=ck --format=json linked pipe
	wait $!
	cmp -s expected other || wrong 'the report differs'
	[ ! -e ck ] || wrong 'the checkpoint remains'
	finish
fi

# ---- options ----

mkdir few
printf 'id,x\n1,2\n3,4\n' >few/a.csv
printf 'id,y,z\n5,6,7\n8,9,1\n' >few/b.csv
printf 'x,id\n5,6\n7,x\n' >few/c.csv

begin 'a message says how many tables there are, unless there is one, or with -q'
run few
expect_status 0
expect_out '3 files, 2 tables, 6 rows, 45 bytes (--tables=one merges the tables by column names)'
[ ! -s err ] || wrong 'table: a message although the report says it'
for format in $(formats | grep -v table); do
	run --format="$format" few
	expect_status 0
	expect_err 'csv-report: 3 files hold 2 tables; --tables=one merges them by column names'
	[ "$(wc -l <err)" -eq 1 ] || wrong "$format: there are other messages"
	run -q --format="$format" few
	[ ! -s err ] || wrong "$format: a message with -q"
	run --format="$format" --tables=one few
	[ ! -s err ] || wrong "$format: a message with --tables=one"
	run --format="$format" few/a.csv few/c.csv
	[ ! -s err ] || wrong "$format: a message although there is one table"
done
: >err
finish

begin '--columns-by=position makes one table'
for format in $(formats); do
	report one --format="$format" --columns-by=position --tables=one few
	report other --format="$format" --columns-by=position few
	cmp -s one other || wrong "$format: --tables=one makes a difference"
	! grep -q -e tables -e '^table,' other || wrong "$format: there are tables"
done
run --columns-by=position few
[ ! -s err ] || wrong 'there is a message'
for how in similar header; do
	refuse 2 --tables=$how --columns-by -- --columns-by=position --tables=$how few
	refuse 2 --tables=$how --columns-by -- --tables=$how --columns-by=position few
done
finish

begin 'an unknown value of --tables is refused'
refuse 2 --tables=two similar one header -- --tables=two few
refuse 2 --tables= -- --tables= few
finish

begin 'states with another --tables are refused'
state all.state few
state header.state --tables=header few/a.csv
for arguments in '--tables=header all.state' 'header.state all.state'; do
	# shellcheck disable=SC2086
	refuse 2 --tables -- $arguments
done
finish

begin 'tables of saved states can be joined'
for how in similar header; do
	state how.state --tables=$how few
	report one --tables=one --format=json few
	report other --tables=one --format=json how.state
	cmp -s one other || wrong "$how: --tables=one reports other figures"
done
report one --format=json few
report other --tables=similar --format=json how.state
cmp -s one other || wrong 'header: --tables=similar reports other figures'
report one --tables=header --format=json few
state header.state --tables=header few
report other --format=json header.state
cmp -s one other || wrong 'a state alone does not keep its option'
rm ./*.state
finish

begin 'a column of some tables can be selected, one of none is named'
run --format=csv --stats=sum --select=y few
expect_status 0
printf 'table,column,sum\nb.csv,y,15\n' | cmp -s - out || wrong 'the report differs'
run --format=csv --stats=sum --select=id few
printf 'table,column,sum\na.csv ... c.csv,id,10\nb.csv,id,13\n' | cmp -s - out || wrong 'the report differs'
run --select=y,nosuch few
expect_status 3
expect_err nosuch
finish

begin '--stats applies to all tables'
run --format=csv --stats=count,max few
printf 'table,column,count,max\n%s\n%s\n%s\n%s\n%s\n' 'a.csv ... c.csv,id,3,6' 'a.csv ... c.csv,x,4,7' \
	'b.csv,id,2,8' 'b.csv,y,2,9' 'b.csv,z,2,7' | cmp -s - out || wrong 'the report differs'
finish

begin '--strict finds the problems of every table'
run -q --strict few
expect_status 1
expect_no_report
run -q --strict few/a.csv few/b.csv
expect_status 0
printf '1\n' >>few/b.csv
run -q --strict few/a.csv few/b.csv
expect_status 1
expect_no_report
finish

# ---- many columns ----

begin '40,000 columns of few rows, in 2,000 tables, need little memory'
mkdir wide
awk 'BEGIN {
	for (f = 0; f < 2000; f++) {
		names = values = ""
		for (c = 0; c < 20; c++) {
			names = names (c ? "," : "") "c" f "_" c
			values = values (c ? "," : "") c
		}
		print names "\n" values > "wide/" f ".csv"
		close("wide/" f ".csv")
	}
}'
# A sanitizer maps terabytes, so first check whether the program runs under the limit at all.
# shellcheck disable=SC3045 # not POSIX, but supported by the usual sh
if (ulimit -v 200000 && "$program" --version) >out 2>err; then
	status=0
	# shellcheck disable=SC3045
	(ulimit -v 200000 && "$program" -q -j 1 --format=csv wide) >out 2>err || status=$?
	expect_status 0
	[ "$(wc -l <out)" -eq 40001 ] || wrong 'columns are missing'
	finish
else
	skip 'the memory of the program cannot be limited'
fi
rm -r wide

# ---- many headers ----

# 2,048 headers of 1,024 names, of two kinds: each lacks one of 1,025. Together they have 2^21 names.
begin 'more than 2,097,152 names in all headers make one table, and a problem says so'
mkdir many
awk 'BEGIN {
	for (f = 0; f < 2048; f++) {
		line = ""
		for (i = 0; i <= 1024; i++)
			if (i != int(f / 2))
				line = line (line == "" ? "" : ",") (f % 2 ? "a" : "b") i
		print line > "many/" f ".csv"
		close("many/" f ".csv")
	}
}'
report report.json --format=json many
[ "$(n_tables report.json)" -eq 2 ] || wrong 'there are not two tables of headers with 2^21 names'
! grep -q many_headers report.json || wrong 'there is a problem with 2^21 names'
echo a0 >many/more.csv
for how in similar header; do
	report report.json --tables=$how --format=json many
	grep -q '"kind": "many_headers"' report.json || wrong "--tables=$how: the problem is missing"
	[ "$(n_tables report.json)" -eq 0 ] || wrong "--tables=$how: there are several tables"
done
rm -r many
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
