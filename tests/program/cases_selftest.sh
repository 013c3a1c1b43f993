#!/bin/sh
# cases_selftest.sh - run_cases.sh detects a wrong expectation of every kind
#
# A script that prints its input replaces csv-report, so that every outcome is known.
set -eu
srcdir=${srcdir:-$(dirname "$0")/../..}
runner=$srcdir/tests/tools/run_cases.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM

cat >"$work/program" <<'END'
#!/bin/sh
# Prints its files (or standard input), and the word of --say on standard error; exits with --status.
status=0
for argument in "$@"; do
	case $argument in
	--status=*) status=${argument#*=} ;;
	--say=*) echo "${argument#*=}" >&2 ;;
	--format=json) ;;
	*) cat "$argument" ;;
	esac
done
exit "$status"
END
chmod +x "$work/program"
CSV_REPORT=$work/program
CSV_REPORT_OPTIONS=
export CSV_REPORT CSV_REPORT_OPTIONS

n=0
n_failed=0

# expect SENTENCE LINES: the runner prints LINES for the cases from standard input.
expect() {
	sentence=$1
	expected=$2
	n=$((n + 1))
	cat >"$work/try.cases"
	sh "$runner" "$work/try.cases" >"$work/tap" 2>"$work/complaint" || :
	found=$(grep -v '^#' "$work/tap" | tr '\n' '/')
	if [ "$found" = "$expected" ]; then
		echo "ok $n - $sentence"
	else
		n_failed=$((n_failed + 1))
		echo "not ok $n - $sentence"
		sed 's/^/#   /' "$work/tap" "$work/complaint"
	fi
}

expect "a case that passes is ok" "ok 1 - holds/1..1/" <<'END'
case holds
file a.csv
| x
| 'it''s' $HOME `id` "\n" %s
$ csv-report a.csv
out
| x
| 'it''s' $HOME `id` "\n" %s
END

expect "any bytes pass through unchanged" "ok 1 - holds/1..1/" <<'END'
case holds
bytes a b/a.csv
| \xEF\xBB\xBFx\r\n
| \x00\x01\xff\t%s%%\\n'"$x`
$ csv-report 'a b/a.csv'
out-bytes
| \xef\xbb\xbfx\x0D\x0a\x00\x01\xFF	%s%%\\n'"$x`
END

expect "one missing byte is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
bytes a.csv
| x\n
$ csv-report a.csv
out-bytes
| x
END

# `echo` of some shells would convert \0101 to a byte and \n to a line end.
expect "backslashes in sentences and texts are printed unchanged" \
	'not ok 1 - fails with \n and \0101/1..1/' <<'END'
case fails with \n and \0101
$ csv-report --say='\n'
out-has
| \n\0101
END

expect "wrong output is not ok" "not ok 1 - fails/ok 2 - holds/1..2/" <<'END'
case fails
file a.csv
| x
$ csv-report a.csv
out
| y

case holds
file a.csv
| x
$ csv-report a.csv
out
| x
END

expect "missing output is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
file a.csv
$ csv-report a.csv
out
| y
END

expect "unexpected output is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
file a.csv
| x
$ csv-report a.csv
out
END

expect "a report of a failed run is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
file a.csv
| x
$ csv-report a.csv --status=1
exit 1
END

expect "missing text is not ok" "not ok 1 - fails/ok 2 - holds/1..2/" <<'END'
case fails
stdin
| one
| two
$ csv-report -
out-has
| one
| three

case holds
stdin
| one
| two
$ csv-report -
out-has
| one
| tw
END

expect "text that out-lacks names is not ok" "not ok 1 - fails/ok 2 - holds/1..2/" <<'END'
case fails
stdin-bytes
| one\n
$ csv-report -
out-lacks
| one

case holds
stdin
| one
$ csv-report -
out-lacks
| two
END

expect "a wrong exit status is not ok" "not ok 1 - fails/not ok 2 - fails/ok 3 - holds/1..3/" <<'END'
case fails
$ csv-report --status=3
case fails
$ csv-report
exit 3
case holds
$ csv-report --status=3
exit 3
END

expect "standard error must be empty unless the case has err" \
	"not ok 1 - fails/ok 2 - holds/not ok 3 - fails/not ok 4 - fails/1..4/" <<'END'
case fails
$ csv-report --say=news
case holds
$ csv-report --say=news
err
| news
case fails
$ csv-report --say=news
err
| old
case fails
$ csv-report --say=news
err-lacks
| news
END

