#!/bin/sh
# ranks.sh - measures the overhead of csv-report-mpi: `make bench-ranks`
#
# Usage   bench/ranks.sh, in the build directory or with builddir=DIR
# Env     MPIEXEC      the launcher (default: mpiexec)
#         BENCH_QUICK  as in bench.sh
# Output  a table in Markdown; bench/out/ranks.dat, and ranks.svg if gnuplot is installed
#
# Three commands are timed: a report of one small file, which is mainly the start and end of MPI;
# small files of 1 column, so that each rank has a summary to contribute; and the same number of
# files of 200 columns. The differences are the cost of reducing summaries of 1 and 200 columns.
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
launcher=${MPIEXEC:-mpiexec}
program=$builddir/src/csv-report-mpi
out=$builddir/bench/out
rounds=15
max_ranks=64
if [ "${BENCH_QUICK:-0}" = 1 ]; then
	rounds=3
	max_ranks=4
fi
if [ ! -x "$program" ] || ! command -v "$launcher" >/dev/null; then
	echo 'ranks: SKIPPED: csv-report-mpi is not built, or mpiexec is not installed'
	exit
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out"

# Open MPI must be told explicitly to run more ranks than cores, as root, on one machine.
OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 OMPI_MCA_rmaps_base_oversubscribe=1
OMPI_MCA_hwloc_base_binding_policy=none OMPI_MCA_btl_vader_single_copy_mechanism=none
OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo OMP_NUM_THREADS=1
export OMPI_ALLOW_RUN_AS_ROOT OMPI_ALLOW_RUN_AS_ROOT_CONFIRM OMPI_MCA_rmaps_base_oversubscribe \
	OMPI_MCA_hwloc_base_binding_policy OMPI_MCA_btl_vader_single_copy_mechanism \
	OMPI_MCA_btl_tcp_if_include OMPI_MCA_oob_tcp_if_include OMP_NUM_THREADS

# make_files COLUMNS: creates files in the directory $work/COLUMNS. A batch holds 64 small files, so
# that there is at least one batch for each rank.
make_files()
{
	mkdir "$work/$1"
	awk -v n="$1" -v directory="$work/$1" -v files=$((max_ranks * 64)) 'BEGIN {
		for (i = 1; i <= n; i++) {
			head = head (i > 1 ? "," : "") "c" i
			row = row (i > 1 ? "," : "") i ".5"
		}
		for (f = 1; f <= files; f++) {
			name = sprintf("%s/%05d.csv", directory, f)
			print head "\n" row > name
			close(name)
		}
	}'
}
make_files 1
make_files 200

sh "$srcdir/bench/machine.sh"
for n in 1 2 4 8 16; do
	[ "$n" -le "$max_ranks" ] || continue
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
awk -v files=$((max_ranks * 64)) '
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
