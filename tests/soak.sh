#!/bin/sh
# soak.sh - ten minutes of runs that sample themselves as often as the kernel lets them: `make soak`
#
# Each run has other threads, kernel, cuts, formats and inputs, drawn by a seed; its report must be that
# of a run without all this, it must end in time, and its graph must be whole. Not part of `make check`.
#
# Usage   tests/soak.sh [SECONDS [SEED]]   (default: 600, 1), in the build folder or with builddir=DIR
# Output  a line per failure, one at the end; exit status 1 if there was any
set -eu
LC_ALL=C
export LC_ALL
unset OMP_NUM_THREADS OMP_SCHEDULE CSVR_KERNEL WAYS_FLAMEGRAPH

builddir=${builddir:-$PWD}
program=${CSV_REPORT:-$builddir/src/csv-report}
seconds=${1:-600}
seed=${2:-1}

if "$program" --version | grep -q 'no flamegraph'; then
	echo 'soak: this build cannot sample itself'
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

# pick WORD...: one of them.
pick()
{
	seed=$(((seed * 1103515245 + 12345) % 2147483648))
	shift $((seed / 65536 % $#))
	picked=$1
}

n_failed=0
# fail WHY: says it, with the command.
fail()
{
	n_failed=$((n_failed + 1))
	echo "soak: run $n_runs: $1: $command"
	head -n 3 err
}

for workload in article messy quoted; do
	"$builddir/data/make_data" "$workload" "$workload" --rows=3000
done
"$builddir/data/make_data" small small --files=300
"$builddir/data/make_data" single single --bytes=8M
kernels=$("$program" --version | sed -n 's/^kernels: \(.*\) (.*/\1/p')
is_timed=
if "$program" --help | grep -q -e '--timing'; then
	is_timed=--timing
fi

# One run, as drawn: $inputs hold words, and so do $options.
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
	how="--kernel=$picked"
	pick 1 2 3 8
	how="$how -j $picked"
	pick '' --chunk=65536 --chunk=1000003
	how="$how $picked"
	pick '' --block=4096 --block=65536
	how="$how $picked"
	pick '' --progress=0.05 -v
	how="$how $picked $is_timed"
	pick svg svg folded
	graph=graph.$picked
	pick file file stream
	rm -f graph.svg graph.folded

	status=0
	command="$program $options $how --sample-rate=100000 --flamegraph=$graph $inputs"
	if [ "$picked" = stream ]; then
		# The same bytes, in pieces, of one file.
		inputs=$(find single -name '*.csv')
		command="$program $options $how --sample-rate=100000 --flamegraph=$graph - <$inputs"
		# shellcheck disable=SC2086
		"$program" $options - <"$inputs" >expected 2>/dev/null
		# shellcheck disable=SC2086
		dd if="$inputs" bs=7001 2>/dev/null | timeout 60 "$program" $options $how \
			--sample-rate=100000 --flamegraph="$graph" - >report 2>err || status=$?
	else
		# shellcheck disable=SC2086
		"$program" $options $inputs >expected 2>/dev/null
		# shellcheck disable=SC2086
		timeout 60 "$program" $options $how --sample-rate=100000 --flamegraph="$graph" \
			$inputs >report 2>err </dev/null || status=$?
	fi
	[ "$status" -eq 0 ] || fail "exit status $status"
	# With -v the table says more.
	case $how:$options in
	*-v*:*table*) ;;
	*) cmp -s expected report || fail 'another report' ;;
	esac
	case $graph in
	*.svg) tail -n 1 "$graph" 2>/dev/null | grep -qx '</svg>' || fail 'no whole picture' ;;
	*)
		if [ ! -e "$graph" ] || grep -qvE '^thread [0-9]+.*;.* [0-9]+$' "$graph"; then
			fail 'no whole stacks'
		fi
		[ -s "$graph" ] || n_empty=$((n_empty + 1))
		;;
	esac
}

n_runs=0
n_empty=0
end=$(($(date +%s) + seconds))
while [ "$(date +%s)" -lt "$end" ]; do
	n_runs=$((n_runs + 1))
	run_once
done
echo "soak: $n_runs runs in $seconds s, $n_failed failures, $n_empty too short for a sample"
[ "$n_failed" -eq 0 ]
