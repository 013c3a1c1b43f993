#!/bin/sh
# instructions.sh - counts instructions per byte of small inputs: `make bench-instructions`
#
# Usage   bench/instructions.sh [--record], in the build directory or with builddir=DIR
#         --record  writes the counts to bench/instructions.txt
# Output  a table in Markdown
# Exit    1 if a count is more than 5% above the one recorded there with the same compiler
#
# Instruction counts do not depend on the load of the machine, so they show a regression even where
# times are unreliable. valgrind (callgrind) counts them for each kernel that it can run; it does
# not support AVX-512, which is reported as skipped.
#
# The counts depend on the compiler and its flags (-O2 is expected), not on the machine. The count
# of an input of one row is subtracted: it covers start-up and writing the report.
set -eu

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$(pwd)}
recorded=$srcdir/bench/instructions.txt
tolerated=5 # percent

say()
{
	echo "instructions: $*" >&2
}

command -v valgrind >/dev/null || { say 'SKIPPED: valgrind is not installed' && exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# count KERNEL DIRECTORY: prints the instructions of a run, or nothing if valgrind cannot run it.
count()
{
	valgrind --tool=callgrind --callgrind-out-file=/dev/null \
		"$builddir/src/csv-report" "--kernel=$1" -j 1 "$2" >/dev/null 2>"$work/log" || return 0
	sed -n 's/^==[0-9]*== Collected : //p' "$work/log"
}

kernels=
"$builddir/data/make_data" article "$work/one" --files=1 --rows=1
for kernel in $("$builddir/bench/micro" --kernels); do
	if [ -n "$(count "$kernel" "$work/one")" ]; then
		kernels="$kernels $kernel"
	else
		say "SKIPPED: valgrind cannot run the kernel $kernel"
	fi
done

# About 300 kB each, 3 MB of wide, whose columns need some hundred rows until those of many values are
# known. The whole script takes about 20 seconds.
workloads='article:rows=10000 floats:rows=3000 messy:rows=6000 wide:rows=2000 small:rows=100
	scales:rows=6000 missing:rows=6000 signs:rows=6000 crlf:rows=10000 quoted:rows=5000
	padded:rows=5000 ragged:rows=6000'

: >"$work/counted"
for workload in $workloads; do
	name=${workload%%:*}
	files=--files=1
	[ "$name" != small ] || files=--files=100
	"$builddir/data/make_data" "$name" "$work/$name" "--${workload#*:}" "$files"
	"$builddir/data/make_data" "$name" "$work/$name-one" --files=1 --rows=1
	n_bytes=$("$builddir/bench/bandwidth" scan 1 "$work/$name" | cut -f2)
	for kernel in $kernels; do
		start=$(count "$kernel" "$work/$name-one")
		count "$kernel" "$work/$name" | awk -v kernel="$kernel" -v name="$name" \
			-v start="$start" -v bytes="$n_bytes" \
			'{ printf "%s\t%s\t%.3f\n", kernel, name, ($1 - start) / bytes }' >>"$work/counted"
	done
done

compiler=$("$builddir/src/csv-report" --version | sed -n 's/^compiler: //p')
if [ "${1:-}" = --record ]; then
	{
		echo '# instructions per byte, as counted by instructions.sh --record: kernel, workload, instructions'
		echo "# compiler: $compiler"
		cat "$work/counted"
	} >"$work/new"
	cp "$work/new" "$recorded"
fi

recorded_by=$(sed -n 's/^# compiler: //p' "$recorded")
if [ "$recorded_by" != "$compiler" ]; then
	say "SKIPPED: recorded with $recorded_by, built with $compiler: changes are not errors"
	tolerated=1e9
fi
awk -F '\t' -v tolerated="$tolerated" '
	/^#/ { next }
	FNR == NR { recorded[$1, $2] = $3; next }
	FNR == 1 {
		print "| kernel | workload | instructions per byte | recorded | change |"
		print "|---|---|--:|--:|--:|"
	}
	{
		old = recorded[$1, $2]
		change = old > 0 ? 100 * ($3 / old - 1) : 0
		is_worse = change > tolerated
		n_worse += is_worse
		printf "| %s | %s | %.2f | %s | %s |\n", $1, $2, $3,
			(old > 0 ? sprintf("%.2f", old) : "none"),
			(old > 0 ? sprintf((is_worse ? "**%+.1f%%**" : "%+.1f%%"), change) : "")
	}
	END {
		if (n_worse > 0)
			printf "\n%d counts are more than %d%% above the recorded ones\n", n_worse, tolerated
		exit n_worse > 0
	}' "$recorded" "$work/counted"
