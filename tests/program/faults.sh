#!/bin/sh
# faults.sh - a run in which any system call fails ends with the correct report or a clear error
#
# Shape   each test is one job of the program and one kind of call. The n-th call of that kind fails, for
#         n from 1 until a run makes fewer calls: with each error that is possible there, and, where this
#         happens in practice, all calls after it fail, too. For every n:
#         - the exit status is 0, 1 or 3, within half a minute;
#         - with 0, the report is byte-identical to that of a run without faults;
#         - with 3, messages name files, and the statistics are those of the other files;
#         - with 1, no report is written, and an existing file is unchanged;
#         - a message gives the reason, and names the file that could not be read or written;
#         - no other file remains.
#         A run that receives SIGTERM at any call leaves a checkpoint, from which the next one resumes. A
#         run that is killed at any call leaves each file unchanged or complete.
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         CC          a compiler for fault_inject.c (default: cc)
#         FAULT_STEP  n is 1 and then increases by this step, from another offset each time (default:
#                     11; 1: every call; with a sanitizer: 40)
#         FAULT_JOBS  the names of the jobs to run (default: all; with a sanitizer: three)
#         FAULT_REMOTE  "yes": also csv-report-remote, which takes half a second for each n (default: no)
# Output  TAP
set -eu
top=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/tools/program.sh
. "$top/tests/tools/program.sh"
unset NO_COLOR OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_SCHEDULE SLURM_JOB_END_TIME CSVR_KERNEL FAULT \
	LD_PRELOAD

# ---- the preloaded library ----

preload=$work/fault_inject.so
log=$work/log
# shellcheck disable=SC2086 # CC may contain options
${CC:-cc} -O1 -shared -fPIC -o "$preload" "$top/tests/tools/fault_inject.c" >"$work/built" 2>&1 || {
	sed 's/^/# /' "$work/built"
	skip_all "fault_inject.c supports only Linux with glibc on x86-64"
}
# A sanitizer's runtime must be loaded first, except for the functions that this library intercepts.
has_sanitizer=no
if grep -q -a -e __asan_init -e __tsan_init "$program"; then
	has_sanitizer=yes
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0:allocator_may_return_null=1:exitcode=66
	export ASAN_OPTIONS
fi
sanitizer_options=${ASAN_OPTIONS:-}
# With a sanitizer a run takes ten times as long, mostly for the search for leaks. If memory fails while
# threads start, the sanitizer ends the program itself.
if [ "$has_sanitizer" = yes ]; then
	FAULT_STEP=${FAULT_STEP:-40}
	FAULT_JOBS=${FAULT_JOBS:-plain compressed merge}
fi
FAULT_STEP=${FAULT_STEP:-11}
: >"$log"
FAULT=write:0:EIO FAULT_LOG=$log LD_PRELOAD=$preload "$program" --version >"$work/out" 2>"$work/err" ||
	skip_all "faults cannot be injected: $(head -n 1 "$work/err")"
has_threads=yes
! "$program" --version | grep -q 'no OpenMP' || has_threads=no

# ---- inputs ----

mkdir here here/in
cd here
awk 'BEGIN {
	srand(3)
	for (file = 1; file <= 2; file++) {
		name = sprintf("in/%s.csv", file == 1 ? "a" : "b")
		print "id,value,word" >name
		for (i = 1; i <= 400 * file; i++)
			printf "%d,%.3f,\"w %d\"\n", i, rand() * 1000, i % 7 >name
		close(name)
	}
}'

# ---- jobs ----

# A job is one use of the program. Its variables:
# description  of the job, for the sentences of the tests
# options      that determine the statistics and their format
# outputs      options that name output files
# inputs       the paths of all inputs
# named        the arguments that name the inputs (default: the same)
# report       the path of the report
# stdin        the file that is standard input
# files        all files that may exist afterwards
# directory    a directory argument: it may be reported itself, and its files found before count
job() {
	is_wanted=yes
	case " ${FAULT_JOBS:-$1} " in
	*" $1 "*) ;;
	*) is_wanted=no ;;
	esac
	shift
	description=$1
	options=$2
	outputs=$3
	inputs=$4
	named=$inputs
	report=$work/out
	stdin=/dev/null
	files="in list $5"
	directory=
	no_report=check_no_report
	n_parts=0
}

