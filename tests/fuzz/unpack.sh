#!/bin/sh
# unpack.sh - converts seeds and crashes that are stored as text to bytes
#
# Usage   unpack.sh DIRECTORY INTO: converts the files of DIRECTORY and creates the directory INTO
# Shape   NAME.hex: pairs of hexadecimal digits, with optional blanks between them and comments after #,
#         becomes INTO/NAME. Any other file is copied unchanged.
set -eu
LC_ALL=C
export LC_ALL

directory=$1
into=$2

# Octal escapes work in every printf; awk and shells lose NUL bytes.
hex_to_escapes()
{
	sed 's/#.*//' "$1" | tr 'A-F' 'a-f' | tr -cd '0-9a-f' | awk '{
		digits = "0123456789abcdef"
		for (i = 1; i < length($0); i += 2)
			printf "\\0%03o", 16 * (index(digits, substr($0, i, 1)) - 1) + \
				index(digits, substr($0, i + 1, 1)) - 1
	}'
}

mkdir -p "$into"
for file in "$directory"/*; do
	[ -f "$file" ] || continue
	name=$(basename "$file")
	case $name in
	*.hex) printf '%b' "$(hex_to_escapes "$file")" >"$into/${name%.hex}" ;;
	*) cp "$file" "$into/$name" ;;
	esac
done
