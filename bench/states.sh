#!/bin/sh
# states.sh - measures merge time and size of saved states: `make bench-states`
#
# Usage   bench/states.sh, in the build directory or with builddir=DIR
# Env     BENCH_QUICK  as in bench.sh
# Output  tables in Markdown; bench/out/states-*.dat in the build directory: number of states, and
#         median, minimum and maximum seconds; bench/out/states.svg if gnuplot is installed
# Exit    1 if merging 1,000 states of 200 columns takes a second or more
#
# Two kinds of states are merged for each number of columns: states of one file each, and states of
# the shards of a single file, whose chunks are joined only during the merge.
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
out=$builddir/bench/out
max_states=1000
rounds=11
if [ "${BENCH_QUICK:-0}" = 1 ]; then
	max_states=100
	rounds=3
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out"

echo "states: $((max_states * 22 / 5)) states are created first" >&2
sizes=
for n in 10 100 1000; do
	[ "$n" -gt "$max_states" ] || sizes="$sizes $n"
done

# write_list DIRECTORY N: lists the first N states of the directory in the file DIRECTORY.N.
write_list()
{
	i=0
	while [ "$i" -lt "$2" ]; do
		i=$((i + 1))
		echo "$1/$i.state"
	done >"$1.$2"
}

for columns in 20 200; do
	"$builddir/data/make_data" wide "$work/data" "--columns=$columns" \
		"--files=$max_states" --rows=20
	mkdir "$work/files-$columns"
	i=0
	for file in "$work"/data/*.csv; do
		i=$((i + 1))
		"$csv_report" -j 1 --format=state --output="$work/files-$columns/$i.state" "$file"
	done
	rm -r "$work/data"
	"$builddir/data/make_data" wide "$work/data" "--columns=$columns" --files=1 \
		"--rows=$((max_states * 5))"
	file=$work/data/part-00000.csv
	chunk=$(($(wc -c <"$file") / max_states))
	for n in $sizes; do
		write_list "$work/files-$columns" "$n"
		shares=$work/shares-$columns-$n
		mkdir "$shares"
		i=0
		while [ "$i" -lt "$n" ]; do
			i=$((i + 1))
			"$csv_report" -j 1 --chunk="$chunk" --shard="$i/$n" --format=state \
				--output="$shares/$i.state" "$file"
		done
		write_list "$shares" "$n"
		printf 'files|%s|%s\t%s\t--files-from=%s\n' "$columns" "$n" "$csv_report" \
			"$work/files-$columns.$n"
		printf 'shares|%s|%s\t%s\t--files-from=%s\n' "$columns" "$n" "$csv_report" "$shares.$n"
	done >>"$work/commands"
	mv "$work/data" "$work/data-$columns" # merging must not read the data
done

"$builddir/bench/stopwatch" -n "$rounds" <"$work/commands" >"$work/figures"
awk -F '\t' '
	BEGIN {
		print "| states of | columns | states | ms, median | min | max | peak MiB |"
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

# The number of bytes that each further column or file adds to a state.
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
	echo "states: the plot is $out/states.svg" >&2
fi
exit "${is_slow:-0}"
