#!/bin/sh
# codecs.sh - measures csv-report and DuckDB on .csv.gz and .csv.zst files: `make bench-codecs`
#
# Usage   bench/codecs.sh, in the build directory or with builddir=DIR
# Env     BENCH_DATA     as in bench.sh
#         BENCH_PEERS    where DuckDB is installed (default: bench/out/peers in the build directory); if
#                        it is not there, only csv-report is measured
#         CODECS_ROUNDS  number of runs of each command (default 5)
#         CODECS_QUICK   1: 2,000 instead of 100,000 lines in each file
# Needs   gzip, zstd; bgzip for the BGZF file
# Output  Markdown: the machine, and the seconds of each command with 1 thread and with all
#         available cores
# Exit    1 if the report of compressed files is not byte-identical to that of the plain files
#
# The input is in the page cache, and the fastest run of each command is shown. DuckDB computes
# mean, minimum and maximum of every column; its start-up time, with node, is listed separately.
set -eu

rounds=${CODECS_ROUNDS:-5}
# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
peers=${BENCH_PEERS:-$builddir/bench/out/peers}

if [ "${CODECS_QUICK:-0}" = 1 ]; then
	make_input quick-article article --rows=2000
else
	make_input article article
fi
plain=$input
compressed=$input-coded

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# compress DIRECTORY SUFFIX COMMAND...: compresses each plain file into $compressed/DIRECTORY.
compress()
{
	directory=$compressed/$1
	suffix=$2
	shift 2
	[ ! -d "$directory" ] || return 0
	echo "codecs: compressing into $directory" >&2
	mkdir -p "$directory.part"
	for file in "$plain"/*.csv; do
		name=${file##*/}
		"$@" <"$file" >"$directory.part/$name$suffix"
	done
	mv "$directory.part" "$directory"
}

compress gzip .gz gzip -c
compress zstd .zst zstd -q -c

# concatenate NAME COMMAND...: compresses all rows, with one header, to the file $compressed/NAME.
concatenate()
{
	[ ! -f "$compressed/$1" ] || return 0
	name=$1
	shift
	echo "codecs: compressing $name" >&2
	awk 'FNR > 1 || NR == 1' "$plain"/*.csv | "$@" >"$compressed/part"
	mv "$compressed/part" "$compressed/$name"
}

concatenate one.csv.gz gzip -c
concatenate one.csv.zst zstd -q -c
if command -v bgzip >/dev/null; then
	concatenate one.csv.bgz bgzip -c
fi

# check_report PATH: exits if the report of PATH differs from that of the plain files.
check_report()
{
	"$csv_report" --format=csv "$1" >"$work/report"
	cmp "$work/report" "$work/expected" || {
		echo "codecs: the report of $1 differs from that of the plain files" >&2
		exit 1
	}
}

"$csv_report" --format=csv "$plain" >"$work/expected"
check_report "$compressed/gzip"
check_report "$compressed/zstd"
for file in "$compressed"/one.csv.*; do
	check_report "$file"
done

# run INPUT PROGRAM THREADS COMMAND...: adds a line to $work/runs.
run()
{
	key="$1|$2|$3"
	shift 3
	seconds=$(run_under_time "$work/out" "$@")
	echo "$key|$seconds" >>"$work/runs"
}

# run_programs INPUT PATH [GLOB]: runs csv-report on PATH, and DuckDB on GLOB if it is given.
run_programs()
{
	for n in $threads; do
		run "$1" csv-report "$n" "$csv_report" -j "$n" -o "$work/report" "$2"
		if [ $# -eq 3 ] && [ -d "$peers/node_modules/@duckdb/node-api" ]; then
			NODE_PATH=$peers/node_modules
			export NODE_PATH
			run "$1" DuckDB "$n" node "$srcdir/bench/peers/duckdb.js" "$n" extremes "$3"
		fi
	done
}

threads=1
[ "$n_cores" -eq 1 ] || threads="1 $n_cores"
round=0
while [ $round -lt "$rounds" ]; do
	echo "codecs: round $((round + 1)) of $rounds" >&2
	run_programs '50 files, uncompressed' "$plain" "$plain/*.csv"
	run_programs '50 files, .csv.gz' "$compressed/gzip" "$compressed/gzip/*.csv.gz"
	run_programs '50 files, .csv.zst' "$compressed/zstd" "$compressed/zstd/*.csv.zst"
	run_programs 'one file, .csv.gz' "$compressed/one.csv.gz" "$compressed/one.csv.gz"
	run_programs 'one file, .csv.zst' "$compressed/one.csv.zst" "$compressed/one.csv.zst"
	[ ! -f "$compressed/one.csv.bgz" ] || run_programs 'one file, BGZF' "$compressed/one.csv.bgz"
	if [ -d "$peers/node_modules/@duckdb/node-api" ]; then
		run 'nothing (SELECT 1)' DuckDB 1 node "$srcdir/bench/peers/duckdb.js" 1 nothing
	fi
	round=$((round + 1))
done

sh "$srcdir/bench/machine.sh"
echo
echo '| input | program | threads | real s | user s | system s | runs |'
echo '|---|---|--:|--:|--:|--:|--:|'
fastest_runs <"$work/runs" | awk -F '|' '{
	split($4, s, " ")
	printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, $2, $3, s[1], s[2], s[3], s[4]
}'
