#!/bin/sh
# coverage.sh - which lines and branches of src/ the tests run: `make coverage`
#
# Shape   a build of its own in $builddir/coverage, without optimization and with counters; the tests;
#         figures per folder and file, and each line of parse/ and stats/ that was not run; the same as
#         web pages in coverage/html/
# Env     builddir, srcdir, CC  as in `make check`; CC must be gcc
#         COVERAGE_TESTS  only these tests (default: all)
#         SEEDS, ROUNDS, ..., MPI_TESTS, REMOTE_TESTS  as in `make check`, but smaller by default: what
#         needs clusters and servers shows only if it is asked for
# Exit    1 if a line of parse/ or stats/ was not run and there is no reason given. A test that fails is
#         told, no more: some look at times, and at what takes them, which is something else here.
#
# A line that cannot be run has its reason beside it and LCOV_EXCL_LINE, or stands between
# LCOV_EXCL_START and LCOV_EXCL_STOP; these count neither as run nor as not run. Counters are exact with
# threads (-fprofile-update=atomic), and processes that add to one file at once wait for each other.
# Those of a process that was killed from outside are lost; coverage_exit.c has those of all others.
set -eu
LC_ALL=C
export LC_ALL

builddir=${builddir:-$PWD}
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd) # as lcov writes it: without /..
compiler=${CC:-gcc}
folder=$builddir/coverage

die()
{
	echo "coverage: $*" >&2
	exit 1
}

for name in lcov genhtml gcov; do
	command -v "$name" >/dev/null || die "$name is not there; install lcov, and gcc for gcov"
done
# shellcheck disable=SC2086 # a compiler and its options
case $($compiler --version 2>/dev/null | head -n 2) in
*'Free Software Foundation'*) ;;
*) die "$compiler is not gcc, whose counters these are; configure a build with CC=gcc" ;;
esac
[ "$builddir" != "$srcdir" ] || die 'configure in a folder apart from the sources'

# ---- the build ----

mkdir -p "$folder"
cd "$folder"
flags='-O0 -g --coverage -fprofile-update=atomic'
# shellcheck disable=SC2086
$compiler -c -o coverage_exit.o "$srcdir/tests/tools/coverage_exit.c"
[ -f Makefile ] || "$srcdir/configure" --quiet CC="$compiler" CFLAGS="$flags" \
	LDFLAGS="-Wl,--wrap=_exit,--wrap=raise $folder/coverage_exit.o"
make -s -j "$(nproc)"
find . -name '*.gcda' -exec rm -f {} +

# ---- the tests ----

# Tests look at what programs say; what counters have to say goes elsewhere. A test that runs a program
# as somebody else cannot write them.
GCOV_ERROR_FILE=$folder/counters.log
export GCOV_ERROR_FILE
has_failed=no
env SEEDS="${SEEDS:-1}" CRASHES="${CRASHES:-4}" ROUNDS="${ROUNDS:-60}" \
	STATE_ROUNDS="${STATE_ROUNDS:-2}" SLURM_TESTS="${SLURM_TESTS:-no}" \
	MPI_TESTS="${MPI_TESTS:-no}" REMOTE_TESTS="${REMOTE_TESTS:-no}" \
	make -s -j "$(nproc)" check ${COVERAGE_TESTS:+"TESTS=$COVERAGE_TESTS"} || has_failed=yes

# ---- the figures ----

# Its messages are of no interest unless it fails.
collect()
{
	lcov --rc lcov_branch_coverage=1 --quiet "$@" 2>lcov.log || {
		cat lcov.log >&2
		exit 1
	}
}

# Files of which nothing was run are in the first one only.
collect --capture --initial --directory src --output-file nothing.info
collect --capture --directory src --output-file run.info
collect --add-tracefile nothing.info --add-tracefile run.info --output-file both.info
collect --extract both.info "$srcdir/src/*" --output-file coverage.info
genhtml --quiet --branch-coverage --legend --title csv-report --prefix "$srcdir/src" \
	--output-directory html coverage.info 2>lcov.log

# Kernels by the instructions they are made of; what this CPU lacks is not among those it could run.
usable=$(src/csv-report --version |
	sed -n -e 's/^kernels: \(.*\) (.*not on this CPU: \(.*\))/\1 - \2/p' -e t \
		-e 's/^kernels: \(.*\) (.*/\1 -/p')
find "$srcdir/src" -name '*_neon.[ch]' -o -name '*_avx2.[ch]' -o -name '*_avx512.[ch]' >kernels.list
status=0
awk -v usable="$usable" -v top="$srcdir/src/" -f "$srcdir/tests/tools/coverage.awk" kernels.list \
	coverage.info || status=$?
echo "coverage: $folder/html/index.html shows every line"
[ "$has_failed" = no ] || echo 'coverage: a test failed; do they all pass in a build without counters?'
[ "$status" -eq 0 ] || die 'lines of parse/ or stats/ were not run'
