#!/bin/sh
# article.sh - the three baselines and csv-report on the article's input: `make article`
#
# Usage   bench/article.sh, in the build directory or with builddir=DIR; it prints Markdown
# Env     BENCH_DATA as in bench.sh; OMP_NUM_THREADS for fast and csv-report
#         ARTICLE_QUICK   1: only 2,000 of the 100,000 lines of each file; takes seconds instead of two
#                         or three minutes
#         ARTICLE_ROUNDS  runs of each program except slow (default 5)
# Output  a description of the machine; the times of each program, and the speedup of each step
# Exit    1 if the four reports are not byte-identical; the difference is shown
#
# The input is in the page cache. The programs alternate, so that a temporary slowdown of the machine
# affects all of them; the fastest run of each is shown.
set -eu

rounds=${ARTICLE_ROUNDS:-5}
# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"

if [ "${ARTICLE_QUICK:-0}" = 1 ]; then
	name=quick-article
	lines='2,000'
	set -- --rows=2000
else
	name=article
	lines='100,000'
	set --
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# run NAME THREADS DESCRIPTION COMMAND...: writes the report to $work/NAME, and appends the times to
# $work/runs.
run()
{
	program=$1 threads=$2 description=$3
	shift 3
	echo "article: $program" >&2
	seconds=$(run_under_time "$work/$program" "$@")
	echo "$program|$description|$threads|$seconds" >>"$work/runs"
}

# expect_same NAME: ends the script if the report differs from that of slow.
expect_same()
{
	diff -u "$work/slow" "$work/$1" >"$work/difference" || {
		echo "article: the report of $1 differs from that of slow:" >&2
		cat "$work/difference" >&2
		exit 1
	}
}

make_input "$name" article "$@"
cat "$input"/*.csv | wc -c >"$work/bytes" # also reads them into the page cache
csv_report_threads=$("$csv_report" -v "$input" 2>&1 >/dev/null |
	sed -n 's/^csv-report: threads: \([0-9]*\).*/\1/p')

sh "$srcdir/bench/machine.sh" >"$work/machine"
run slow 1 'a regular expression compiled for every line' "$builddir/bench/slow" "$input"
round=0
while [ "$round" -lt "$rounds" ]; do
	round=$((round + 1))
	run mid 1 'split at commas, strtod' "$builddir/bench/mid" "$input"
	run fast "${OMP_NUM_THREADS:-$n_cores}" 'mid, the files in parallel' \
		"$builddir/bench/fast" "$input"
	run csv-report "$csv_report_threads" 'the program itself' "$csv_report" --format=tsv \
		--stats=count,mean,min,max --round=4 "$input"
done
for program in mid fast csv-report; do
	expect_same "$program"
done

cat "$work/machine"
echo "- Input: 50 files of $lines lines, $(awk '{ printf "%.1f", $1 / 1e6 }' "$work/bytes") MB, in the page cache"
echo '- The four reports are byte-identical'
echo
# The article's seconds are of another machine and other data; only the steps are comparable.
fastest_runs <"$work/runs" | awk -F '|' -v OFS=' | ' '
	BEGIN {
		split("100.4 0.6 0.1", article, " ")
		print "| program | threads | real s | user s | sys s | CPU | runs | " \
			"speedup over the row above | speedup over slow | the article: s | step |"
		print "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|"
	}
	{
		split($4, time, " ")
		real[NR] = time[1] > 0 ? time[1] : 0.001
		print "| " $1 ": " $2, $3, time[1], time[2], time[3],
			sprintf("%.0f%%", 100 * (time[2] + time[3]) / real[NR]), time[4],
			factor(real, NR, NR - 1), factor(real, NR, 1), article[NR],
			(NR <= 3 ? factor(article, NR, NR - 1) : "") " |"
	}
	# The time of run `j` divided by that of run `i`.
	function factor(seconds, i, j) {
		return i > 1 ? sprintf("%.1f", seconds[j] / seconds[i]) : ""
	}'
