#!/bin/sh
# faults.sh - whatever call to the system fails, a run ends in the right report or in a clear error
#
# Shape   each fact is one job of the program and one kind of call. The n-th call of that kind fails, for
#         n from 1 on until a run has fewer: with each error that may be met there, and, where that is
#         what happens in practice, all calls after it too. Whatever n is:
#         - the exit status is 0, 1 or 3, in half a minute;
#         - with 0, the report is that of an undisturbed run, byte for byte;
#         - with 3, messages name files, and the figures are those of the other files;
#         - with 1, there is no report, and a file that was there before is as it was;
#         - a message gives the reason, and names the file that could not be read or written;
#         - no other file is left behind.
#         A run that is told to stop at any call leaves a checkpoint, from which the next one goes on; one
#         that is killed at any call leaves files as they were, or whole.
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         CC          a compiler for fault_inject.c (default: cc)
#         FAULT_STEP  n is 1, and then grows by so many from another beginning each time (default: 11;
#                     1: every call; with a sanitizer: 40)
#         FAULT_JOBS  the names of those to do, as below (default: all; with a sanitizer: three)
#         FAULT_REMOTE  "yes": csv-report-remote, too, which takes half a second for each n (default: no)
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
# shellcheck disable=SC2086 # CC may hold options
${CC:-cc} -O1 -shared -fPIC -o "$preload" "$top/tests/tools/fault_inject.c" >"$work/built" 2>&1 || {
	sed 's/^/# /' "$work/built"
	skip_all "calls can be made to fail on Linux with glibc on x86-64 only"
}
# A sanitizer's runtime must come first, but for what stands before its functions here.
has_sanitizer=no
if grep -q -a -e __asan_init -e __tsan_init "$program"; then
	has_sanitizer=yes
	ASAN_OPTIONS=${ASAN_OPTIONS:+$ASAN_OPTIONS:}verify_asan_link_order=0:allocator_may_return_null=1:exitcode=66
	export ASAN_OPTIONS
fi
sanitizer_options=${ASAN_OPTIONS:-}
# A run then takes ten times as long, most of it the search for leaks. Where threads begin while memory
# fails, a sanitizer ends the program itself.
if [ "$has_sanitizer" = yes ]; then
	FAULT_STEP=${FAULT_STEP:-40}
	FAULT_JOBS=${FAULT_JOBS:-plain packed merge}
fi
FAULT_STEP=${FAULT_STEP:-11}
: >"$log"
FAULT=write:0:EIO FAULT_LOG=$log LD_PRELOAD=$preload "$program" --version >"$work/out" 2>"$work/err" ||
	skip_all "calls cannot be made to fail here: $(head -n 1 "$work/err")"
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

# A job is what the program is asked to do. Set for each:
# what       in words
# options    that decide the figures and how they are shown
# outputs    options that say where to
# inputs     the paths of all that is read
# named      what is given for them (default: the same)
# report     where the report is, after all
# stdin      what standard input is
# files      all that may be there afterwards
# folder     what is walked: it may be named as bad itself, and what was found in it counts
job() {
	is_wanted=yes
	case " ${FAULT_JOBS:-$1} " in
	*" $1 "*) ;;
	*) is_wanted=no ;;
	esac
	shift
	what=$1
	options=$2
	outputs=$3
	inputs=$4
	named=$inputs
	report=$work/out
	stdin=/dev/null
	files="in list $5"
	folder=
	no_report=check_no_report
	n_parts=0
}

# All that a run finds when it begins, put there anew.
prepare() {
	: # see the jobs
}

# The report of a run, in $text, or what is to be compared of it. Nothing is run for that if it can be
# helped: on a busy machine that takes as long as the program itself.
show() {
	slurp "$1"
}

# slurp FILE: what it holds, in $text
slurp() {
	text=
	while IFS= read -r line; do
		text="$text$line
"
	done <"$1"
	text=$text$line
}

# ---- one run ----

strike() {
	: >"$log"
	prepare
	status=0
	# shellcheck disable=SC2086 # words without blanks
	FAULT=$fault FAULT_LOG=$log LD_PRELOAD=$preload "$program" $options $outputs $named \
		>"$work/out" 2>"$work/err" <"$stdin" || status=$?
	slurp "$work/err"
	said=$text
	call='' path='' n_struck=0
	while read -r call path; do
		n_struck=$((n_struck + 1))
		[ "$n_struck" -le "$n_first" ] || break
	done <"$log"
}