# prepare: restores the files that a run starts with.
prepare() {
	: # see the jobs
}

# load_report FILE: sets $text to the report, or to the part of it that is compared. It starts no process
# where possible, because on a busy machine that takes as long as the program itself.
load_report() {
	read_file "$1"
}

# read_file FILE: sets $text to its contents
read_file() {
	text=
	while IFS= read -r line; do
		text="$text$line
"
	done <"$1"
	text=$text$line
}

# ---- one run ----

run_with_fault() {
	: >"$log"
	prepare
	status=0
	# shellcheck disable=SC2086 # words without blanks
	FAULT=$fault FAULT_LOG=$log LD_PRELOAD=$preload "$program" $options $outputs $named \
		>"$work/out" 2>"$work/err" <"$stdin" || status=$?
	read_file "$work/err"
	messages=$text
	call='' path='' n_struck=0
	while read -r call path; do
		n_struck=$((n_struck + 1))
		[ "$n_struck" -le "$n_first" ] || break
	done <"$log"
}

fail() {
	wrong "$fault ($call $path): $*"
	[ -z "$messages" ] || wrong "	messages: $(printf '%.900s' "$messages")"
}

# sort_inputs: sets $bad to the inputs that messages name, and $good to the others.
sort_inputs() {
	bad='' good=''
	for input in $directory $inputs; do
		case $messages in
		*"csv-report: $input: "* | *"csv-report: $input:"[0-9]*": "*) bad="$bad $input" ;;
		*) [ "$input" = "$directory" ] || good="$good $input" ;;
		esac
	done
}

# check_part: with status 3, the report is that of the inputs that no message names. The files of a
# directory that a message names count if they were found before.
check_part() {
	sort_inputs
	if [ -z "$bad" ] || [ -z "$good" ]; then
		fail "exit status 3, but the bad inputs are '$bad', and the good ones '$good'"
		return
	fi
	load_report "$report"
	reported=$text
	make_part
	[ "$text" != "$reported" ] || return 0
	all=$good
	good=
	for input in $all; do
		[ -n "$directory" ] && [ "${input#"$directory"/}" != "$input" ] || good="$good $input"
	done
	[ "$good" = "$all" ] || make_part
	[ "$text" = "$reported" ] || fail "the report is not that of $good"
}

# make_part: sets $text to the report of $good. Reports are cached in variables.
make_part() {
	k=0
	while [ $((k += 1)) -le "$n_parts" ]; do
		eval "[ \"\$good\" != \"\$good_$k\" ] || { text=\$part_$k && return 0; }"
	done
	# shellcheck disable=SC2086
	"$program" $options -o "$work/part" $good <"$stdin" 2>"$work/why_not" || fail "csv-report failed on $good"
	load_report "$work/part"
	n_parts=$k
	eval "good_$k=\$good part_$k=\$text"
}

# check_no_report: with status 1, no report is written. The function that $no_report names is called.
check_no_report() {
	old=
	if [ "$report" != "$work/out" ]; then
		read -r old <"$report" || :
		[ "$old" = old ] || fail "the old report changed"
	elif [ -s "$report" ]; then
		# The report is incomplete if a write to it fails.
		case $call:$path in
		write*:"$work/out" | close:"$work/out") ;;
		*) fail "the report is incomplete" ;;
		esac
	fi
}

