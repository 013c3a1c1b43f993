#!/bin/sh
# common.sh - paths, inputs and timing for the benchmark scripts; sourced by them
#
# Env     srcdir, builddir; BENCH_DATA as in bench.sh
# Sets    $srcdir, $builddir, $data, $csv_report, $n_cores; defines the functions below

# shellcheck disable=SC2034 # the scripts that source this file use the variables
srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$(pwd)}
data=${BENCH_DATA:-${TMPDIR:-/tmp}/csv-report-bench}
csv_report=$builddir/src/csv-report
# nproc respects OMP_NUM_THREADS, which is meant for the measured programs only.
n_cores=$(unset OMP_NUM_THREADS OMP_THREAD_LIMIT && nproc)

# make_input NAME WORKLOAD [OPTION]...: generates the workload into the directory NAME and sets $input
# to its path. The directory is kept between runs, and generated again if the generator has changed.
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

# run_under_time OUTPUT COMMAND...: prints the real, user and sys seconds of the command. Uses bash's
# keyword `time`, which has a resolution of 1 ms; without bash, the utility `time`, with 10 ms. Not
# every system has both, but every system that can build csv-report has one of them. Standard error of
# the command is shown only if it fails.
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

# fastest_runs: reads lines KEY|real user sys (a key may contain more bars) and prints, for each key,
# its fastest run and the number of runs; keys in order of first appearance. Other load on the machine
# only makes a run slower, and may outlast all rounds of a short run: it would shift the median.
fastest_runs()
{
	LC_ALL=C awk '
		{
			key = $0
			sub(/\|[^|]*$/, "", key)
			seconds = substr($0, length(key) + 2)
			if (!(key in n_runs))
				keys[++n_keys] = key
			if (n_runs[key]++ == 0 || seconds + 0 < fastest[key] + 0)
				fastest[key] = seconds
		}
		END {
			for (i = 1; i <= n_keys; i++)
				print keys[i] "|" fastest[keys[i]], n_runs[keys[i]]
		}'
}