blame() {
	wrong "$fault ($call $path): $*"
	[ -z "$said" ] || wrong "	it said: $(printf '%.900s' "$said")"
}

# The inputs that messages name, in $bad; all others, in $good.
sort_inputs() {
	bad='' good=''
	for input in $folder $inputs; do
		case $said in
		*"csv-report: $input: "* | *"csv-report: $input:"[0-9]*": "*) bad="$bad $input" ;;
		*) [ "$input" = "$folder" ] || good="$good $input" ;;
		esac
	done
}

# With status 3: the report is that of the inputs not named. What is in a folder that is named counts if it
# was found before.
check_part() {
	sort_inputs
	if [ -z "$bad" ] || [ -z "$good" ]; then
		blame "exit status 3, but the bad inputs are '$bad', and the good ones '$good'"
		return
	fi
	show "$report"
	shown=$text
	make_part
	[ "$text" != "$shown" ] || return 0
	all=$good
	good=
	for input in $all; do
		[ -n "$folder" ] && [ "${input#"$folder"/}" != "$input" ] || good="$good $input"
	done
	[ "$good" = "$all" ] || make_part
	[ "$text" = "$shown" ] || blame "the figures are not those of $good"
}

# What is reported of $good, in $text; it is kept in variables.
make_part() {
	k=0
	while [ $((k += 1)) -le "$n_parts" ]; do
		eval "[ \"\$good\" != \"\$good_$k\" ] || { text=\$part_$k && return 0; }"
	done
	# shellcheck disable=SC2086
	"$program" $options -o "$work/part" $good <"$stdin" 2>"$work/why_not" || blame "no part to compare"
	show "$work/part"
	n_parts=$k
	eval "good_$k=\$good part_$k=\$text"
}

# With status 1: there is none. What `no_report` names is called for that.
check_no_report() {
	old=
	if [ "$report" != "$work/out" ]; then
		read -r old <"$report" || :
		[ "$old" = old ] || blame "the old report is gone"
	elif [ -s "$report" ]; then
		# It breaks off where it cannot be written on.
		case $call:$path in
		write*:"$work/out" | close:"$work/out") ;;
		*) blame "there is half a report" ;;
		esac
	fi
}

# Whoever reads the message must know what to do.
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
	case $said in
	*"csv-report: "*"$subject"*) ;;
	*) blame "no message names '$subject'" ;;
	esac
	case $kind:$said in
	*"$reason"*) ;;
	memory:*"temporarily unavailable"*) ;; # of a thread, for which there was none
	*) blame "no message gives the reason" ;;
	esac
}

check_sanitizer() {
	case $said in
	*Sanitizer:* | *"runtime error:"*) blame "that must not happen" ;;
	esac
}

check_files() {
	for name in * .[!.]*; do
		case " $files " in
		*" $name "*) ;;
		*)
			[ -e "$name" ] || continue
			# Who may not remove a file leaves it.
			[ "$call" = unlink ] || [ "$kind$plus" = other+ ] || blame "a file is left: $name"
			rm -f "$name"
			;;
		esac
	done
}

check() {
	check_sanitizer
	case $status in
	0)
		show "$report"
		[ "$text" = "$expected" ] || blame "exit status 0 and a wrong report"
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
		blame "exit status $status"
		;;
	esac
	[ "$must" = any ] || [ "$status" -eq 0 ] || blame "exit status $status where the call can be made again"
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

# sweep KIND HOW...: with a plus before it, a fault is that of all calls after it, too. Where `must` is 0,
# nothing may come of it. $before are faults that are wanted in every run, $n_first of them, with a comma
# behind each; `examine` says what must be so.
n_faults=0
n_sweeps=0
before=
n_first=0
examine=check
sweep() {
	[ "$is_wanted" = yes ] || return 0
	kind=$1
	shift
	# A sanitizer makes such calls itself, and ends the program where they fail.
	case $has_sanitizer$kind in
	yesmap | yesother) return ;;
	esac
	begin "$what: $kind"
	n_fired=0
	for how in "$@"; do
		n_sweeps=$((n_sweeps + 1))
		plus=''
		[ "$how" = "${how#+}" ] || plus=+
		how=${how#+}
		reason_of "$how"
		case $kind:$how in
		# A server is asked again.
		connect:* | send:* | receive:* | poll:EINTR) must=0 ;;
		read:EINTR | read:short | read:EAGAIN | write:short | write:EINTR | write:EAGAIN) must=0 ;;
		*) must=any ;;
		esac
		# LeakSanitizer holds back the filter's signal while it makes such calls itself.
		case ,$before$kind in
		*,read* | *,open | *,close) ASAN_OPTIONS=$sanitizer_options:detect_leaks=0 ;;
		*) ASAN_OPTIONS=$sanitizer_options ;;
		esac
		i=1
		while :; do
			fault=$before$kind:$i$plus:$how
			strike
			"$examine"
			[ "$n_struck" -gt "$n_first" ] || break
			n_fired=$((n_fired + 1))
			[ "$i" -ne 1 ] || i=$((2 + n_sweeps % FAULT_STEP - FAULT_STEP))
			i=$((i + FAULT_STEP))
		done
	done
	n_faults=$((n_faults + n_fired))
	[ "$n_fired" -gt 0 ] || wrong "there was no such call"
	finish
}

