#!/bin/sh
# draw.sh - draws the pictures of the documentation again: screenshots of HTML reports of data/
#
# Env     builddir  where the program is; srcdir  the source tree, in which the pictures are replaced
#         BROWSER   the Chromium to use (default: the first of its names in PATH)
# Exit    1 if a picture could not be drawn
set -eu

: "${builddir:?}" "${srcdir:?}"
report=$builddir/src/csv-report
# shellcheck source=tests/tools/find_browser.sh
. "$srcdir/tests/tools/find_browser.sh"
[ -n "$browser" ] || {
	echo 'draw.sh: no Chromium is installed' >&2
	exit 1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# draw PICTURE PAGE WIDTH,HEIGHT [OPTION]...
draw()
{
	picture=$1 page=$2 size=$3
	shift 3
	"$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage --no-first-run \
		--hide-scrollbars --user-data-dir="$work/profile" --window-size="$size" "$@" \
		--screenshot="$work/$picture" "file://$work/$page" >"$work/messages" 2>&1 </dev/null
	mv -f "$work/$picture" "$srcdir/doc/pictures/$picture"
}

cd "$srcdir"
"$report" --format=html data -o "$work/page.html"
draw page.png page.html 1200,1010
draw page-dark.png page.html 1200,1010 --blink-settings=preferredColorScheme=0

# write_prices SEED SHIFT MISSING: 20,000 rows of numbers around 100 plus SHIFT, of which a share is MISSING. Numbers from
# 0 to 1 are those of a linear congruential generator, as each awk has a rand() of its own.
write_prices()
{
	awk -v seed="$1" -v shift="$2" -v missing="$3" '
		function uniform() {
			seed = (seed * 16807) % 2147483647
			return seed / 2147483647
		}
		BEGIN {
			print "price"
			for (row = 0; row < 20000; row++) {
				sum = 0
				for (i = 0; i < 6; i++)
					sum += uniform()
				price = sprintf("%.2f", 85 + shift + 5 * sum)
				print uniform() < missing ? "NA" : price
			}
		}'
}
cd "$work"
write_prices 1 0 0.02 >yesterday.csv
write_prices 2 3 0.06 >today.csv
"$report" --all --format=state yesterday.csv -o yesterday.state
"$report" --format=html --compare=yesterday.state today.csv -o changes.html
draw changes.png changes.html 1000,1010
