#!/bin/sh
# layers.sh - checks that each floor of src/ knows only the floors below it
#
# Rules   a file includes its own folder, and the doors (public headers) of lower floors; folders of
#         one floor are strangers; headers of the project are named from src/ ("stats/exact.h")
#         OpenMP is used in run/ only; only cli/ writes to standard error or ends the program
# Shape   a table of folders and floors, a list of doors, one awk program; to make a header a door
#         is a decision, so it is written down here
# Output  TAP
set -eu
LC_ALL=C
export LC_ALL

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}

floors='base=0 parse=1 stats=1 input=1 profile=1 run=2 report=2 cli=3'
doors="csvreport.h \
base/bytes.h base/clock.h base/digest.h base/hash.h base/io.h base/lanes_avx2.h base/lanes_avx512.h base/lanes_end.h base/lanes_neon.h \
base/lanes_scalar.h base/memory.h base/nearest.h base/status.h base/wide.h \
parse/boundary.h parse/decimal.h parse/dialect.h parse/header.h parse/kernel.h \
stats/column.h stats/exact.h stats/state.h stats/summary.h stats/table.h stats/totals.h \
input/discover.h input/listing.h input/folder.h input/remote.h input/source.h \
profile/sampler.h profile/stacks.h \
report/problems.h report/text.h"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/layers.awk" <<'AWK'
BEGIN {
	n = split(floors, pairs, " ")
	for (i = 1; i <= n; i++) {
		split(pairs[i], pair, "=")
		floor_of[pair[1]] = pair[2]
	}
	n = split(doors, names, " ")
	for (i = 1; i <= n; i++)
		is_door[names[i]] = 1
}

function refuse(why) {
	print FILENAME ":" FNR ": " why
}

FNR == 1 {
	folder = FILENAME
	if (!sub(/\/.*/, "", folder))
		folder = "" # csvreport.h
	else if (!(folder in floor_of))
		refuse("folder " folder " stands on no floor; give it one in tests/layers.sh")
	mine = folder in floor_of ? floor_of[folder] : -1
	in_comment = 0
}

# Comments may speak of anything.
{
	line = $0
	code = ""
	while (line != "") {
		mark = in_comment ? "*/" : "/*"
		at = index(line, mark)
		if (at == 0) {
			if (!in_comment)
				code = code line
			break
		}
		if (!in_comment)
			code = code substr(line, 1, at - 1) " "
		line = substr(line, at + 2)
		in_comment = !in_comment
	}
	sub(/\/\/.*/, "", code)
}

code ~ /^[ \t]*#[ \t]*include/ {
	name = code
	sub(/^[ \t]*#[ \t]*include[ \t]*/, "", name)
	is_quoted = name ~ /^"/
	name = substr(name, 2)
	sub(/[">].*/, "", name)
	other = name
	if (!sub(/\/.*/, "", other))
		other = ""
	if (name == "omp.h" && folder != "run")
		refuse("OpenMP belongs to run/")
	if (name == "csvreport.h")
		next
	if (!is_quoted && !(other in floor_of))
		next # a header of the system
	if (name ~ /\.\./)
		refuse("\"" name "\" climbs; name it from src/")
	else if (!(other in floor_of))
		refuse("\"" name "\" is no header below src/; name it from there")
	else if (other == folder)
		next
	else if (floor_of[other] > mine)
		refuse("\"" name "\" stands on a higher floor")
	else if (floor_of[other] == mine)
		refuse("\"" name "\" is a stranger on the same floor")
	else if (!(name in is_door))
		refuse("\"" name "\" is private to " other "/")
	next
}

{
	gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
}

code ~ /^[ \t]*#[ \t]*pragma[ \t]+omp/ && folder != "run" {
	refuse("OpenMP belongs to run/")
}

folder != "cli" && code ~ /(^|[^A-Za-z0-9_])(stderr|(exit|_exit|abort|perror)[ \t]*\()/ {
	refuse("only cli/ writes to standard error or ends the program")
}
AWK

# violations TREE: what is wrong in the sources below TREE, one line each.
violations()
(
	cd "$1"
	find . -name '*.[ch]' | sed 's|^\./||' | sort >"$work/files"
	# No name of ours holds a blank.
	# shellcheck disable=SC2046
	awk -v floors="$floors" -v doors="$doors" -f "$work/layers.awk" $(cat "$work/files")
)

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

# refuses SENTENCE FILE LINE: a tree of one FILE with that LINE has exactly one violation, there.
refuses()
{
	rm -rf "$work/tree"
	mkdir -p "$work/tree/$(dirname "$2")"
	printf '/* a file */\n%s\n' "$3" >"$work/tree/$2"
	found=$(violations "$work/tree")
	status=1
	case $found in
	"$2:"*) [ "$(echo "$found" | wc -l)" -ne 1 ] || status=0 ;;
	esac
	report $status "refused: $1"
}

violations "$srcdir/src" >"$work/found"
for folder in base parse stats input profile run report cli; do
	grep "^$folder/" "$work/found" >"$work/here" || :
	status=0
	if [ -s "$work/here" ]; then
		status=1
	fi
	report $status "$folder/ keeps to its floor"
	sed 's/^/# /' "$work/here"
done
grep -vE '^(base|parse|stats|input|profile|run|report|cli)/' "$work/found" >"$work/here" || :
status=0
if [ -s "$work/here" ]; then
	status=1
fi
report $status "nothing else in src/ breaks a rule"
sed 's/^/# /' "$work/here"

# The check itself must be seen to fail.
refuses 'an include from a higher floor' base/a.c '#include "stats/exact.h"'
refuses 'an include from the same floor' parse/a.c '#include "input/source.h"'
refuses 'an include between run/ and report/' report/a.c '# include "run/plan.h"'
refuses 'a header that is no door' run/a.c '#include "parse/kernel_template.h"'
refuses 'a name that is not given from src/' run/a.c '#include "plan.h"'
refuses 'a name that climbs' run/a.c '#include "../stats/exact.h"'
refuses 'angle brackets around a header of a higher floor' parse/a.h '#include <run/plan.h>'
refuses 'a folder without a floor' extra/a.c 'int a;'
refuses 'OpenMP outside run/' stats/a.c '#pragma omp parallel'
refuses 'standard error outside cli/' stats/a.c 'fputs("a", stderr);'
refuses 'an end of the program outside cli/' input/a.c 'exit(1);'

rm -rf "$work/tree"
mkdir -p "$work/tree/run" "$work/tree/cli"
cat >"$work/tree/run/a.c" <<'C'
/* a.c - may say "cli/main.h", stderr and exit() here
 * #include "cli/options.h" */
#include <config.h>
#include <omp.h>
#include "csvreport.h"
#include "parse/kernel.h"
#include "run/plan.h"
#pragma omp parallel
int on_exit(int status, const char *text); /* exit(1) */
const char *name = "stderr";
C
printf '#include <stdlib.h>\n#include "base/status.h"\nexit(1);\n' >"$work/tree/cli/a.c"
found=$(violations "$work/tree")
status=0
if [ -n "$found" ]; then
	status=1
fi
report $status 'accepted: what the rules allow'
echo "1..$n_tests"
