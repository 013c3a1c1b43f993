#!/bin/sh
# soak.sh - many runs in sequence with random options from a seed: `make soak`
#
# sampling  runs that sample themselves at the highest rate, with random threads, kernels, chunks, formats
#           and inputs: the report must equal that of a run with default options, the run must end in
#           time, and its graph must be complete
# changes   runs on a directory in which files are added, removed and changed (soak_changes.py)
#
# Not part of `make check`. SOAK_SECONDS=20 is enough to test the script itself.
#
# Usage   tests/tools/soak.sh [PART]..., in the build directory or with builddir=DIR   (default: both)
# Env     SOAK_SECONDS  the time of each part (default: 600)
#         SEED          the seed of the random choices (default: 1)
# Output  a line per failure, a summary at the end; exit status 1 if a run failed. The files of failures of
#         the second part are kept.
set -eu
LC_ALL=C
export LC_ALL
unset OMP_NUM_THREADS OMP_SCHEDULE CSVR_KERNEL BASELINE_FLAMEGRAPH

builddir=${builddir:-$PWD}
program=${CSV_REPORT:-$builddir/src/csv-report}
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
srcdir=$(cd "$(dirname "$0")/../.." && pwd)
seconds=${SOAK_SECONDS:-600}
seed=${SEED:-1}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

# pick WORD...: sets $picked to a random one.
pick()
{
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	shift $((seed / 65536 % $#))
	picked=$1
}

n_failed=0
# fail REASON: prints it with the command.
fail()
{
	n_failed=$((n_failed + 1))
	echo "soak: run $n_runs: $1: $command"
	head -n 3 err
}

# run_once: a run with random options. $inputs and $options contain several words.
run_once()
{
	pick article messy quoted small single 'article article article messy' 'small single messy small'
	inputs=$picked
	pick table csv json md
	options=--format=$picked
	pick '' --per-file --all
	options="$options $picked"
	# shellcheck disable=SC2086
	pick $kernels
	tuning="--kernel=$picked"
	pick 1 2 3 8
	tuning="$tuning -j $picked"
	pick '' --chunk=65536 --chunk=1000003
	tuning="$tuning $picked"
	pick '' --block=4096 --block=65536
	tuning="$tuning $picked"
	pick '' --progress=0.05 -v
	tuning="$tuning $picked $is_timed"
	pick svg svg folded
	graph=graph.$picked
	pick file file stream
	rm -f graph.svg graph.folded

	status=0
	command="$program $options $tuning --sample-rate=100000 --flamegraph=$graph $inputs"
	if [ "$picked" = stream ]; then
		# The bytes of one file, through a pipe in small writes.
		inputs=$(find single -name '*.csv')
		command="$program $options $tuning --sample-rate=100000 --flamegraph=$graph - <$inputs"
		# shellcheck disable=SC2086
		"$program" $options - <"$inputs" >expected 2>/dev/null
		# shellcheck disable=SC2086
		dd if="$inputs" bs=7001 2>/dev/null | timeout 60 "$program" $options $tuning \
			--sample-rate=100000 --flamegraph="$graph" - >report 2>err || status=$?
	else
		# shellcheck disable=SC2086
		"$program" $options $inputs >expected 2>/dev/null
		# shellcheck disable=SC2086
		timeout 60 "$program" $options $tuning --sample-rate=100000 --flamegraph="$graph" \
			$inputs >report 2>err </dev/null || status=$?
	fi
	[ "$status" -eq 0 ] || fail "exit status $status"
	# With -v the table has more lines.
	case $tuning:$options in
	*-v*:*table*) ;;
	*) cmp -s expected report || fail 'the report differs' ;;
	esac
	case $graph in
	*.svg) tail -n 1 "$graph" 2>/dev/null | grep -qx '</svg>' || fail 'the graph is incomplete' ;;
	*)
		if [ ! -e "$graph" ] || grep -qvE '^thread [0-9]+.*;.* [0-9]+$' "$graph"; then
			fail 'the stacks are incomplete'
		fi
		[ -s "$graph" ] || n_empty=$((n_empty + 1))
		;;
	esac
}

sample()
{
	if "$program" --version | grep -q 'no flamegraph'; then
		echo 'soak: this build cannot sample itself'
		return
	fi
	for workload in article messy quoted; do
		"$builddir/data/make_data" "$workload" "$workload" --rows=3000
	done
	"$builddir/data/make_data" small small --files=300
	"$builddir/data/make_data" single single --bytes=8M
	lacking=$("$program" --version | sed -n 's/^parsing kernels: .*not on this CPU: \(.*\))/\1/p')
	kernels=
	for kernel in $("$program" --version | sed -n 's/^parsing kernels: \(.*\) (.*/\1/p'); do
		case " $lacking " in
		*" $kernel "*) ;;
		*) kernels="$kernels $kernel" ;;
		esac
	done
	is_timed=
	if "$program" --help | grep -q -e '--timing'; then
		is_timed=--timing
	fi
	n_runs=0
	n_empty=0
	end=$(($(date +%s) + seconds))
	while [ "$(date +%s)" -lt "$end" ]; do
		n_runs=$((n_runs + 1))
		run_once
	done
	echo "soak: $n_runs runs in $seconds s, $n_failed failures, $n_empty too short for a sample"
}

change()
{
	if ! command -v python3 >/dev/null; then
		echo 'soak: python3 is missing, so the part with changes is skipped'
		return
	fi
	mkdir changing
	PYTHONDONTWRITEBYTECODE=1 python3 "$srcdir/tests/tools/soak_changes.py" "$program" "$seconds" "$seed" \
		changing && return
	n_failed=$((n_failed + 1))
	kept=$builddir/soak-failures
	rm -rf "$kept"
	mv changing "$kept"
	echo "soak: see $kept"
}

[ $# -gt 0 ] || set -- sampling changes
for part in "$@"; do
	case $part in
	sampling) sample ;;
	changes) change ;;
	*)
		echo "soak: $part: expected sampling or changes"
		exit 2
		;;
	esac
done
[ "$n_failed" -eq 0 ]
