#!/bin/sh
# flamegraph.sh - the graphs of slow, mid, fast and csv-report show what each of them does
#
# Graphs are read as folded stacks. Shares are compared with what is known of the programs, never with
# an earlier output; each run lasts until there are enough samples for that, a few seconds in all.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         builddir    where bench/ and data/ were built (default: the current folder)
# Output  TAP
set -eu
LC_ALL=C
export LC_ALL
unset OMP_NUM_THREADS OMP_SCHEDULE OMP_DYNAMIC OMP_THREAD_LIMIT CSVR_KERNEL BASELINE_FLAMEGRAPH

builddir=${builddir:-$PWD}
program=${CSV_REPORT:-$PWD/src/csv-report}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
cd "$work"

n_tests=0
# report STATUS SENTENCE: 0 is ok.
report()
{
	n_tests=$((n_tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n_tests - $2"
	else
		echo "not ok $n_tests - $2"
	fi
}

skip()
{
	n_tests=$((n_tests + 1))
	echo "ok $n_tests - $1 # SKIP $2"
}

# check SENTENCE COMMAND...: the command succeeds.
check()
{
	sentence=$1
	shift
	status=0
	"$@" >check.out 2>&1 || status=1
	report $status "$sentence"
	[ "$status" -eq 0 ] || head -n 20 check.out | sed 's/^/# /'
}

# ends_with STATUS TEXT COMMAND...: the command ends so, and says TEXT on standard error.
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
	check 'a build that cannot sample itself says so' \
		ends_with 2 'libbacktrace' "$program" --flamegraph=a.svg a.csv
	check 'it creates nothing' test ! -e a.svg
	skip 'all else about --flamegraph' 'built without libbacktrace'
	echo "1..$n_tests"
	exit 0
	;;
esac

# ---- options and files ----

check 'a name that is neither *.svg nor *.folded is refused' \
	ends_with 2 'a file named *.svg or *.folded' "$program" --flamegraph=a.txt a.csv
check 'so is an ending without a name' \
	ends_with 2 'a file named *.svg or *.folded' "$program" --flamegraph=.svg a.csv
check 'so is the file of the report' \
	ends_with 2 'same file as the report' "$program" --flamegraph=a.svg -o a.svg a.csv
mkdir folder
ln -s ../b.svg folder/link.svg
check 'by whatever name' \
	ends_with 2 'same file as the report' "$program" --flamegraph=./b.svg -o folder/link.svg a.csv
check 'the same name in another folder is another file' \
	"$program" --flamegraph=c.svg -o folder/c.svg a.csv
check 'a folder that is not there is told before the run' \
	ends_with 1 'no input was read' "$program" --flamegraph=none/a.svg a.csv
check 'no report is written then' test ! -s out

"$program" a.csv >plain
if [ -c /dev/full ] && ln -s /dev/full full.svg 2>/dev/null; then
	check 'a full disk costs the graph' \
		ends_with 1 'no flame graph' "$program" --flamegraph=full.svg a.csv
	check 'but not the report' cmp plain out
else
	skip 'a full disk costs the graph' 'no /dev/full here'
	skip 'but not the report' 'no /dev/full here'
fi

echo old >kept.svg
check 'a run without a report leaves an older graph as it was' \
	ends_with 1 'no report' "$program" --flamegraph=kept.svg missing.csv
check 'byte for byte' grep -qx old kept.svg

check 'a short run has a graph too' "$program" --flamegraph=short.svg a.csv
check 'which says that it is too short' grep -q 'Too few samples' short.svg
check 'nothing else is left in the folder' \
	test "$(find . -name '.csv-report*' | wc -l)" -eq 0

if prlimit --sigpending=0 true 2>/dev/null; then
	check 'a run that the system grants no timers goes on, and says so' \
		ends_with 0 'cannot sample 1 thread' \
		prlimit --sigpending=0 "$program" --flamegraph=refused.svg a.csv
	check 'its graph tells of the threads, each once' grep -q '[^0-9]1 thread could not be sampled' refused.svg
else
	skip 'a run that the system grants no timers goes on' 'no prlimit here'
	skip 'its graph tells of the threads, each once' 'no prlimit here'
fi

# A slow writer, and more signals than a kernel has ticks: calls are interrupted, bytes are not lost.
{ cat a.csv; sleep 0.1; echo 5,6; sleep 0.1; echo 7,8; } |
	"$program" --sample-rate=100000 --flamegraph=pipe.folded - >from_pipe
printf 'x,y\n1,2\n3,4\n5,6\n7,8\n' | "$program" - >expected
check 'a stream is read whole while signals come' cmp expected from_pipe

# ---- what is in a graph ----

# share FILE PATTERN: percent of the samples whose stack matches, between semicolons.
share()
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
	found=$(share "$2" "$3")
	echo "$found% of $(total "$2") samples match $3, $1% were expected; the most frequent stacks:"
	sed 's/^\(.*\) \([0-9]*\)$/\2 \1/' "$2" | sort -rn | head -n 5
	[ "$found" -ge "$1" ]
}

# The C library's own functions have names only where its debugging data is installed.
has_libc_names()
{
	grep -q ';build_trtable[; ]' slow.folded
}

# So have inlined functions, in a build with debugging data.
has_inlined_names()
{
	sed -n -e 's/^CFLAGS = / /p' -e 's/^INSTRUMENT_CFLAGS = / /p' "$builddir/Makefile" |
		grep -q -e ' -g'
}

# inlined SENTENCE COMMAND...: as check, where inlined functions have names.
inlined()
{
	if has_inlined_names; then
		check "$@"
	else
		skip "$1" 'built without -g, inlined functions have no names'
	fi
}

enough=50
if grep -q '^INSTRUMENT_CFLAGS = .*thread' "$builddir/Makefile" 2>/dev/null; then
	# It holds signals back until the program calls the C library.
	skip 'graphs show what the programs do' 'ThreadSanitizer moves the samples'
else
	# Some 700 samples of slow: a share of 85% is then known to within 4% (three standard
	# deviations of a binomial distribution), so that 80% can be asked for.
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
		check "there are samples enough in $name" \
			test "$(total $name.folded)" -ge "$enough"
		# The outlined body of a parallel region is what a thread of OpenMP is started for.
		check "in $name nearly all reach main or what a thread was started for" \
			at_least 95 $name.folded ';(main|[^;]*(_omp_fn|omp_outlined)[^;]*);'
	done

	check 'slow: compiling, using and freeing a regular expression is nearly all' \
		at_least 80 slow.folded ';(regcomp|regexec|regfree);'
	check 'slow: regcomp is a large part of it' at_least 10 slow.folded ';regcomp;'
	# glibc builds the automaton's states when regexec first meets them.
	if has_libc_names; then
		check 'slow: it is compiling, in regcomp or late in regexec, that costs' at_least 80 \
			slow.folded ';(regcomp|regfree|build_trtable|re_acquire_state[a-z_]*);'
	else
		skip 'slow: it is compiling, in regcomp or late in regexec, that costs' \
			'the C library has no names for its own functions here'
	fi
	inlined 'mid: strtod, named or not, is the plateau' \
		at_least 50 mid.folded ';add_cell;([^;]*strtod[^;]*|\[[^;]*\]);'

	check 'csv-report: scan and convert of the kernel are there by name' \
		at_least 25 best.folded ';(scan|convert)_(avx512|avx2|neon|scalar);'
	check 'csv-report: those of the scalar kernel say that it is that' \
		at_least 2 scalar.folded ';scan_scalar;'
	check 'csv-report: both of them' at_least 20 scalar.folded ';convert_scalar;'

	case $("$program" --version) in
	*'no OpenMP'*) skip 'fast, csv-report: two threads work side by side' 'built without OpenMP' ;;
	*)
		for n in 1 2; do
			inlined "fast: thread $n parses numbers" \
				at_least 10 fast.folded "^;thread $n( .main.)?;.*;add_cell;"
			check "csv-report: thread $n parses blocks" \
				at_least 10 best.folded "^;thread $n( .main.)?;.*;convert_[a-z0-9]*;"
		done
		check 'fast: no more than two columns of boxes' \
			test "$(sed 's/;.*//' fast.folded | sort -u | wc -l)" -eq 2
		;;
	esac

	"$builddir/bench/slow" few >expected
	check 'slow prints the same without a graph' cmp expected slow.out
	"$program" "$@" >expected
	check 'csv-report prints the same without a graph' cmp expected best.out
	"$program" --sample-rate=100000 --flamegraph=all.svg "$@" >all.out
	check 'and at the highest rate' cmp expected all.out
fi

# ---- the picture ----

picture=short.svg
if [ -e all.svg ]; then
	picture=all.svg
fi
if command -v python3 >/dev/null 2>&1; then
	check 'the picture is well-formed XML' \
		python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])' "$picture"
else
	skip 'the picture is well-formed XML' 'no Python 3 here'
fi
sed -e 's| xmlns="http://www.w3.org/2000/svg"||' -e 's| xmlns="http://www.w3.org/1999/xhtml"||' \
	"$picture" >without_names
check 'it names nothing that could be fetched' \
	test -z "$(grep -E -e '[a-z]+://|href|src=|url\(|@import|fetch\(|XMLHttp' without_names)"
echo "1..$n_tests"
