#!/bin/sh
# run_cases.sh - runs each case of a text file against csv-report in its own directory
#
# Usage   run_cases.sh FILE.cases [NUMBER]      (a number: only this case)
# Shape   awk turns the cases into a shell script; the script runs them and prints TAP
# Input   cases/README.md describes the format
# Env     CSV_REPORT          the program (default: ./src/csv-report)
#         CSV_REPORT_OPTIONS  options before those of every case, for example "--block=1"
# Exit    0: all cases pass; 1: some fail; 2: the file of cases is malformed
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH NO_COLOR COLUMNS

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
	echo "usage: run_cases.sh FILE.cases [NUMBER]" >&2
	exit 2
fi
only=${2:-0}
program=${CSV_REPORT:-./src/csv-report}
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
if [ ! -x "$program" ]; then
	echo "Bail out! $program is missing: build it, or set CSV_REPORT to the program"
	exit 2
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM

# The csv-report that the cases run. A time limit ends a case that hangs.
mkdir "$work/bin"
limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 60 '
fi
cat >"$work/bin/csv-report" <<END
#!/bin/sh
exec $limit"\$CSV_REPORT_PROGRAM" \$CSV_REPORT_OPTIONS "\$@"
END
chmod +x "$work/bin/csv-report"
CSV_REPORT_PROGRAM=$program
CSV_REPORT_OPTIONS=${CSV_REPORT_OPTIONS:-}
PATH=$work/bin:$PATH
export CSV_REPORT_PROGRAM CSV_REPORT_OPTIONS PATH

# Bytes that are not printable become octal escapes of printf's format, which every POSIX shell
# supports, also for NUL.
cat >"$work/cases.awk" <<'AWK'
function fail(what) {
	printf "%s:%d: %s\n", FILENAME, FNR, what > "/dev/stderr"
	is_bad = 1
	exit 2
}

