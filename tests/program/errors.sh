#!/bin/sh
# errors.sh - bad inputs are reported without loss of other data; output errors are reported
#
# These tests need FIFOs, links, other users, full disks, many columns or long cells. Those that can be
# written as text are in cases/errors.cases.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
set -eu
unset NO_COLOR
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT

limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 120'
fi

# ---- tests, each in its own directory ----

begin_apart() {
	begin "$1"
	mkdir "$work/$n"
	cd "$work/$n"
}

leave_directory() {
	cd "$work"
	chmod -R u+rwx "$work/$n"
	rm -rf "${work:?}/$n"
}

finish_apart() {
	finish
	leave_directory
}

skip_apart() {
	skip "$1"
	leave_directory
}

# expect_report LINE...: standard output consists of these lines.
expect_report() {
	printf '%s\n' "$@" >"$work/expected"
	cmp -s "$work/expected" "$work/out" || wrong "expected report: $*"
}

expect_quiet() {
	[ ! -s "$work/err" ] || wrong "standard error is not empty"
}

# expect_files NAMES: the directory of the test contains these files and no others.
expect_files() {
	found=$(find . ! -name . | sort | tr '\n' ' ')
	[ "$found" = "$1 " ] || wrong "files: expected $1, found $found"
}

# ---- paths that cannot be read ----

begin_apart "a missing path is reported, with exit status 3 if others could be read"
printf 'x\n1\n' >a.csv
run --format=csv --stats=count,sum a.csv missing.csv
expect_status 3
expect_err "csv-report: missing.csv: " "No such file or directory"
expect_report column,count,sum x,1,1
finish_apart

begin_apart "a missing path alone gives exit status 1 and no report"
run missing.csv
expect_status 1
expect_err "csv-report: missing.csv: "
expect_no_report
finish_apart

# Root may read everything, so a copy of the program runs as another user.
as_nobody=
reason="root may read everything, and setpriv is missing"
if [ "$(id -u)" -eq 0 ]; then
	if command -v setpriv >/dev/null 2>&1; then
		chmod 755 "$work"
		cp "$program" "$work/program"
		chmod 755 "$work/program"
		as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
		if ! $as_nobody "$work/program" --version >/dev/null 2>&1; then
			as_nobody=
			reason="root may read everything, and the program does not run as another user"
		fi
	fi
else
	cp "$program" "$work/program"
	as_nobody='env'
fi
run_as_nobody() {
	status=0
	# shellcheck disable=SC2086 # a command and its options
	$limit $as_nobody "$work/program" "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
}

begin_apart "a file without read permission is reported with the reason"
printf 'x\n1\n' >a.csv
printf 'x\n10\n' >b.csv
chmod 0 b.csv
if [ -n "$as_nobody" ]; then
	run_as_nobody --format=csv --stats=count,sum a.csv b.csv
	expect_status 3
	expect_err "csv-report: b.csv: " "Permission denied"
	expect_report column,count,sum x,1,1
	finish_apart
else
	skip_apart "$reason"
fi

begin_apart "a directory without read permission is reported with the reason, the others are read"
mkdir -p data/closed
printf 'x\n1\n' >data/a.csv
printf 'x\n10\n' >data/closed/b.csv
chmod 0 data/closed
if [ -n "$as_nobody" ]; then
	run_as_nobody --format=csv --stats=count,sum data
	expect_status 3
	expect_err "csv-report: data/closed: " "Permission denied"
	expect_report column,count,sum x,1,1
	finish_apart
else
	skip_apart "$reason"
fi

begin_apart "a directory without read permission alone gives exit status 1 and no report"
mkdir closed
chmod 0 closed
if [ -n "$as_nobody" ]; then
	run_as_nobody closed
	expect_status 1
	expect_err "csv-report: closed: " "Permission denied"
	expect_no_report
	finish_apart
else
	skip_apart "$reason"
fi

# ---- FIFOs ----

# The writer of a FIFO without a reader would wait forever.
end_writer() {
	kill "$1" 2>/dev/null || :
	wait "$1" || :
}

begin_apart "a FIFO is read like a file"
mkfifo fifo
printf 'x,y\n1,2\n3,4\n' >fifo &
run --format=csv --stats=count,sum fifo
end_writer $!
expect_status 0
expect_quiet
expect_report column,count,sum x,2,4 y,2,6
finish_apart

begin_apart "a FIFO that is written in parts is read to its end"
mkfifo fifo
{
	printf 'x,name\n1,"a'
	sleep 0.2
	printf '\n"'
	sleep 0.2
	printf '\n2,b'
} >fifo &
run --format=csv --stats=count,invalid,sum fifo
end_writer $!
expect_status 0
expect_report column,count,invalid,sum x,2,0,3 name,2,0,
finish_apart

