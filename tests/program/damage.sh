#!/bin/sh
# damage.sh - the report of a damaged table is right, or names the damage with file and line
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       of the tables (default: 1 2)
# Output  TAP: one test for each seed and kind of damage
set -eu

srcdir=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tools/program.sh
. "$srcdir/tests/tools/program.sh"

has_python sys || skip_all 'python3 is missing'

for seed in ${SEEDS:-1 2}; do
	check_tables "$srcdir/tests/tools/damage.py" "$seed" 6
	while read -r _ _ _ _ n_silent _ kind; do
		begin "seed $seed: $kind: the report is right or says so"
		[ "$n_silent" -eq 0 ] || wrong "$(grep -F ": $kind," wrong)"
		finish
	done <kinds
	begin "seed $seed: tables without damage have no problems"
	grep "$(printf '^wrong: .*{')" wrong >why || true
	finish
done

echo "1..$n"
[ "$n_failed" -eq 0 ]
