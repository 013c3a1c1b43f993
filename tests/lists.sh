#!/bin/sh
# lists.sh - every file of src/, tests/ and bench/ stands in the local.mk of its folder
#
# A source that is not listed is not distributed, and a test that is not listed is never run: both
# would go unnoticed in a build from git.
# Output  TAP
set -eu

srcdir=${srcdir:-$(cd "$(dirname "$0")/.." && pwd)}
cd "$srcdir"

# unlisted LIST-OF-FILES MAKE-FILE: those that the make file does not name, with or without suffix.
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
# check_folder FOLDER FILES
check_folder()
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

check_folder src "$(find src -name '*.[ch]')"
check_folder tests "$(find tests -name '*.[ch]' -o -name '*.sh' -o -name '*.cases' -o -name '*.py')"
check_folder bench "$(find bench -name '*.[ch]' -o -name '*.sh')"
echo "1..$n_tests"
