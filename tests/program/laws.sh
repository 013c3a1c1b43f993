#!/bin/sh
# laws.sh - the report does not depend on how the work is divided
#
# For hostile files of several seeds, the report is byte-identical for any number of threads, schedule,
# size of chunks and blocks, and kernel. The statistics are identical for any order of files, and if the
# rows of a file are divided over several files.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       seeds of the hostile directories (default: 1 2)
#         HOSTILE     the generator (default: $builddir/tests/tools/hostile)
# Output  TAP
set -eu
unset NO_COLOR OMP_NUM_THREADS OMP_SCHEDULE OMP_DYNAMIC OMP_THREAD_LIMIT

builddir=$(cd "${builddir:-.}" && pwd)
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
SEEDS=${SEEDS:-1 2}

# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
CSV_REPORT=$program

# report FILE ARGUMENTS...: runs the program and writes its report to FILE.
report()
{
	into=$1
	shift
	if ! "$CSV_REPORT" "$@" >"$into" 2>"$work/log" </dev/null; then
		echo "csv-report $* failed" >>"$work/log"
		return 1
	fi
}

# format_options: sets $options so that one of the formats has all statistics, and two have correlations.
format_options()
{
	options=--format=$format
	[ "$format" != json ] || options="$options --all --stats=duplicates"
	[ "$format" = csv ] || options="$options --correlation=*"
}

# plain DIRECTORY: writes the reports without arguments, with which the others are compared.
plain()
{
	directory=$1
	for format in json csv table; do
		format_options
		# shellcheck disable=SC2086
		report "$directory.$format" $options "$directory" || return 1
	done
}

# same ARGUMENTS...: whether the report with the arguments equals the plain one in every format.
same()
{
	for format in json csv table; do
		format_options
		# shellcheck disable=SC2086
		report "$work/report" $options "$@" "$directory" || return 1
		if ! cmp "$directory.$format" "$work/report" >"$work/log" 2>&1; then
			diff "$directory.$format" "$work/report" >>"$work/log" || :
			return 1
		fi
	done
}

# law SENTENCE ARGUMENTS...
law()
{
	sentence=$1
	shift
	succeeds "seed $seed: $sentence" same "$@"
}

threads_and_schedules()
{
	for number in 1 2 3 7; do
		law "the same report with -j $number" -j "$number"
		OMP_NUM_THREADS=$number
		export OMP_NUM_THREADS
		law "the same report with OMP_NUM_THREADS=$number"
		unset OMP_NUM_THREADS
	done
	for schedule in static dynamic guided dynamic,3; do
		OMP_SCHEDULE=$schedule
		export OMP_SCHEDULE
		law "the same report with OMP_SCHEDULE=$schedule" -j 3
		unset OMP_SCHEDULE
	done
}

chunks_and_blocks()
{
	for number in 7 64 1000; do
		law "the same report in chunks of $number bytes" -j 3 --chunk="$number"
	done
	for number in 1 2 5 63 64 65 4096; do
		law "the same report in blocks of $number bytes" -j 2 --block="$number"
	done
	law "the same report in chunks of 100 and blocks of 3 bytes" -j 2 --chunk=100 --block=3
}

# A file is opened once for each of its chunks, so only small files are split into single bytes.
tiny_chunks()
{
	mkdir "$work/small"
	find "$work/hostile" -type f -size -6 -exec cp {} "$work/small" \;
	succeeds "seed $seed: csv-report writes a report of the small files" plain "$work/small"
	for number in 1 2 3; do
		law "the same report in chunks of $number bytes" -j 3 --chunk="$number"
	done
	rm -r "$work/small"
}

# With groups a thread reads adjacent chunks as one, so that what it reads depends on the speed of all threads.
joined_chunks()
{
	status=0
	report "$work/whole" -j 1 --format=json --group-by=:file "$work/hostile" || status=1
	for number in 1 2 3 5 8; do
		for size in 7 300 5000; do
			report "$work/joined" -j $number --chunk=$size --format=json --group-by=:file \
				"$work/hostile" || status=1
			cmp "$work/whole" "$work/joined" >>"$work/log" 2>&1 || status=1
		done
	done
	tap_line $status "seed $seed: the same report with groups for any threads that read adjacent chunks as one"
}

# A kernel that this program or CPU lacks is a usage error. It is skipped, not passed.
kernels()
{
	for kernel in scalar avx2 avx512 neon; do
		status=0
		"$CSV_REPORT" --kernel=$kernel "$work/hostile" >/dev/null 2>&1 || status=$?
		if [ $status -ne 2 ]; then
			law "the same report from kernel $kernel" -j 2 --kernel=$kernel
			law "the same report from kernel $kernel with small chunks and blocks" -j 2 --kernel=$kernel \
				--chunk=500 --block=65
		else
			begin "seed $seed: the same report from kernel $kernel"
			skip "the CPU or the build lacks it"
		fi
	done
}

# correlations_of REPORT.json: the pairs of columns, each as one line, with the lesser name first.
correlations_of()
{
	sed -n '/^ *"correlation": /,/^ *\]/p' "$1" | awk '
		/"columns": / {
			sub(/^ *"columns": \[/, "")
			sub(/\],$/, "")
			at = index($0, "\", \"")
			x = substr($0, 1, at)
			y = substr($0, at + 3)
			pair = x < y ? x " " y : y " " x
		}
		/"count": / { pair = pair " " $2 }
		/"pearson": / { print pair " " $2 }' | sort
}