begin_apart "progress on a slow stream is reported in bytes and bytes per second"
mkfifo fifo
{
	printf 'x\n'
	for _ in 1 2 3 4 5; do # each more than the prefix that determines the dialect
		sleep 0.3
		awk 'BEGIN { for (i = 0; i < 50000; i++) print 1 }'
	done
} >fifo &
run --progress=0.2 --format=csv --stats=count fifo
end_writer $!
expect_status 0
expect_report column,count x,250000
n_lines=$(grep -c '^csv-report: [0-9.]* kB, 0 of 1 file, [0-9.]* kB/s$' "$work/err" || :)
[ "$n_lines" -ge 2 ] || wrong "only $n_lines lines of progress before the end"
finish_apart

begin_apart "a FIFO in a directory does not block the run"
mkdir data
mkfifo data/a.csv
printf 'x\n1\n' >data/b.csv
limit_before=$limit
limit=${limit:+timeout 20}
run --format=csv --stats=sum data
limit=$limit_before
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || wrong "exit status: expected 0 or 3, found $status"
expect_report column,sum x,1
finish_apart

# ---- files that change ----

# change_while_listed COMMAND: with one thread the program blocks at the FIFO after it has listed the
# files, so the command runs between listing and reading.
change_while_listed() {
	mkfifo fifo
	{
		# The FIFO opens for writing when the program has opened it for reading.
		exec 3>fifo
		eval "$1"
		printf 'x\n1\n' >&3
	} &
	run -j1 --format=csv --stats=count,sum fifo a.csv
	end_writer $!
}

begin_apart "a file that grew between listing and reading is reported and left out completely"
printf 'x\n10\n20\n' >a.csv
change_while_listed 'printf "30\n" >>a.csv'
expect_status 3
expect_err "csv-report: a.csv: "
expect_report column,count,sum x,1,1
finish_apart

begin_apart "a file that was truncated between listing and reading is reported and left out completely"
printf 'x\n10\n20\n' >a.csv
change_while_listed 'printf "x\n10\n" >a.csv'
expect_status 3
expect_err "csv-report: a.csv: "
expect_report column,count,sum x,1,1
finish_apart

begin_apart "a file that was replaced between listing and reading is reported and left out completely"
printf 'x\n10\n20\n' >a.csv
change_while_listed 'printf "x\n30\n40\n" >b; mv b a.csv'
expect_status 3
expect_err "csv-report: a.csv: "
expect_report column,count,sum x,1,1
finish_apart

begin_apart "a file that was deleted between listing and reading is reported"
printf 'x\n10\n20\n' >a.csv
change_while_listed 'rm a.csv'
expect_status 3
expect_err "csv-report: a.csv: "
expect_report column,count,sum x,1,1
finish_apart

begin_apart "a file that grows while it is read is reported and left out completely"
awk 'BEGIN { print "x"; for (i = 0; i < 2000000; i++) print i % 10 }' >a.csv
printf 'x\n1\n' >b.csv
while [ ! -e stop ]; do echo 1 >>a.csv; done &
# The fastest kernel reads the file in two milliseconds; on a busy machine it may not grow
# in that time.
run -j1 --kernel=scalar --block=16 --format=csv --stats=count,sum a.csv b.csv
: >stop
wait $!
expect_status 3
expect_err "csv-report: a.csv: "
expect_report column,count,sum x,1,1
finish_apart

# ---- links ----

begin_apart "a directory that links to itself is read once"
mkdir data
printf 'x\n1\n' >data/a.csv
ln -s . data/self
ln -s ../data data/again
run --format=csv --stats=count,sum data
expect_status 0
expect_report column,count,sum x,1,1
finish_apart

