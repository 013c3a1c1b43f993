#!/bin/sh
# memory.sh - peak memory, compared with the promised 8 MiB per thread: `make bench-memory`
#
# Usage   bench/memory.sh, in the build directory or with builddir=DIR
# Env     BENCH_DATA, BENCH_QUICK as in bench.sh
# Output  a table in Markdown
# Exit    1 if a run used more than allowed
#
# Some memory necessarily grows with the input: the columns, and one entry per file in the list of
# inputs and in the report. For these, 1 KiB per column and thread and 512 bytes per file are allowed
# in addition.
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
scale=1
[ "${BENCH_QUICK:-0}" != 1 ] || scale=20

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# add_input NAME FILES COLUMNS MAKE_DATA_ARGUMENTS...: generates the input, and adds runs on it to the
# commands of the stopwatch.
add_input()
{
	name=memory-$scale-$1
	label="$1|$2|$3"
	shift 3
	make_input "$name" "$@"
	for n in 1 2; do
		printf '%s|%s\t%s\t-j\t%s\t%s\n' "$label" "$n" "$csv_report" "$n" "$input"
	done >>"$work/commands"
}

: >"$work/commands"
echo "memory: generating missing inputs in $data ($((2600 / scale)) MB if all are missing)" >&2
add_input 'one file of 2 GB' 1 5 single "--bytes=$((2000 / scale))M"
add_input '100,000 files' $((100000 / scale)) 5 small "--files=$((100000 / scale))" --rows=10
add_input '5,000 columns' 1 5000 wide --files=1 --columns=5000 "--rows=$((10000 / scale))"
"$builddir/bench/stopwatch" -u -n 1 <"$work/commands" >"$work/figures"
[ "$scale" -eq 1 ] || echo "BENCH_QUICK: inputs are smaller by a factor of $scale."
awk -F '\t' '
	BEGIN {
		print "| input | threads | peak MiB | allowed MiB | wall s |"
		print "|---|--:|--:|--:|--:|"
	}
	{
		split($1, label, "|")
		n = label[4]
		allowed = 8 * n + (label[2] * 512 + label[3] * n * 1024) / 1048576
		peak = $7 / 1024
		is_over = peak > allowed || $8 != "ok"
		n_over += is_over
		printf "| %s | %d | %s | %.1f | %.3f |\n", label[1], n,
			sprintf((is_over ? "**%.1f**" : "%.1f"), peak) ($8 == "ok" ? "" : " " $8), allowed, $3
	}
	END { exit n_over > 0 }' "$work/figures"