# Columns are listed in the order in which they first occur, so they are sorted before the comparison.
any_order()
{
	status=0
	report "$work/forward" --format=json '--correlation=*' "$work"/hostile/* || status=1
	correlations_of "$work/forward" >"$work/forward.pairs"
	report "$work/forward" --format=csv --all "$work"/hostile/* || status=1
	find "$work/hostile" -type f | sort -r >"$work/list"
	report "$work/backward" --format=csv --all --files-from="$work/list" || status=1
	report "$work/list.json" --format=json '--correlation=*' --files-from="$work/list" || status=1
	correlations_of "$work/list.json" | cmp - "$work/forward.pairs" >"$work/log" 2>&1 || status=1
	sort "$work/forward" >"$work/forward.sorted"
	sort "$work/backward" >"$work/backward.sorted"
	if [ $status -eq 0 ]; then
		diff "$work/forward.sorted" "$work/backward.sorted" >"$work/log" || status=1
	fi
	tap_line $status "seed $seed: the same statistics for the files in reverse order"
}

# Numbers, words and empty cells without quotes and ragged rows, so that every line is a record:
# written as one file, and as seven files with the same header.
one_or_several()
{
	mkdir "$work/one" "$work/several"
	awk -v seed="$seed" -v one="$work/one/all.csv" -v several="$work/several/" 'BEGIN {
		srand(seed)
		header = "a,b,c,d"
		print header > one
		for (i = 0; i < 700; i++) {
			row = int(rand() * 1000000) - 500000
			row = row "," (rand() < 0.1 ? "NA" : int(rand() * 1000) "." int(rand() * 1000))
			row = row "," (rand() < 0.1 ? "x y" : int(rand() * 1000) "e" int(rand() * 60) - 30)
			row = row "," (rand() < 0.5 ? "" : "0." int(rand() * 100000000))
			print row > one
			part = several int(i / 100) ".csv"
			if (i % 100 == 0)
				print header > part
			print row > part
		}
	}'
	# All statistics but those that depend on the division into files.
	stats=$("$CSV_REPORT" --all --format=csv "$work/one" | sed -n '1s/^column,//p' |
		sed 's/files,//; s/ascending,unique,//')
	status=0
	report "$work/whole" --format=csv "--stats=$stats" "$work/one" || status=1
	report "$work/parts" --format=csv "--stats=$stats" "$work/several" || status=1
	if [ $status -eq 0 ]; then
		diff "$work/whole" "$work/parts" >"$work/log" || status=1
	fi
	report "$work/whole" --format=json --correlation "$work/one" || status=1
	report "$work/parts" --format=json --correlation "$work/several" || status=1
	correlations_of "$work/whole" >"$work/whole.pairs"
	correlations_of "$work/parts" >"$work/parts.pairs"
	if [ $status -eq 0 ]; then
		cmp "$work/whole.pairs" "$work/parts.pairs" >"$work/log" 2>&1 || status=1
		[ "$(grep -c '0\.' "$work/whole.pairs")" -eq 6 ] || status=1
	fi
	tap_line $status "seed $seed: the same statistics for the rows in one file or in seven"
	rm -r "$work/one" "$work/several"
}

# Files of 200 and 700 columns, of which some are the same, with more distinct values than a sample
# keeps for that many columns: its size depends only on the columns of the report.
many_columns()
{
	mkdir "$work/columns" "$work/states"
	awk -v seed="$seed" -v directory="$work/columns/" 'BEGIN {
		for (f = 0; f < 3; f++) {
			file = directory f ".csv"
			n = f == 1 ? 700 : 200
			line = ""
			for (c = 0; c < n; c++)
				line = line (c ? "," : "") "c" (f * 150 + c)
			print line > file
			for (r = 0; r < 1500; r++) {
				line = ""
				for (c = 0; c < n; c++)
					line = line (c ? "," : "") (r * 7 + c * 13 + f * 500 + seed) % 3001
				print line > file
			}
		}
	}'
	status=0
	for tables in one similar; do
		set -- --stats=count,distinct --per-file --tables=$tables
		report "$work/whole" -j1 --format=json "$@" "$work/columns" || status=1
		grep -q distinct_approximate "$work/whole" || status=1
		report "$work/chunks" -j3 --chunk=100000 --format=json "$@" "$work/columns" || status=1
		for shard in 1 2; do
			report "$work/states/$shard" --shard=$shard/2 --chunk=100000 --format=state "$@" \
				"$work/columns" || status=1
		done
		report "$work/merged" --format=json "$@" "$work/states/2" "$work/states/1" || status=1
		cmp "$work/whole" "$work/chunks" >"$work/log" 2>&1 || status=1
		cmp "$work/whole" "$work/merged" >>"$work/log" 2>&1 || status=1
	done
	tap_line $status "seed $seed: the same estimates of distinct values for chunks and shards of files with many columns"
	rm -r "$work/columns" "$work/states"
}

for seed in $SEEDS; do
	"$HOSTILE" "$seed" "$work/hostile" 24
	succeeds "seed $seed: csv-report writes a report" plain "$work/hostile"
	threads_and_schedules
	chunks_and_blocks
	joined_chunks
	kernels
	any_order
	one_or_several
	many_columns
	tiny_chunks
	rm -r "$work/hostile"
done

echo "1..$n"
[ "$n_failed" -eq 0 ]
