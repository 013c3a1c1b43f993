#!/bin/sh
# harmless.sh - hostile names in files and links in shared directories harm neither terminal nor files
#
# Names of columns and files contain escape sequences, bidirectional controls, bytes that are not UTF-8,
# line ends and markup. Other users create links and files at the path of the report.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
# Output  TAP; some tests need python3, others root
set -eu
unset NO_COLOR
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

# expect_harmless FORMAT FILE: harmless.py finds no fault in FILE.
expect_harmless() {
	python3 "$srcdir/tests/tools/harmless.py" "$1" "$2" >why_not 2>&1 || wrong "$2, $1: $(cat why_not)"
}

# ---- names ----

mkdir names
if has_python json; then
	python3 "$srcdir/tests/tools/harmless.py" make names
fi

for format in csv tsv json md; do
	begin "the $format report contains hostile names correctly escaped"
	if has_python json; then
		run --format=$format --per-file --stats=count,sum names
		expect_status 3
		expect_harmless $format out
		expect_harmless screen err
		finish
	else
		skip "python3 (3.9 or later) is missing"
	fi
done

begin "hostile names are harmless in the table and in messages, complete and shortened"
if has_python json; then
	for columns in 20 80 1000; do
		for more in --quiet --verbose --timing --provenance --progress=always; do
			status=0
			COLUMNS=$columns "$program" --per-file --all $more names >out 2>err \
				</dev/null || status=$?
			expect_status 3
			expect_harmless screen out
			expect_harmless screen err
		done
	done
	finish
else
	skip "python3 (3.9 or later) is missing"
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
		[ -s err ] || wrong "$option: no message"
		expect_harmless screen out
		expect_harmless screen err
	done
	finish
else
	skip "python3 (3.9 or later) is missing"
fi

begin "hostile names are harmless in every format written to a terminal"
if has_python json; then
	for format in $(formats); do
		status=0
		NO_COLOR=1 python3 "$srcdir/tests/tools/harmless.py" terminal "$program" --format="$format" \
			--per-file names >out 2>err </dev/null || status=$?
		[ "$status" -eq 3 ] || wrong "$format: exit status $status, $(cat err)"
	done
	finish
else
	skip "python3 (3.9 or later) is missing"
fi

# ---- the output file ----

printf 'x\n1\n' >a.csv

# A directory like /tmp, with files of another user.
is_root=no
[ "$(id -u)" -ne 0 ] || is_root=yes
mkdir open
chmod 1777 open
other_user=12345

for option in --output --checkpoint --flamegraph; do
	begin "$option does not follow another user's link in a world-writable directory"
	echo precious >own
	if [ $is_root = yes ] && ln -s ../own open/link && chown -h $other_user open/link; then
		run "$option=open/link" a.csv
		# A checkpoint that is not possible and a flame graph that is not built in are usage errors.
		[ "$status" -eq 2 ] || expect_status 1
		[ "$(cat own)" = precious ] || wrong "the target of the link was replaced"
		rm -f open/link
		ln -s ../nothing open/link && chown -h $other_user open/link
		run "$option=open/link" a.csv
		[ ! -e nothing ] || wrong "the target of the link was created"
		[ -h open/link ] || wrong "the link was removed"
		[ "$option" != --output ] || expect_err "open/link" "another user"
		finish
	else
		skip "only root can create a link of another user"
	fi
	rm -f open/link own nothing
done

begin "the user's own links and those of the directory's owner are followed"
echo old >own
ln -s ../own open/link
run --output=open/link --format=csv --stats=sum a.csv
expect_status 0
[ "$(cat own)" = "$(printf 'column,sum\nx,1')" ] || wrong "the report is not in the target of the link"
[ -h open/link ] || wrong "the link was removed"
if [ $is_root = yes ]; then
	echo old >own
	chown -h $other_user open open/link
	chmod 1777 open
	run --output=open/link --format=csv --stats=sum a.csv
	expect_status 0
	[ "$(cat own)" = "$(printf 'column,sum\nx,1')" ] || wrong "the directory's owner is not trusted"
	chown 0 open
fi
rm -f open/link own
finish

begin "a report that replaces another user's world-writable file is writable only by its owner"
: >open/report
if [ $is_root = yes ] && chown $other_user open/report && chmod 666 open/report; then
	run --output=open/report a.csv
	expect_status 0
	case $(ls -l open/report) in
	-rw-r*-r--*) ;;
	*) wrong "permissions: $(ls -l open/report)" ;;
	esac
	finish
else
	skip "only root can create a file of another user"
fi
rm -f open/report

begin "a report that replaces the user's own file keeps its permissions"
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

begin "a new report has the permissions of the umask, and no other file remains"
for mask in 022:-rw-r--r-- 077:-rw-------; do
	(
		umask "${mask%%:*}"
		"$program" --output=open/report a.csv >out 2>err
	) || wrong "the run failed"
	case $(ls -l open/report) in
	"${mask#*:}"*) ;;
	*) wrong "umask ${mask%%:*}: $(ls -l open/report)" ;;
	esac
	[ "$(ls -A open)" = report ] || wrong "files that remain: $(ls -A open)"
	rm -f open/report
done
finish

# A regular file below /dev is not a device.
begin "a report in /dev/shm is replaced atomically, and a checkpoint may be there"
shm=/dev/shm/csv-report-test-$$
if [ -d /dev/shm ] && mkdir "$shm" 2>/dev/null; then
	trap 'rm -rf "$work" "$shm"' EXIT
	echo old >"$shm/report"
	ln "$shm/report" "$shm/same"
	run --output="$shm/report" --format=csv --stats=sum --checkpoint="$shm/checkpoint" a.csv
	expect_status 0
	[ "$(cat "$shm/report")" = "$(printf 'column,sum\nx,1')" ] || wrong "the report is wrong"
	[ "$(cat "$shm/same")" = old ] || wrong "the old report was overwritten"
	rm -rf "$shm"
	finish
else
	skip "/dev/shm is missing or not writable"
fi

echo "1..$n"
[ "$n_failed" -eq 0 ]