begin_apart "a directory that links to itself is read once with --follow"
mkdir -p data/deep
printf 'x\n1\n' >data/a.csv
ln -s . data/self
ln -s ../../data data/deep/again
run --follow --format=csv --stats=count,sum data
[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || wrong "exit status: expected 0 or 3, found $status"
expect_report column,count,sum x,1,1
finish_apart

begin_apart "a link to itself is reported with the reason"
ln -s loop.csv loop.csv
run loop.csv
expect_status 1
expect_err "csv-report: loop.csv: "
expect_no_report
finish_apart

# ---- nothing to read ----

begin_apart "an empty list of files gives exit status 1 and a message"
: >list
run --files-from=list
expect_status 1
expect_err "csv-report: "
expect_no_report
finish_apart

begin_apart "an empty directory gives exit status 1 and a message with the suffixes that are read"
mkdir data
run data
expect_status 1
expect_err "csv-report: " ".csv"
expect_no_report
finish_apart

begin_apart "a missing list of files is reported"
run --files-from=missing.txt
[ "$status" -eq 1 ] || [ "$status" -eq 2 ] || wrong "exit status: expected 1 or 2, found $status"
expect_err "csv-report: " "missing.txt" "No such file or directory"
expect_no_report
finish_apart

begin_apart "a missing path in a list is reported, the others are read"
printf 'x\n1\n' >a.csv
printf 'a.csv\nmissing.csv\n' >list
run --files-from=list --format=csv --stats=sum
expect_status 3
expect_err "csv-report: missing.csv: "
expect_report column,sum x,1
finish_apart

# ---- output ----

begin_apart "a full disk on standard output gives exit status 1"
printf 'x\n1\n' >a.csv
if [ -c /dev/full ]; then
	for format in $(formats); do
		status=0
		"$program" --format="$format" a.csv >/dev/full 2>"$work/err" || status=$?
		expect_status 1
		expect_err "csv-report: " "No space left on device"
	done
	: >"$work/out"
	finish_apart
else
	skip_apart "/dev/full is missing"
fi

begin_apart "a full disk of the file of -o gives exit status 1"
# The link prevents the program from replacing the device itself.
printf 'x\n1\n' >a.csv
if [ -c /dev/full ]; then
	ln -s /dev/full report
	run -o report a.csv
	expect_status 1
	expect_err "csv-report: " "No space left on device"
	expect_files "./a.csv ./report"
	finish_apart
else
	skip_apart "/dev/full is missing"
fi

begin_apart "a closed standard output gives exit status 1"
printf 'x\n1\n' >a.csv
status=0
"$program" a.csv >&- 2>"$work/err" || status=$?
: >"$work/out"
expect_status 1
expect_err "csv-report: "
finish_apart

begin_apart "-o in a missing directory gives exit status 1 and a message"
printf 'x\n1\n' >a.csv
run -o nowhere/report a.csv
expect_status 1
expect_err "csv-report: " "nowhere/report" "No such file or directory"
expect_no_report
finish_apart

begin_apart "-o that names a directory gives exit status 1 and a message"
printf 'x\n1\n' >a.csv
mkdir report
run -o report a.csv
expect_status 1
expect_err "csv-report: " "report"
expect_files "./a.csv ./report"
finish_apart

begin_apart "an existing report does not change if the run fails"
echo old >report
printf 'x\n"1\n' >bad.csv
run -o report bad.csv missing.csv
expect_status 1
[ "$(cat report)" = old ] || wrong "the old report changed"
expect_files "./bad.csv ./report"
finish_apart

begin_apart "an existing report does not change if --strict fails"
echo old >report
printf 'x,y\n1\n' >a.csv
run --strict -o report a.csv
expect_status 1
[ "$(cat report)" = old ] || wrong "the old report changed"
expect_files "./a.csv ./report"
finish_apart

begin_apart "-o creates no file other than the report"
printf 'x\n1\n' >a.csv
run -o report --format=csv --stats=sum a.csv
expect_status 0
expect_no_report
[ "$(cat report)" = "$(printf 'column,sum\nx,1')" ] || wrong "the report is wrong"
expect_files "./a.csv ./report"
finish_apart

begin_apart "-o may name an input, which is replaced after it is read"
printf 'x\n1\n2\n' >a.csv
run -o a.csv --format=csv --stats=sum a.csv
expect_status 0
[ "$(cat a.csv)" = "$(printf 'column,sum\nx,3')" ] || wrong "the report is wrong"
finish_apart

begin_apart "-o writes the report of a run with unreadable files"
printf 'x\n1\n' >a.csv
run -o report --format=csv --stats=sum a.csv missing.csv
expect_status 3
[ "$(cat report)" = "$(printf 'column,sum\nx,1')" ] || wrong "the report is wrong"
finish_apart

# ---- many columns, long cells ----

# A report of 10,000 columns exceeds a pipe buffer, so the program writes to a closed pipe.
wide_file() {
	awk 'BEGIN {
		for (i = 1; i <= 10000; i++)
			printf "c%d%s", i, i < 10000 ? "," : "\n"
		for (row = 1; row <= 2; row++)
			for (i = 1; i <= 10000; i++)
				printf "%d%s", i * row, i < 10000 ? "," : "\n"
	}' >wide.csv
}

begin_apart "all of ten thousand columns are reported"
wide_file
run --format=csv --stats=count,sum wide.csv
awk 'BEGIN {
	print "column,count,sum"
	for (i = 1; i <= 10000; i++)
		print "c" i ",2," 3 * i
}' >"$work/expected"
expect_status 0
cmp -s "$work/expected" "$work/out" || wrong "the report differs"
finish_apart

