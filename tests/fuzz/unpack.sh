#!/bin/sh
# unpack.sh - files that are kept as text to the bytes they stand for
#
# Usage   unpack.sh FOLDER INTO: what is in FOLDER into the folder INTO, which is made
# Shape   NAME.hex: pairs of hexadecimal digits, blanks between them as one likes; what stands behind a
#         # is for people. It becomes INTO/NAME. Any other file is copied as it is.
set -eu
LC_ALL=C
export LC_ALL

folder=$1
into=$2

# As octal escapes, which any printf knows: awk and shells lose NUL bytes.
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
for file in "$folder"/*; do
	[ -f "$file" ] || continue
	name=$(basename "$file")
	case $name in
	*.hex) printf '%b' "$(hex_to_escapes "$file")" >"$into/${name%.hex}" ;;
	*) cp "$file" "$into/$name" ;;
	esac
done