# check_message: a message names the file and the reason.
check_message() {
	case $plus$path in
	+*) subject= ;; # others failed, too
	"$work/err") return ;;
	"$work/out") subject="standard output" ;;
	"$PWD/$stdin") subject="-" ;;
	"$PWD"/* | in/* | list | report | ck)
		subject=${path##*/}
		case $subject in
		.csv-report.*) subject=${subject#.csv-report.} && subject=${subject%.*} ;;
		esac
		;;
	*) subject= ;;
	esac
	case $messages in
	*"csv-report: "*"$subject"*) ;;
	*) fail "no message names '$subject'" ;;
	esac
	case $kind:$messages in
	*"$reason"*) ;;
	memory:*"temporarily unavailable"*) ;; # for a thread
	*) fail "no message gives the reason" ;;
	esac
}

check_sanitizer() {
	case $messages in
	*Sanitizer:* | *"runtime error:"*) fail "a sanitizer reports an error" ;;
	esac
}

check_files() {
	for name in * .[!.]*; do
		case " $files " in
		*" $name "*) ;;
		*)
			[ -e "$name" ] || continue
			# A file remains if it cannot be removed.
			[ "$call" = unlink ] || [ "$kind$plus" = other+ ] || fail "a file remains: $name"
			rm -f "$name"
			;;
		esac
	done
}

check() {
	check_sanitizer
	case $status in
	0)
		load_report "$report"
		[ "$text" = "$expected" ] || fail "exit status 0 and a wrong report"
		;;
	1)
		"$no_report"
		check_message
		;;
	3)
		check_part
		check_message
		;;
	*)
		fail "exit status $status"
		;;
	esac
	[ "$must" = any ] || [ "$status" -eq 0 ] || fail "exit status $status although the call can be retried"
	check_files
}

# ---- all n ----

reason_of() {
	case $1 in
	EACCES) reason="Permission denied" ;;
	EDQUOT) reason="Disk quota exceeded" ;;
	EIO) reason="Input/output error" ;;
	EMFILE) reason="Too many open files" ;;
	ENOENT) reason="No such file or directory" ;;
	ENOMEM) reason="emory" ;;
	ENOSPC) reason="No space left on device" ;;
	EPERM) reason="Operation not permitted" ;;
	*) reason= ;;
	esac
}

# sweep KIND HOW...: one test. With a plus before HOW, all calls after the n-th fail, too. If `must` is 0,
# the fault must have no effect. $before lists $n_first faults of every run, each followed by a comma.
# `examine` is the function that checks the run.
n_faults=0
n_sweeps=0
before=
n_first=0
examine=check
sweep() {
	[ "$is_wanted" = yes ] || return 0
	kind=$1
	shift
	# A sanitizer makes such calls itself and ends the program if they fail.
	case $has_sanitizer$kind in
	yesmap | yesother) return ;;
	esac
	begin "$description: $kind"
	n_fired=0
	for how in "$@"; do
		n_sweeps=$((n_sweeps + 1))
		plus=''
		[ "$how" = "${how#+}" ] || plus=+
		how=${how#+}
		reason_of "$how"
		case $kind:$how in
		# A request is retried.
		connect:* | send:* | receive:* | poll:EINTR) must=0 ;;
		read:EINTR | read:short | read:EAGAIN | write:short | write:EINTR | write:EAGAIN) must=0 ;;
		*) must=any ;;
		esac
		# LeakSanitizer blocks the filter's signal while it makes such calls itself.
		case ,$before$kind in
		*,read* | *,open | *,close) ASAN_OPTIONS=$sanitizer_options:detect_leaks=0 ;;
		*) ASAN_OPTIONS=$sanitizer_options ;;
		esac
		i=1
		while :; do
			fault=$before$kind:$i$plus:$how
			run_with_fault
			"$examine"
			[ "$n_struck" -gt "$n_first" ] || break
			n_fired=$((n_fired + 1))
			[ "$i" -ne 1 ] || i=$((2 + n_sweeps % FAULT_STEP - FAULT_STEP))
			i=$((i + FAULT_STEP))
		done
	done
	n_faults=$((n_faults + n_fired))
	[ "$n_fired" -gt 0 ] || wrong "the program made no such call"
	finish
}