begin_apart "ten thousand columns are read in chunks smaller than a row"
wide_file
head -n 2 wide.csv >short.csv
run --chunk=4096 --block=64 --format=csv --stats=count,sum short.csv
awk 'BEGIN {
	print "column,count,sum"
	for (i = 1; i <= 10000; i++)
		print "c" i ",1," i
}' >"$work/expected"
expect_status 0
cmp -s "$work/expected" "$work/out" || wrong "the report differs"
finish_apart

begin_apart "the program ends silently if the reader exits after one byte"
wide_file
for format in $(formats); do
	"$program" --format="$format" wide.csv 2>"$work/err" | head -c 1 >"$work/out"
	expect_quiet
	[ -s "$work/out" ] || wrong "no report was written"
done
finish_apart

begin_apart "the program ends silently if the reader exits without reading"
wide_file
for format in $(formats); do
	"$program" --format="$format" wide.csv 2>"$work/err" | true
	expect_quiet
done
: >"$work/out"
finish_apart

begin_apart "the program ends silently if the reader exits and SIGPIPE is ignored"
wide_file
(
	trap '' PIPE
	"$program" --format=csv wide.csv 2>"$work/err" | head -c 1 >"$work/out"
)
expect_quiet
finish_apart

begin_apart "a cell of 100 MB is invalid and no other cell is lost"
{
	printf 'x,y\n1,2\n'
	head -c 100000000 /dev/zero | tr '\0' 7
	printf ',3\n4,5\n'
} >a.csv
run --format=csv --stats=count,missing,invalid,sum a.csv
expect_status 0
expect_report column,count,missing,invalid,sum x,2,0,1,5 y,3,0,0,10
finish_apart

begin_apart "a quoted cell of 100 MB with delimiters and line ends is invalid and no other cell is lost"
{
	printf 'x,y\n1,2\n"'
	head -c 50000000 /dev/zero | tr '\0' ,
	head -c 50000000 /dev/zero | tr '\0' '\n'
	printf '",3\n4,5\n'
} >a.csv
run --format=csv --stats=count,missing,invalid,sum a.csv
expect_status 0
expect_report column,count,missing,invalid,sum x,2,0,1,5 y,3,0,0,10
finish_apart

begin_apart "a cell of 100 MB from a pipe is invalid"
status=0
{
	printf 'x,y\n1,2\n'
	head -c 100000000 /dev/zero | tr '\0' 7
	printf ',3\n4,5\n'
} | $limit "$program" --format=csv --stats=count,invalid,sum >"$work/out" 2>"$work/err" || status=$?
expect_status 0
expect_report column,count,invalid,sum x,2,1,5 y,3,0,10
finish_apart

# ---- control characters ----

begin_apart "control characters and terminal escapes in names are escaped in the table"
printf 'a\033[31mred\033[0m,b\007bell\010\010,\033]0;title\007,c\177d,\r\n1,2,3,4,5\n' >a.csv
run a.csv
expect_status 0
expect_out red bell title
LC_ALL=C tr -d '\n -~\200-\377' <"$work/out" >"$work/controls"
[ ! -s "$work/controls" ] || wrong "the table contains control characters"
finish_apart

begin_apart "control characters and terminal escapes in paths are escaped in report and messages"
name=$(printf 'a\033[31mred\007.csv')
printf 'x,y\n1,2\n3\n' >"$name"
printf 'x\n"1\n' >"b$name"
run "$name" "b$name" "c$name"
expect_status 3
expect_err red
cat "$work/out" "$work/err" | LC_ALL=C tr -d '\n -~\200-\377' >"$work/controls"
[ ! -s "$work/controls" ] || wrong "control characters reach the terminal"
finish_apart

begin_apart "control characters are escaped in a report with --verbose"
name=$(printf 'a\033[31mred\007.csv')
printf 'x,y\n1,2\n' >"$name"
printf 'x,z\n1,2\n' >b.csv
run --verbose --per-file "$name" b.csv
expect_status 0
expect_out red
cat "$work/out" "$work/err" | LC_ALL=C tr -d '\n -~\200-\377' >"$work/controls"
[ ! -s "$work/controls" ] || wrong "control characters reach the terminal"
finish_apart

# ---- --strict ----

begin_apart "--strict reports the location, writes no report and gives exit status 1"
for content in 'x,y\n1,2\n3\n' 'x,y\n1,2\n3,4,5\n' 'x,y\n1,2\noops,4\n'; do
	# shellcheck disable=SC2059 # the content is a format on purpose
	printf "$content" >a.csv
	run --strict a.csv
	expect_status 1
	expect_err "a.csv:3"
	expect_no_report
done
finish_apart

begin_apart "--strict gives exit status 1 for a file that cannot be read"
printf 'x\n1\n' >a.csv
run --strict a.csv missing.csv
expect_status 1
expect_err missing.csv
expect_no_report
finish_apart

echo "1..$n"
[ "$n_failed" -eq 0 ]
