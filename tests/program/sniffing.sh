#!/bin/sh
# sniffing.sh - tables of many shapes are read right without options
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       of the tables (default: 1)
#         TABLES      of each shape (default: 25)
# Output  TAP: one test for each seed and shape
set -eu

srcdir=$(cd "$(dirname "$0")/../.." && pwd)
# shellcheck source=tests/tools/program.sh
. "$srcdir/tests/tools/program.sh"

has_python sys || skip_all 'python3 is missing'

for seed in ${SEEDS:-1}; do
	check_tables "$srcdir/tests/tools/well_formed.py" "$seed" "${TABLES:-25}"
	while read -r n_right _ n_said _ n_silent _ kind; do
		begin "seed $seed: $kind: all $((n_right + n_said + n_silent)) tables are read right"
		[ "$((n_said + n_silent))" -eq 0 ] || wrong "$(grep -F ": $kind, " wrong)"
		finish
	done <kinds
done

echo "1..$n"
[ "$n_failed" -eq 0 ]
