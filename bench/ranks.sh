#!/bin/sh
# ranks.sh - what csv-report-mpi costs besides the work: `make bench-ranks`
#
# The launcher and MPI begin and end; then each rank reads the head of one small file, so that it has
# something to hand in; then the same files have 200 columns. The differences are what is looked for:
# start-up of MPI, and the reduction of summaries of 1 and of 200 columns along the tree.
#
# Usage   bench/ranks.sh, in the build folder or with builddir=DIR
# Takes   MPIEXEC (default: mpiexec), BENCH_QUICK as bench.sh
# Output  a table in Markdown; bench/out/ranks.dat, and ranks.svg where gnuplot is installed
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
launcher=${MPIEXEC:-mpiexec}
program=$builddir/src/csv-report-mpi
out=$builddir/bench/out
rounds=15
most=64
if [ "${BENCH_QUICK:-0}" = 1 ]; then
	rounds=3
	most=4
fi
if [ ! -x "$program" ] || ! command -v "$launcher" >/dev/null; then
	echo 'ranks: SKIPPED: csv-report-mpi was not built, or there is no mpiexec'
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out"

# More ranks than cores, as root, on one machine: Open MPI must be told that it is meant.
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none
OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo OMP_NUM_THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_rmaps_base_oversubscribe \
	OMPI_MCA_hwloc_base_binding_policy OMPI_MCA_btl_vader_single_copy_mechanism \
	OMPI_MCA_btl_tcp_if_include OMPI_MCA_oob_tcp_if_include OMP_NUM_THREADS

# files COLUMNS: the folder $work/COLUMNS, with more units of work than there are ranks: a batch
# holds 64 small files.
files()
{
	mkdir "$work/$1"
	awk -v n="$1" -v folder="$work/$1" -v files=$((most * 64)) 'BEGIN {
		for (i = 1; i <= n; i++) {
			head = head (i > 1 ? "," : "") "c" i
			row = row (i > 1 ? "," : "") i ".5"
		}
		for (f = 1; f <= files; f++) {
			name = sprintf("%s/%05d.csv", folder, f)
			print head "\n" row > name
			close(name)
		}
	}'
}
files 1
files 200

sh "$srcdir/bench/machine.sh"
for n in 1 2 4 8 16; do
	[ "$n" -le "$most" ] || continue
	printf '%s\tstart\t%s\t-n\t%s\t%s\t%s\n' "$n" "$launcher" "$n" "$program" "$work/1/00001.csv"
	printf '%s\tone\t%s\t-n\t%s\t%s\t%s\n' "$n" "$launcher" "$n" "$program" "$work/1"
	printf '%s\tmany\t%s\t-n\t%s\t%s\t%s\n' "$n" "$launcher" "$n" "$program" "$work/200"
done >"$work/commands"
cut -f 1,2 "$work/commands" >"$work/names"
cut -f 2- "$work/commands" | "$builddir/bench/stopwatch" -n "$rounds" -b 120 |
	paste "$work/names" - >"$work/figures"
awk -F '\t' '
	{ median[$1, $2] = $5 * 1000; if (!($1 in seen)) { seen[$1]; order[++n] = $1 } }
	END {
		for (i = 1; i <= n; i++)
			print order[i], median[order[i], "start"], median[order[i], "one"],
				median[order[i], "many"]
	}' "$work/figures" >"$out/ranks.dat"
awk -v files=$((most * 64)) '
	BEGIN {
		print "| ranks | ms: one file (start-up only) | " files " files of 1 column | " files " files of 200 columns |"
		print "|--:|--:|--:|--:|"
	}
	{ printf "| %d | %.0f | %.0f | %.0f |\n", $1, $2, $3, $4 }' "$out/ranks.dat"
if command -v gnuplot >/dev/null; then
	(cd "$out" && gnuplot "$(cd "$srcdir/bench" && pwd)/ranks.gnuplot")
	echo
	echo "plot: $out/ranks.svg"
fi
