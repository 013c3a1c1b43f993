#!/bin/sh
# flamegraph.sh - flame graphs of slow, mid, fast and csv-report show where each spends its time
#
# Graphs are read as folded stacks. Percentages are compared with known properties of the programs,
# never with an earlier output. The runs are long enough for sufficient samples and take a few
# seconds in total.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         builddir    where bench/ and data/ were built (default: the current directory)
# Output  TAP
set -eu
unset OMP_NUM_THREADS OMP_SCHEDULE OMP_DYNAMIC OMP_THREAD_LIMIT CSVR_KERNEL BASELINE_FLAMEGRAPH

builddir=$(cd "${builddir:-.}" && pwd)
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

# check SENTENCE COMMAND...: the command succeeds.
check()
{
	sentence=$1
	shift
	status=0
	"$@" >log 2>&1 || status=1
	tap_line "$status" "$sentence"
}

# skipped SENTENCE REASON
skipped()
{
	begin "$1"
	skip "$2"
}

# ends_with STATUS TEXT COMMAND...: the command exits with STATUS and writes TEXT to standard error.
ends_with()
{
	wanted=$1 text=$2
	shift 2
	found=0
	"$@" >out 2>err </dev/null || found=$?
	[ "$found" -eq "$wanted" ] || echo "exit status $found, not $wanted"
	grep -F -e "$text" err || cat err
	[ "$found" -eq "$wanted" ] && grep -qF -e "$text" err
}

printf 'x,y\n1,2\n3,4\n' >a.csv

case $("$program" --version) in
*'no flamegraph'*)
	check 'a build without libbacktrace refuses --flamegraph' \
		ends_with 2 'libbacktrace' "$program" --flamegraph=a.svg a.csv
	check 'a build without libbacktrace creates no graph' test ! -e a.svg
	skipped 'all other tests of --flamegraph' 'built without libbacktrace'
	echo "1..$n"
	exit 0
	;;
esac

# ---- options and files ----

check 'a name that is neither *.svg nor *.folded is refused' \
	ends_with 2 'a file named *.svg or *.folded' "$program" --flamegraph=a.txt a.csv
check 'a name of only a suffix is refused' \
	ends_with 2 'a file named *.svg or *.folded' "$program" --flamegraph=.svg a.csv
check 'the file of the report is refused' \
	ends_with 2 'same file as the report' "$program" --flamegraph=a.svg -o a.svg a.csv
mkdir directory
ln -s ../b.svg directory/link.svg
check 'the file of the report is refused by another path and through a link' \
	ends_with 2 'same file as the report' "$program" --flamegraph=./b.svg -o directory/link.svg a.csv
check 'the name of the report in another directory is accepted' \
	"$program" --flamegraph=c.svg -o directory/c.svg a.csv
check 'a missing directory is reported before the run' \
	ends_with 1 'no input was read' "$program" --flamegraph=none/a.svg a.csv
check 'no report is written if the directory is missing' test ! -s out

"$program" a.csv >plain
if [ -c /dev/full ] && ln -s /dev/full full.svg 2>/dev/null; then
	check 'a full disk is reported as a missing flame graph' \
		ends_with 1 'no flame graph' "$program" --flamegraph=full.svg a.csv
	check 'the report is written although the disk of the graph is full' cmp plain out
else
	skipped 'a full disk is reported as a missing flame graph' '/dev/full is missing'
	skipped 'the report is written although the disk of the graph is full' '/dev/full is missing'
fi

echo old >kept.svg
check 'a run without a report fails with --flamegraph' \
	ends_with 1 'no report' "$program" --flamegraph=kept.svg missing.csv
check 'a run without a report does not change an older graph' grep -qx old kept.svg

check 'a short run writes a graph' "$program" --flamegraph=short.svg a.csv
check 'the graph of a short run says that it has too few samples' grep -q 'Too few samples' short.svg
check 'no temporary file remains' \
	test "$(find . -name '.csv-report*' | wc -l)" -eq 0

if prlimit --sigpending=0 true 2>/dev/null; then
	check 'a run without timers continues and reports the threads not sampled' \
		ends_with 0 'cannot sample 1 thread' \
		prlimit --sigpending=0 "$program" --flamegraph=refused.svg a.csv
	check 'the graph of a run without timers counts each thread once' \
		grep -q '[^0-9]1 thread could not be sampled' refused.svg
else
	skipped 'a run without timers continues and reports the threads not sampled' 'prlimit is missing'
	skipped 'the graph of a run without timers counts each thread once' 'prlimit is missing'
fi

# A slow writer and the highest sample rate: system calls are interrupted, but no bytes are lost.
{ cat a.csv; sleep 0.1; echo 5,6; sleep 0.1; echo 7,8; } |
	"$program" --sample-rate=100000 --flamegraph=pipe.folded - >from_pipe
printf 'x,y\n1,2\n3,4\n5,6\n7,8\n' | "$program" - >expected
check 'a stream is read completely although signals interrupt its reads' cmp expected from_pipe

# ---- contents of a graph ----

# percentage FILE PATTERN: the percentage of the samples whose stack, between semicolons, matches.
percentage()
{
	awk -v pattern="$2" '{
		n = $NF
		total += n
		sub(/ [0-9]+$/, "")
		if (";" $0 ";" ~ pattern)
			found += n
	}
	END { printf "%d", (total == 0 ? 0 : 100 * found / total) }' "$1"
}

total()
{
	awk '{ n += $NF } END { print n + 0 }' "$1"
}