# run_without_faults: sets $expected to the report.
run_without_faults() {
	[ "$is_wanted" = yes ] || return 0
	prepare
	status=0
	# shellcheck disable=SC2086
	"$program" $options $outputs $named >"$work/out" 2>"$work/err" <"$stdin" || status=$?
	[ "$status" -eq 0 ] || {
		sed 's/^/# /' "$work/err"
		echo "Bail out! $description: exit status $status"
		exit 1
	}
	load_report "$report"
	expected=$text
}

# ---- two files, standard output ----

job plain "two files to standard output" "-j1 --format=csv" "" "in/a.csv in/b.csv" ""
run_without_faults
sweep read EIO EINTR EAGAIN short end
sweep open EACCES EMFILE ENOMEM
sweep stat EIO ENOMEM
sweep write ENOSPC EIO EINTR EAGAIN short
sweep close EIO EINTR
sweep memory ENOMEM +ENOMEM
sweep other EIO EPERM +ENOSYS

job table "one file to a table with the default threads" "" "" in/a.csv ""
run_without_faults
sweep read EIO EINTR short
sweep open EMFILE
sweep memory ENOMEM +ENOMEM
sweep other EPERM +ENOSYS
sweep map ENOMEM

job stdin "standard input" "-j1 --format=csv" "" - ""
named=
stdin=in/a.csv
run_without_faults
sweep read EIO EINTR EAGAIN short
sweep memory ENOMEM +ENOMEM

# ---- many files, chunks, threads ----

mkdir in/many
i=100
while [ $((i += 1)) -le 140 ]; do
	printf 'id,value\n%s,%s.5\n' "$i" "$i" >"in/many/$i.csv"
done
job many "a directory of small files with two threads" "-j2 --format=csv --chunk=3000" "" \
	"$(echo in/many/*.csv) in/a.csv" ""
named="in/many in/a.csv"
directory=in/many
run_without_faults
sweep read EIO EINTR short
sweep open EMFILE
sweep stat EIO
sweep list EIO
sweep close EIO
sweep memory ENOMEM +ENOMEM
if [ "$has_threads" = yes ]; then
	sweep thread EAGAIN +EAGAIN
fi

job chunks "a file in chunks with two threads" "-j2 --format=csv --chunk=3000 --block=512" "" \
	in/b.csv ""
run_without_faults
sweep read EIO EINTR short end
sweep open EMFILE
sweep stat EIO
sweep memory ENOMEM +ENOMEM
if [ "$has_threads" = yes ]; then
	sweep thread EAGAIN +EAGAIN
fi

printf 'in/a.csv\nin/b.csv\n' >list
job list "a list of files" "-j1 --format=csv" "" "in/a.csv in/b.csv" ""
named=--files-from=list
run_without_faults
sweep read EIO EINTR
sweep open EACCES EMFILE
sweep memory ENOMEM +ENOMEM

# ---- compressed files ----

features=$("$program" --version)
gzip -c in/a.csv >in/a.csv.gz
compressed=in/a.csv.gz
case $features in
*"no zstd"*) ;;
*) zstd -q -c in/b.csv >in/b.csv.zst 2>"$work/why_not" && compressed="$compressed in/b.csv.zst" ;;
esac
job compressed "compressed files" "-j1 --format=csv" "" "$compressed" ""
case $features in
*"no gzip"*) is_wanted=no ;;
esac
run_without_faults
sweep read EIO EINTR short end
sweep open EMFILE
sweep stat EIO
sweep memory ENOMEM +ENOMEM
if grep -q -a dlopen "$program"; then
	sweep library ENOENT +ENOENT
fi
sweep map ENOMEM

# ---- a report in a file ----

