#!/bin/sh
# article.sh - the three baselines and csv-report on the article's input: `make article`
#
# Usage   bench/article.sh, in the build folder or with builddir=DIR; it prints Markdown
# Takes   from the environment: BENCH_DATA as bench.sh; OMP_NUM_THREADS for fast and csv-report
#         ARTICLE_QUICK   1: 2,000 of the 100,000 lines of each file, over in some seconds in place
#                         of two or three minutes
#         ARTICLE_ROUNDS  how often each but slow runs, in turn (default 5)
# Output  the machine; what `time` says of each program, and the factors from step to step. The four
#         reports must be the same, byte for byte: a difference is shown and is exit status 1
#
# The input is in the page cache. They take turns, so that what slows the machine for a while hits all;
# the quickest run of each is shown.
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

# run NAME THREADS WHAT COMMAND...: its report into $work/NAME, a line to $work/runs.
run()
{
	program=$1 threads=$2 what=$3
	shift 3
	echo "article: $program" >&2
	seconds=$(run_under_time "$work/$program" "$@")
	echo "$program|$what|$threads|$seconds" >>"$work/runs"
}

# same NAME: its report is that of slow.
same()
{
	diff -u "$work/slow" "$work/$1" >"$work/difference" || {
		echo "article: the report of $1 is not that of slow:" >&2
		cat "$work/difference" >&2
		exit 1
	}
}

make_input "$name" article "$@"
cat "$input"/*.csv | wc -c >"$work/bytes" # and now they are in the page cache
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
	same "$program"
done

cat "$work/machine"
echo "- Input: 50 files of $lines lines, $(awk '{ printf "%.1f", $1 / 1e6 }' "$work/bytes") MB, in the page cache"
echo '- The four reports are the same, byte for byte'
echo
# The article's own seconds: on its author's machine and data, so only the steps compare.
quickest_runs <"$work/runs" | awk -F '|' -v OFS=' | ' '
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
	# How many times as long as run `i` did run `j` take?
	function factor(seconds, i, j) {
		return i > 1 ? sprintf("%.1f", seconds[j] / seconds[i]) : ""
	}'
