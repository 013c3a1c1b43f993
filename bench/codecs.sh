#!/bin/sh
# codecs.sh - directories of .csv.gz and .csv.zst, by csv-report and by DuckDB: `make bench-codecs`
#
# Usage   bench/codecs.sh, in the build folder or with builddir=DIR; it prints Markdown
# Takes   from the environment: BENCH_DATA as bench.sh; BENCH_PEERS, where DuckDB is (default:
#         bench/peers in the build folder; without it csv-report stands alone)
#         CODECS_ROUNDS  how often each runs, in turn (default 5)
#         CODECS_QUICK   1: 2,000 of the 100,000 lines of each file
# Needs   gzip, zstd; bgzip for the one file
# Output  the machine; seconds of each for 1 thread and for all granted cores. The reports of the
#         compressed files must be that of the plain ones, byte for byte, or exit status is 1
#
# The input is in the page cache; the quickest run of each is shown. DuckDB is asked for mean, minimum
# and maximum of every column; what starting costs it, node included, has a line of its own.
set -eu

rounds=${CODECS_ROUNDS:-5}
# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
peers=${BENCH_PEERS:-$builddir/bench/peers}

if [ "${CODECS_QUICK:-0}" = 1 ]; then
	make_input quick-article article --rows=2000
else
	make_input article article
fi
plain=$input
coded=$input-coded

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# compress FOLDER ENDING COMMAND...
compress()
{
	folder=$coded/$1
	ending=$2
	shift 2
	[ ! -d "$folder" ] || return 0
	echo "codecs: compressing into $folder" >&2
	mkdir -p "$folder.part"
	for file in "$plain"/*.csv; do
		name=${file##*/}
		"$@" <"$file" >"$folder.part/$name$ending"
	done
	mv "$folder.part" "$folder"
}

compress gzip .gz gzip -c
compress zstd .zst zstd -q -c

# One file of all, the header once.
one_file()
{
	[ ! -f "$coded/$1" ] || return 0
	name=$1
	shift
	echo "codecs: compressing $name" >&2
	awk 'FNR > 1 || NR == 1' "$plain"/*.csv | "$@" >"$coded/part"
	mv "$coded/part" "$coded/$name"
}

one_file one.csv.gz gzip -c
one_file one.csv.zst zstd -q -c
if command -v bgzip >/dev/null; then
	one_file one.csv.bgz bgzip -c
fi

same()
{
	"$csv_report" --format=csv "$1" >"$work/report"
	cmp "$work/report" "$work/expected" || {
		echo "codecs: the report of $1 is not that of the plain files" >&2
		exit 1
	}
}

"$csv_report" --format=csv "$plain" >"$work/expected"
same "$coded/gzip"
same "$coded/zstd"
for file in "$coded"/one.csv.*; do
	same "$file"
done

# run WHAT CONTENDER THREADS COMMAND...
run()
{
	key="$1|$2|$3"
	shift 3
	seconds=$(run_under_time "$work/out" "$@")
	echo "$key|$seconds" >>"$work/runs"
}

# contenders WHAT PATHS [GLOB]: DuckDB reads the glob, if there is one.
contenders()
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
	contenders '50 files, uncompressed' "$plain" "$plain/*.csv"
	contenders '50 files, .csv.gz' "$coded/gzip" "$coded/gzip/*.csv.gz"
	contenders '50 files, .csv.zst' "$coded/zstd" "$coded/zstd/*.csv.zst"
	contenders 'one file, .csv.gz' "$coded/one.csv.gz" "$coded/one.csv.gz"
	contenders 'one file, .csv.zst' "$coded/one.csv.zst" "$coded/one.csv.zst"
	[ ! -f "$coded/one.csv.bgz" ] || contenders 'one file, BGZF' "$coded/one.csv.bgz"
	if [ -d "$peers/node_modules/@duckdb/node-api" ]; then
		run 'nothing (SELECT 1)' DuckDB 1 node "$srcdir/bench/peers/duckdb.js" 1 nothing
	fi
	round=$((round + 1))
done

sh "$srcdir/bench/machine.sh"
echo
echo '| input | program | threads | real s | user s | system s | runs |'
echo '|---|---|--:|--:|--:|--:|--:|'
quickest_runs <"$work/runs" | awk -F '|' '{
	split($4, s, " ")
	printf "| %s | %s | %s | %s | %s | %s | %s |\n", $1, $2, $3, s[1], s[2], s[3], s[4]
}'