job json "a JSON report that replaces a file" "-j1 --format=json --all" "-o report" "in/a.csv in/b.csv" report
report=report
prepare() {
	echo old >report
}
# The problems of a report with bad files differ from those of a run without these.
load_report() {
	read_file "$1"
	[ "$status" -ne 3 ] || text=${text%%\"files_bad\":*}
}
run_without_faults
sweep read EIO
sweep open EACCES EMFILE
sweep stat EIO
sweep write ENOSPC EDQUOT EINTR short
sweep rename EACCES EIO EXDEV
sweep sync EIO ENOSPC EINTR
sweep close EIO EDQUOT
sweep memory ENOMEM +ENOMEM
sweep other EIO EPERM ENOMEM +ENOSYS
sweep map ENOMEM +ENOMEM

# ---- saved states ----

job save "a state that replaces a file" "-j1 --all" "--format=state -o report" "in/a.csv in/b.csv" report
report=report
# A state is compared by its report.
load_report() {
	if [ "$1" = report ]; then
		text=$("$program" --format=csv report 2>"$work/err_of_state") || :
	else
		# shellcheck disable=SC2086
		text=$("$program" -j1 --format=csv $good)
	fi
}
run_without_faults
sweep read EIO short
sweep open EMFILE
sweep write ENOSPC EINTR short
sweep rename EIO
sweep sync EIO
sweep close EIO
sweep memory ENOMEM +ENOMEM
rm -f report

"$program" --all --format=state -o a.state in/a.csv
"$program" --all --format=state -o b.state in/b.csv
job merge "a merge of two states" "-j1 --all --format=csv" "" "a.state b.state" "a.state b.state"
prepare() {
	:
}
load_report() {
	read_file "$1"
}
run_without_faults
sweep read EIO EINTR short end
sweep open EACCES EMFILE
sweep stat EIO
sweep memory ENOMEM +ENOMEM
rm -f a.state b.state

# ---- comparisons ----

job compare "a comparison with a JSON report" "-j1 --compare=old.json" "" "in/a.csv in/b.csv" old.json
case $features in
*"no JSON reports"*) is_wanted=no ;;
esac
"$program" --all --format=json -o old.json in/a.csv
run_without_faults
sweep read EIO EINTR short end
sweep open EACCES EMFILE
sweep stat EIO
sweep memory ENOMEM +ENOMEM
if grep -q -a dlopen "$program"; then
	sweep library ENOENT +ENOENT
fi
rm -f old.json

job compare_state "a comparison with a saved state" "-j1 --compare=old.state" "" "in/a.csv in/b.csv" old.state
"$program" --all --format=state -o old.state in/a.csv
run_without_faults
sweep read EIO EINTR short end
sweep open EACCES EMFILE
sweep memory ENOMEM +ENOMEM
rm -f old.state

# ---- checkpoints ----

# The checkpoint of a run that received SIGTERM at its sixth read.
FAULT=read:6:term FAULT_LOG=$log LD_PRELOAD=$preload "$program" -j1 --format=csv --chunk=3000 --checkpoint=ck \
	in/a.csv in/b.csv >"$work/out" 2>"$work/err" || :
mv ck "$work/kept"
job resume "a run that resumes from a checkpoint" "-j1 --format=csv --chunk=3000" --checkpoint=ck \
	"in/a.csv in/b.csv" ck
no_report=check_next_run
prepare() {
	cp "$work/kept" ck
}
# check_next_run: without a report the checkpoint still exists, and the next run succeeds.
check_next_run() {
	[ ! -s "$work/out" ] || [ "$path" = "$work/out" ] || fail "the report is incomplete"
	# shellcheck disable=SC2086
	"$program" $options $outputs $named >"$work/again" 2>"$work/err_again" ||
		fail "exit status $? of the next run"
	read_file "$work/again"
	[ "$text" = "$expected" ] || fail "the report of the next run differs"
}
run_without_faults
sweep read EIO EINTR short end
sweep open EACCES EMFILE
sweep stat EIO
sweep write ENOSPC EINTR
sweep close EIO
sweep memory ENOMEM +ENOMEM
sweep thread EAGAIN
sweep other EIO

# ---- runs that are stopped or killed ----