# What an undisturbed run reports.
undisturbed() {
	[ "$is_wanted" = yes ] || return 0
	prepare
	status=0
	# shellcheck disable=SC2086
	"$program" $options $outputs $named >"$work/out" 2>"$work/err" <"$stdin" || status=$?
	[ "$status" -eq 0 ] || {
		sed 's/^/# /' "$work/err"
		echo "Bail out! $what: exit status $status"
		exit 1
	}
	show "$report"
	expected=$text
}

# ---- two files, standard output ----

job plain "two files to standard output" "-j1 --format=csv" "" "in/a.csv in/b.csv" ""
undisturbed
sweep read EIO EINTR EAGAIN short end
sweep open EACCES EMFILE ENOMEM
sweep stat EIO ENOMEM
sweep write ENOSPC EIO EINTR EAGAIN short
sweep close EIO EINTR
sweep memory ENOMEM +ENOMEM
sweep other EIO EPERM +ENOSYS

job table "one file to a table, with what the machine grants" "" "" in/a.csv ""
undisturbed
sweep read EIO EINTR short
sweep open EMFILE
sweep memory ENOMEM +ENOMEM
sweep other EPERM +ENOSYS
sweep map ENOMEM

job stdin "standard input" "-j1 --format=csv" "" - ""
named=
stdin=in/a.csv
undisturbed
sweep read EIO EINTR EAGAIN short
sweep memory ENOMEM +ENOMEM

# ---- many files, pieces, threads ----

mkdir in/many
i=100
while [ $((i += 1)) -le 140 ]; do
	printf 'id,value\n%s,%s.5\n' "$i" "$i" >"in/many/$i.csv"
done
job many "a folder of small files and two threads" "-j2 --format=csv --chunk=3000" "" \
	"$(echo in/many/*.csv) in/a.csv" ""
named="in/many in/a.csv"
folder=in/many
undisturbed
sweep read EIO EINTR short
sweep open EMFILE
sweep stat EIO
sweep list EIO
sweep close EIO
sweep memory ENOMEM +ENOMEM
if [ "$has_threads" = yes ]; then
	sweep thread EAGAIN +EAGAIN
fi

job pieces "a file in pieces and two threads" "-j2 --format=csv --chunk=3000 --block=512" "" \
	in/b.csv ""
undisturbed
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
undisturbed
sweep read EIO EINTR
sweep open EACCES EMFILE
sweep memory ENOMEM +ENOMEM

# ---- compressed files ----

features=$("$program" --version)
gzip -c in/a.csv >in/a.csv.gz
packed=in/a.csv.gz
case $features in
*"no zstd"*) ;;
*) zstd -q -c in/b.csv >in/b.csv.zst 2>"$work/why_not" && packed="$packed in/b.csv.zst" ;;
esac
job packed "compressed files" "-j1 --format=csv" "" "$packed" ""
case $features in
*"no gzip"*) is_wanted=no ;;
esac
undisturbed
sweep read EIO EINTR short end
sweep open EMFILE
sweep stat EIO
sweep memory ENOMEM +ENOMEM
if grep -q -a dlopen "$program"; then
	sweep library ENOENT +ENOENT
fi
sweep map ENOMEM

# ---- a report in a file ----

