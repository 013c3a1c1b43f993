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
LC_ALL=C
export LC_ALL
CSV_REPORT=${CSV_REPORT:-$PWD/src/csv-report}
builddir=${builddir:-$PWD}

if [ "${HARDENING:-yes}" = no ]; then
	echo "1..0 # SKIP built without hardening"
	exit 0
fi
if ! readelf --version >/dev/null 2>&1 || ! readelf -h "$CSV_REPORT" >/dev/null 2>&1; then
	echo "1..0 # SKIP there is no readelf here, or the program is no ELF file"
	exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

n=0
n_failed=0

# verdict STATUS SENTENCE
verdict()
{
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		n_failed=$((n_failed + 1))
	fi
}

skip()
{
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# shows FILE PATTERN SENTENCE: whether a line of FILE matches.
shows()
{
	status=0
	grep -qE -e "$2" "$1" || status=1
	verdict $status "$3"
}

# compiler_has FLAG...: whether the compiler and its linker take them, and no optimisation is missing.
compiler_has()
{
	echo 'int main(void) { return 0; }' >"$work/probe.c"
	# shellcheck disable=SC2086 # a compiler and its options
	${CC:-cc} -Werror "$@" -o "$work/probe" "$work/probe.c" 2>/dev/null
}

for program in csv-report csv-report-mpi csv-report-remote; do
	path=$(dirname "$CSV_REPORT")/$program
	[ -x "$path" ] || continue
	readelf -hlW "$path" >"$work/heads"
	readelf -dW "$path" >"$work/dynamic"
	readelf -W --dyn-syms "$path" >"$work/symbols"
	if grep -q INTERP "$work/heads"; then
		shows "$work/heads" '^ *Type: *DYN' "$program is loaded where nobody can tell beforehand (PIE)"
		shows "$work/dynamic" 'BIND_NOW|\(FLAGS_1\).* NOW' "$program has all symbols bound before main"
		shows "$work/symbols" ' __stack_chk_fail' "$program looks after its stack"
	else
		skip "$program is loaded where nobody can tell beforehand (PIE)" "it is linked statically"
	fi
	shows "$work/heads" 'GNU_RELRO' "$program cannot have its tables of symbols written over"
	shows "$work/heads" 'GNU_STACK .* RW ' "$program has a stack that cannot be executed"
done

# A build without optimisation has no checked calls; the compiler's own default may be to make them.
sentence="calls of libc that write to memory of known size are checked"
if readelf -W --dyn-syms "$CSV_REPORT" | grep -q ' __[a-z]*_chk\(@\|$\| \)'; then
	verdict 0 "$sentence"
elif grep -q '__USE_FORTIFY_LEVEL' /usr/include/features.h 2>/dev/null &&
	grep -qE '^CFLAGS = .*-O[123s]' "$builddir/Makefile" 2>/dev/null; then
	verdict 1 "$sentence"
else
	skip "$sentence" "this libc has none, or the build is not optimised"
fi

# What the linker makes of the objects is up to libc's own: one without the mark, and all lose it.
sentence="the CPU can check where calls and returns lead to"
if compiler_has -fcf-protection || compiler_has -mbranch-protection=standard; then
	object=$builddir/src/cli/main.o
	if [ -f "$object" ]; then
		readelf -nW "$object" >"$work/notes"
		shows "$work/notes" 'IBT, SHSTK|BTI, PAC' "$sentence"
	else
		skip "$sentence" "its objects are not here"
	fi
else
	skip "$sentence" "the compiler does not know how"
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
