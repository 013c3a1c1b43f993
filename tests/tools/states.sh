#!/bin/sh
# states.sh - functions of the tests of saved states; sourced with `.`, after program.sh
#
# Needs   $random, the seed of `below`
# Defines `below`, a random number; `expect_saved` for the result of `run`; `refuse`, a run that must fail
# shellcheck disable=SC2034,SC2154 # the sourcing script and this file use each other's variables

# below N: sets $r to a random number from 0 to N - 1.
below() {
	random=$(((random * 1103515245 + 12345) % 2147483648))
	r=$((random / 65536 % $1))
}

# expect_saved ARGUMENTS...: the run with these arguments has written its state or report; a bad input is no failure.
expect_saved() {
	case $status in
	0 | 3) ;;
	*) wrong "status $status: $*" ;;
	esac
}

# refuse STATUS TEXT... -- ARGUMENTS...: the run exits with STATUS, writes nothing, and standard error contains
# each TEXT.
refuse() {
	expected=$1
	shift
	: >"$work/texts"
	while [ "$1" != -- ]; do
		echo "$1" >>"$work/texts"
		shift
	done
	shift
	rm -f "$work/refused"
	run --output="$work/refused" "$@"
	expect_status "$expected"
	expect_no_report
	[ ! -e "$work/refused" ] || wrong "a file was written: $*"
	while read -r text; do
		expect_err "$text"
	done <"$work/texts"
}