# at_least PERCENT FILE PATTERN
at_least()
{
	found=$(percentage "$2" "$3")
	echo "$found% of $(total "$2") samples match $3, expected $1%; the most frequent stacks:"
	sed 's/^\(.*\) \([0-9]*\)$/\2 \1/' "$2" | sort -rn | head -n 5
	[ "$found" -ge "$1" ]
}

# The C library's static functions have names only if its debugging data is installed.
has_libc_names()
{
	grep -q ';build_trtable[; ]' slow.folded
}

# Inlined functions have names only in a build with debugging data.
has_inlined_names()
{
	sed -n -e 's/^CFLAGS = / /p' -e 's/^INSTRUMENT_CFLAGS = / /p' "$builddir/Makefile" |
		grep -q -e ' -g'
}

# check_inlined SENTENCE COMMAND...: as check, but skipped if inlined functions have no names.
check_inlined()
{
	if has_inlined_names; then
		check "$@"
	else
		skipped "$1" 'inlined functions have no names in a build without -g'
	fi
}

enough=50
if grep -q '^INSTRUMENT_CFLAGS = .*thread' "$builddir/Makefile" 2>/dev/null; then
	# ThreadSanitizer delays signals until the program calls the C library.
	skipped 'graphs show where the programs spend their time' 'ThreadSanitizer delays the samples'
else
	# About 700 samples of slow determine a percentage of 85 to within 4 (three standard deviations
	# of a binomial distribution), so that 80 can be expected.
	"$builddir/data/make_data" article few --rows=3000
	"$builddir/data/make_data" article many --rows=25000
	BASELINE_FLAMEGRAPH=slow.folded "$builddir/bench/slow" few >slow.out
	BASELINE_FLAMEGRAPH=mid.folded "$builddir/bench/mid" many >mid.out
	OMP_NUM_THREADS=2 BASELINE_FLAMEGRAPH=fast.folded "$builddir/bench/fast" many >fast.out
	set -- many many many many many many
	set -- "$@" "$@" "$@" "$@"
	"$program" -j 2 --flamegraph=best.folded "$@" >best.out
	"$program" -j 1 --kernel=scalar --flamegraph=scalar.folded many many many many >scalar.out

	for name in slow mid fast best scalar; do
		check "the graph of $name has at least $enough samples" \
			test "$(total $name.folded)" -ge "$enough"
		# A thread of OpenMP starts in the outlined body of a parallel region.
		check "nearly all stacks of $name reach main or the start function of a thread" \
			at_least 95 $name.folded ';(main|[^;]*(_omp_fn|omp_outlined)[^;]*);'
	done

	check 'slow: nearly all samples compile, execute or free a regular expression' \
		at_least 80 slow.folded ';(regcomp|regexec|regfree);'
	check 'slow: regcomp has a large part of the samples' at_least 10 slow.folded ';regcomp;'
	# glibc builds the automaton's states when regexec first reaches them.
	if has_libc_names; then
		check 'slow: most samples build the automaton, in regcomp or in regexec' at_least 80 \
			slow.folded ';(regcomp|regfree|build_trtable|re_acquire_state[a-z_]*);'
	else
		skipped 'slow: most samples build the automaton, in regcomp or in regexec' \
			'the debugging data of the C library is not installed'
	fi
	check_inlined 'mid: half of the samples are in strtod' \
		at_least 50 mid.folded ';add_cell;([^;]*strtod[^;]*|\[[^;]*\]);'

	check 'csv-report: scan and convert of the kernel have names' \
		at_least 25 best.folded ';(scan|convert)_(avx512|avx2|neon|scalar);'
	check 'csv-report: scan of the scalar kernel has its name' \
		at_least 2 scalar.folded ';scan_scalar;'
	check 'csv-report: convert of the scalar kernel has its name' at_least 20 scalar.folded ';convert_scalar;'

	case $("$program" --version) in
	*'no OpenMP'*) skipped 'fast, csv-report: two threads work in parallel' 'built without OpenMP' ;;
	*)
		for thread in 1 2; do
			check_inlined "fast: thread $thread parses numbers" \
				at_least 10 fast.folded "^;thread $thread( .main.)?;.*;add_cell;"
			check "csv-report: thread $thread parses blocks" \
				at_least 10 best.folded "^;thread $thread( .main.)?;.*;convert_[a-z0-9]*;"
		done
		check 'fast: the graph has exactly two threads' \
			test "$(sed 's/;.*//' fast.folded | sort -u | wc -l)" -eq 2
		;;
	esac

	"$builddir/bench/slow" few >expected
	check 'slow: the report is the same without a graph' cmp expected slow.out
	"$program" "$@" >expected
	check 'csv-report: the report is the same without a graph' cmp expected best.out
	"$program" --sample-rate=100000 --flamegraph=all.svg "$@" >all.out
	check 'csv-report: the report is the same at the highest sample rate' cmp expected all.out
fi

# ---- the SVG file ----

picture=short.svg
if [ -e all.svg ]; then
	picture=all.svg
fi
if command -v python3 >/dev/null 2>&1; then
	check 'the SVG file is well-formed XML' \
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$picture"
else
	skipped 'the SVG file is well-formed XML' 'python3 is missing'
fi
sed -e 's| xmlns="http://www.w3.org/2000/svg"||' -e 's| xmlns="http://www.w3.org/1999/xhtml"||' \
	"$picture" >without_names
check 'the SVG file refers to no external resource' \
	test -z "$(grep -E -e '[a-z]+://|href|src=|url\(|@import|fetch\(|XMLHttp' without_names)"
echo "1..$n"
