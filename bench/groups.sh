#!/bin/sh
# groups.sh - measures --group-by: `make bench-groups`
#
# Usage   bench/groups.sh, in the build directory or with builddir=DIR; it prints Markdown
# Env     BENCH_DATA      as in bench.sh
#         BENCH_PEERS     where DuckDB is installed (default: bench/out/peers in the build directory); if it is
#                         not there, it is left out
#         BENCH_QUICK     1: 100,000 rows and two rounds
#         GROUPS_ROWS     rows of a file (default 10,000,000; 100,000,000 take 5.2 GB); `wide` has a twentieth
#         GROUPS_KINDS    the inputs (default: stations names ids wide; group_rows.c describes them)
#         GROUPS_ROUNDS   runs of each command, after a warm-up (default 5)
#         GROUPS_BUDGET   a command that has used this many seconds is not run again (default 60)
#         GROUPS_THREADS  numbers of threads (default: 1 and 2)
#         GROUPS_PROGRAM  an entry of the One Billion Row Challenge to compare with: it is called with FILE and
#                         THREADS, and prints {NAME=MIN/MEAN/MAX, ...}
#         GROUPS_PROGRAM_KINDS  the inputs that it can read (default: stations names)
# Output  a description of the machine, and a table for each input; ratios are of medians
# Exit    1 if the answers differ: the number of values, least, mean or greatest of any group
#
# The input is in the page cache. csv-report computes count, mean, stddev, min and max of each group and of all rows;
# DuckDB, which is told the types, and the other program compute count, mean, min and max of each group.
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
rows=${GROUPS_ROWS:-10000000}
rounds=${GROUPS_ROUNDS:-5}
if [ "${BENCH_QUICK:-0}" = 1 ]; then
	rows=${GROUPS_ROWS:-100000}
	rounds=${GROUPS_ROUNDS:-2}
fi
kinds=${GROUPS_KINDS:-stations names ids wide}
threads=${GROUPS_THREADS:-1 2}
program=${GROUPS_PROGRAM:-}
program_kinds=${GROUPS_PROGRAM_KINDS:-stations names}
peers=${BENCH_PEERS:-$builddir/bench/out/peers}
export NODE_PATH="$peers/node_modules"
LC_ALL=C
export LC_ALL

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# make_rows KIND: generates the rows, unless they are there, and sets $input to the file and $n_rows to their number.
make_rows()
{
	n_rows=$rows
	[ "$1" != wide ] || n_rows=$((rows / 20))
	input=$data/groups-$1-$n_rows.csv
	mark=$(cksum <"$srcdir/bench/group_rows.c")
	[ "$(cat "$input.made" 2>/dev/null || :)" != "$mark" ] || return 0
	mkdir -p "$data"
	echo "groups: generating $input" >&2
	"$builddir/bench/group_rows" "$1" "$n_rows" >"$input"
	echo "$mark" >"$input.made"
}

has_duckdb()
{
	command -v node >/dev/null && [ -d "$peers/node_modules/@duckdb/node-api" ]
}

# runs_program KIND: whether the other program is to be measured.
runs_program()
{
	case "${program:+ $program_kinds }" in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

# ---- answers ----

# Each answer becomes lines of key, column, count, mean, min and max, separated by tabs.

# answer_of_report KIND <REPORT.tsv
answer_of_report()
{
	awk -F '\t' -v OFS='\t' '
		NR == 1 {
			for (i = 1; i <= NF; i++)
				at[$i] = i
			next
		}
		{ print $1, $at["column"], $at["count"], $at["mean"], $at["min"], $at["max"] }'
}

# answer_of_duckdb KIND <ANSWER.tsv: its columns are the key, the number of rows, then all means, least and greatest
# values.
answer_of_duckdb()
{
	awk -F '\t' -v OFS='\t' -v is_wide="$1" '
		NR > 1 {
			n = (NF - 2) / 3
			for (i = 1; i <= n; i++) {
				column = is_wide == "wide" ? sprintf("c%02d", i) : "column_2"
				print $1, column, $2, $(2 + i), $(2 + n + i), $(2 + 2 * n + i)
			}
		}'
}

# answer_of_program <ANSWER: without counts
answer_of_program()
{
	sed 's/^{//; s/}$//; s|\(=[-0-9.]*/[-0-9.]*/[-0-9.]*\), |\1\
|g' | awk -v OFS='\t' '{
		at = match($0, /=[^=]*$/)
		split(substr($0, at + 1), value, "/")
		print substr($0, 1, at - 1), "column_2", "", value[2], value[1], value[3]
	}'
}

