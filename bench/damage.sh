#!/bin/sh
# damage.sh - what csv-report and DuckDB make of damaged and of well-formed tables: `make bench-damage`
#
# Usage   bench/damage.sh, in the build directory or with builddir=DIR
# Env     DAMAGE_SEED    of the tables (default: 7)
#         DAMAGE_TABLES  of each kind of damage (default: 20); of each shape a quarter more
#         BENCH_PEERS    where `make bench-peers` installed the peers (default: bench/out/peers)
# Output  a table in Markdown: the files that each program reads right, those it reads wrong but says so, and those it
#         reads wrong silently; without DuckDB only those of csv-report
set -eu

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$(pwd)}
peers=${BENCH_PEERS:-$builddir/bench/out/peers}
n_tables=${DAMAGE_TABLES:-20}
tools=$srcdir/tests/tools

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# compare GENERATOR TABLES: generates TABLES of each kind, and writes a line for each of its kinds:
# KIND, tab, right, said and silent of csv-report, tab, the same of DuckDB.
compare()
{
	mkdir "$work/$1"
	python3 "$tools/$1.py" generate "${DAMAGE_SEED:-7}" "$2" "$work/$1"
	# It ends with 1 if some are not right.
	python3 "$tools/$1.py" check "$builddir/src/csv-report" "$work/$1" >"$work/ours" || [ $? -eq 1 ]
	: >"$work/theirs"
	if [ -d "$peers/node_modules/@duckdb" ]; then
		NODE_PATH=$peers/node_modules node "$srcdir/bench/peers/damage.js" "$work/$1" \
			>"$work/theirs" 2>"$work/version"
	fi
	awk '
		/^wrong:/ { next }
		{
			counts = $1 "\t" $3 "\t" $5
			kind = $0
			sub(/^.* silent(, valid)?  /, "", kind)
		}
		FILENAME == ARGV[1] { theirs[kind] = counts; next }
		{ print kind "\t" counts "\t" (kind in theirs ? theirs[kind] : "\t\t") }
	' "$work/theirs" "$work/ours"
}

compare damage "$n_tables" >"$work/kinds"
compare well_formed "$((n_tables + n_tables / 4))" >"$work/shapes"

# print_table TITLE FILE: rows for kinds of which some file is not right, and one row for all others.
print_table()
{
	awk -F '\t' -v title="$1" -v version="$(cat "$work/version" 2>/dev/null || echo DuckDB)" '
		function row(name, c) {
			printf "| %s | %s | %s | %s | %s | %s | %s |\n", name, c[2], c[3], c[4], c[5], c[6], c[7]
		}
		BEGIN {
			print "| " title " | csv-report: right | said | silent | " version ": right | said | silent |"
			print "|---|--:|--:|--:|--:|--:|--:|"
		}
		{
			split($0, count, "\t")
			is_right = $3 + $4 + $6 + $7 == 0
			n_right += is_right
			for (i = 2; i <= 7; i++) {
				all[i] += $i
				right[i] += is_right ? $i : 0
			}
			if (!is_right)
				row($1, count)
		}
		END {
			if (n_right > 0)
				row(n_right " others", right)
			row("**all**", all)
		}' "$2"
}

print_table 'kind of damage' "$work/kinds"
echo
print_table 'shape, without damage' "$work/shapes"
