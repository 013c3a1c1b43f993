#!/bin/sh
# html.sh - the HTML report in a web browser: layout, search, order, counts of bins, hostile names, paper
#
# The pages are shown in frames of several widths, one of them without scripts. page.js uses them like a reader.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report); srcdir  the source tree
#         BROWSER     the Chromium to use (default: the first of its names in PATH)
# Output  TAP; the tests in a browser are skipped if Chromium is missing or cannot run
set -eu

srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)

# shellcheck source=tests/tools/find_browser.sh
. "$srcdir/tests/tools/find_browser.sh"
# shellcheck source=tests/tools/program.sh
. "$srcdir/tests/tools/program.sh"

# logged COMMAND...: runs it; its output is the reason of a failure.
logged()
{
	"$@" >"$work/log" 2>&1
}

# ---- pages ----

"$program" --format=html "$srcdir/data" -o "$work/data.html"

mkdir "$work/hostile"
awk 'BEGIN {
	long = "x"
	for (i = 0; i < 10; i++)
		long = long long long
	long = substr(long, 1, 10000)
	rtl = "\342\200\256evil"
	print "<script>parent.hacked=1</script>,\"\"\"><img src=x onerror=parent.hacked=1>\"," \
		"</style><b onclick=parent.hacked=1>," rtl "," long ",&lt;\033[2J&#x202e;"
	for (i = 0; i < 3; i++)
		print "</script><script>parent.hacked=1</script>,\"\"\"><img src=x onerror=parent.hacked=1>\"," \
			"\047 onload=parent.hacked=1 <svg onload=parent.hacked=1>," rtl "," long "," \
			"javascript:parent.hacked=1"
	print "<a href=\"\"javascript:1\"\">,x,x,x,x,x"
}' >"$work/hostile/<img src=x onerror=parent.hacked=1>.csv"
"$program" --format=html --group-by=1 --select='*' --where='5!="<b>"' "$work/hostile" -o "$work/hostile.html"

awk 'BEGIN {
	srand(7)
	for (row = 0; row <= 200; row++)
		for (i = 0; i < 100; i++) {
			value = row == 0 ? "column_" i : i % 3 == 0 ? int(rand() * 50) : \
				i % 3 == 1 ? rand() * 1000 - 200 : "word" int(rand() * 12)
			printf "%s%s", value, i < 99 ? "," : "\n"
		}
}' >"$work/many.csv"
"$program" --format=html "$work/many.csv" -o "$work/many.html"

# ---- without a browser ----

# is_smaller FILE BYTES
is_smaller()
{
	[ "$(wc -c <"$1")" -lt "$2" ]
}
succeeds 'a page of 100 columns has less than 300 kB' logged is_smaller "$work/many.html" 300000

for threads in 2 3; do
	"$program" --format=html --threads=$threads --chunk=1000 "$work/many.csv" -o "$work/threads$threads.html"
done
succeeds 'any number of threads writes the same page' logged cmp "$work/threads2.html" "$work/threads3.html"
succeeds 'any cut into chunks does, too' logged cmp "$work/many.html" "$work/threads3.html"

"$program" --format=state --all "$work/many.csv" -o "$work/many.state"
"$program" --format=html --all "$work/many.csv" -o "$work/all.html"
"$program" --format=html --all "$work/many.state" -o "$work/state.html"
succeeds 'a saved state gives the same page' logged cmp "$work/all.html" "$work/state.html"

# The histograms of a page are those of JSON. A path is drawn in counts: "M3 9v-1h1v1z" is a bin of 1 at 3.
"$program" --format=json --all "$work/many.csv" |
	sed -n 's/.*"histogram": {.*"counts": \[\([0-9, ]*\)\].*/\1/p' | tr -d ' ' >"$work/expected"
sed -n 's/.*aria-label=histogram[^>]*><path d="\([^"]*\)".*/\1/p' "$work/many.html" |
	awk '{
		gsub(/[Mvhz]/, " &")
		n = split($0, parts, " ")
		at = height = 0
		for (i = 0; i < 40; i++)
			counts[i] = 0
		for (i = 1; i <= n; i++) {
			number = substr(parts[i], 2)
			if (parts[i] ~ /^M/) {
				at = number
				height = 0
			} else if (parts[i] ~ /^v/)
				height -= number
			else if (parts[i] ~ /^h/)
				for (j = 0; j < number; j++)
					counts[at++] = height
		}
		line = counts[0]
		for (i = 1; i < 40; i++)
			line = line "," counts[i]
		print line
	}' >"$work/found"
succeeds 'the histograms have the counts that JSON has' logged cmp "$work/expected" "$work/found"
has_histograms()
{
	[ "$(wc -l <"$work/expected")" -eq 67 ]
}
succeeds 'each column of numbers has one' logged has_histograms

# ---- in a browser ----

skip=
[ -n "$browser" ] || skip='no Chromium is installed'

limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 60'
fi

# frame NAME WIDTH PAGE [ATTRIBUTE]
frame()
{
	echo "<iframe name=\"$1\" width=\"$2\" height=\"900\" src=\"$3\" $4></iframe>"
}

# write_frames NAME FRAME...: a page with these frames and the script.
write_frames()
{
	frames=$work/$1
	shift
	{
		echo '<!doctype html><meta charset=utf-8><body>'
		printf '%s\n' "$@"
		echo "<script src=\"file://$srcdir/tests/tools/page.js\"></script>"
	} >"$frames"
}

