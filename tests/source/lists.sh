#!/bin/sh
# lists.sh - checks that the local.mk of src/, tests/, bench/ and contrib/ lists every file, that the
# relative links of all pages have targets, and that the files and names in the guides exist
#
# A source that is not listed is not distributed, and a test that is not listed never runs. A build from git
# reveals neither mistake. In the tarball this test shows that the targets of links are distributed.
# Output  TAP
set -eu

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$srcdir"

# unlisted LIST-OF-FILES MAKE-FILE: the files that the make file does not list, with or without suffix.
unlisted()
{
	tr -cs '[:alnum:]_./-' '[\n*]' <"$2" >"$work/words"
	for file in $1; do
		if [ -e "$file" ] && ! grep -qxF -e "$file" -e "${file%.c}" "$work/words"; then
			echo "# $file is not in $2"
		fi
	done
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

n_tests=0
# check_directory DIRECTORY FILES
check_directory()
{
	n_tests=$((n_tests + 1))
	missing=$(unlisted "$2" "$1/local.mk")
	if [ -z "$missing" ]; then
		echo "ok $n_tests - every file of $1/ is listed"
	else
		echo "not ok $n_tests - every file of $1/ is listed"
		echo "$missing"
	fi
}

# dead_links PAGE: prints its relative links without a target.
dead_links()
{
	grep -oE '\]\([^)#]+' "$1" | cut -c 3- | grep -v '^https*:' | while IFS= read -r link; do
		[ -e "$(dirname "$1")/$link" ] || echo "# $1: $link"
	done
}

# unknown_names PAGE...: prints the functions and files in `backquotes` that do not exist in src/ or
# the tree. A name in capitals is a placeholder.
unknown_names()
{
	find src -name '*.[ch]' -exec cat {} + >"$work/sources"
	# shellcheck disable=SC2016 # backquotes of Markdown
	grep -ohE '`[^`]+`' "$@" | tr -d '`' | sort -u | while IFS= read -r name; do
		case $name in
		*[A-Z]*.* | *'*'* | *' '*) ;;
		csvr_*) grep -qw -e "$name" "$work/sources" || echo "# $name" ;;
		src/?* | tests/?*.* | doc/?* | bench/?*.*) [ -e "$name" ] || echo "# $name" ;;
		esac
	done
}

check_directory src "$(find src -name '*.[ch]' -o -name '*.in')"
check_directory tests "$(find tests -name seeds -prune -o -name crashes -prune -o -name '*.[ch]' -print \
	-o -name '*.sh' -print -o -name '*.cases' -print -o -name '*.py' -print -o -name '*.js' -print \
	-o -name '*.awk' -print -o -name '*.dict' -print -o -name '*.list' -print -o -name '*.md' -print)"
check_directory bench "$(find bench -name out -prune -o -name '*.[ch]' -print -o -name '*.sh' -print \
	-o -name '*.awk' -print -o -name '*.py' -print -o -name '*.js' -print)"
check_directory contrib "$(find contrib -type f ! -name local.mk ! -name 'csv-report.modulefile*')"
n_tests=$((n_tests + 1))
dead=$(find README.md CHANGELOG.md CONTRIBUTING.md SECURITY.md .github bench data doc tests -name out -prune -o -name '*.md' -print |
	while IFS= read -r page; do dead_links "$page"; done)
if [ -z "$dead" ]; then
	echo "ok $n_tests - every relative link of a page has a target"
else
	echo "not ok $n_tests - every relative link of a page has a target"
	echo "$dead"
fi
n_tests=$((n_tests + 1))
unknown=$(unknown_names doc/architecture.md CONTRIBUTING.md)
if [ -z "$unknown" ]; then
	echo "ok $n_tests - every function and file that the guides name exists"
else
	echo "not ok $n_tests - every function and file that the guides name exists"
	echo "$unknown"
fi
echo "1..$n_tests"
