#!/bin/sh
# run.sh - the article's job in Python and Node, divided in each way they offer: `make runtimes`
#
# Usage   bench/runtimes/run.sh, in the build folder or with builddir=DIR; it prints Markdown
# Takes   from the environment: BENCH_DATA as bench.sh
#         RUNTIMES_FILES    files of 100,000 lines (default 10; the article has 50)
#         RUNTIMES_WORKERS  threads or processes (default: the cores granted)
#         RUNTIMES_ROUNDS   how often each runs, in turn (default 3)
# Output  the machine; what `time` says of each. Every report must be that of mid, byte for byte: a
#         difference is shown and is exit status 1. A runtime that is not installed is named
#
# The input is in the page cache. They take turns, so that what slows the machine for a while hits all;
# the quickest run of each is shown.
set -eu

folder=$(dirname "$0")
srcdir=${srcdir:-$(cd "$folder/../.." && pwd)}
# shellcheck source=bench/common.sh
. "$srcdir/bench/common.sh"
n_files=${RUNTIMES_FILES:-10}
n_workers=${RUNTIMES_WORKERS:-$n_cores}
n_rounds=${RUNTIMES_ROUNDS:-3}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# run PROGRAM WAY COMMAND...: its report compared, a line to $work/runs.
run()
{
	program=$1 way=$2
	shift 2
	echo "runtimes: $program: $way" >&2
	seconds=$(run_under_time "$work/report" "$@")
	echo "$program|$way|$seconds" >>"$work/runs"
	diff -u "$work/expected" "$work/report" >"$work/difference" || {
		echo "runtimes: the report of $program, $way, is not that of mid:" >&2
		cat "$work/difference" >&2
		exit 1
	}
}

run_c()
{
	run C 'mid: sequential' "$builddir/bench/mid" "$input"
	run C "fast: $n_workers threads" env "OMP_NUM_THREADS=$n_workers" "$builddir/bench/fast" "$input"
}

# What a Python calls itself: threads of one that has the lock (the GIL) take turns.
python_name()
{
	"$1" -c 'import sys
has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
print("Python", sys.version.split()[0] + (", with the GIL" if has_lock else ", free-threaded"))'
}

# run_python PROGRAM
run_python()
{
	name=$(python_name "$1")
	script=$srcdir/bench/runtimes/report.py
	run "$name" sequential "$1" "$script" sequential "$input" "$n_workers"
	run "$name" "$n_workers threads" "$1" "$script" threads "$input" "$n_workers"
	run "$name" "$n_workers processes" "$1" "$script" processes "$input" "$n_workers"
}

run_node()
{
	name="Node $(node --version)"
	script=$srcdir/bench/runtimes/report.js
	run "$name" sequential node "$script" sequential "$input" "$n_workers"
	run "$name" 'Promise.all' node "$script" promises "$input" "$n_workers"
	run "$name" "$n_workers worker threads" node "$script" workers "$input" "$n_workers"
}

make_input "runtimes-$n_files" article "--files=$n_files"
"$builddir/bench/mid" "$input" >"$work/expected"
sh "$srcdir/bench/machine.sh" >"$work/machine"
for name in python3 node; do
	command -v "$name" >/dev/null || echo "runtimes: left out: $name is not here" >&2
done
round=0
while [ "$round" -lt "$n_rounds" ]; do
	round=$((round + 1))
	run_c
	# Builds without the lock are installed under names of their own.
	for python in python3 python3.13t python3.14t; do
		if "$python" -c '' 2>/dev/null; then
			run_python "$python"
		fi
	done
	if node -e '' 2>/dev/null; then
		run_node
	fi
done

cat "$work/machine"
echo "- Input: $n_files files of 100,000 lines, in the page cache; all reports are the same, byte for byte"
echo
quickest_runs <"$work/runs" | awk -F '|' '
	BEGIN {
		print "| runtime | variant | real s | user s | sys s | CPU | speedup over sequential |"
		print "|---|---|--:|--:|--:|--:|--:|"
	}
	{
		split($3, time, " ")
		real = time[1] > 0 ? time[1] : 0.001
		if ($1 != runtime)
			first = real
		runtime = $1
		printf "| %s | %s | %s | %s | %s | %.0f%% | %s |\n", $1, $2, time[1], time[2],
			time[3], 100 * (time[2] + time[3]) / real,
			(real == first ? "" : sprintf("%.2f", first / real))
	}'
