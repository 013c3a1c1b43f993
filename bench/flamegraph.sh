#!/bin/sh
# flamegraph.sh - four flame graphs: slow, mid, fast and csv-report, `make flamegraph`
#
# Usage   bench/flamegraph.sh, in the build folder or with builddir=DIR
# Takes   from the environment:
#         FLAMEGRAPH_SAMPLER  `perf`, `own`, or `auto`, the default: perf where it may sample
#         FLAMEGRAPH_ROWS     rows in each of the 50 files (default 100000; slow: a 25th of them)
# Output  bench/out/flamegraph/NAME.svg and NAME.folded in the build folder, and a line for each
#
# perf sees the kernel too, and what a thread does in it. It copies a piece of the stack with each sample
# and walks that later: libc and libgomp keep no frame pointers to walk along. Of 8 or 16 KiB, a third of
# the samples of slow did not reach main (a table in regexec is as large); of 32 KiB all did.
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

# Whether perf is there and is allowed to.
perf_works()
{
	command -v perf >/dev/null && perf_record true >/dev/null 2>&1
}

case $sampler in
auto) if perf_works; then sampler=perf; else sampler=own; fi ;;
perf) if ! perf_works; then echo 'flamegraph: perf cannot sample here' >&2 && exit 1; fi ;;
own) ;;
*) echo 'flamegraph: FLAMEGRAPH_SAMPLER is perf, own or auto' >&2 && exit 2 ;;
esac

# sample NAME WORD...: folded stacks of a run in $out/NAME.folded.
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

# graph NAME WORD...
graph()
{
	sample "$@"
	[ -s "$out/$1.folded" ] || { echo "flamegraph: no samples of $1" >&2 && exit 1; }
	"$builddir/bench/draw" "$1" "$by" "$hz" <"$out/$1.folded" >"$out/$1.svg"
	printf '%-10s  %s\n' "$1" "$(awk -f "$srcdir/bench/plateau.awk" "$out/$1.folded")"
}

by=
if [ "$sampler" = perf ]; then
	by=perf
fi
mkdir -p "$out"
"$builddir/data/make_data" article "$work/few" --rows=$(((rows + 24) / 25))
"$builddir/data/make_data" article "$work/many" --rows="$rows"
graph slow "$builddir/bench/slow" "$work/few"
graph mid "$builddir/bench/mid" "$work/many"
graph fast "$builddir/bench/fast" "$work/many"
# It would be done before there is anything to see: the same files again and again.
set --
for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do
	set -- "$@" "$work/many"
done
graph csv-report "$builddir/src/csv-report" "$@"
echo "sampled by ${by:-the programs themselves}: $out/*.svg, *.folded"
