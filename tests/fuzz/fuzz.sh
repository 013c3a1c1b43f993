#!/bin/sh
# fuzz.sh - every fuzz target accepts its seeds, and the inputs that once made it fail
#
# The targets are those of `make fuzz`. Each reads its seeds and then, one by one, the inputs in
# tests/fuzz/crashes/TARGET/, whose names describe them.
#
# Env     srcdir, builddir  as for all tests
# Output  TAP
set -eu
srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${builddir:-$PWD}
# shellcheck source=tests/tools/program.sh
. "$srcdir/tests/tools/program.sh"

# replay SENTENCE TARGET FILE...: the target accepts the files.
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
		begin "$name: the seeds are read correctly"
		skip "this build does not have the target"
		continue
	fi
	sh "$srcdir/tests/fuzz/unpack.sh" "$srcdir/tests/fuzz/seeds/$name" seeds
	if [ -f "$srcdir/tests/fuzz/seeds/$name.sh" ]; then
		sh "$srcdir/tests/fuzz/seeds/$name.sh" seeds
	fi
	replay "$name: the seeds are read correctly" "$target" seeds/*
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
