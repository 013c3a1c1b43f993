#!/bin/sh
# fuzz.sh - every fuzz target finds right what it starts from, and what it once found wrong
#
# The targets are what `make fuzz` drives; here each reads its seeds and then, one by one, the inputs in
# tests/fuzz/crashes/TARGET/, which are named for what was wrong with them.
#
# Env     srcdir, builddir  as for all tests
# Output  TAP
set -eu
LC_ALL=C
export LC_ALL

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
builddir=${builddir:-$PWD}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

n_tests=0
# replay SENTENCE PROGRAM FILE...: ok if the program ends well.
replay()
{
	sentence=$1
	shift
	n_tests=$((n_tests + 1))
	status=0
	"$@" >"$work/out" 2>&1 || status=$?
	if [ "$status" -eq 0 ]; then
		echo "ok $n_tests - $sentence"
	else
		echo "not ok $n_tests - $sentence"
		echo "# exit status $status"
		tail -n 40 "$work/out" | sed 's/^/# /'
	fi
}

for source in "$srcdir"/tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	[ "$name" != replay ] || continue
	program=$builddir/tests/fuzz/$name
	if [ ! -x "$program" ]; then
		n_tests=$((n_tests + 1))
		echo "ok $n_tests - $name # SKIP it is not in this build"
		continue
	fi
	sh "$srcdir/tests/fuzz/unpack.sh" "$srcdir/tests/fuzz/seeds/$name" "$work/seeds"
	if [ -f "$srcdir/tests/fuzz/seeds/$name.sh" ]; then
		sh "$srcdir/tests/fuzz/seeds/$name.sh" "$work/seeds"
	fi
	replay "$name: its seeds are read right" "$program" "$work/seeds"/*
	rm -rf "$work/seeds"
	[ -d "$srcdir/tests/fuzz/crashes/$name" ] || continue
	sh "$srcdir/tests/fuzz/unpack.sh" "$srcdir/tests/fuzz/crashes/$name" "$work/crashes"
	for file in "$work/crashes"/*; do
		replay "$name: $(basename "$file" | tr _- '  ')" "$program" "$file"
	done
	rm -rf "$work/crashes"
done
echo "1..$n_tests"
