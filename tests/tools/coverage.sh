#!/bin/sh
# coverage.sh - reports the lines and branches of src/ that the tests run: `make coverage`
#
# Shape   a separate build in $builddir/coverage, without optimization and with counters; the tests; a
#         table of directories and files, and each line of parse/ and stats/ that was not run; the same as
#         HTML pages in coverage/html/
# Env     builddir, srcdir, CC  as in `make check`; CC must be gcc
#         COVERAGE_TESTS  only these tests (default: all)
#         SEEDS, ROUNDS, ..., MPI_TESTS, REMOTE_TESTS  as in `make check`, but smaller by default: tests
#         with clusters and servers run only on request
# Exit    1 if a line of parse/ or stats/ was not run and is not excluded. A failing test is only reported,
#         because some tests measure times, which differ in this build.
#
# A line that cannot be run is excluded by LCOV_EXCL_LINE, or by LCOV_EXCL_START and LCOV_EXCL_STOP around
# it, with a comment that gives the reason. Counters are exact with threads
# (-fprofile-update=atomic), and processes lock a file while they add to it. The counters of a
# process that another one kills are lost; coverage_exit.c saves those of all others.
set -eu
LC_ALL=C
export LC_ALL

builddir=${builddir:-$PWD}
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd) # as lcov prints it: without /..
compiler=${CC:-gcc}
directory=$builddir/coverage

die()
{
	echo "coverage: $*" >&2
	exit 1
}

for name in lcov genhtml gcov; do
	command -v "$name" >/dev/null || die "$name is not installed; install lcov, and gcc for gcov"
done
# shellcheck disable=SC2086 # a compiler and its options
case $($compiler --version 2>/dev/null | head -n 2) in
*'Free Software Foundation'*) ;;
*) die "$compiler is not gcc, which coverage needs; configure a build with CC=gcc" ;;
esac
[ "$builddir" != "$srcdir" ] || die 'configure in a directory other than that of the sources'

# ---- the build ----

mkdir -p "$directory"
cd "$directory"
flags='-O0 -g --coverage -fprofile-update=atomic'
# shellcheck disable=SC2086
$compiler -c -o coverage_exit.o "$srcdir/tests/tools/coverage_exit.c"
[ -f Makefile ] || "$srcdir/configure" --quiet CC="$compiler" CFLAGS="$flags" \
	LDFLAGS="-Wl,--wrap=_exit,--wrap=raise $directory/coverage_exit.o"
make -s -j "$(nproc)"
find . -name '*.gcda' -exec rm -f {} +

# ---- the tests ----

# Messages about counters go to a log, because tests check standard error. A program that a test runs as
# another user cannot write its counters.
GCOV_ERROR_FILE=$directory/counters.log
export GCOV_ERROR_FILE
has_failed=no
env SEEDS="${SEEDS:-1}" CRASHES="${CRASHES:-4}" ROUNDS="${ROUNDS:-60}" \
	STATE_ROUNDS="${STATE_ROUNDS:-2}" SLURM_TESTS="${SLURM_TESTS:-no}" \
	MPI_TESTS="${MPI_TESTS:-no}" REMOTE_TESTS="${REMOTE_TESTS:-no}" \
	make -s -j "$(nproc)" check ${COVERAGE_TESTS:+"TESTS=$COVERAGE_TESTS"} || has_failed=yes

# ---- the report ----

# collect ARGUMENT...: runs lcov and shows its messages only if it fails.
collect()
{
	lcov --rc lcov_branch_coverage=1 --quiet "$@" 2>lcov.log || {
		cat lcov.log >&2
		exit 1
	}
}

# Files of which no line was run are only in nothing.info.
collect --capture --initial --directory src --output-file nothing.info
collect --capture --directory src --output-file run.info
collect --add-tracefile nothing.info --add-tracefile run.info --output-file both.info
collect --extract both.info "$srcdir/src/*" --output-file coverage.info
genhtml --quiet --branch-coverage --legend --title csv-report --prefix "$srcdir/src" \
	--output-directory html coverage.info 2>lcov.log

# The usable kernels, and after a dash those that this CPU lacks.
usable=$(src/csv-report --version |
	sed -n -e 's/^parsing kernels: \(.*\) (.*not on this CPU: \(.*\))/\1 - \2/p' -e t \
		-e 's/^parsing kernels: \(.*\) (.*/\1 -/p')
find "$srcdir/src" -name '*_neon.[ch]' -o -name '*_avx2.[ch]' -o -name '*_avx512.[ch]' >kernels.list
status=0
awk -v usable="$usable" -v top="$srcdir/src/" -f "$srcdir/tests/tools/coverage.awk" kernels.list \
	coverage.info || status=$?
echo "coverage: $directory/html/index.html shows every line"
[ "$has_failed" = no ] || echo 'coverage: a test failed; check whether it passes in a build without counters'
[ "$status" -eq 0 ] || die 'lines of parse/ or stats/ were not run'
