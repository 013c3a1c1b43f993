#!/bin/sh
# instructions.sh - instructions per byte of fixed small inputs: `make bench-instructions`
#
# They do not depend on what else the machine does, so a slower program shows even where times
# cannot be trusted. Counted by valgrind (callgrind) for each kernel that valgrind can run: it knows
# no AVX-512, which is reported as skipped.
#
# Usage   bench/instructions.sh [--record]; builddir=DIR where it is not the current folder
#         --record  writes what was counted to bench/instructions.txt
# Exit    1 if something takes over 5% more than recorded there, by the same compiler
# Output  a table in Markdown
#
# What is recorded depends on the compiler and its flags (-O2 is meant), not on the machine. What
# an input of one row takes is taken off: starting, and writing the report.
set -eu

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$(pwd)}
recorded=$srcdir/bench/instructions.txt
tolerated=5 # percent

say()
{
	echo "instructions: $*" >&2
}

command -v valgrind >/dev/null || { say 'SKIPPED: there is no valgrind here' && exit 0; }

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# count KERNEL FOLDER: instructions of a whole run; nothing if valgrind cannot run it.
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

# Some 300 kB each, so that all of it takes a quarter of a minute or so.
workloads='article:rows=10000 floats:rows=3000 messy:rows=6000 wide:rows=250 small:rows=100
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
	say "SKIPPED: recorded with $recorded_by, built with $compiler: nothing counts as worse"
	tolerated=1e9
fi
awk -F '\t' -v tolerated="$tolerated" '
	/^#/ { next }
	FNR == NR { before[$1, $2] = $3; next }
	FNR == 1 {
		print "| kernel | workload | instructions per byte | recorded | change |"
		print "|---|---|--:|--:|--:|"
	}
	{
		was = before[$1, $2]
		change = was > 0 ? 100 * ($3 / was - 1) : 0
		is_worse = change > tolerated
		n_worse += is_worse
		printf "| %s | %s | %.2f | %s | %s |\n", $1, $2, $3,
			(was > 0 ? sprintf("%.2f", was) : "never"),
			(was > 0 ? sprintf((is_worse ? "**%+.1f%%**" : "%+.1f%%"), change) : "")
	}
	END {
		if (n_worse > 0)
			printf "\n%d over %d%% more than recorded\n", n_worse, tolerated
		exit n_worse > 0
	}' "$recorded" "$work/counted"