function quoted(text,    parts, n, i, result) {
	n = split(text, parts, /'/)
	result = parts[1]
	for (i = 2; i <= n; i++)
		result = result "'\\''" parts[i]
	return "'" result "'"
}

function hex_digit(c,    at) {
	at = index("0123456789abcdef", tolower(c))
	if (c == "" || at == 0)
		fail("\\x needs two hexadecimal digits")
	return at - 1
}

# Converts a line with escapes to a format of printf.
function as_format(text,    result, at, c) {
	result = ""
	while ((at = index(text, "\\")) > 0) {
		result = result percents(substr(text, 1, at - 1))
		c = substr(text, at + 1, 1)
		text = substr(text, at + 2)
		if (c == "n" || c == "r" || c == "t" || c == "\\") {
			result = result "\\" c
		} else if (c == "x") {
			result = result sprintf("\\%03o", hex_digit(substr(text, 1, 1)) * 16 \
						+ hex_digit(substr(text, 2, 1)))
			text = substr(text, 3)
		} else {
			fail("unknown escape \\" c "; expected \\n \\r \\t \\\\ or \\xHH")
		}
	}
	return result percents(text)
}

function percents(text) {
	gsub(/%/, "%%", text)
	return text
}

# Writes the current block to the script.
function end_block() {
	if (block == "file") {
		if (n_lines == 0)
			print ": >" quoted(target)
		else
			print "printf '%s\\n'" words " >" quoted(target)
	} else if (block == "bytes") {
		print "printf " quoted(format) " >" quoted(target)
	} else if (block == "words") {
		if (n_lines == 0)
			fail("the block before this line is empty")
		print target words
	} else if (block == "cells") {
		printf "%s", table > cells_file
		close(cells_file)
	}
	block = ""
}

function begin_block(kind) {
	end_block()
	if (n_cases == 0)
		fail("a case starts with its sentence: case SENTENCE")
	block = kind
	words = ""
	format = ""
	table = ""
	n_lines = 0
}

function begin_input(kind, name,    directory) {
	begin_block(kind)
	if (has_command)
		fail("inputs must precede the command")
	if (name == "")
		fail("a file needs a name")
	if (name ~ /\//) {
		directory = name
		sub(/\/[^\/]*$/, "", directory)
		print "mkdir -p " quoted(directory)
	}
	target = name
}

# `where` is a file, or the function that receives the lines.
function begin_output(kind, where) {
	begin_block(kind)
	if (!has_command)
		fail("expectations must follow the command")
	target = where
}

function begin_table(kind) {
	begin_block(kind)
	if (!is_read)
		fail(kind " must follow `read`")
	cells_file = directory "/" n_cases "." kind
	block = "cells"
}

function begin_command() {
	end_block()
	if (n_cases == 0 || has_command)
		fail("a case has exactly one command")
	has_command = 1
}

function end_case() {
	end_block()
	if (n_cases > 0) {
		if (!has_command)
			fail("the case before this line has no command: $ csv-report ..., or read ...")
		print "end_case"
	}
}

function rest() {
	return $0 ~ / / ? substr($0, index($0, " ") + 1) : ""
}

/^\|/ {
	if (block == "")
		fail("a line of text outside a block")
	if ($0 != "|" && substr($0, 1, 2) != "| ")
		fail("a space must follow |")
	n_lines++
	if (block == "bytes")
		format = format as_format(substr($0, 3))
	else if (block == "cells")
		table = table substr($0, 3) "\n"
	else
		words = words " " quoted(substr($0, 3))
	next
}

/^(#|$)/ { next }

$1 == "case" {
	end_case()
	n_cases++
	has_command = is_read = has_reason = 0
	if (rest() == "" || rest() ~ /#/)
		fail("the sentence of a case must not be empty or contain #")
	print "begin_case " n_cases " " quoted(rest())
	next
}
$1 == "file" || $1 == "bytes" { begin_input($1, rest()); next }
$0 == "stdin" { begin_input("file", "../stdin"); next }
$0 == "stdin-bytes" { begin_input("bytes", "../stdin"); next }
$0 == "out" { begin_output("file", "../out.expected"); next }
$0 == "out-bytes" { begin_output("bytes", "../out.expected"); next }
$0 == "out-has" { begin_output("words", "expect_has out"); next }
$0 == "out-lacks" { begin_output("words", "expect_lacks out"); next }
$0 == "err" { begin_output("words", "expect_has err"); next }
$0 == "err-lacks" { begin_output("words", "expect_lacks err"); next }
$1 == "why" {
	end_block()
	if (n_cases == 0 || has_command || rest() == "")
		fail("a reason must not be empty and must precede the command of its case")
	has_reason = 1
	print "reason=" quoted(rest())
	next
}
$1 == "$" {
	begin_command()
	print "command=" quoted(rest())
	print "run_command"
	next
}
$1 == "read" {
	begin_command()
	is_read = 1
	if (!has_reason)
		fail("read needs a reason: why STANDARD OR PROGRAM THAT WRITES SUCH FILES")
	print "command=" quoted("csv-report --format=json " rest())
	print "arguments=" quoted(rest())
	print "is_read=true"
	print "run_command"
	next
}
$0 == "cells" { begin_table("cells"); next }
$0 == "problems" { begin_table("problems"); next }
$1 == "exit" {
	end_block()
	if (rest() !~ /^[0-9]+$/)
		fail("exit needs a number")
	print "expected_status=" rest()
	next
}
{ fail("not a line of a case: " $0) }

END {
	if (is_bad)
		exit 2
	end_case()
	if (n_cases == 0)
		fail("no case in this file")
	print "n_cases=" n_cases
}
AWK

# Compares the report of `read` with the tables of cells and problems and prints the differences.
cat >"$work/tables.awk" <<'AWK'
# Files: the expected CELLS and PROBLEMS, then the report, with one member per line.
function differs(what, expected, found) {
	printf "%s: expected %s, found %s\n", what, expected, found
}

function fields_of(line, parts) {
	sub(/^ +/, "", line)
	sub(/ +$/, "", line)
	return split(line, parts, / *\| */)
}

function add_number(i, value) {
	if (n_number[i] == 0 || value < min[i])
		min[i] = value
	if (n_number[i] == 0 || value > max[i])
		max[i] = value
	n_number[i]++
	sum[i] += value
}

function add_cell(i, cell) {
	if (cell == "absent")
		return
	if (cell ~ /^-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?$/)
		add_number(i, cell + 0)
	else if (cell ~ /^(missing|nan|infinite|boolean|date|datetime|time|text)$/)
		n_cells[i, cell]++
	else
		print "not a cell: " cell "; expected a number, a class of cells, or absent"
}

# The type that follows from the cells; integer and decimal are both "number".
function type_of(i,    n_kinds, kind, n_of, n, k) {
	n_kinds = split("number boolean date time text", kind, " ")
	n_of["number"] = n_number[i] + n_cells[i, "nan"] + n_cells[i, "infinite"]
	n_of["boolean"] = n_cells[i, "boolean"] + 0
	n_of["date"] = n_cells[i, "date"] + n_cells[i, "datetime"]
	n_of["time"] = n_cells[i, "time"] + 0
	n_of["text"] = n_cells[i, "text"] + 0
	for (k = 1; k <= n_kinds; k++)
		n += n_of[kind[k]]
	if (n == 0)
		return "empty"
	for (k = 1; k <= n_kinds; k++)
		if (10 * n_of[kind[k]] >= 9 * n)
			return kind[k] == "date" && n_cells[i, "datetime"] > 0 ? "datetime" : kind[k]
	return "mixed"
}

function expect_count(i, class, count, found) {
	if (count + 0 != found + 0)
		differs(name[i] ": " class, count + 0, found)
}

# Compares fifteen digits; exactness.cases tests statistics to the last bit. `type` has numbers, or is that of
# a column without statistics of numbers.
function expect_value(i, what, value, found, type) {
	value = n_number[i] > 0 && type ~ /number|mixed/ ? sprintf("%.15g", value) : "null"
	if (found != "null")
		found = sprintf("%.15g", found + 0)
	if (value != found)
		differs(name[i] ": " what, value, found)
}

function check_column(    type, found_type) {
	n_seen++
	if (!(n_seen in name)) {
		print "unexpected column: " member["name"]
		return
	}
	if (member["name"] != "\"" name[n_seen] "\"") {
		differs("name of column " n_seen, name[n_seen], member["name"])
		return
	}
	expect_count(n_seen, "numbers", n_number[n_seen], member["cells.number"])
	for (class = split("missing nan infinite boolean date datetime time text", classes, " "); class > 0; class--)
		expect_count(n_seen, classes[class], n_cells[n_seen, classes[class]], \
			member["cells." classes[class]])
	type = type_of(n_seen)
	found_type = substr(member["type"], 2, length(member["type"]) - 2)
	sub(/integer|decimal/, "number", found_type)
	if (type != found_type)
		differs(name[n_seen] ": type", type, found_type)
	if (type ~ /date|time/)
		return
	expect_value(n_seen, "sum", sum[n_seen], member["sum"], type)
	if (type == "text") # they are texts, which the cells do not show
		return
	expect_value(n_seen, "min", min[n_seen], member["min"], type)
	expect_value(n_seen, "max", max[n_seen], member["max"], type)
}

# The table of cells already covers invalid cells and absent columns.
function check_problem(    kind, text) {
	kind = member["kind"]
	gsub(/"/, "", kind)
	if (kind ~ /^(invalid_cells|absent_columns|lookalikes|null_words|affixes)$/)
		return
	text = kind " " member["count"]
	if (member["file"] != "null")
		text = text " " substr(member["file"], 2, length(member["file"]) - 2)
	if (member["line"] != "null")
		text = text ":" member["line"]
	if (text in problem)
		delete problem[text]
	else
		print "unexpected problem: " text
}

FILENAME == cells_file {
	n = fields_of($0, field)
	if (FNR == 1) {
		n_columns = n
		for (i = 1; i <= n; i++)
			name[i] = field[i]
	} else {
		n_rows++
		if (n != n_columns)
			print "a line of cells has " n " of " n_columns " cells: " $0
		for (i = 1; i <= n; i++)
			add_cell(i, field[i])
	}
	next
}
FILENAME == problems_file { problem[$0]; next }

/^  "/ { section = $1 }
/^    \{/ { split("", member) }
/^      "[a-z_]+": / {
	key = $1
	gsub(/[":]/, "", key)
	value = substr($0, index($0, ": ") + 2)
	sub(/,$/, "", value)
	member[key] = value
}
/^        "[a-z]+": / {
	key = $1
	gsub(/[":]/, "", key)
	value = $2
	sub(/,$/, "", value)
	member["cells." key] = value
}
/^    \}/ {
	if (section == "\"columns\":")
		check_column()
	else if (section == "\"problems\":")
		check_problem()
}
section == "\"rows\":" { rows_seen = $2 + 0 }

END {
	for (i = n_seen + 1; i <= n_columns; i++)
		print "missing column: " name[i]
	for (text in problem)
		print "missing problem: " text
	if (rows_seen != n_rows + 0)
		differs("rows", n_rows + 0, rows_seen)
}
AWK

mkdir "$work/tables"
awk -v directory="$work/tables" -f "$work/cases.awk" -- "$1" >"$work/script" || {
	echo "Bail out! $1 is not well formed"
	exit 2
}

# ---- functions of the script, which runs in the directory of the case, $work/cases/NUMBER/in ----

n_failed=0
n_cases=0
command=

begin_case() {
	number=$1
	sentence=$2
	cd "$work/cases/$number/in"
	: >../stdin
	: >../why
	reason=
	arguments=
	is_read=false
	has_err=false
	has_out=false
	expected_status=0
}

run_command() {
	status=0
	[ "$only" -eq 0 ] || [ "$only" -eq "$number" ] || return 0
	(
		set +e
		if [ "$is_read" = true ]; then # the same as $command, without the wrapper script
			eval "$limit \"\$program\" $CSV_REPORT_OPTIONS --format=json $arguments"
		else
			eval "$command"
		fi
	) <../stdin >../out 2>../err || status=$?
}

expect_has() {
	if [ "$1" = err ]; then
		has_err=true
	else
		has_out=true
	fi
	stream=$1
	shift
	[ "$only" -eq 0 ] || [ "$only" -eq "$number" ] || return 0
	for text in "$@"; do
		grep -F -q -e "$text" "../$stream" ||
			printf '%s\n' "$stream lacks: $text" >>../why
	done
}

expect_lacks() {
	stream=$1
	shift
	[ "$only" -eq 0 ] || [ "$only" -eq "$number" ] || return 0
	for text in "$@"; do
		! grep -F -q -e "$text" "../$stream" ||
			printf '%s\n' "$stream has: $text" >>../why
	done
}

# Compares readable forms, so that differences of any bytes are printable.
explain_out() {
	sed -n l ../out.expected >../out.expected.readable
	sed -n l ../out >../out.readable
	echo "standard output (- expected, + found):"
	diff -u ../out.expected.readable ../out.readable | sed 1,2d
}

# A missing table expects no column and no row, or no problem.
explain_tables() {
	if [ "$expected_status" -eq 1 ] || [ "$expected_status" -eq 2 ]; then
		return
	fi
	cells=$work/tables/$number.cells
	problems=$work/tables/$number.problems
	[ -f "$cells" ] || : >"$cells"
	[ -f "$problems" ] || : >"$problems"
	awk -v cells_file="$cells" -v problems_file="$problems" -f "$work/tables.awk" \
		"$cells" "$problems" ../out
}

end_case() {
	if [ "$only" -eq 0 ] || [ "$only" -eq "$number" ]; then
		if [ -f ../out.expected ]; then
			cmp -s ../out.expected ../out || explain_out >>../why
		elif [ "$has_out" = false ] && [ "$expected_status" -gt 0 ] &&
			[ "$expected_status" -lt 3 ] && [ -s ../out ]; then
			echo "unexpected report" >>../why
		fi
		if [ "$is_read" = true ]; then
			explain_tables >>../why
		fi
		[ "$status" -eq "$expected_status" ] ||
			echo "exit status: expected $expected_status, found $status" >>../why
		if [ "$has_err" = false ] && [ "$expected_status" -eq 0 ] && [ -s ../err ]; then
			echo "standard error is not empty" >>../why
		fi
		if [ -s ../why ]; then
			n_failed=$((n_failed + 1))
			printf '%s\n' "not ok $number - $sentence"
			{
				cat ../why
				[ -z "$reason" ] || printf '%s\n' "why: $reason"
				printf '%s\n' "command: $command"
				if [ -s ../err ]; then
					echo "standard error:"
					head -n 20 ../err | sed -n l
				fi
			} | sed 's/^/#   /'
		else
			printf '%s\n' "ok $number - $sentence"
		fi
	fi
	cd "$work"
}

# One process creates the directories of all cases, whose number is at the end of the script.
n_cases=$(sed -n '$s/^n_cases=//p' "$work/script")
set --
while [ $# -lt $((2 * n_cases)) ]; do
	number=$(($# / 2 + 1))
	set -- "$@" "$work/cases/$number" "$work/cases/$number/in"
done
mkdir "$work/cases" "$@"
# shellcheck source=/dev/null
. "$work/script"
if [ "$only" -eq 0 ]; then
	echo "1..$n_cases"
fi
[ "$n_failed" -eq 0 ]
