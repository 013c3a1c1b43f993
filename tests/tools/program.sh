#!/bin/sh
# program.sh - functions of the tests of the whole program; sourced with `.`
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
# Sets    $program, an absolute path; the current directory, a temporary one that is removed at the end
# Defines `begin` and `finish` of a test, `wrong` for a failure with its reason, `skip` instead of `finish`,
#         `skip_all` instead of all tests, `tap_line` for a test whose result is known, `succeeds` for that of a command; `check_tables`; `has_python`; `run`, which runs the program, under the command
#         $limit if it is set, and the `expect_` functions for its result
# Output  TAP; a test that fails prints the files `out` and `err` of the temporary directory
LC_ALL=C
export LC_ALL
unset CDPATH COLUMNS

program=${CSV_REPORT:-./src/csv-report}
case $program in
/*) ;;
*) program=$PWD/$program ;;
esac
if [ ! -x "$program" ]; then
	echo "Bail out! $program is missing: build it, or set CSV_REPORT to the program"
	exit 1
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT PIPE TERM
cd "$work" || exit 1

n=0
n_failed=0

begin() {
	sentence=$1
	n=$((n + 1))
	: >"$work/why"
}

wrong() {
	echo "$*" >>"$work/why"
}

finish() {
	if [ -s "$work/why" ]; then
		n_failed=$((n_failed + 1))
		echo "not ok $n - $sentence"
		{
			cat "$work/why"
			echo "standard output:"
			head -n 60 "$work/out"
			echo "standard error:"
			head -n 40 "$work/err"
		} 2>/dev/null | sed 's/^/#   /'
	else
		echo "ok $n - $sentence"
	fi
}

skip() {
	echo "ok $n - $sentence # SKIP $1"
}

# tap_line STATUS SENTENCE: a test that has succeeded if STATUS is 0; else the file `log` has the reason.
tap_line() {
	begin "$2"
	if [ "$1" -ne 0 ]; then
		wrong "failed:"
		head -n 20 "$work/log" 2>/dev/null | cut -c 1-200 >>"$work/why"
	fi
	finish
}

# succeeds SENTENCE COMMAND...: a test that the command succeeds; else the file `log` has the reason.
succeeds() {
	fact=$1
	shift
	if "$@"; then
		tap_line 0 "$fact"
	else
		tap_line 1 "$fact"
	fi
}

# check_tables GENERATOR SEED N: N tables of each kind that GENERATOR, a Python program, makes are written to the
# directory SEED and read. Sets up the files `kinds`, a line of each kind with the number of right, said and silent
# tables, and `wrong`, a line of each table that is not right.
check_tables() {
	mkdir "$2"
	python3 "$1" generate "$2" "$3" "$2"
	status=0
	python3 "$1" check "$program" "$2" >log || status=$?
	[ "$status" -le 1 ] || tap_line "$status" "seed $2: the tables can be checked"
	grep '^wrong:' log >wrong || true
	grep ' silent  ' log >kinds
}

# formats: the formats of reports, all but `state`, as the completion lists them.
formats() {
	"$program" --generate=bash-completion |
		sed -n "/^	--format)/,/return/s/.* -W '\(.*\) state'.*/\1/p"
}

# skip_all REASON: skips all tests.
skip_all() {
	echo "1..0 # SKIP $1"
	exit
}

# has_python MODULE...: whether Python 3.9 or later with these modules is installed.
has_python() {
	interpreter=$(
		python3 - "$@" 2>/dev/null <<'END'
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
print(sys.executable)
sys.exit(sys.version_info < (3, 9))
END
	) || return 1
	# A script that selects a version of Python, such as those of pyenv, takes eight times as long as Python itself.
	[ "$interpreter" = "$(command -v python3)" ] || PATH=$(dirname "$interpreter"):$PATH
}

# ---- the program ----

run() {
	status=0
	${limit:-} "$program" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

expect_status() {
	[ "$status" -eq "$1" ] || wrong "exit status: expected $1, found $status"
}

expect_err() {
	for text in "$@"; do
		grep -F -q -e "$text" "$work/err" || wrong "standard error lacks: $text"
	done
}

expect_out() {
	for text in "$@"; do
		grep -F -q -e "$text" "$work/out" || wrong "standard output lacks: $text"
	done
}

expect_no_report() {
	[ ! -s "$work/out" ] || wrong "a report was written"
}
