#!/bin/sh
# fuzz.sh - every fuzz target finds right what it starts from, and what it once found wrong
#
# The targets are what `make fuzz` drives; here each reads its seeds and then, one by one, the inputs in
# tests/fuzz/crashes/TARGET/, which are named for what was wrong with them.
#
# Env     srcdir, builddir  as for all tests
# Output  TAP
set -eu
srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${builddir:-$PWD}
# shellcheck source=tests/tools/program.sh
. "$srcdir/tests/tools/program.sh"

# replay SENTENCE TARGET FILE...: it finds nothing wrong with them.
replay() {
	begin "$1"
	shift
	status=0
	"$@" >out 2>err || status=$?
	expect_status 0
	finish
}

for source in "$srcdir"/tests/fuzz/*.c; do
	name=$(basename "$source" .c)
	[ "$name" != replay ] || continue
	target=$builddir/tests/fuzz/$name
	if [ ! -x "$target" ]; then
		begin "$name"
		skip "it is not in this build"
		continue
	fi
	sh "$srcdir/tests/fuzz/unpack.sh" "$srcdir/tests/fuzz/seeds/$name" seeds
	if [ -f "$srcdir/tests/fuzz/seeds/$name.sh" ]; then
		sh "$srcdir/tests/fuzz/seeds/$name.sh" seeds
	fi
	replay "$name: its seeds are read right" "$target" seeds/*
	rm -rf seeds
	[ -d "$srcdir/tests/fuzz/crashes/$name" ] || continue
	sh "$srcdir/tests/fuzz/unpack.sh" "$srcdir/tests/fuzz/crashes/$name" crashes
	for file in crashes/*; do
		replay "$name: $(basename "$file" | tr _- '  ')" "$target" "$file"
	done
	rm -rf crashes
done
echo "1..$n"
[ "$n_failed" -eq 0 ]
