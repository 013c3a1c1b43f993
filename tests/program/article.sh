#!/bin/sh
# article.sh - the article's three programs (bench/slow.c, mid.c, fast.c), their counterparts in Python
# and Node (bench/runtimes/) and csv-report print the same report
#
# Benchmarks compare their times, which is meaningful only if they compute the same report.
#
# Not tested, because the three programs add doubles and csv-report does not:
#   means that are an exact half of the last digit printed: a sum of doubles may round up or down
#   negative means and extremes that round to zero: printf writes -0.0000, csv-report 0.0000
#   short rows: they do not match slow's pattern, while the others count the cells of the row
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         builddir    where bench/ and data/ were built (default: the current directory)
#         srcdir      the source tree
# Output  TAP; the tests of Python and Node are skipped if these are missing
set -eu
unset OMP_NUM_THREADS OMP_SCHEDULE OMP_DYNAMIC OMP_THREAD_LIMIT

srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

# expect SENTENCE COMMAND...: the command prints the contents of the file `expected`.
expect()
{
	begin "$1"
	shift
	status=0
	"$@" >out 2>err </dev/null || status=$?
	expect_status 0
	cmp -s expected out || wrong "another report: $(diff expected out | head -n 20)"
	finish
}

# expect_of_runtime RUNTIME SCRIPT DIRECTORY MODE...: the script prints $work/expected in each mode.
expect_of_runtime()
{
	runtime=$1 script=$srcdir/bench/runtimes/$2 probe=$work/probe.${2##*.} directory=$3
	shift 3
	for mode in "$@"; do
		if "$runtime" "$probe" 2>/dev/null; then
			expect "$runtime: $mode" "$runtime" "$script" "$mode" "$directory" 2
		else
			begin "$runtime: $mode"
			skip "$runtime is missing or does not support it"
		fi
	done
}

# expect_all SUBJECT DIRECTORY
expect_all()
{
	expect "$1: slow" "$builddir/bench/slow" "$2"
	expect "$1: mid" "$builddir/bench/mid" "$2"
	for threads in 1 2 7; do
		expect "$1: fast, $threads threads" env "OMP_NUM_THREADS=$threads" "$builddir/bench/fast" "$2"
	done
	expect "$1: csv-report" "$program" --format=tsv --stats=count,mean,min,max --round=4 "$2"
}

# Values computed by hand: signs, an exponent, CRLF, an empty cell, a word, no final line end.
mkdir "$work/edge"
printf 'x,y,z\n-1.5,,-7\n2.25,-0.125,n.a.\n' >"$work/edge/a.csv"
printf 'x,y,z\r\n-1e2,7,-8\r\n+0.5,,-7.00004' >"$work/edge/b.csv"
printf '%s\t%s\t%s\t%s\t%s\n' >"$work/expected" \
	column count mean min max \
	x 4 -24.6875 -100.0000 2.2500 \
	y 2 3.4375 -0.1250 7.0000 \
	z 3 -7.3333 -8.0000 -7.0000
expect_all 'signs, empty cells and words' "$work/edge"

# A smaller input of the benchmark. The ids and their mean are known; the other expected values are
# those of mid, which the tests above have verified.
"$builddir/data/make_data" article "$work/article" --files=5 --rows=300
"$builddir/bench/mid" "$work/article" >"$work/expected"
begin "the article's input: ids from 1 to 1500"
[ "$(sed -n 2p expected)" = "$(printf 'id\t1500\t750.5000\t1.0000\t1500.0000')" ] || wrong "$(cat expected)"
finish
expect_all "the article's input" "$work/article"

# Exact halves of the last digit, also as means: sums of a few doubles are exact.
mkdir "$work/halves"
printf 'x,y\n0.03125,-0.09375\n-0.03125,2\n0.09375,\n' >"$work/halves/a.csv"
printf 'x,y\n1.03125,5\n' >"$work/halves/b.csv"
printf 'x,y\n-0.96875,7e1' >"$work/halves/c.csv"
printf '%s\t%s\t%s\t%s\t%s\n' >"$work/expected" \
	column count mean min max \
	x 5 0.0312 -0.9688 1.0312 \
	y 4 19.2266 -0.0938 70.0000
expect 'halves: mid' "$builddir/bench/mid" "$work/halves"
# Locks between processes need /dev/shm, which some containers lack. Node before 12 has no workers.
printf 'import multiprocessing\nmultiprocessing.Semaphore()\n' >"$work/probe.py"
echo 'require("worker_threads")' >"$work/probe.js"
expect_of_runtime python3 report.py "$work/halves" sequential threads processes
expect_of_runtime node report.js "$work/halves" sequential promises workers

echo "1..$n"
[ "$n_failed" -eq 0 ]
