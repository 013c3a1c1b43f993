#!/bin/sh
# run.sh - measures the article's task in Python and Node, run in parallel: `make runtimes`
#
# Usage   bench/runtimes/run.sh, in the build directory or with builddir=DIR
# Env     BENCH_DATA        as in bench.sh
#         RUNTIMES_FILES    number of files of 100,000 lines (default 10; the article has 50)
#         RUNTIMES_WORKERS  number of threads or processes (default: the available cores)
#         RUNTIMES_ROUNDS   number of runs of each variant (default 3)
# Output  Markdown: the machine, and the times of each variant as reported by `time`. Runtimes that
#         are not installed are listed on standard error.
# Exit    1 if a report is not byte-identical to that of mid; the difference is printed
#
# The input is in the page cache. Each round runs every variant once, so that a temporary slowdown
# of the machine affects all of them. The fastest run of each is shown.
set -eu

script_dir=$(dirname "$0")
srcdir=${srcdir:-$(cd "$script_dir/../.." && pwd)}
# shellcheck source=bench/common.sh
. "$srcdir/bench/common.sh"
n_files=${RUNTIMES_FILES:-10}
n_workers=${RUNTIMES_WORKERS:-$n_cores}
n_rounds=${RUNTIMES_ROUNDS:-3}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# run PROGRAM VARIANT COMMAND...: checks the report and adds a line to $work/runs.
run()
{
	program=$1 variant=$2
	shift 2
	echo "runtimes: $program: $variant" >&2
	seconds=$(run_under_time "$work/report" "$@")
	echo "$program|$variant|$seconds" >>"$work/runs"
	diff -u "$work/expected" "$work/report" >"$work/difference" || {
		echo "runtimes: the report of $program, $variant, differs from that of mid:" >&2
		cat "$work/difference" >&2
		exit 1
	}
}

run_c()
{
	run C 'mid: sequential' "$builddir/bench/mid" "$input"
	run C "fast: $n_workers threads" env "OMP_NUM_THREADS=$n_workers" "$builddir/bench/fast" "$input"
}

# python_name PROGRAM: prints the version, and whether there is a global interpreter lock (GIL).
python_name()
{
	"$1" -c 'import sys
has_gil = getattr(sys, "_is_gil_enabled", lambda: True)()
print("Python", sys.version.split()[0] + (", with the GIL" if has_gil else ", free-threaded"))'
}

# run_python PROGRAM: runs all variants with the given interpreter.
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
	command -v "$name" >/dev/null || echo "runtimes: skipped: $name is not installed" >&2
done
round=0
while [ "$round" -lt "$n_rounds" ]; do
	round=$((round + 1))
	run_c
	# Free-threaded builds are installed under separate names.
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
echo "- Input: $n_files files of 100,000 lines, in the page cache; all reports are byte-identical"
echo
fastest_runs <"$work/runs" | awk -F '|' '
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
