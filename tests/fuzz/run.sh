#!/bin/sh
# run.sh - builds the fuzz targets and runs them with libFuzzer or AFL++: `make fuzz`, `make fuzz-afl`
#
# Usage   make fuzz [FUZZ_TIME=60] [FUZZ_TARGETS='kernels numbers'] [FUZZ_JOBS=2] [FUZZ_CORPUS=DIR]
# Env     FUZZ_TIME     seconds for each target (default: 60)
#         FUZZ_TARGETS  the targets (default: all of this build)
#         FUZZ_JOBS     how many run in parallel (default: the number of CPUs)
#         FUZZ_CORPUS   the directory of inputs that reached new code; the next run starts from them
#                       (default: fuzz/corpus in the build directory)
#         FUZZ_FLAGS    more options for the engine
#         FUZZ_CC       the compiler (default: clang, afl-clang-fast)
#         srcdir, builddir  as for all tests
# Shape   a separate build in fuzz/ENGINE of the build directory, with the address and undefined behaviour
#         sanitizers, and with limits (of the first record, a cell, a block) divided by 256; every target starts
#         from tests/fuzz/seeds/TARGET and its corpus, with the words of tests/fuzz/TARGET.dict and the
#         options of libFuzzer in tests/fuzz/TARGET.options, one per line, if these exist
# Output  a line per target: its executions and coverage. Edges are those of the code reached; features
#         are edges, their counts and compared values: "cov" and "ft" of libFuzzer. AFL++ reports no
#         features, and its CPU seconds do not include its fork server
# Exit    1 if a target failed; its input and the command that reproduces the failure are printed
set -eu
LC_ALL=C
export LC_ALL
unset CDPATH MAKEFLAGS MAKELEVEL MFLAGS

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${builddir:-$PWD}
FUZZ_TIME=${FUZZ_TIME:-60}
jobs=${FUZZ_JOBS:-$(nproc 2>/dev/null || echo 1)}
here=$srcdir/tests/fuzz

die()
{
	echo "fuzz: $*" >&2
	exit 1
}

engine=${1-}
case $engine in
libfuzzer)
	compiler=${FUZZ_CC:-clang}
	sanitizers=fuzzer-no-link,address,undefined
	# Excludes loops of pure arithmetic, which would report every comparison to the engine.
	cflags="-O1 -g -fsanitize-coverage-ignorelist=$here/uncovered.list"
	missing="install clang with libFuzzer (Debian: clang, libclang-rt-dev)"
	;;
afl)
	compiler=${FUZZ_CC:-afl-clang-fast}
	sanitizers=address,undefined
	cflags='-O1 -g'
	missing="install afl-clang-fast and afl-fuzz (Debian: afl++)"
	;;
*) die "$0 libfuzzer|afl" ;;
esac

build=$builddir/fuzz/$engine
corpus=${FUZZ_CORPUS:-$builddir/fuzz/corpus}
crashes=$builddir/fuzz/crashes
logs=$builddir/fuzz/logs

# ---- building ----

can_build()
(
	command -v "$compiler" >/dev/null || return 1
	[ "$engine" = libfuzzer ] || command -v afl-fuzz >/dev/null || return 1
	directory=$(mktemp -d)
	trap 'rm -rf "$directory"' EXIT
	cat >"$directory/a.c" <<'C'
#include <stddef.h>
#include <stdint.h>
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	(void)data;
	return size > 1000000;
}
C
	"$compiler" -fsanitize=fuzzer,address,undefined -o "$directory/a" "$directory/a.c" \
		>/dev/null 2>&1
)

build_targets()
{
	can_build || die "cannot build with $compiler: $missing"
	mkdir -p "$build" "$logs"
	cd "$build"
	if [ ! -f Makefile ]; then
		"$srcdir/configure" --quiet CC="$compiler" CFLAGS="$cflags" \
			CPPFLAGS=-DCSVR_LIMITS_DIVISOR=256 --enable-sanitizers="$sanitizers" \
			--disable-openmp --without-mpi --without-libbacktrace >"$logs/configure" 2>&1 || {
			tail -n 20 "$logs/configure" >&2
			die 'configure failed'
		}
	fi
	# The engine provides main.
	make -j "$jobs" fuzz-programs fuzz_main= LDFLAGS=-fsanitize=fuzzer >"$logs/make" 2>&1 || {
		tail -n 40 "$logs/make" >&2
		die 'the build failed'
	}
	cd "$builddir"
}