# check_ended: a run that receives SIGTERM reports it, and leaves a checkpoint if it had started to read.
# The next run writes the complete report.
check_ended() {
	check_sanitizer
	case $status in
	0)
		read_file "$work/out"
		[ "$text" = "$expected" ] || fail "exit status 0 and a wrong report"
		;;
	1) check_message ;;
	75) [ "${messages#*progress is saved}" = "$messages" ] || [ -s ck ] || fail "no checkpoint was written" ;;
	137) ;;
	*) fail "exit status $status" ;;
	esac
	if [ "$status" -ne 137 ]; then
		files="in list ck"
		check_files
	fi
	[ "$status" -eq 0 ] || check_next_run
	if [ -e ck ] || [ "$status" -eq 137 ]; then
		rm -f .csv-report.* ck
	fi
}

job stop "a run that receives SIGTERM, and the next one" "-j1 --format=csv --chunk=3000" --checkpoint=ck \
	"in/a.csv in/b.csv" ck
run_without_faults
prepare() {
	rm -f ck
}
examine=check_ended
sweep read term
sweep open term
sweep close term

job stop_unsaved "a run that receives SIGTERM and cannot save" "-j1 --format=csv --chunk=3000" --checkpoint=ck \
	"in/a.csv in/b.csv" ck
before=read:6:term,
n_first=1
run_without_faults
sweep open EACCES EMFILE
sweep write ENOSPC EIO EINTR
sweep rename EIO
sweep sync ENOSPC
sweep close EIO
sweep memory ENOMEM +ENOMEM
sweep write kill
sweep sync kill
sweep rename kill
before=
n_first=0

# check_killed: a file that is replaced is always either the old or the new one.
check_killed() {
	check_sanitizer
	case $status in
	0 | 137)
		read_file report
		[ "$status$text" = "137old
" ] || [ "$text" = "$expected" ] || fail "the file is neither old nor new"
		;;
	*) fail "exit status $status" ;;
	esac
	rm -f .csv-report.*
}

job killed "a run that is killed while it writes a file" "-j1 --format=csv" "-o report" in/a.csv report
report=report
prepare() {
	echo old >report
}
examine=check_killed
run_without_faults
sweep open kill
sweep write kill
sweep sync kill
sweep rename kill
sweep close kill
rm -f report
prepare() {
	:
}
examine=check

# ---- a flame graph ----

# check_graph: the report is written before the graph and does not depend on it.
check_graph() {
	check_sanitizer
	case $status in
	0) if [ ! -s graph.svg ] || [ ! -s "$work/out" ]; then fail "exit status 0, but the graph or the report is missing"; fi ;;
	1) check_message ;;
	3) check_part ;;
	*) fail "exit status $status" ;;
	esac
	read_file "$work/out"
	case $status:$text in
	3:* | ?: | ?:"$expected") ;;
	*) [ "$path" = "$work/out" ] || fail "the report is incomplete" ;;
	esac
	check_files
	rm -f graph.svg
}

job graph "a flame graph and --timing" "-j1 --format=csv --timing" --flamegraph=graph.svg "in/a.csv in/b.csv" graph.svg
case $features in
*"no flamegraph"*) is_wanted=no ;;
esac
run_without_faults
rm -f graph.svg
examine=check_graph
sweep open EMFILE
sweep write ENOSPC short
sweep rename EIO
sweep memory ENOMEM +ENOMEM
sweep map ENOMEM
sweep other EIO +ENOSYS
examine=check

# ---- remote inputs ----

server=
end_server() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -rf "$work"
}
trap end_server EXIT

