#!/bin/sh
# hardening.sh - the programs are built with hardening against the exploitation of bugs
#
# readelf shows what the programs and objects contain, which may differ from configure's flags.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         builddir    where it was built (default: .)
#         HARDENING   no: the build was configured with --disable-hardening or for sanitizers
# Output  TAP
set -eu
builddir=${builddir:-$PWD}
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

[ "${HARDENING:-yes}" != no ] || skip_all "built without hardening"
readelf -h "$program" >/dev/null 2>&1 || skip_all "readelf is missing, or the program is not an ELF file"

# expect_line FILE PATTERN SENTENCE: a test that a line of FILE matches PATTERN.
expect_line() {
	begin "$3"
	grep -qE -e "$2" "$1" || wrong "no line of $1 matches $2"
	finish
}

# compiler_has FLAG...: whether the compiler and linker accept the flags without a warning.
compiler_has() {
	echo 'int main(void) { return 0; }' >probe.c
	# shellcheck disable=SC2086 # CC may contain options
	${CC:-cc} -Werror "$@" -o probe probe.c 2>/dev/null
}

for name in csv-report csv-report-mpi csv-report-remote; do
	path=$(dirname "$program")/$name
	[ -x "$path" ] || continue
	readelf -hlW "$path" >headers
	readelf -dW "$path" >dynamic
	readelf -W --dyn-syms "$path" >symbols
	if grep -q INTERP headers; then
		expect_line headers '^ *Type: *DYN' "$name is a position-independent executable (PIE)"
		expect_line dynamic 'BIND_NOW|\(FLAGS_1\).* NOW' "$name binds all symbols before main"
		expect_line symbols ' __stack_chk_fail' "$name has stack protector checks"
	else
		begin "$name is a position-independent executable (PIE)"
		skip "the program is linked statically"
	fi
	expect_line headers 'GNU_RELRO' "$name has read-only relocations (RELRO)"
	expect_line headers 'GNU_STACK .* RW ' "$name has a non-executable stack"
done

# A build without optimization has no checked calls. Some compilers enable them by default.
begin "libc calls that write to memory of known size are checked"
if readelf -W --dyn-syms "$program" | grep -q ' __[a-z]*_chk\(@\|$\| \)'; then
	finish
elif grep -q '__USE_FORTIFY_LEVEL' /usr/include/features.h 2>/dev/null &&
	grep -qE '^CFLAGS = .*-O[123s]' "$builddir/Makefile" 2>/dev/null; then
	wrong "no call is checked"
	finish
else
	skip "this libc has no checked calls, or the build is not optimized"
fi

# The objects are tested, because the linker drops the mark if any object of libc lacks it.
sentence="objects have the marks for CPU checks of call and return targets (CET, BTI)"
object=$builddir/src/cli/main.o
if ! compiler_has -fcf-protection && ! compiler_has -mbranch-protection=standard; then
	begin "$sentence"
	skip "the compiler does not support it"
elif [ ! -f "$object" ]; then
	begin "$sentence"
	skip "the objects are missing"
else
	readelf -nW "$object" >notes
	expect_line notes 'IBT, SHSTK|BTI, PAC' "$sentence"
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