# run_browser OPTION...: Chromium may start slowly or not at all, so it is started a second time by callers.
run_browser()
{
	$limit "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--user-data-dir="$work/profile" --allow-file-access-from-files --enable-logging=stderr \
		"$@" 2>"$work/messages" </dev/null
}

# open_page NAME PAGE [OPTION]...: writes the facts that page.js reports to $work/NAME.
open_page()
{
	facts=$work/$1 page=$2
	shift 2
	for _ in 1 2; do
		run_browser --window-size=1800,1000 "$@" --dump-dom "file://$work/$page" >"$work/dom" || :
		sed -n '/id="seen"/,/<\/pre>/p' "$work/dom" | sed -e 's/.*id="seen">//' -e '/<\/pre>/d' \
			-e 's/&lt;/</g' -e 's/&gt;/>/g' -e 's/&amp;/\&/g' >"$facts"
		grep -h CONSOLE "$work/messages" | grep -v 'frame is sandboxed' >"$facts.console" || :
		[ ! -s "$facts" ] || return 0
	done
}

write_frames light_page.html "$(frame 360 360 data.html '')" "$(frame 800 800 data.html '')" \
	"$(frame 1600 1600 data.html '')" "$(frame hostile 800 hostile.html '')" \
	"$(frame many 1600 many.html '')" "$(frame plain 800 data.html 'sandbox="allow-same-origin"')"
write_frames dark_page.html "$(frame 360 360 data.html '')" "$(frame hostile 800 hostile.html '')"

if [ -z "$skip" ]; then
	open_page light light_page.html
	if [ ! -s "$work/light" ] && ! grep -q '<iframe' "$work/dom"; then
		skip="$browser cannot open a file: $(head -n 1 "$work/messages" | cut -c 1-100)"
	fi
fi
if [ -n "$skip" ]; then
	begin 'the page in a browser'
	skip "$skip"
	echo "1..$n"
	exit "$((n_failed > 0))"
fi
open_page dark dark_page.html --blink-settings=preferredColorScheme=0

# expect SENTENCE FACTS NAME VALUE
expect()
{
	status=0
	grep -qxF -e "$3=$4" "$work/$2" || status=1
	{
		echo "expected: $3=$4"
		echo "found:    $(grep -F -e "$3=" -e 'error=' "$work/$2" || echo nothing)"
	} >"$work/log"
	tap_line "$status" "$1"
}

for name in 360 800 1600 hostile many; do
	expect "the page does not scroll sideways ($name)" light "$name sideways" none
	expect "nothing is beyond the right edge ($name)" light "$name beyond the window" 0
	expect "all text has a contrast of 4.5 ($name)" light "$name contrast" enough
	expect "nothing is requested ($name)" light "$name requests" 0
done
for name in 360 hostile; do
	expect "all text has a contrast of 4.5 in dark mode ($name)" dark "$name contrast" enough
done
expect 'the page is white in light mode' light background 'rgb(255, 255, 255)'
expect 'the page is dark in dark mode' dark background 'rgb(21, 23, 27)'
is_quiet()
{
	cat "$work/light.console" "$work/dark.console"
	[ ! -s "$work/light.console" ] && [ ! -s "$work/dark.console" ]
}
succeeds 'the console has no message' logged is_quiet

columns='station,date,temperature,humidity,note,pressure,note, by hand,wind,rain'
expect 'index and cards have the columns in the order of the files' light all "$columns"
expect 'a slash moves the focus to the search box' light slash search
expect 'a search shows the columns whose names contain it' light search temperature
expect 'a search says how many there are' light found '1 of 9 columns'
expect 'a search for two words, one of them a type' light 'two words' 'note,note, by hand'
expect 'Esc ends the search' light Esc all
expect 'columns by name' light 'by name' \
	'date,humidity,note,note, by hand,pressure,rain,station,temperature,wind'
expect 'columns by type' light 'by type' \
	'date,temperature,wind,rain,humidity,pressure,station,note,note, by hand'
expect 'columns by missing cells' light 'by missing' \
	'note,note, by hand,humidity,temperature,station,date,pressure,wind,rain'
expect 'the order of the files again' light 'by file' "$columns"
expect 'pointing at a bin shows its values' light 'pointing at a bin' '9.7 to 10.1563: 9 values'
expect 'pointing elsewhere hides them' light 'pointing away' 'no tip'
expect 'the tab key follows the order of the page' light 'tab order' 'that of the page'
expect 'the first stop leads to the columns' light 'first stop' 'Skip to the columns'
expect 'each link has a target' light 'links without a target' 0
expect 'no id is used twice' light 'ids used twice' 0

expect 'a hostile file adds no script' light 'hostile scripts' 1
expect 'nor other elements' light 'hostile elements' 0
expect 'nor attributes with code' light 'hostile handlers' 0
expect 'nor links' light 'hostile links' 0
expect 'nothing in it runs' light 'hostile effect' none
expect 'its names and values are shown' light 'hostile names' 5
expect 'control characters and overrides of direction are not' light 'hostile controls' none
expect 'names of 10,000 characters are cut' light 'hostile widest' cut

expect 'without scripts, the tools are not shown' light 'plain tools' none
expect 'without scripts, all cards are' light 'plain cards' 9
expect 'without scripts, all histograms are' light 'plain graphs' 6

prints()
{
	run_browser --no-pdf-header-footer --print-to-pdf="$work/many.pdf" "file://$work/many.html"
	[ "$(head -c 5 "$work/many.pdf")" = '%PDF-' ] && [ "$(wc -c <"$work/many.pdf")" -gt 50000 ]
}
succeeds 'the page prints' logged prints

echo "1..$n"
[ "$n_failed" -eq 0 ]
