#!/bin/sh
# hostile_directory.sh - a directory of hostile files gives one complete and correct report
#
# hostile_directory.py generates the directory from a seed and knows the expected message for each file.
# The oracle checks the statistics to the last bit.
#
# Env     CSV_REPORT     the program (default: ./src/csv-report)
#         HOSTILE        the generator of CSV files (default: $builddir/tests/tools/hostile)
#         HOSTILE_FILES  the number of files (default: 500)
#         HOSTILE_SEED   the seed of the generator (default: 1)
# Output  TAP; every test is skipped without python3
set -eu
unset NO_COLOR
export PYTHONDONTWRITEBYTECODE=1
srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${builddir:-$PWD}
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
HOSTILE_FILES=${HOSTILE_FILES:-500}
HOSTILE_SEED=${HOSTILE_SEED:-1}
umask 022
# shellcheck source=tests/tools/program.sh
. "$srcdir/tests/tools/program.sh"
has_python bz2 lzma || skip_all "python3 (3.9 or later, with bz2 and lzma) is missing"
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT

limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 300'
fi

# Root can read files without read permission, so root runs the program as another user, unless the
# program then prints messages (as a build for coverage does).
codecs=
chmod 755 "$work"
if [ "$(id -u)" -ne 0 ]; then
	codecs=guard,
elif command -v setpriv >/dev/null 2>&1; then
	as_nobody="setpriv --reuid=65534 --regid=65534 --clear-groups"
	cp "$program" "$work/program"
	chmod 755 "$work/program"
	if $as_nobody "$work/program" --version >/dev/null 2>err && [ ! -s err ]; then
		program=$work/program
		limit="$limit $as_nobody"
		codecs=guard,
	fi
fi
"$program" --version >version
for codec in bzip2 xz; do
	! grep -q "[:,] $codec (" version || codecs=$codecs$codec,
done
if command -v zstd >/dev/null 2>&1 && grep -q "[:,] zstd (" version; then
	codecs=${codecs}zstd
fi

# add_differences TOPIC: adds the differences that the comparison has found.
add_differences() {
	head -n 20 "$work/$1" >>"$work/why"
}

begin "$HOSTILE_FILES hostile files are generated from seed $HOSTILE_SEED"
mkdir side checked
python3 "$srcdir/tests/tools/hostile_directory.py" make "$HOSTILE_SEED" "$HOSTILE_FILES" all side "$HOSTILE" \
	"$codecs" 2>err || wrong "the generator failed"
finish

begin "csv-report writes a report and exits with 3"
run --follow --tables=one --per-file --select='!wide_*' --format=json all
expect_status 3
mv out json
mv err messages
run --follow --tables=one --all --format=csv all
expect_status 3
mv out csv
finish

python3 "$srcdir/tests/tools/hostile_directory.py" check side json csv messages checked >summary 2>err ||
	cat err >>checked/figures
[ ! -s summary ] || sed 's/^/# /' summary

begin "every bad file has one harmless message with its location and the reason"
add_differences checked/messages
finish

begin "the JSON report lists the outcome of every file"
add_differences checked/files
finish

begin "every statistic is correct to the last bit"
add_differences checked/figures
finish

begin "every statistic of five thousand columns is correct"
add_differences checked/wide
finish

for n_threads in 1 2 7; do
	begin "the report of $n_threads threads is byte-identical"
	run --follow --tables=one --per-file --select='!wide_*' --format=json --threads=$n_threads all
	cmp -s out json || wrong "the report differs"
	sort err >lines
	sort messages | cmp -s - lines || wrong "the messages differ"
	: >out
	finish
done

begin "--strict fails without a report"
run --follow --tables=one --strict all
expect_status 1
expect_no_report
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