# with_tables CELLS PROBLEMS: a case that reads a report of one column with the numbers 1 and 2.5.
with_tables() {
	cat <<'END'
case a table
why a reason
file a.csv
| {
|   "columns": [
|     {
|       "name": "a b",
|       "type": "mixed",
|       "count": 2,
|       "missing": 1,
|       "nan": 1,
|       "infinite": 0,
|       "invalid": 1,
|       "files": 1,
|       "rows": 5,
|       "sum": 3.5,
|       "min": 1,
|       "max": 2.5,
|       "cells": {
|         "number": 2,
|         "missing": 1,
|         "nan": 1,
|         "infinite": 0,
|         "boolean": 0,
|         "date": 0,
|         "datetime": 0,
|         "time": 0,
|         "text": 1
|       },
|       "first_invalid": {
|         "file": "a.csv",
|         "line": 3,
|         "cell": "x"
|       },
|       "absent_from": []
|     }
|   ],
|   "rows": 5,
|   "problems": [
|     {
|       "kind": "short_rows",
|       "count": 1,
|       "file": "a.csv",
|       "line": 3,
|       "column": null,
|       "message": "1 short row"
|     },
|     {
|       "kind": "invalid_cells",
|       "count": 1,
|       "file": "a.csv",
|       "line": 3,
|       "column": "a b",
|       "message": "1 invalid cell"
|     }
|   ]
| }
read a.csv
END
	printf '%s\n' cells
	# shellcheck disable=SC2086 # words, each a cell
	printf '| %s\n' 'a b' $1
	[ -z "$2" ] || printf '%s\n' problems "| $2"
}

# expect_tables SENTENCE RESULT CELLS PROBLEMS
expect_tables() {
	with_tables "$3" "$4" >"$work/made"
	expect "$1" "$2 1 - a table/1..1/" <"$work/made"
}

expect_tables "a table of the right cells in any order is ok" ok \
	"2.5 nan missing text 1" "short_rows 1 a.csv:3"
expect_tables "a wrong number is detected" "not ok" \
	"1 2 missing nan text" "short_rows 1 a.csv:3"
expect_tables "wrong numbers with the right sum are detected by minimum and maximum" "not ok" \
	"0.5 3 missing nan text" "short_rows 1 a.csv:3"
expect_tables "a cell of a wrong class is detected" "not ok" \
	"1 2.5 infinite nan text" "short_rows 1 a.csv:3"
expect_tables "a time is no text" "not ok" \
	"1 2.5 missing nan time" "short_rows 1 a.csv:3"
expect_tables "a row too many is detected" "not ok" \
	"1 2.5 missing nan text absent" "short_rows 1 a.csv:3"
expect_tables "an unexpected problem is detected" "not ok" "1 2.5 missing nan text" ""
expect_tables "a problem with a wrong line is detected" "not ok" \
	"1 2.5 missing nan text" "short_rows 1 a.csv:4"
expect_tables "a word that is not a cell is detected" "not ok" \
	"1 2.5 missing nan wrong" "short_rows 1 a.csv:3"

with_tables "1 2.5 missing nan text" "short_rows 1 a.csv:3" >"$work/made"
sed 's/^| a b$/| a b | c/; s/^| \([0-9.a-z]*\)$/| \1 | missing/' "$work/made" >"$work/more"
expect "a missing column is detected" "not ok 1 - a table/1..1/" <"$work/more"
sed 's/^| a b$/| b/' "$work/made" >"$work/other"
expect "a column with a wrong name is detected" "not ok 1 - a table/1..1/" <"$work/other"
sed '/^why/d' "$work/made" >"$work/bare"
expect "read without a reason is refused" "Bail out! $work/try.cases is not well formed/" \
	<"$work/bare"

expect "cells without read is refused" "Bail out! $work/try.cases is not well formed/" <<'END'
case fails
$ csv-report a.csv
cells
| x
END

expect "a case without a command is refused" "Bail out! $work/try.cases is not well formed/" <<'END'
case fails
file a.csv
| x
END

expect "an unknown escape is refused" \
	"Bail out! $work/try.cases is not well formed/" <<'END'
case fails
bytes a.csv
| \q
$ csv-report a.csv
END

expect "an unknown keyword is refused" \
	"Bail out! $work/try.cases is not well formed/" <<'END'
case fails
$ csv-report a.csv
output
| x
END

expect "a file without cases is refused" "Bail out! $work/try.cases is not well formed/" </dev/null

CSV_REPORT_OPTIONS=--say=first
expect "CSV_REPORT_OPTIONS precede the options of the case" "ok 1 - holds/1..1/" <<'END'
case holds
$ csv-report --say=second
err
| first
| second
END

echo "1..$n"
[ "$n_failed" -eq 0 ]