local_program=$program
job remote "two remote files" "-j1 --format=csv" "" "" ""
if [ "${FAULT_REMOTE:-no}" = yes ] && [ -x "${program%/*}/csv-report-remote" ] && [ "$is_wanted" = yes ]; then
	program=${program%/*}/csv-report-remote
	python3 "$top/tests/tools/http_server.py" "$work/port" "$PWD" >"$work/server" 2>&1 </dev/null &
	server=$!
	tries=100
	until [ -s "$work/port" ] || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.1
	done
	read -r port <"$work/port"
	inputs="http://127.0.0.1:$port/in/a.csv http://127.0.0.1:$port/in/b.csv"
	named=$inputs
else
	is_wanted=no
fi
run_without_faults
sweep socket EMFILE ENOMEM
sweep connect ECONNREFUSED ETIMEDOUT
sweep send EPIPE ECONNRESET EINTR
sweep receive ECONNRESET EINTR short
sweep poll EINTR ENOMEM
sweep read EIO EINTR
sweep write EIO EINTR
sweep thread EAGAIN
sweep memory ENOMEM
program=$local_program

# ---- bugs found before ----

if [ -z "${FAULT_JOBS:-}" ]; then

# expect_fault FAULT ARGUMENT...: runs the program, which must make the call
expect_fault() {
	: >"$log"
	fault=$1
	shift
	status=0
	FAULT=$fault FAULT_LOG=$log LD_PRELOAD=$preload "$program" "$@" >"$work/out" 2>"$work/err" </dev/null ||
		status=$?
	[ -s "$log" ] || wrong "the program made no such call"
}

# expect_report_of ARGUMENT...: the report of the last run is that of a run with the arguments
expect_report_of() {
	"$program" -j1 --format=csv "$@" | cmp -s - "$work/out" || wrong "the report is wrong"
}

begin "a file that ends before its size is reported and left out"
expect_fault read:1:end -j1 --format=csv in/a.csv in/b.csv
expect_status 3
expect_err "in/a.csv: ends after 0 of its "
expect_report_of in/b.csv
finish

begin "a compressed file that ends before its size is reported and left out"
expect_fault read:1:end -j1 --format=csv in/a.csv.gz in/b.csv
expect_status 3
expect_err "in/a.csv.gz: ends after 0 of its "
expect_report_of in/b.csv
finish

begin "the report is complete if writes to standard output are interrupted, short or would block"
for how in EINTR EAGAIN short; do
	expect_fault "write:1:$how" -j1 --format=csv in/a.csv
	expect_status 0
	expect_report_of in/a.csv
done
finish

begin "a list is read to its end if reads are interrupted, short or would block"
for how in EINTR EAGAIN short; do
	expect_fault "read:1:$how" -j1 --format=csv --files-from=list
	expect_status 0
	expect_report_of in/a.csv in/b.csv
done
finish

begin "an output file whose stream cannot be opened is reported with the reason"
expect_fault other:1+:EPERM -j1 --format=csv -o report in/a.csv
expect_status 1
! grep -q "Cannot allocate memory" "$work/err" || wrong "the reason is wrong"
rm -f report .csv-report.*
finish

chunks='--format=csv --chunk=3000 --block=512 in/a.csv in/b.csv'
# limited KIBIBYTES ARGUMENT...: a run with that much address space
limited() {
	status=0
	(
		# shellcheck disable=SC3045 # dash and bash support it
		ulimit -v "$1"
		shift
		# A single arena, because the address space of further ones varies by chance.
		MALLOC_ARENA_MAX=1 "$program" "$@"
	) >"$work/out" 2>"$work/err" </dev/null || status=$?
}

if [ "$has_threads" = yes ]; then
	begin "OpenMP without threads ends the run with a clear error"
	# shellcheck disable=SC2086
	expect_fault thread:2:EAGAIN -j4 $chunks
	expect_status 1
	expect_err "csv-report: OpenMP ran out of memory or threads" "--threads=1"
	expect_no_report
	finish
fi
if [ "$has_threads" = yes ] && [ "$has_sanitizer" = no ]; then
	begin "a limit on address space reduces the number of threads"
	# shellcheck disable=SC2086
	limited 400000 -j200 $chunks --chunk=100
	expect_status 0
	expect_err "csv-report: cannot start 200 threads"
	expect_report_of in/a.csv in/b.csv
	finish

	begin "a high limit on address space has no effect"
	# shellcheck disable=SC2086
	limited 4000000 -j4 $chunks
	expect_status 0
	[ ! -s "$work/err" ] || wrong "standard error is not empty"
	expect_report_of in/a.csv in/b.csv
	finish
fi

fi

echo "# $n_faults faults"
echo "1..$n"
[ "$n_failed" -eq 0 ]
