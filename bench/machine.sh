#!/bin/sh
# machine.sh - describes the machine and the build of a benchmark as a list in Markdown
#
# Usage   srcdir=DIR builddir=DIR bench/machine.sh
set -eu

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-.}

cpu=$(sed -n 's/^model name[^:]*: *//p' /proc/cpuinfo 2>/dev/null | head -n 1)
memory=$(awk '/^MemTotal/ { printf "%.0f GB", $2 * 1024 / 1e9 }' /proc/meminfo 2>/dev/null || :)
commit=$(git -C "$srcdir" rev-parse --short=12 HEAD 2>/dev/null || echo 'unknown')
if ! git -C "$srcdir" diff --quiet HEAD 2>/dev/null; then
	commit="$commit, with uncommitted changes"
fi
load=$(cut -d' ' -f1-3 /proc/loadavg 2>/dev/null || :)

# program_info FIELD: prints a field of csv-report --version.
program_info()
{
	"$builddir/src/csv-report" --version 2>/dev/null | sed -n "s/^$1: //p"
}

cat <<END_OF_LIST
- Date: $(date -u +%Y-%m-%d)
- Commit: $commit
- CPU: ${cpu:-unknown}, $(uname -m); granted to this process: $(unset OMP_NUM_THREADS && nproc 2>/dev/null || echo '?') cores, ${memory:-?} of memory
- System: $(uname -s) $(uname -r)
- Compiler: $(program_info compiler)
- Kernels: $("$builddir/bench/micro" --kernels 2>/dev/null | paste -sd ' ' -)
- Load average at the start: ${load:-unknown}
END_OF_LIST
