#!/bin/sh
# states.sh - what saved states cost: time to merge them, and their bytes: `make bench-states`
#
# Usage   bench/states.sh, in the build folder or with builddir=DIR
# Takes   BENCH_QUICK as bench.sh
# Output  tables in Markdown; bench/out/states-*.dat in the build folder: states, seconds (median), least,
#         most; a plot of them as bench/out/states.svg where gnuplot is installed
# Exit    1 if merging 1,000 states of 200 columns takes a second or more
#
# Of each number of columns there are two sorts: states of a file each, and shares of one file that
# was cut, whose pieces meet only when they are merged.
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
out=$builddir/bench/out
most=1000
rounds=11
if [ "${BENCH_QUICK:-0}" = 1 ]; then
	most=100
	rounds=3
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out"

echo "states: $((most * 22 / 5)) states are made first" >&2
sizes=
for n in 10 100 1000; do
	[ "$n" -gt "$most" ] || sizes="$sizes $n"
done

# list DIRECTORY N: its first N states, as a list of files.
list()
{
	i=0
	while [ "$i" -lt "$2" ]; do
		i=$((i + 1))
		echo "$1/$i.state"
	done >"$1.$2"
}

for columns in 20 200; do
	"$builddir/data/make_data" wide "$work/data" "--columns=$columns" "--files=$most" --rows=20
	mkdir "$work/files-$columns"
	i=0
	for file in "$work"/data/*.csv; do
		i=$((i + 1))
		"$csv_report" -j 1 --format=state --output="$work/files-$columns/$i.state" "$file"
	done
	rm -r "$work/data"
	"$builddir/data/make_data" wide "$work/data" "--columns=$columns" --files=1 \
		"--rows=$((most * 5))"
	file=$work/data/part-00000.csv
	chunk=$(($(wc -c <"$file") / most))
	for n in $sizes; do
		list "$work/files-$columns" "$n"
		shares=$work/shares-$columns-$n
		mkdir "$shares"
		i=0
		while [ "$i" -lt "$n" ]; do
			i=$((i + 1))
			"$csv_report" -j 1 --chunk="$chunk" --shard="$i/$n" --format=state \
				--output="$shares/$i.state" "$file"
		done
		list "$shares" "$n"
		printf 'files|%s|%s\t%s\t--files-from=%s\n' "$columns" "$n" "$csv_report" \
			"$work/files-$columns.$n"
		printf 'shares|%s|%s\t%s\t--files-from=%s\n' "$columns" "$n" "$csv_report" "$shares.$n"
	done >>"$work/commands"
	mv "$work/data" "$work/data-$columns" # the merging run looks for nothing there
done

"$builddir/bench/stopwatch" -n "$rounds" <"$work/commands" >"$work/figures"
awk -F '\t' '
	BEGIN {
		print "| states of | columns | states | ms, median | least | most | peak MiB |"
		print "|---|--:|--:|--:|--:|--:|--:|"
	}
	{
		split($1, label, "|")
		printf "| %s | %d | %d | %.1f | %.1f | %.1f | %.1f |\n",
			label[1] == "files" ? "one file each" : "shards of one file", label[2], label[3],
			$3 * 1000, $4 * 1000, $5 * 1000, $7 / 1024
		is_slow += $3 >= 1 || $8 != "ok"
	}
	END { exit is_slow > 0 }' "$work/figures" || is_slow=1
for kind in files shares; do
	for columns in 20 200; do
		awk -F '\t' -v kind="$kind" -v columns="$columns" '{
			split($1, label, "|")
			if (label[1] == kind && label[2] == columns)
				print label[3], $3, $4, $5
		}' "$work/figures" >"$out/states-$kind-$columns.dat"
	done
done

# Bytes: what one more column or file adds.
"$builddir/data/make_data" wide "$work/bytes" --columns=20 --files=200 --rows=20
size_of()
{
	"$csv_report" -j 1 --format=state --output="$work/size.state" "$@"
	wc -c <"$work/size.state"
}
one=$(size_of "$work/bytes/part-00000.csv")
all=$(size_of "$work/bytes")
all_tables=$(size_of --per-file "$work/bytes")
twenty=$(wc -c <"$work/files-20/1.state")
wide=$(wc -c <"$work/files-200/1.state")
printf '\n| a state of 20 columns and one file | %d bytes |\n|---|--:|\n' "$one"
printf '| one more column | %d bytes |\n' $(((wide - twenty) / 180))
printf '| one more file | %d bytes |\n' $(((all - one) / 199))
printf '| the same with --per-file, of 20 columns | %d bytes |\n' $(((all_tables - one) / 199))

if command -v gnuplot >/dev/null; then
	(cd "$out" && gnuplot "$srcdir/bench/states.gnuplot")
	echo "states: a plot is in $out" >&2
fi
exit "${is_slow:-0}"