job json "json to a file that is there" "-j1 --format=json" "-o report" "in/a.csv in/b.csv" report
report=report
prepare() {
	echo old >report
}
# Of files left out there is only a word, which differs.
show() {
	slurp "$1"
	[ "$status" -ne 3 ] || text=${text%%\"files_bad\":*}
}
undisturbed
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

job save "a state to a file that is there" "-j1" "--format=state -o report" "in/a.csv in/b.csv" report
report=report
# What it says is what a report of it says.
show() {
	if [ "$1" = report ]; then
		text=$("$program" --format=csv report 2>"$work/err_of_state") || :
	else
		# shellcheck disable=SC2086
		text=$("$program" -j1 --format=csv $good)
	fi
}
undisturbed
sweep read EIO short
sweep open EMFILE
sweep write ENOSPC EINTR short
sweep rename EIO
sweep sync EIO
sweep close EIO
sweep memory ENOMEM +ENOMEM
rm -f report

"$program" --format=state -o a.state in/a.csv
"$program" --format=state -o b.state in/b.csv
job merge "two states merged" "-j1 --format=csv" "" "a.state b.state" "a.state b.state"
prepare() {
	:
}
show() {
	slurp "$1"
}
undisturbed
sweep read EIO EINTR short end
sweep open EACCES EMFILE
sweep stat EIO
sweep memory ENOMEM +ENOMEM
rm -f a.state b.state

# ---- checkpoints ----

# A run that was told to stop at its sixth read has left this one.
FAULT=read:6:term FAULT_LOG=$log LD_PRELOAD=$preload "$program" -j1 --format=csv --chunk=3000 --checkpoint=ck \
	in/a.csv in/b.csv >"$work/out" 2>"$work/err" || :
mv ck "$work/kept"
job resume "a run that goes on from a checkpoint" "-j1 --format=csv --chunk=3000" --checkpoint=ck \
	"in/a.csv in/b.csv" ck
no_report=check_next_run
prepare() {
	cp "$work/kept" ck
}
# Where there is no report it is still there, and good.
check_next_run() {
	[ ! -s "$work/out" ] || [ "$path" = "$work/out" ] || blame "there is half a report"
	# shellcheck disable=SC2086
	"$program" $options $outputs $named >"$work/again" 2>"$work/err_again" ||
		blame "exit status $? of the next run"
	slurp "$work/again"
	[ "$text" = "$expected" ] || blame "the next run reports something else"
}
undisturbed
sweep read EIO EINTR short end
sweep open EACCES EMFILE
sweep stat EIO
sweep write ENOSPC EINTR
sweep close EIO
sweep memory ENOMEM +ENOMEM
sweep thread EAGAIN
sweep other EIO

# ---- runs that are ended ----

# Told to stop, a run says so, and leaves a checkpoint if it had begun to read; killed, it says nothing.
# The next one reports all, whatever is left.
check_ended() {
	check_sanitizer
	case $status in
	0)
		slurp "$work/out"
		[ "$text" = "$expected" ] || blame "exit status 0 and a wrong report"
		;;
	1) check_message ;;
	75) [ "${said#*progress is saved}" = "$said" ] || [ -s ck ] || blame "there is no checkpoint" ;;
	137) ;;
	*) blame "exit status $status" ;;
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

job stop "a run that is told to stop, and the next one" "-j1 --format=csv --chunk=3000" --checkpoint=ck \
	"in/a.csv in/b.csv" ck
undisturbed
prepare() {
	rm -f ck
}
examine=check_ended
sweep read term
sweep open term
sweep close term

job halt "a run that is told to stop, and cannot save" "-j1 --format=csv --chunk=3000" --checkpoint=ck \
	"in/a.csv in/b.csv" ck
before=read:6:term,
n_first=1
undisturbed
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

# Where it is replaced, a file is at any time the one or the other.
check_killed() {
	check_sanitizer
	case $status in
	0 | 137)
		slurp report
		[ "$status$text" = "137old
" ] || [ "$text" = "$expected" ] || blame "it is neither old nor new"
		;;
	*) blame "exit status $status" ;;
	esac
	rm -f .csv-report.*
}

job killed "a run that is killed while it writes a file" "-j1 --format=csv" "-o report" in/a.csv report
report=report
prepare() {
	echo old >report
}
examine=check_killed
undisturbed
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

# The report is there before it, and stays.
check_graph() {
	check_sanitizer
	case $status in
	0) if [ ! -s graph.svg ] || [ ! -s "$work/out" ]; then blame "exit status 0, but not both are there"; fi ;;
	1) check_message ;;
	3) check_part ;;
	*) blame "exit status $status" ;;
	esac
	slurp "$work/out"
	case $status:$text in
	3:* | ?: | ?:"$expected") ;;
	*) [ "$path" = "$work/out" ] || blame "there is half a report" ;;
	esac
	check_files
	rm -f graph.svg
}

