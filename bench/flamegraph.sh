#!/bin/sh
# flamegraph.sh - draws flame graphs of slow, mid, fast and csv-report: `make flamegraph`
#
# Usage   bench/flamegraph.sh, in the build directory or with builddir=DIR
# Env     FLAMEGRAPH_SAMPLER  `perf`, `own`, or `auto` (default): perf if it is allowed to sample
#         FLAMEGRAPH_ROWS     rows in each of the 50 files (default 100000; slow reads 1/25 of them)
# Output  bench/out/flamegraph/NAME.svg and NAME.folded in the build directory; a summary line for
#         each graph on standard output
# Exit    1 if perf cannot sample or there are no samples; 2 if FLAMEGRAPH_SAMPLER is invalid
#
# perf also samples time spent in the kernel. It copies part of the stack with each sample and
# unwinds it later, because libc and libgomp are built without frame pointers. With copies of 8 or
# 16 KiB, a third of the samples of slow did not reach main, because a table in regexec is that
# large; with 32 KiB, all did.
set -eu
LC_ALL=C
export LC_ALL

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$(pwd)}
rows=${FLAMEGRAPH_ROWS:-100000}
sampler=${FLAMEGRAPH_SAMPLER:-auto}
hz=250
out=$builddir/bench/out/flamegraph

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

perf_record()
{
	perf record -q -e cpu-clock -F "$hz" --call-graph dwarf,32768 -o "$work/perf.data" "$@"
}

# Succeeds if perf is installed and allowed to sample.
perf_works()
{
	command -v perf >/dev/null && perf_record true >/dev/null 2>&1
}

case $sampler in
auto) if perf_works; then sampler=perf; else sampler=own; fi ;;
perf) if ! perf_works; then echo 'flamegraph: perf cannot sample here' >&2 && exit 1; fi ;;
own) ;;
*) echo 'flamegraph: FLAMEGRAPH_SAMPLER must be perf, own or auto' >&2 && exit 2 ;;
esac

# sample NAME COMMAND...: runs the command and writes its folded stacks to $out/NAME.folded.
sample()
{
	folded=$out/$1.folded
	if [ "$sampler" = perf ]; then
		shift
		perf_record "$@" >/dev/null
		perf script -i "$work/perf.data" -F comm,pid,tid,ip,sym,dso 2>/dev/null |
			awk -f "$srcdir/bench/perf_fold.awk" | sort >"$folded"
	elif [ "$1" = csv-report ]; then
		shift
		"$@" --flamegraph="$folded" >/dev/null
	else
		shift
		BASELINE_FLAMEGRAPH=$folded "$@" >/dev/null
	fi
}

# graph NAME COMMAND...: samples the command, draws its graph and prints a summary line.
graph()
{
	sample "$@"
	[ -s "$out/$1.folded" ] || { echo "flamegraph: no samples of $1" >&2 && exit 1; }
	"$builddir/bench/draw" "$1" "$profiler" "$hz" <"$out/$1.folded" >"$out/$1.svg"
	printf '%-10s  %s\n' "$1" "$(awk -f "$srcdir/bench/plateau.awk" "$out/$1.folded")"
}

profiler=
if [ "$sampler" = perf ]; then
	profiler=perf
fi
mkdir -p "$out"
"$builddir/data/make_data" article "$work/few" --rows=$(((rows + 24) / 25))
"$builddir/data/make_data" article "$work/many" --rows="$rows"
graph slow "$builddir/bench/slow" "$work/few"
graph mid "$builddir/bench/mid" "$work/many"
graph fast "$builddir/bench/fast" "$work/many"
# One pass is too short for enough samples, so csv-report reads the same files 12 times.
set --
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	set -- "$@" "$work/many"
done
graph csv-report "$builddir/src/csv-report" "$@"
echo "sampled by ${profiler:-the programs themselves}: $out/*.svg, *.folded"
