#!/bin/sh
# harmless.sh - what stands in files, and in folders open to all, harms neither terminal nor files
#
# Names of columns and files hold escape sequences, characters that turn text around, bytes that are
# not UTF-8, line ends, markup; other users put links and files where the report is to go.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
# Output  TAP; some facts need python3, others root
set -eu
unset NO_COLOR
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

# expect_fit FORMAT FILE: what harmless.py says about it is no complaint.
expect_fit() {
	python3 "$srcdir/tests/tools/harmless.py" "$1" "$2" >why_not 2>&1 || wrong "$2, $1: $(cat why_not)"
}

# ---- names ----

mkdir names
if has_python json; then
	python3 "$srcdir/tests/tools/harmless.py" make names
fi

for format in csv tsv json md; do
	begin "$format holds hostile names, and says what they are"
	if has_python json; then
		run --format=$format --per-file --stats=count,sum names
		expect_status 3
		expect_fit $format out
		expect_fit screen err
		finish
	else
		skip "python3 (3.9 or later) is not here"
	fi
done

begin "hostile names are harmless in the table and in messages, in whole and cut"
if has_python json; then
	for columns in 20 80 1000; do
		for more in --quiet --verbose --timing --provenance --progress=always; do
			status=0
			COLUMNS=$columns "$program" --per-file --all $more names >out 2>err \
				</dev/null || status=$?
			expect_status 3
			expect_fit screen out
			expect_fit screen err
		done
	done
	finish
else
	skip "python3 (3.9 or later) is not here"
fi

begin "hostile options are harmless in messages"
if has_python json; then
	hostile=$(printf 'a\033]0;t\007\n\342\200\256\377')
	for option in "--$hostile" "--delimiter=$hostile" "--format=$hostile" "--select=$hostile" \
		"--files-from=$hostile" "--output=$hostile/x" "--include=$hostile" "$hostile" \
		"--checkpoint=$hostile/x" "--flamegraph=$hostile/x" "--shard=$hostile" \
		"--kernel=$hostile" "http://$hostile/" "s3://$hostile/"; do
		status=0
		"$program" "$option" names >out 2>err </dev/null || status=$?
		case $status in
		1 | 2 | 3) ;;
		*) wrong "$option: exit status $status" ;;
		esac
		[ -s err ] || wrong "$option: nothing is said"
		expect_fit screen out
		expect_fit screen err
	done
	finish
else
	skip "python3 (3.9 or later) is not here"
fi

begin "hostile names are harmless in every format that is written to a terminal"
if has_python json; then
	for format in $(formats); do
		status=0
		NO_COLOR=1 python3 "$srcdir/tests/tools/harmless.py" terminal "$program" --format="$format" \
			--per-file names >out 2>err </dev/null || status=$?
		[ "$status" -eq 3 ] || wrong "$format: exit status $status, $(cat err)"
	done
	finish
else
	skip "python3 (3.9 or later) is not here"
fi

# ---- where the report goes ----

printf 'x\n1\n' >a.csv

# Folders as /tmp is, and files in them of a user who is not us.
is_root=no
[ "$(id -u)" -ne 0 ] || is_root=yes
mkdir open
chmod 1777 open
stranger=12345

for option in --output --checkpoint --flamegraph; do
	begin "$option does not follow the link of another user in a folder open to all"
	echo precious >own
	if [ $is_root = yes ] && ln -s ../own open/link && chown -h $stranger open/link; then
		run "$option=open/link" a.csv
		# A checkpoint that cannot be, and a flame graph where it is not built in, are usage.
		[ "$status" -eq 2 ] || expect_status 1
		[ "$(cat own)" = precious ] || wrong "the file it leads to was replaced"
		rm -f open/link
		ln -s ../nothing open/link && chown -h $stranger open/link
		run "$option=open/link" a.csv
		[ ! -e nothing ] || wrong "a file was made where the link leads to"
		[ -h open/link ] || wrong "the link is gone"
		[ "$option" != --output ] || expect_err "open/link" "another user"
		finish
	else
		skip "only root can make a link of another user"
	fi
	rm -f open/link own nothing
done

begin "links of one's own, and of the owner of the folder, are followed"
echo old >own
ln -s ../own open/link
run --output=open/link --format=csv --stats=sum a.csv
expect_status 0
[ "$(cat own)" = "$(printf 'column,sum\nx,1')" ] || wrong "the report is not where our link leads to"
[ -h open/link ] || wrong "the link is gone"
if [ $is_root = yes ]; then
	echo old >own
	chown -h $stranger open open/link
	chmod 1777 open
	run --output=open/link --format=csv --stats=sum a.csv
	expect_status 0
	[ "$(cat own)" = "$(printf 'column,sum\nx,1')" ] || wrong "the folder's owner is not trusted"
	chown 0 open
fi
rm -f open/link own
finish

begin "a file of another user that all may write leaves a report that only we may write"
: >open/report
if [ $is_root = yes ] && chown $stranger open/report && chmod 666 open/report; then
	run --output=open/report a.csv
	expect_status 0
	case $(ls -l open/report) in
	-rw-r*-r--*) ;;
	*) wrong "permissions: $(ls -l open/report)" ;;
	esac
	finish
else
	skip "only root can make a file of another user"
fi
rm -f open/report

begin "a file of one's own passes its permissions on"
: >own
chmod 606 own
run --output=own a.csv
expect_status 0
case $(ls -l own) in
-rw----rw-*) ;;
*) wrong "permissions: $(ls -l own)" ;;
esac
rm -f own
finish

begin "a new report has the permissions that umask leaves, and nothing is left beside it"
for mask in 022:-rw-r--r-- 077:-rw-------; do
	(
		umask "${mask%%:*}"
		"$program" --output=open/report a.csv >out 2>err
	) || wrong "the run failed"
	case $(ls -l open/report) in
	"${mask#*:}"*) ;;
	*) wrong "umask ${mask%%:*}: $(ls -l open/report)" ;;
	esac
	[ "$(ls -A open)" = report ] || wrong "left behind: $(ls -A open)"
	rm -f open/report
done
finish

# A folder of files below /dev is no device.
begin "a report in /dev/shm is replaced whole, and a checkpoint may be there"
shm=/dev/shm/csv-report-test-$$
if [ -d /dev/shm ] && mkdir "$shm" 2>/dev/null; then
	trap 'rm -rf "$work" "$shm"' EXIT
	echo old >"$shm/report"
	ln "$shm/report" "$shm/same"
	run --output="$shm/report" --format=csv --stats=sum --checkpoint="$shm/checkpoint" a.csv
	expect_status 0
	[ "$(cat "$shm/report")" = "$(printf 'column,sum\nx,1')" ] || wrong "the report is wrong"
	[ "$(cat "$shm/same")" = old ] || wrong "the old report was written over"
	rm -rf "$shm"
	finish
else
	skip "there is no /dev/shm to write to"
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
