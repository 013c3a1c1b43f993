#!/bin/sh
# layers.sh - checks that each directory of src/ uses only directories of lower layers
#
# Rules   a room is a directory of src/. A file may include all headers of its own room, and the
#         public headers of the rooms that its room uses, according to the table below. The
#         project's headers are included by their path below src/ ("stats/exact_sum.h").
#         OpenMP is used in run/ only; only cli/ writes to standard error or ends the program
# Shape   a table of rooms, lowest layer first, and of the rooms each uses; a list of public headers,
#         where "base/*" means all headers of a room; one awk program
# Output  TAP
set -eu
LC_ALL=C
export LC_ALL

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}

# parse/, stats/ and input/ are independent of each other: they process text, numbers and bytes.
rooms="
base:
parse: base
stats: base
perf: base
input/codec: base
input: base input/codec
input/remote: base input/codec input
state: base parse stats input
run: base parse stats input perf state
report: base stats input perf state
cli: base input perf report
"
public="csvreport.h csvreport_perf.h
base/*
parse/cell_rules.h parse/chunk_boundary.h parse/condition.h parse/date_time.h parse/decimal.h parse/dialect.h parse/footer.h parse/header.h parse/header_repeat.h parse/kernel.h
parse/lookalike.h parse/record_syntax.h
stats/aggregate.h stats/batch_kernels.h stats/collected.h stats/column.h stats/column_type.h stats/distribution.h stats/exact_sum.h stats/file_stats.h stats/group_sums.h stats/groups.h stats/histogram.h stats/lookalikes.h stats/order.h stats/refine.h stats/refined.h stats/statistics.h stats/summary.h
input/backend.h input/dir_cache.h input/filter.h input/inputs.h input/inputs_internal.h input/manifest.h
input/remote_ops.h input/source.h input/url.h
input/codec/decompressor.h input/codec/detect.h input/codec/seek_index.h input/codec/text_decoder.h
perf/sampler.h perf/stacks.h perf/timing.h
state/state_file.h state/summary_codec.h
report/change_rules.h report/compare.h report/problems.h report/snapshot.h"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/layers.awk" <<'AWK'
BEGIN {
	n = split(rooms, lines, "\n")
	for (i = 1; i <= n; i++) {
		if (split(lines[i], pair, ":") < 2)
			continue
		is_room[pair[1]] = 1
		m = split(pair[2], names, " ")
		for (j = 1; j <= m; j++)
			uses[pair[1], names[j]] = 1
	}
	n = split(public, names, /[ \n]+/)
	for (i = 1; i <= n; i++)
		is_public[names[i]] = 1
}

function refuse(why) {
	print FILENAME ":" FNR ": " why
}

# The room of a file: its directory, or "" for csvreport.h.
function room_of(name) {
	return sub(/\/[^\/]*$/, "", name) ? name : ""
}

FNR == 1 {
	room = room_of(FILENAME)
	if (room != "" && !(room in is_room))
		refuse("directory " room " is no room; add it to the table in layers.sh")
	in_comment = 0
}

# Comments are not checked.
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
	other = room_of(name)
	if (name == "omp.h" && room != "run")
		refuse("OpenMP belongs to run/")
	if (other == "" && name in is_public)
		next
	if (!is_quoted && !(other in is_room))
		next # a system header
	if (name ~ /\.\./)
		refuse("\"" name "\" has a \"..\"; name it from src/")
	else if (!(other in is_room))
		refuse("\"" name "\" is not a header below src/; name it from there")
	else if (other == room)
		next
	else if (!((room, other) in uses))
		refuse("\"" name "\" is in " other "/, which " room "/ does not use")
	else if (!(name in is_public) && !((other "/*") in is_public))
		refuse("\"" name "\" is private to " other "/")
	next
}

{
	gsub(/"([^"\\]|\\.)*"/, "\"\"", code)
}

code ~ /^[ \t]*#[ \t]*pragma[ \t]+omp/ && room != "run" {
	refuse("OpenMP belongs to run/")
}

room != "cli" && code ~ /(^|[^A-Za-z0-9_])(stderr|(exit|_exit|abort|perror)[ \t]*\()/ {
	refuse("only cli/ writes to standard error or ends the program")
}
AWK

# violations TREE: prints the violations in the sources below TREE, one per line.
violations()
(
	cd "$1"
	find . -name '*.[ch]' | sed 's|^\./||' | sort >"$work/files"
	# No file name contains a space.
	# shellcheck disable=SC2046
	awk -v rooms="$rooms" -v public="$public" -f "$work/layers.awk" $(cat "$work/files")
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
names=$(echo "$rooms" | sed -n 's/:.*//p')
for room in $names; do
	grep "^$room/[^/]*:" "$work/found" >"$work/here" || :
	status=0
	if [ -s "$work/here" ]; then
		status=1
	fi
	report $status "$room/ uses the rooms it may use"
	sed 's/^/# /' "$work/here"
done
n_listed=$(for room in $names; do grep "^$room/[^/]*:" "$work/found" || :; done | wc -l)
report $(($(wc -l <"$work/found") - n_listed != 0)) 'every file of src/ is in a room'

# doc/architecture.md must contain the table above.
awk -F' *[|] *' '/^\| `[a-z\/]+\/` \|/ && NF == 5 {
		gsub(/`/, "")
		sub(/\/$/, "", $2)
		print $2 ":" ($3 == "" ? "" : " ") $3
	}' "$srcdir/doc/architecture.md" >"$work/table"
status=0
echo "$rooms" | sed '/^$/d' | diff - "$work/table" >"$work/found" || status=1
report $status 'doc/architecture.md has the same table of rooms'
sed 's/^/# /' "$work/found"

# Tests of the check itself: it must find each kind of violation.
refuses 'an include from a higher layer' base/a.c '#include "stats/exact_sum.h"'
refuses 'an include from another room of the same layer' parse/a.c '#include "input/source.h"'
refuses 'an include between run/ and report/' report/a.c '# include "run/plan.h"'
refuses 'a private header of another room' run/a.c '#include "parse/kernel_scan_template.h"'
refuses 'a header name that does not start at src/' run/a.c '#include "plan.h"'
refuses 'a header name with ..' run/a.c '#include "../stats/exact_sum.h"'
refuses 'angle brackets around a header of a higher layer' parse/a.h '#include <run/plan.h>'
refuses 'a directory that is not in the table' extra/a.c 'int a;'
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
printf '#include <stdlib.h>\n#include "base/error.h"\nexit(1);\n' >"$work/tree/cli/a.c"
found=$(violations "$work/tree")
status=0
if [ -n "$found" ]; then
	status=1
fi
report $status 'accepted: includes that the rules allow'
echo "1..$n_tests"
