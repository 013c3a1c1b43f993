#!/bin/sh
# startup.sh - compares csv-report on a file of 1 kB with /bin/true: `make bench-startup`
#
# Usage   bench/startup.sh, in the build directory or with builddir=DIR
# Env     BENCH_QUICK  1: 31 rounds instead of 301
# Output  a table in Markdown
# Exit    1 if the median of csv-report exceeds 1.5 times that of /bin/true, plus 1 ms
set -eu

builddir=${builddir:-$(pwd)}
rounds=301
[ "${BENCH_QUICK:-0}" != 1 ] || rounds=31

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

"$builddir/data/make_data" article "$work/input" --files=1 --bytes=1k
{
	printf '/bin/true\t/bin/true\n'
	printf 'csv-report\t%s\t%s\n' "$builddir/src/csv-report" "$work/input/part-00000.csv"
	printf 'csv-report -j 1\t%s\t-j\t1\t%s\n' "$builddir/src/csv-report" \
		"$work/input/part-00000.csv"
	printf 'csv-report --version\t%s\t--version\n' "$builddir/src/csv-report"
} | "$builddir/bench/stopwatch" -n "$rounds" >"$work/figures"
awk -F '\t' '
	BEGIN {
		print "| | median ms | least | allowed |"
		print "|---|--:|--:|--:|"
	}
	NR == 1 { allowed = 1.5 * $3 * 1000 + 1 }
	{
		printf "| %s | %.2f | %.2f | %s |\n", $1, $3 * 1000, $4 * 1000,
			NR == 1 ? "" : sprintf("%.2f", allowed)
		is_over += NR > 1 && $3 * 1000 > allowed
	}
	END { exit is_over > 0 }' "$work/figures"
