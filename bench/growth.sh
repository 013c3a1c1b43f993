#!/bin/sh
# growth.sh - time against bytes, files, columns and threads: `make bench-growth`
#
# Usage   bench/growth.sh, in the build directory or with builddir=DIR
# Env     BENCH_DATA, BENCH_QUICK as in bench.sh; BENCH_MOST_MB, the size of the largest file (default
#         2000; 10000 covers the whole range of the targets); OMP_NUM_THREADS=1 makes the tables of
#         bytes, files and columns less noisy
# Output  the tables on standard output; bench/out/*.dat in the build directory: size, and median,
#         minimum and maximum in seconds; plots of them in bench/out/*.svg if gnuplot is installed
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
out=$builddir/bench/out
most_mb=${BENCH_MOST_MB:-2000}
rounds=5
quick=${BENCH_QUICK:-0}
if [ "$quick" = 1 ]; then
	most_mb=20
	rounds=2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out" "$data"

# up_to MAXIMUM NUMBER...: prints the numbers that are not larger.
up_to()
{
	most=$1
	shift
	for number in "$@"; do
		[ "$number" -gt "$most" ] || echo "$number"
	done
}

# command_line SIZE COMMAND...: prints a line of input for the stopwatch.
command_line()
{
	printf '%s' "$1"
	shift
	printf '\t%s' "$@"
	echo
}

# measure NAME UNIT <COMMANDS: runs the commands, prints the table and writes it to NAME.dat.
measure()
{
	"$builddir/bench/stopwatch" -n "$rounds" -b 60 | cut -f 1,3-5 >"$out/$1.dat"
	printf '\n| %s | ms, median | least | most |\n|--:|--:|--:|--:|\n' "$2"
	awk '{ printf "| %d | %.2f | %.2f | %.2f |\n", $1, $2 * 1000, $3 * 1000, $4 * 1000 }' \
		"$out/$1.dat"
}

sh "$srcdir/bench/machine.sh"

# Bytes: one file; the smaller files are prefixes of the largest.
echo "growth: generating missing inputs in $data: a file of $most_mb MB, and prefixes of it with as" \
	"many bytes in total" >&2
make_input "growth-$most_mb" single "--bytes=${most_mb}M"
largest=$input
mkdir -p "$work/bytes"
for mb in $(up_to "$most_mb" 1 2 5 10 20 50 100 200 500 1000 2000 5000 10000); do
	file=$largest/part-00000.csv
	if [ "$mb" -lt "$most_mb" ]; then
		file=$largest/first-$mb.csv
		[ -e "$file" ] || head -c "${mb}000000" "$largest/part-00000.csv" >"$file"
	fi
	command_line "$mb" "$csv_report" "$file"
done | measure bytes 'MB'

# Files of 10 rows.
files=100000
[ "$quick" != 1 ] || files=1000
for n in $(up_to "$files" 10 30 100 300 1000 3000 10000 30000 100000); do
	make_input "growth-files-$n" small "--files=$n" --rows=10
	command_line "$n" "$csv_report" "$input"
done | measure files 'files'

# Columns: always 5 million cells, in wider and wider rows.
cells=5000000
[ "$quick" != 1 ] || cells=50000
for n in 1 2 5 10 20 50 100 200 500 1000 2000 5000; do
	make_input "growth-columns-$cells-$n" wide "--columns=$n" --files=1 "--rows=$((cells / n))"
	command_line "$n" "$csv_report" "$input"
done | measure columns 'columns'

# Threads: the largest file.
for n in $(up_to "$n_cores" 1 2 3 4 6 8 12 16 24 32 48 64 96 128 192 256); do
	command_line "$n" "$csv_report" -j "$n" "$largest/part-00000.csv"
done | measure threads 'threads'

if command -v gnuplot >/dev/null; then
	(cd "$out" && gnuplot "$srcdir/bench/growth.gnuplot")
	echo "growth: plots are in $out" >&2
else
	echo 'growth: no plots: gnuplot is not installed' >&2
fi