# compare_answers NAME SLACK: whether the answer in the file NAME is that of csv-report; means may differ by SLACK.
compare_answers()
{
	awk -F '\t' -v name="$1" -v slack="$2" '
		function differs(key, what) {
			if (n_wrong++ == 0)
				printf "groups: %s: %s: %s differs\n", name, key, what >"/dev/stderr"
		}
		NR == FNR {
			ours[$1 "\t" $2] = $0
			n_ours++
			next
		}
		{
			key = $1 "\t" $2
			if (!(key in ours)) {
				differs(key, "the group")
				next
			}
			n_theirs++
			split(ours[key], our, "\t")
			error = our[4] - $4
			if ($3 != "" && our[3] != $3)
				differs(key, "the count")
			if (error > slack || error < -slack)
				differs(key, "the mean")
			if (our[5] + 0 != $5 + 0 || our[6] + 0 != $6 + 0)
				differs(key, "an extreme")
		}
		END {
			if (n_ours != n_theirs)
				differs("", "the number of groups")
			exit n_wrong > 0
		}' "$work/ours" "$work/$1"
}

check_answers()
{
	"$csv_report" --group-by=1 --format=tsv --stats=count,mean,min,max "$@" "$input" | answer_of_report >"$work/ours"
	for n in $threads; do
		if has_duckdb; then
			node "$srcdir/bench/peers/duckdb.js" "$n" "$query" "$input" "$work/duckdb.tsv" >/dev/null
			answer_of_duckdb "$kind" <"$work/duckdb.tsv" >"$work/duckdb"
			compare_answers duckdb 1e-6
		fi
		if runs_program "$kind"; then
			"$program" "$input" "$n" | answer_of_program >"$work/program"
			compare_answers program 0.051
		fi
	done
}

# ---- times ----

# add NAME THREADS COMMAND...: adds a command for the stopwatch.
add()
{
	label=$1'|'$2
	shift 2
	{
		printf '%s' "$label"
		printf '\t%s' "$@"
		echo
	} >>"$work/commands"
}

# add_commands OPTION...: of csv-report for the input
add_commands()
{
	: >"$work/commands"
	for n in $threads; do
		add 'csv-report, groups' "$n" "$csv_report" -j "$n" --format=csv "--output=$work/report" --group-by=1 "$@" "$input"
		add 'csv-report, no groups' "$n" "$csv_report" -j "$n" --format=csv "--output=$work/report" "$@" "$input"
		[ "$kind" = wide ] || add 'csv-report, no groups, only the numbers' "$n" "$csv_report" -j "$n" \
			--format=csv "--output=$work/report" --select=2 "$@" "$input"
		! has_duckdb || add 'DuckDB, types given' "$n" node "$srcdir/bench/peers/duckdb.js" "$n" "$query" "$input" \
			"$work/duckdb.tsv"
		! runs_program "$kind" || add "${program##*/}" "$n" "$program" "$input" "$n"
	done
}

print_table()
{
	echo
	echo "### $kind: $n_rows rows, $(($(wc -c <"$input") / 1000000)) MB"
	echo
	awk -F '\t' '
		{
			split($1, label, "|")
			if (label[1] == "csv-report, groups" && $8 == "ok")
				base[label[2]] = $3
			row[NR] = $0
		}
		END {
			print "| what | threads | median s | min to max | CPU s | peak MiB | relative to csv-report, groups |"
			print "|---|--:|--:|--:|--:|--:|--:|"
			for (i = 1; i <= NR; i++) {
				split(row[i], field, "\t")
				split(field[1], label, "|")
				if (field[8] != "ok")
					printf "| %s | %s | %s | | | | |\n", label[1], label[2], field[8]
				else
					printf "| %s | %s | %.3f | %.3f to %.3f | %.2f | %.0f | %s |\n", label[1], label[2],
						field[3], field[4], field[5], field[6], field[7] / 1024,
						(base[label[2]] > 0 ? sprintf("%.2f", field[3] / base[label[2]]) : "")
			}
		}' "$work/figures"
}

# ---- all inputs ----

sh "$srcdir/bench/machine.sh"
echo "- DuckDB: $(node -p 'require("@duckdb/node-api/package.json").version' 2>/dev/null || echo 'not installed')"
for kind in $kinds; do
	make_rows "$kind"
	if [ "$kind" = wide ]; then
		query=group-wide
		set --
	else
		query=group
		set -- --header=no '--delimiter=;'
	fi
	check_answers "$@"
	add_commands "$@"
	"$builddir/bench/stopwatch" -n "$rounds" -b "${GROUPS_BUDGET:-60}" <"$work/commands" >"$work/figures"
	print_table
done
