#!/bin/sh
# cases_selftest.sh - run_cases.sh must be able to fail: a wrong expectation of every kind is told
#
# The program under test is a stand-in that prints its input, so that every outcome is known.
set -eu
srcdir=${srcdir:-$(dirname "$0")/../..}
runner=$srcdir/tests/tools/run_cases.sh
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM

cat >"$work/program" <<'END'
#!/bin/sh
# Prints its files (or standard input), a word on standard error when asked, and exits as told.
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

# A case from standard input, and the lines that the runner must begin with.
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

expect "a case that holds is ok" "ok 1 - holds/1..1/" <<'END'
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

expect "one byte more is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
bytes a.csv
| x\n
$ csv-report a.csv
out-bytes
| x
END

# `echo` of some shells would make a byte of \0101, and a line end of \n.
expect "backslashes in sentences and texts are told as they are" \
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

expect "no output where some is expected is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
file a.csv
$ csv-report a.csv
out
| y
END

expect "output where none is expected is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
file a.csv
| x
$ csv-report a.csv
out
END

expect "a report of a run that failed is not ok" "not ok 1 - fails/1..1/" <<'END'
case fails
file a.csv
| x
$ csv-report a.csv --status=1
exit 1
END

expect "text that is lacking is not ok" "not ok 1 - fails/ok 2 - holds/1..2/" <<'END'
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

expect "text that should not be there is not ok" "not ok 1 - fails/ok 2 - holds/1..2/" <<'END'
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

expect "standard error is empty unless lines of it are named" \
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

# with_tables CELLS PROBLEMS: a case that reads a report of one column, whose two numbers are 1 and 2.5.
with_tables() {
	cat <<'END'
case a table
why a reason
file a.csv
| {
|   "columns": [
|     {
|       "name": "a b",
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
|       "first_invalid": {
|         "file": "a.csv",
|         "line": 3
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

# expect_tables SENTENCE VERDICT CELLS PROBLEMS
expect_tables() {
	with_tables "$3" "$4" >"$work/made"
	expect "$1" "$2 1 - a table/1..1/" <"$work/made"
}

expect_tables "a table of the cells that were found holds, in any order" ok \
	"2.5 nan missing invalid 1" "short_rows 1 a.csv:3"
expect_tables "a number that is another is told" "not ok" \
	"1 2 missing nan invalid" "short_rows 1 a.csv:3"
expect_tables "the least and the greatest number tell where the sum does not" "not ok" \
	"0.5 3 missing nan invalid" "short_rows 1 a.csv:3"
expect_tables "a cell of another class is told" "not ok" \
	"1 2.5 infinite nan invalid" "short_rows 1 a.csv:3"
expect_tables "a row more than was found is told" "not ok" \
	"1 2.5 missing nan invalid absent" "short_rows 1 a.csv:3"
expect_tables "a problem that is not expected is told" "not ok" "1 2.5 missing nan invalid" ""
expect_tables "a problem at another line is told" "not ok" \
	"1 2.5 missing nan invalid" "short_rows 1 a.csv:4"
expect_tables "a word that is no cell is told" "not ok" \
	"1 2.5 missing nan wrong" "short_rows 1 a.csv:3"

with_tables "1 2.5 missing nan invalid" "short_rows 1 a.csv:3" >"$work/made"
sed 's/^| a b$/| a b | c/; s/^| \([0-9.a-z]*\)$/| \1 | missing/' "$work/made" >"$work/more"
expect "a column that is not there is told" "not ok 1 - a table/1..1/" <"$work/more"
sed 's/^| a b$/| b/' "$work/made" >"$work/other"
expect "a column of another name is told" "not ok 1 - a table/1..1/" <"$work/other"
sed '/^why/d' "$work/made" >"$work/bare"
expect "what is read without a reason is refused" "Bail out! $work/try.cases is not well formed/" \
	<"$work/bare"

expect "a table of what was not read is refused" "Bail out! $work/try.cases is not well formed/" <<'END'
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

expect "an escape that does not exist is refused" \
	"Bail out! $work/try.cases is not well formed/" <<'END'
case fails
bytes a.csv
| \q
$ csv-report a.csv
END

expect "a word that does not exist is refused" \
	"Bail out! $work/try.cases is not well formed/" <<'END'
case fails
$ csv-report a.csv
output
| x
END

expect "a file without cases is refused" "Bail out! $work/try.cases is not well formed/" </dev/null

CSV_REPORT_OPTIONS=--say=first
expect "CSV_REPORT_OPTIONS go before the options of the case" "ok 1 - holds/1..1/" <<'END'
case holds
$ csv-report --say=second
err
| first
| second
END

echo "1..$n"
[ "$n_failed" -eq 0 ]
