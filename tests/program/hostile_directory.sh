#!/bin/sh
# hostile_directory.sh - a directory of files that are broken in every way: one report, nothing lost
#
# hostile_directory.py makes the directory from a seed, and knows what must be said of each file; the
# figures are checked by the oracle, to the last bit.
#
# Env     CSV_REPORT     the program (default: ./src/csv-report)
#         HOSTILE        the generator of CSV files (default: $builddir/tests/tools/hostile)
#         HOSTILE_FILES  how many files (default: 500)
#         HOSTILE_SEED   of what they are (default: 1)
# Output  TAP; every test is skipped where there is no python3
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
has_python bz2 lzma || skip_all "python3 (3.9 or later, with bz2 and lzma) is not here"
trap 'chmod -R u+rwx "$work"; rm -rf "$work"' EXIT

limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 300'
fi

# What nobody may read is no obstacle to root, so the program is run as somebody else, unless it has
# something to say of that (as one that is built to be measured does).
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

# from_check TOPIC: what the comparison has found wrong.
from_check() {
	head -n 20 "$work/$1" >>"$work/why"
}

begin "$HOSTILE_FILES hostile files are made from seed $HOSTILE_SEED"
mkdir side checked
python3 "$srcdir/tests/tools/hostile_directory.py" make "$HOSTILE_SEED" "$HOSTILE_FILES" all side "$HOSTILE" \
	"$codecs" 2>err || wrong "they are not"
finish

begin "the report is complete but for what it names"
run --follow --per-file --select='!wide_*' --format=json all
expect_status 3
mv out json
mv err messages
run --follow --all --format=csv all
expect_status 3
mv out csv
finish

python3 "$srcdir/tests/tools/hostile_directory.py" check side json csv messages checked >summary 2>err ||
	cat err >>checked/figures
[ ! -s summary ] || sed 's/^/# /' summary

begin "every bad file has one message, with its place and the reason, and the terminal is safe"
from_check checked/messages
finish

begin "what became of every file is in the report, for programs"
from_check checked/files
finish

begin "every figure is right, to the last bit"
from_check checked/figures
finish

begin "every figure of five thousand columns is right"
from_check checked/wide
finish

for n_threads in 1 2 7; do
	begin "the same bytes by $n_threads threads"
	run --follow --per-file --select='!wide_*' --format=json --threads=$n_threads all
	cmp -s out json || wrong "the report is another"
	sort err >lines
	sort messages | cmp -s - lines || wrong "the messages are others"
	: >out
	finish
done

begin "--strict ends at it, with no report"
run --follow --strict all
expect_status 1
expect_no_report
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
