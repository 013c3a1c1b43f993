#!/bin/sh
# words.sh - checks that the sources do not use words that were replaced by standard terms
#
# Each concept has one name, the standard term of the field (CONTRIBUTING.md has the list). There
# are two checks: no identifier and no comment contains a word that was replaced, and comments
# rarely use certain phrases that made them hard to read. The second check limits a frequency,
# because these words also have legitimate uses.
#
# Output  TAP
set -eu
LC_ALL=C
export LC_ALL

srcdir=${srcdir:-$(cd "$(dirname "$0")/../.." && pwd)}
cd "$srcdir"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# Replaced by: chunk, segment or slice, row issue, checkpoint thread, rank, directory, compressed,
# userinfo, oversized field, rejects, byte range, schema, results, remote, silent, reassembly.
replaced='piece pieces stretch stretches oddity oddities keeper peers folder folders coded coding
login giant giants misfit misfits extent extents findings elsewhere mute heed chain chains
pull verdict figure figures glyph tally tallies'

# How often each phrase may occur in 1,000 words of comments: as often as in xz and libdeflate.
limit=0.3

# words FILE...: one line per word: `code FILE:LINE WORD` or `comment FILE:LINE WORD`. Names are split
# at underscores. Strings and #include lines are excluded.
cat >"$work/words.awk" <<'AWK'
function emit(kind, text,    n, i, list) {
	gsub(/[^A-Za-z]+/, " ", text)
	n = split(tolower(text), list, " ")
	for (i = 1; i <= n; i++)
		print kind, FILENAME ":" FNR, list[i]
}

FNR == 1 {
	in_comment = 0
}

{
	line = $0
	if (!in_comment && line ~ /^[ \t]*#[ \t]*include/)
		next
	while (line != "") {
		if (in_comment) {
			at = index(line, "*/")
			emit("comment", at == 0 ? line : substr(line, 1, at - 1))
			if (at == 0)
				break
			line = substr(line, at + 2)
			in_comment = 0
			continue
		}
		if (!match(line, /\/\*|\/\/|"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/)) {
			emit("code", line)
			break
		}
		emit("code", substr(line, 1, RSTART - 1))
		token = substr(line, RSTART, RLENGTH)
		line = substr(line, RSTART + RLENGTH)
		if (token == "/*") {
			in_comment = 1
		} else if (token == "//") {
			emit("comment", line)
			break
		}
	}
}
AWK

n_tests=0
# report STATUS SENTENCE
report()
{
	n_tests=$((n_tests + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n_tests - $2"
	else
		echo "not ok $n_tests - $2"
	fi
}

# No file name contains a space.
# shellcheck disable=SC2046
awk -f "$work/words.awk" $(find src tests bench data -name out -prune -o -name seeds -prune \
	-o -name '*.[ch]' -print | sort) >"$work/all"

for word in $replaced; do
	grep " $word\$" "$work/all" >"$work/here" || :
	status=0
	[ ! -s "$work/here" ] || status=1
	report $status "no name and no comment says \"$word\""
	head -n 5 "$work/here" | sed 's/^/# /'
done

# turn NAME REGEX: tests how often REGEX matches the words of the comments in src/, each with a
# space before and after it.
grep '^comment src/' "$work/all" | cut -d' ' -f3 >"$work/comments"
n_words=$(wc -l <"$work/comments")
sed 's/.*/ & /' "$work/comments" | tr -d '\n' >"$work/prose"
turn()
{
	n=$(grep -oE "$2" "$work/prose" | wc -l)
	status=0
	awk -v n="$n" -v all="$n_words" -v limit=$limit 'BEGIN { exit !(n * 1000 / all < limit) }' ||
		status=1
	report $status "comments hardly say \"$1\""
	awk -v n="$n" -v all="$n_words" 'BEGIN { printf "# %d in %d words: %.2f of 1,000\n", n, all, n * 1000 / all }'
}

turn 'stand, for be' ' (stand|stands|stood) '
turn 'behind, for after' ' behind '
turn 'tell, for report' ' (tell|tells|told) '
turn 'what is, as a noun' ' what  (is|was|has|are|were|had) '
turn 'is there, for exists' ' (is|are|was|were)  (not  )?there '
turn 'so many, for that many' ' so  (many|long) '
report $((n_words < 10000)) "there are comments to check ($n_words words)"

# A test of the check itself: it must find such words.
mkdir "$work/tree"
printf '/* a piece behind\n * it */\nint n_pieces; // heed\nconst char *text = "folder /* coded */";\n' \
	>"$work/tree/a.c"
found=$(cd "$work/tree" && awk -f "$work/words.awk" a.c | cut -d' ' -f1,3 | tr '\n' ';')
status=0
[ "$found" = 'comment a;comment piece;comment behind;comment it;code int;code n;code pieces;comment heed;code const;code char;code text;' ] ||
	status=1
report $status 'words of names and comments are found, those of strings are not'
[ $status -eq 0 ] || echo "# $found"
echo "1..$n_tests"
