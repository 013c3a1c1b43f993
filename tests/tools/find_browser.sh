#!/bin/sh
# find_browser.sh - sets $browser to the Chromium to use; sourced with `.`
#
# Env     BROWSER  the Chromium to use (default: the first of its names in PATH)
# Sets    $browser; empty if there is none
browser=${BROWSER:-}
for name in chromium chromium-browser google-chrome chrome; do
	if [ -z "$browser" ] && command -v "$name" >/dev/null 2>&1; then
		browser=$name
	fi
done
