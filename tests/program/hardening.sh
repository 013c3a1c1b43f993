#!/bin/sh
# hardening.sh - the program is built so that a bug in it is hard to exploit
#
# Read from the program and its objects by readelf, whatever configure believes to have asked for.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         builddir    where it was built (default: .)
#         HARDENING   no: it was configured with --disable-hardening, or for sanitizers
# Output  TAP
set -eu
builddir=${builddir:-$PWD}
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

[ "${HARDENING:-yes}" != no ] || skip_all "built without hardening"
readelf -h "$program" >/dev/null 2>&1 || skip_all "there is no readelf here, or the program is no ELF file"

# shows FILE PATTERN SENTENCE: a fact, that a line of FILE matches.
shows() {
	begin "$3"
	grep -qE -e "$2" "$1" || wrong "no line of $1 matches $2"
	finish
}

# compiler_has FLAG...: whether the compiler and its linker take them, and no optimisation is missing.
compiler_has() {
	echo 'int main(void) { return 0; }' >probe.c
	# shellcheck disable=SC2086 # a compiler and its options
	${CC:-cc} -Werror "$@" -o probe probe.c 2>/dev/null
}

for name in csv-report csv-report-mpi csv-report-remote; do
	path=$(dirname "$program")/$name
	[ -x "$path" ] || continue
	readelf -hlW "$path" >heads
	readelf -dW "$path" >dynamic
	readelf -W --dyn-syms "$path" >symbols
	if grep -q INTERP heads; then
		shows heads '^ *Type: *DYN' "$name is loaded where nobody can tell beforehand (PIE)"
		shows dynamic 'BIND_NOW|\(FLAGS_1\).* NOW' "$name has all symbols bound before main"
		shows symbols ' __stack_chk_fail' "$name looks after its stack"
	else
		begin "$name is loaded where nobody can tell beforehand (PIE)"
		skip "it is linked statically"
	fi
	shows heads 'GNU_RELRO' "$name cannot have its tables of symbols written over"
	shows heads 'GNU_STACK .* RW ' "$name has a stack that cannot be executed"
done

# A build without optimisation has no checked calls; the compiler's own default may be to make them.
begin "calls of libc that write to memory of known size are checked"
if readelf -W --dyn-syms "$program" | grep -q ' __[a-z]*_chk\(@\|$\| \)'; then
	finish
elif grep -q '__USE_FORTIFY_LEVEL' /usr/include/features.h 2>/dev/null &&
	grep -qE '^CFLAGS = .*-O[123s]' "$builddir/Makefile" 2>/dev/null; then
	wrong "none of them is"
	finish
else
	skip "this libc has none, or the build is not optimised"
fi

# What the linker makes of the objects is up to libc's own: one without the mark, and all lose it.
sentence="the CPU can check where calls and returns lead to"
object=$builddir/src/cli/main.o
if ! compiler_has -fcf-protection && ! compiler_has -mbranch-protection=standard; then
	begin "$sentence"
	skip "the compiler does not know how"
elif [ ! -f "$object" ]; then
	begin "$sentence"
	skip "its objects are not here"
else
	readelf -nW "$object" >notes
	shows notes 'IBT, SHSTK|BTI, PAC' "$sentence"
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
