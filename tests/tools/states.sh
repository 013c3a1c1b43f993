#!/bin/sh
# states.sh - functions of the tests of saved states; sourced with `.`, after program.sh
#
# Needs   $random, the seed of `below`; $per_file, empty or the option, for merging; $parse_options and $all_inputs of one
#         run, $merge_options and $other_inputs of the run that merges, for `compare_reports`; $duplicates, the option that
#         asks for duplicate rows, may be empty
# Defines `below`, a random number; `state` and `must_state`, which save one; `expect_saved` for the result of `run`;
#         `merge_some` and `compare_reports` for the states in the list `states`; `refuse`, a run that must fail
# shellcheck disable=SC2034,SC2154 # the sourcing script and this file use each other's variables

duplicates=--stats=duplicates

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

# state FILE ARGUMENTS...: saves a state.
state() {
	into=$1
	shift
	# shellcheck disable=SC2086
	run --format=state --all $duplicates --output="$into" "$@"
}

must_state() {
	state "$@"
	expect_saved "$@"
}

# shuffle FILE: shuffles its lines.
shuffle() {
	below 30000
	awk -v seed="$r" 'BEGIN { srand(seed) } { print rand() " " $0 }' "$1" | sort |
		sed 's/^[^ ]* //' >"$1.new"
	mv "$1.new" "$1"
}

# merge_some: replaces random groups of the states in the list by their merge. Names contain no spaces.
merge_some() {
	n_merged=0
	while [ "$(wc -l <states)" -gt 1 ] && below 3 && [ "$r" -gt 0 ] && [ "$n_merged" -lt 6 ]; do
		shuffle states
		below "$(wc -l <states)"
		head -n $((r + 1)) states >some
		sed 1,$((r + 1))d states >others
		n_merged=$((n_merged + 1))
		below 4
		# shellcheck disable=SC2046,SC2086
		must_state "m$n_merged.state" -j $((r + 1)) $per_file $(cat some)
		echo "m$n_merged.state" >>others
		mv others states
	done
	shuffle states
}

# compare_reports: the merged report equals that of one run in every format.
compare_reports() {
	for format in $(formats); do
		for all in '' -A; do
			case $parse_options:$format in
			*--correlation*:csv | *--correlation*:tsv) continue ;; # not supported
			*:csv | *:tsv) ;;
			*) all=${all:+"$all $duplicates"} ;;
			esac
			# shellcheck disable=SC2086
			run --format=$format $parse_options $per_file $all $all_inputs
			expected_status=$status
			mv "$work/out" "$work/expected"
			# shellcheck disable=SC2046,SC2086
			run --format=$format $merge_options $per_file $all -j 2 $(cat states) $other_inputs
			expect_status "$expected_status"
			cmp -s "$work/expected" "$work/out" || {
				wrong "$format $all: the report differs from that of one run"
				diff "$work/expected" "$work/out" >"$work/difference" || :
				wrong "$(head -n 6 "$work/difference")"
			}
		done
	done
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
