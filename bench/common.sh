#!/bin/sh
# common.sh - what benchmark scripts share: where things lie, inputs, `time`; read in with `.`
#
# Takes   srcdir, builddir; from the environment BENCH_DATA, as bench.sh says
# Gives   $srcdir, $builddir, $data, $csv_report, $n_cores and the functions below

# shellcheck disable=SC2034 # what is set here is used where this is read in
srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$(pwd)}
data=${BENCH_DATA:-${TMPDIR:-/tmp}/csv-report-bench}
csv_report=$builddir/src/csv-report
# nproc heeds OMP_NUM_THREADS, which is a program's own matter.
n_cores=$(unset OMP_NUM_THREADS OMP_THREAD_LIMIT && nproc)

# make_input NAME WORKLOAD [OPTION]...: the folder $input, called NAME, holds the workload then. Kept
# between runs, made again when the generator has changed.
make_input()
{
	input=$data/$1
	workload=$2
	shift 2
	mark="$(cksum <"$srcdir/data/make_data.c") $*"
	if [ "$(cat "$input.made" 2>/dev/null || :)" != "$mark" ]; then
		rm -rf "$input" "$input.made"
		mkdir -p "$data"
		"$builddir/data/make_data" "$workload" "$input" "$@"
		echo "$mark" >"$input.made"
	fi
}

# run_under_time OUTPUT COMMAND...: prints the seconds: real, user, sys. `time` is the keyword of
# bash, in milliseconds; where there is no bash, the utility, which gives hundredths. Neither sits in
# every system, but no system that builds this is without both. What the command says on standard
# error is told only if it fails.
run_under_time()
{
	time_output=$1
	shift
	time_status=0
	if command -v bash >/dev/null; then
		# shellcheck disable=SC2016 # bash expands them
		LC_ALL=C TIMEFORMAT='real %3R
user %3U
sys %3S' bash -c 'time "$@" 2>"$0"' "$time_output.messages" "$@" \
			>"$time_output" 2>"$time_output.time" || time_status=$?
	else
		# shellcheck disable=SC2016 # the inner shell expands them
		LC_ALL=C env time -p sh -c 'exec "$@" 2>"$0"' "$time_output.messages" "$@" \
			>"$time_output" 2>"$time_output.time" || time_status=$?
	fi
	if [ "$time_status" -ne 0 ]; then
		cat "$time_output.messages" "$time_output.time" >&2
		return "$time_status"
	fi
	awk '$1 == "real" { real = $2 } $1 == "user" { user = $2 }
		$1 == "sys" { print real, user, $2 }' "$time_output.time"
}

# quickest_runs: of lines KEY|real user sys on standard input (a key may hold more bars) the quickest of
# each key, and the number of them; keys in the order first met. What else a machine does only makes
# a run longer, and may last longer than the rounds of a short one: the middle would show that.
quickest_runs()
{
	LC_ALL=C awk '
		{
			key = $0
			sub(/\|[^|]*$/, "", key)
			seconds = substr($0, length(key) + 2)
			if (!(key in n_runs))
				keys[++n_keys] = key
			if (n_runs[key]++ == 0 || seconds + 0 < quickest[key] + 0)
				quickest[key] = seconds
		}
		END {
			for (i = 1; i <= n_keys; i++)
				print keys[i] "|" quickest[keys[i]], n_runs[keys[i]]
		}'
}