job graph "a flame graph and times" "-j1 --format=csv --timing" --flamegraph=graph.svg "in/a.csv in/b.csv" graph.svg
case $features in
*"no flamegraph"*) is_wanted=no ;;
esac
undisturbed
rm -f graph.svg
examine=check_graph
sweep open EMFILE
sweep write ENOSPC short
sweep rename EIO
sweep memory ENOMEM +ENOMEM
sweep map ENOMEM
sweep other EIO +ENOSYS
examine=check

# ---- another machine ----

server=
end_server() {
	[ -z "$server" ] || kill "$server" 2>/dev/null || :
	rm -rf "$work"
}
trap end_server EXIT

local_program=$program
job remote "two files of a web server" "-j1 --format=csv" "" "" ""
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
undisturbed
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

# ---- what once went wrong ----

if [ -z "${FAULT_JOBS:-}" ]; then

# struck FAULT ARGUMENT...
struck() {
	: >"$log"
	fault=$1
	shift
	status=0
	FAULT=$fault FAULT_LOG=$log LD_PRELOAD=$preload "$program" "$@" >"$work/out" 2>"$work/err" </dev/null ||
		status=$?
	[ -s "$log" ] || wrong "there was no such call"
}

whole() {
	"$program" -j1 --format=csv "$@" | cmp -s - "$work/out" || wrong "the report is wrong"
}

begin "a file that ends before its size is named, and left out"
struck read:1:end -j1 --format=csv in/a.csv in/b.csv
expect_status 3
expect_err "in/a.csv: ends after 0 of its "
whole in/b.csv
finish

begin "a compressed file that ends before its size is named, and left out"
struck read:1:end -j1 --format=csv in/a.csv.gz in/b.csv
expect_status 3
expect_err "in/a.csv.gz: ends after 0 of its "
whole in/b.csv
finish

begin "standard output that is interrupted, or full and not waited for, gets the whole report"
for how in EINTR EAGAIN short; do
	struck "write:1:$how" -j1 --format=csv in/a.csv
	expect_status 0
	whole in/a.csv
done
finish

begin "a list that is interrupted, or not there yet and not waited for, is read to its end"
for how in EINTR EAGAIN short; do
	struck "read:1:$how" -j1 --format=csv --files-from=list
	expect_status 0
	whole in/a.csv in/b.csv
done
finish

begin "a file that cannot be given a stream is told with the reason"
struck other:1+:EPERM -j1 --format=csv -o report in/a.csv
expect_status 1
! grep -q "Cannot allocate memory" "$work/err" || wrong "that is not the reason"
rm -f report .csv-report.*
finish

pieces='--format=csv --chunk=3000 --block=512 in/a.csv in/b.csv'
# limited KIBIBYTES ARGUMENT...: a run within so much address space
limited() {
	status=0
	(
		# shellcheck disable=SC3045 # dash and bash have it
		ulimit -v "$1"
		shift
		# One arena: how much address space the others would keep is a matter of chance.
		MALLOC_ARENA_MAX=1 "$program" "$@"
	) >"$work/out" 2>"$work/err" </dev/null || status=$?
}

if [ "$has_threads" = yes ]; then
	begin "threads that OpenMP cannot have are a clear end"
	# shellcheck disable=SC2086
	struck thread:2:EAGAIN -j4 $pieces
	expect_status 1
	expect_err "csv-report: OpenMP ran out of memory or threads" "--threads=1"
	expect_no_report
	finish
fi
if [ "$has_threads" = yes ] && [ "$has_sanitizer" = no ]; then
	begin "a limit of address space costs threads, not the run"
	# shellcheck disable=SC2086
	limited 400000 -j200 $pieces --chunk=100
	expect_status 0
	expect_err "csv-report: cannot start 200 threads"
	whole in/a.csv in/b.csv
	finish

	begin "a limit that is high enough costs nothing"
	# shellcheck disable=SC2086
	limited 4000000 -j4 $pieces
	expect_status 0
	[ ! -s "$work/err" ] || wrong "there are messages"
	whole in/a.csv in/b.csv
	finish
fi

fi

echo "# $n_faults faults"
echo "1..$n"
[ "$n_failed" -eq 0 ]