# list_targets: prints $FUZZ_TARGETS, or all targets that were built.
list_targets()
{
	if [ -n "${FUZZ_TARGETS-}" ]; then
		for name in $FUZZ_TARGETS; do
			[ -x "$build/tests/fuzz/$name" ] || die "no target '$name' in this build"
			echo "$name"
		done
		return
	fi
	for source in "$here"/*.c; do
		name=$(basename "$source" .c)
		if [ -x "$build/tests/fuzz/$name" ]; then
			echo "$name"
		fi
	done
}

# ---- running ----

# cpu_seconds FILE: the CPU time of all children in the output FILE of `times`.
cpu_seconds()
{
	awk 'NR == 2 {
		split($1 $2, t, /[ms]/)
		printf "%.0f", t[1] * 60 + t[2] + t[3] * 60 + t[4]
	}' "$1"
}

# line NAME EXECUTIONS EDGES FEATURES CORPUS CPU
line()
{
	printf '%-12s %12s %8s %9s %8s %6s\n' "$@"
}

# report_failure NAME DIRECTORY: prints the new inputs in the directory and the commands that reproduce them.
report_failure()
{
	echo "fuzz: $1 FAILED; the end of $logs/$1:"
	tail -n 40 "$logs/$1" | cut -c 1-160 | sed 's/^/    /'
	echo "fuzz: commands that reproduce the failure:"
	find "$2" -type f -newer "$seeds" ! -name README.txt ! -name 'slow-unit*' | sort | while IFS= read -r file; do
		echo "    $build/tests/fuzz/$1 $file"
	done
}

run_libfuzzer()
{
	name=$1
	mkdir -p "$corpus/$name" "$crashes/$name"
	set -- -max_total_time="$FUZZ_TIME" -timeout=60 -print_final_stats=1 \
		-artifact_prefix="$crashes/$name/"
	[ ! -f "$here/$name.dict" ] || set -- "$@" -dict="$here/$name.dict"
	# Options contain no blanks.
	# shellcheck disable=SC2046,SC2086
	set -- "$@" $(cat "$here/$name.options" 2>/dev/null || :) ${FUZZ_FLAGS-}
	status=0
	"$build/tests/fuzz/$name" "$@" "$corpus/$name" "$seeds" >"$logs/$name" 2>&1 || status=$?
	times >"$logs/$name.times"
	# The last line of the engine: #4711	DONE   cov: 93 ft: 210 corp: 34/1280b lim: 4096 ...
	awk -v name="$name" -v cpu="$(cpu_seconds "$logs/$name.times")" '
		{
			for (i = 1; i < NF; i++) {
				if ($i == "cov:")
					edges = $(i + 1)
				if ($i == "ft:")
					features = $(i + 1)
				if ($i == "corp:")
					corpus = $(i + 1)
			}
		}
		/^#[0-9]/ { executions = substr($1, 2) }
		$1 == "stat::number_of_executed_units:" { executions = $2 }
		END {
			sub(/\/.*/, "", corpus)
			print name, executions + 0, edges + 0, features + 0, corpus + 0, cpu
		}' "$logs/$name" >"$logs/$name.line"
	# The line has six words.
	# shellcheck disable=SC2046
	line $(cat "$logs/$name.line")
	if [ "$status" -ne 0 ]; then
		report_failure "$name" "$crashes/$name"
		return 1
	fi
}

# stat_of DIRECTORY NAME: the value of NAME in the statistics of AFL++.
stat_of()
{
	awk -F ' *: *' -v key="$2" '$1 == key { print $2 }' "$1/default/fuzzer_stats"
}

run_afl()
{
	name=$1
	out=$builddir/fuzz/afl-out/$name
	rm -rf "$out"
	mkdir -p "$out" "$corpus/$name"
	find "$corpus/$name" -type f -exec cp '{}' "$seeds" ';'
	set -- -i "$seeds" -o "$out" -V "$FUZZ_TIME" -m none -t 60000
	[ ! -f "$here/$name.dict" ] || set -- "$@" -x "$here/$name.dict"
	status=0
	# These variables skip AFL++'s checks of the machine.
	# shellcheck disable=SC2086
	AFL_NO_UI=1 AFL_NO_AFFINITY=1 AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 \
		ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0:handle_segv=0 \
		UBSAN_OPTIONS=abort_on_error=1:symbolize=0:halt_on_error=1 \
		afl-fuzz "$@" ${FUZZ_FLAGS-} -- "$build/tests/fuzz/$name" >"$logs/$name" 2>&1 ||
		status=$?
	times >"$logs/$name.times"
	if [ ! -f "$out/default/fuzzer_stats" ]; then
		report_failure "$name" "$out"
		return 1
	fi
	line "$name" "$(stat_of "$out" execs_done)" "$(stat_of "$out" edges_found)" - \
		"$(stat_of "$out" corpus_count)" "$(cpu_seconds "$logs/$name.times")"
	# Both engines use this corpus.
	for file in "$out"/default/queue/id*; do
		cp "$file" "$corpus/$name/$(cksum <"$file" | tr -cd '0-9')"
	done
	if [ "$status" -ne 0 ] || [ "$(stat_of "$out" saved_crashes)" != 0 ] ||
		[ "$(stat_of "$out" saved_hangs)" != 0 ]; then
		mkdir -p "$crashes/$name"
		find "$out/default/crashes" "$out/default/hangs" -name 'id*' \
			-exec cp '{}' "$crashes/$name" ';'
		report_failure "$name" "$crashes/$name"
		return 1
	fi
}

# With --one: runs one target.
if [ "${2-}" = --one ]; then
	seeds=$(mktemp -d)
	trap 'rm -rf "$seeds"' EXIT
	trap 'exit 1' HUP INT TERM
	sh "$here/unpack.sh" "$here/seeds/$3" "$seeds"
	[ ! -d "$here/crashes/$3" ] || sh "$here/unpack.sh" "$here/crashes/$3" "$seeds"
	[ ! -f "$here/seeds/$3.sh" ] || sh "$here/seeds/$3.sh" "$seeds"
	case $engine in
	libfuzzer) run_libfuzzer "$3" ;;
	afl) run_afl "$3" ;;
	esac
	exit
fi

build_targets
targets=$(list_targets)
export srcdir builddir FUZZ_TIME
line target executions edges features corpus CPU-s
status=0
echo "$targets" | xargs -n 1 -P "$jobs" sh "$0" "$engine" --one || status=1
exit "$status"
