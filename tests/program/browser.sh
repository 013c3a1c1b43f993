#!/bin/sh
# browser.sh - a flame graph in a web browser: zoom, reset, search, keys, page widths, dark mode
#
# bench/draw draws the SVG from the stacks below, so that what the browser shows can be compared with
# the folded file, even in a build that cannot sample itself.
#
# Env     builddir  where bench/draw is (default: the current directory); srcdir  the source tree
#         BROWSER   the Chromium to use (default: the first of its names in PATH)
# Output  TAP; skipped if Chromium is missing or cannot run
set -eu
LC_ALL=C
export LC_ALL

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
builddir=${builddir:-$PWD}

skip_all()
{
	echo "1..0 # SKIP $1"
	exit 0
}

# shellcheck source=tests/tools/find_browser.sh
. "$srcdir/tests/tools/find_browser.sh"
[ -n "$browser" ] || skip_all 'no Chromium is installed'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

cat >"$work/folded" <<'STACKS'
thread 1 (main);main 3
thread 1 (main);main;work 10
thread 1 (main);main;work;[libc.so.6] 17
thread 1 (main);main;work;parse 20
thread 1 (main);main;work;parse;strtod;parse 30
thread 1 (main);main;write 20
thread 2;start;operator<<::a_name_too_long_for_any_box_on_a_narrow_page_that_has_to_be_cut 100
thread 2;start;work2;parse 100
STACKS
patterns='^parse$ work strtod|write ^thread o'

"$builddir/bench/draw" fixture '' 250 <"$work/folded" >"$work/plain.svg"
{
	sed '$d' "$work/plain.svg"
	echo "<script data-patterns=\"$patterns\"><![CDATA["
	cat "$srcdir/tests/tools/browser.js"
	echo ']]></script>'
	echo '</svg>'
} >"$work/page.svg"

limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 60'
fi

# open_page WIDTH NAME [OPTION]...: opens the page and writes the facts that browser.js reports to
# $work/NAME.
open_page()
{
	size=$1,700 facts=$work/$2
	shift 2
	# Chromium refuses its sandbox to root and in most containers. A new profile separates it from
	# any other browser. It may start slowly or not at all, so it is started a second time.
	for _ in 1 2; do
		$limit "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage \
			--no-first-run --user-data-dir="$work/profile" --window-size="$size" "$@" \
			--dump-dom "file://$work/page.svg" >"$work/dom" 2>"$work/messages" </dev/null || :
		sed -n '/id="seen"/,/<\/desc>/p' "$work/dom" |
			sed -e '1d' -e '/<\/desc>/d' -e 's/&amp;/\&/g' -e 's/&lt;/</g' -e 's/&gt;/>/g' >"$facts"
		[ ! -s "$facts" ] || return 0
	done
}

open_page 1200 wide
if [ ! -s "$work/wide" ] && ! grep -q '<svg' "$work/dom"; then
	skip_all "$browser cannot open a file: $(head -n 1 "$work/messages" | cut -c 1-100)"
fi
open_page 360 narrow
open_page 1200 dark --blink-settings=preferredColorScheme=0

n_tests=0
# expect SENTENCE FACTS NAME VALUE
expect()
{
	n_tests=$((n_tests + 1))
	if grep -qxF -e "$3=$4" "$work/$2"; then
		echo "ok $n_tests - $1"
	else
		echo "not ok $n_tests - $1"
		echo "# expected: $3=$4"
		echo "# found:    $(grep -F -e "$3=" -e 'error=' "$work/$2" || echo nothing)"
	fi
}

# matched PATTERN: the line that the SVG should show, computed from the folded file. A stack counts
# once, even if several of its functions match.
matched()
{
	awk -v pattern="$1" '{
		n = $NF
		total += n
		sub(/ [0-9]+$/, "")
		n_frames = split($0, frames, ";")
		for (i = 1; i <= n_frames; i++)
			if (frames[i] ~ pattern) {
				found += n
				break
			}
	}
	END { printf "matched: %.1f%% (%d of %d samples)", 100 * found / total, found, total }' \
		"$work/folded"
}

expect 'a click zooms: only the box, its callers and its callees remain' wide zoomed \
	'thread 1 (main) main work [libc.so.6] parse strtod parse'
expect 'the clicked box is as wide as the page' wide 'zoomed width' 100%
expect 'the callers of the clicked box are as wide as the page' wide 'caller width' 100%
expect 'the callees of the clicked box keep their proportions' wide 'left part' \
	"$(awk 'BEGIN { printf "%.4f %.4f", 100 * 17 / 77, 100 * 50 / 77 }')"
expect 'Esc undoes the zoom' wide 'after Esc' 'as before'
expect 'Reset undoes the zoom and clears the search' wide 'after Reset' 'as before'
for pattern in $patterns; do
	expect "a search for $pattern reports the percentage of the folded file" wide "search $pattern" \
		"$(matched "$pattern")"
done
expect 'a search marks the boxes that match' wide 'hits strtod|write' 'strtod write'
expect 'a search marks all boxes of a recursive function' wide "hits ^parse\$" 'parse parse parse'
expect 'marked boxes have another color' wide highlight differs
expect 'an invalid regular expression is reported' wide 'search (' 'not a regular expression: ('
expect 'Esc in the search box clears the search' wide 'Esc in search' 'as before'
expect 'pointing at a box shows its percentage, samples and name' wide hover '25.7%, 77 samples: work'
expect 'a slash moves the focus to the search box' wide slash search
expect 'the up arrow moves to the widest callee' wide up parse
expect 'the right arrow moves to the next box of the row, also in another thread' wide right parse
expect 'Enter zooms to the box in focus' wide Enter 100%
expect 'the down arrow moves to the caller' wide down work2
for width in wide narrow; do
	expect "no text is wider than its box on a $width page" $width overflowing 0
	expect "boxes of a $width page have labels" $width labelled some
	for line in heading facts found detail; do
		expect "the $line line fits a $width page" $width "line $line" fits
	done
	expect "a $width page does not scroll sideways" $width sideways none
done
expect 'the page makes no network requests' wide requests 0
expect 'the page is white in light mode' wide background 'rgb(255, 255, 255)'
if grep -qx 'dark=true' "$work/dark"; then
	expect 'the page is dark in dark mode' dark background 'rgb(22, 24, 28)'
else
	n_tests=$((n_tests + 1))
	echo "ok $n_tests - the page is dark in dark mode # SKIP this browser does not support dark mode"
fi
echo "1..$n_tests"
