#!/bin/sh
# histograms.sh - the counts of histograms are those of all values, or differ from them by at most max_error
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       seeds of the columns (default: 1)
# Output  TAP; every test is skipped without python3
set -eu

srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
SEEDS=${SEEDS:-1}

# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
CSV_REPORT=$program
has_python sys || skip_all "python3 (3.9 or later) is missing"
check=$srcdir/tests/tools/check_histograms.py

# agrees WORD OPTION...: whether a report with these options agrees with all values; WORD is `exact` or empty.
agrees()
{
	word=$1
	shift
	"$CSV_REPORT" --all --format=json "$@" "$work/random.csv" >"$work/report.json" 2>"$work/log" </dev/null &&
		python3 "$check" check "$work/random.csv" "$word" <"$work/report.json" >"$work/log" 2>&1
}

for seed in $SEEDS; do
	python3 "$check" make "$seed" "$work/random.csv"
	status=0
	agrees '' || status=1
	tap_line "$status" "the histograms of 320 random columns are within their max_error (seed $seed)"
	sed 's/^/# /' "$work/log" | tail -n 5
	status=0
	agrees exact --exact || status=1
	tap_line "$status" "with --exact all of them are exact (seed $seed)"
	sed 's/^/# /' "$work/log" | tail -n 5
done
echo "1..$n"
[ "$n_failed" -eq 0 ]
