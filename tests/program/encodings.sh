#!/bin/sh
# encodings.sh - files in UTF-16 and Windows-1252 give the report of the same text in UTF-8
#
# The oracle is the report on the text in UTF-8, which iconv converts.
#
# Needs   iconv; gzip, zstd, bgzip and csv-report-remote for some tests, which are skipped without
# Env     CSV_REPORT  the program (default: ./src/csv-report)
set -eu
unset NO_COLOR
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

command -v iconv >/dev/null 2>&1 || skip_all 'iconv is missing'

has()
{
	command -v "$1" >/dev/null 2>&1
}

# table ROWS SEED: a CSV file in UTF-8 with characters of one to four bytes, also in quotes and beside line ends.
table()
{
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		split("Köln,Zürich,Łódź,東京,😀😀,plain,é,Ωmega,a𝄞b,naïve", names, ",")
		print "größe,température,名前,note"
		for (i = 0; i < n; i++) {
			printf "%d,%.3f,%s,", i, rand() * 100 - 30, names[int(rand() * 10) + 1]
			if (i % 97 == 3)
				printf "\"a \"\"%s\"\", field\nover two lines\"\n", names[i % 10 + 1]
			else
				print i % 41 == 0 ? "NA" : i % 53 == 0 ? "inf" : names[int(rand() * 10) + 1]
		}
	}'
}

# utf16 LE|BE: converts standard input, with a byte order mark.
utf16()
{
	if [ "$1" = LE ]; then
		printf '\377\376'
	else
		printf '\376\377'
	fi
	iconv -f UTF-8 -t "UTF-16$1"
}

# same SUBJECT: the last report is that of the text in UTF-8, except for names of files.
same()
{
	sed 's/\.csv\.[a-z0-9]*/.csv/g; s/^-,/a.csv,/' "$work/out" >"$work/got"
	cmp -s "$work/got" "$work/expected" || {
		diff "$work/got" "$work/expected" >"$work/difference" || :
		wrong "$1: the report differs: $(head -n 2 "$work/difference")"
	}
}

mkdir utf8 LE BE
table 1200 1 >utf8/a.csv
table 90 2 >utf8/b.csv
table 0 3 >utf8/header.csv
printf 'x,y\r1,ä\r3,𝄞' >utf8/cr.csv
printf '"a\n' >utf8/bad.csv
: >utf8/empty.csv
for file in utf8/*; do
	for order in LE BE; do
		utf16 $order <"$file" >"$order/${file#utf8/}"
	done
done
format='--per-file --format=csv -A'

# ---- UTF-16 ----

cd utf8
# shellcheck disable=SC2086
run $format .
cp "$work/out" "$work/expected"
for order in LE BE; do
	begin "files in UTF-16$order give the report of the same text in UTF-8"
	cd "$work/$order"
	for options in '-j 1' '-j 2' '-j 7' '-j 2 --chunk=1000' '-j 1 --block=1' \
		'-j 3 --block=333 --kernel=scalar' '-j 2 --exact --chunk=500'; do
		# shellcheck disable=SC2086
		run $format $options .
		expect_status 3
		expect_err 'bad.csv:1: unterminated'
		same "$options"
	done
	finish

	begin "shards, states and checkpoints of UTF-16$order give the report of UTF-8"
	for shard in 1 2 3; do
		run --per-file -A --format=state --chunk=3000 --shard=$shard/3 . -o "$work/$shard.state"
	done
	rm -f "$work/keep"
	# shellcheck disable=SC2086
	run $format --checkpoint="$work/keep" .
	same 'with a checkpoint'
	# shellcheck disable=SC2086
	run $format "$work/2.state" "$work/1.state" "$work/3.state"
	expect_status 3
	same 'merged'
	finish
done
cd "$work"

begin 'the report counts files in UTF-16, which is no violation'
rm ./*/bad.csv ./*/empty.csv ./*/header.csv
run --strict --tables=one LE BE utf8
expect_status 0
expect_out '6  files in UTF-16, converted, first at BE/a.csv:1'
finish

cd utf8
# shellcheck disable=SC2086
run $format a.csv
cp "$work/out" "$work/expected"
cd "$work"

begin 'standard input in UTF-16 is converted'
for order in LE BE; do
	"$program" --per-file --format=csv -A - <$order/a.csv >out 2>err || wrong "status $?"
	same "$order"
	# A pipe that returns few bytes at a time.
	(
		head -c 1
		sleep 0.1
		head -c 2
		sleep 0.1
		cat
	) <$order/a.csv | "$program" --per-file --format=csv -A - >out 2>err || wrong "status $?"
	same "$order, slowly"
done
finish

begin 'compressed UTF-16 is converted'
mkdir packed
for pair in gzip:gz zstd:zst bzip2:bz2 xz:xz; do
	has "${pair%:*}" || continue
	"${pair%:*}" -c <LE/a.csv >"packed/a.csv.${pair#*:}"
	# shellcheck disable=SC2086
	(cd packed && run $format "a.csv.${pair#*:}")
	same "$pair"
done
finish

begin 'UTF-16 in blocked gzip is read by one thread, not in chunks'
if has bgzip; then
	table 150000 5 >utf8/big.csv
	utf16 LE <utf8/big.csv | bgzip -c >packed/big.csv.gz
	(cd utf8 && run --format=csv -A big.csv)
	cp out expected
	for options in '-j 2 --chunk=100000' '-j 1'; do
		# shellcheck disable=SC2086
		run --format=csv -A $options packed/big.csv.gz
		expect_status 0
		same "$options"
	done
	# shellcheck disable=SC2046
	[ $(wc -c <packed/big.csv.gz) -gt 1048576 ] || wrong 'the file is too small to be indexed'
	finish
else
	skip 'bgzip is missing'
fi

begin 'UTF-16 without a byte order mark needs --encoding'
iconv -f UTF-8 -t UTF-16LE <utf8/b.csv >le.csv
iconv -f UTF-8 -t UTF-16BE <utf8/b.csv >be.csv
run --format=csv utf8/b.csv
cp out expected
run le.csv be.csv
expect_status 1
expect_err 'le.csv: this is UTF-16 text without a byte order mark; read it with --encoding=utf-16le' \
	'be.csv: this is UTF-16 text without a byte order mark; read it with --encoding=utf-16be'
for name in le be; do
	run --format=csv --encoding=utf-16$name $name.csv
	expect_status 0
	same "$name"
	run --format=csv --encoding=utf-16$name -j 2 --chunk=500 $name.csv
	same "$name in chunks"
	run --format=state --encoding=utf-16$name $name.csv
	cp out $name.state
	run --format=csv $name.state
	same "$name, saved"
done
finish

begin 'a byte order mark takes precedence over --encoding'
printf '\357\273\277' | cat - utf8/b.csv >mark.csv
for encoding in utf-8 utf-16le utf-16be windows-1252; do
	for file in LE/b.csv BE/b.csv mark.csv; do
		run --format=csv --encoding=$encoding $file
		expect_status 0
		same "$file with $encoding"
	done
done
finish

begin 'text that is not UTF-16 is refused with --encoding=utf-16le'
run --encoding=utf-16le utf8/b.csv
expect_status 1
expect_err 'not in UTF-16LE, which --encoding states'
finish

begin 'a surrogate without its pair, and an odd last byte, make a file bad, with line and offset'
{
	utf16 LE <utf8/b.csv
	printf 'a\000\000\330b\000\n\000'
} >lone.csv
{
	utf16 BE <utf8/b.csv
	printf '\000a\334\001\000\n'
} >low.csv
{
	cat LE/b.csv
	printf '1'
} >odd.csv
utf16 LE <utf8/b.csv >high.csv
printf '\075\330' >>high.csv
line=$(($(wc -l <utf8/b.csv) + 1))
at=$(wc -c <LE/b.csv)
for options in '' '--block=1' '--chunk=100'; do
	# shellcheck disable=SC2086
	run $options lone.csv low.csv odd.csv high.csv utf8/a.csv
	expect_status 3
	expect_err "lone.csv:$line: invalid UTF-16 at byte $((at + 2)): a surrogate without its pair" \
		"low.csv:$line: invalid UTF-16 at byte $((at + 2)): a surrogate without its pair" \
		"odd.csv:$line: invalid UTF-16 at byte $at: the last character is cut" \
		"high.csv:$line: invalid UTF-16 at byte $at: a surrogate without its pair"
done
finish

begin 'UTF-32 is refused by name'
printf '\377\376\000\000a\000\000\000' >utf32.csv
run utf32.csv
expect_status 1
expect_err 'utf32.csv: this is UTF-32 text'
finish

# ---- Windows-1252 ----

# latin ROWS SEED: a CSV file in UTF-8 of which each text that is not ASCII is not UTF-8 in Windows-1252.
latin()
{
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		split("Köln,Zürich,plain,text,né,€5,ŒUVRE,naïve,5 €,Ÿ", names, ",")
		print "größe,x,ville,\"note \"\"é\"\"\""
		for (i = 0; i < n; i++) {
			printf "%s,%.2f,", i % 7 ? i : "n° " i, rand() * 100
			if (i % 97 > 90)
				printf "\"a \"\"%s\"\", field\nover two lines\",", names[i % 10 + 1]
			else
				printf "%s,", i < 300 ? "ascii" : names[int(rand() * 10) + 1]
			if (i % 41 == 0)
				print "NA"
			else
				print i % 53 == 52 ? "\"" names[i % 10 + 1] "\"" : " " names[int(rand() * 5) + 1] "\t"
		}
	}'
}

begin 'texts and names in Windows-1252 give the report of UTF-8, and are counted'
mkdir latin utf
latin 3000 1 >utf/a.csv
latin 40 2 >utf/b.csv
latin 0 3 >utf/header.csv
for name in a b header; do
	iconv -f UTF-8 -t WINDOWS-1252 <utf/$name.csv >latin/$name.csv
done
(cd utf && run --per-file --format=csv -A .)
cp out expected
(cd latin && run --per-file --format=json -A . && cp "$work/out" "$work/expected.json")
grep -A4 '"kind": "not_utf8"' expected.json >found || wrong 'no problem not_utf8'
grep -q '"line": 1,*$' found || wrong 'the first name is not the first occurrence'
for options in '-j 1' '-j 2' '-j 7' '-j 2 --chunk=1000' '-j 1 --block=1' '-j 3 --block=333 --kernel=scalar' \
	'-j 1 --encoding=windows-1252' '-j 2 --encoding=latin-1 --chunk=700' '-j 2 --exact --chunk=500'; do
	# shellcheck disable=SC2086
	(cd latin && run --per-file --format=csv -A $options . && echo "$status" >"$work/status")
	[ "$(cat status)" -eq 0 ] || wrong "$options: status $(cat status)"
	same "$options"
	case $options in
	*encoding* | *exact*) continue ;;
	esac
	# shellcheck disable=SC2086
	(cd latin && run --per-file --format=json -A $options .)
	cmp -s out expected.json || wrong "$options: the report in JSON differs"
done
printf 'gr\366\337e,x\nK\366ln,1\n' >strict.csv
run --strict strict.csv
expect_status 0
expect_out '2  cells or names not in UTF-8' 'first at strict.csv:1'
run --encoding=windows-1252 --format=json latin
grep -q not_utf8 out && wrong 'cells of a stated encoding are counted'
finish

begin 'shards and states of texts in Windows-1252 give the same report'
for shard in 1 2 3; do
	(cd latin && run --per-file -A --format=state --chunk=3000 --shard=$shard/3 . -o "$work/$shard.state")
done
(cd latin && run --per-file --format=json -A ../2.state ../1.state ../3.state)
diff out expected.json >found || wrong "the report differs: $(head -n 5 found)"
finish

begin 'the oracle finds the same texts and counts'
if has_python json; then
	for options in '' '--chunk=900' '--block=1'; do
		# shellcheck disable=SC2086
		run --format=json -A $options latin LE utf
		python3 "${srcdir:-..}/tests/tools/oracle.py" --check out latin LE utf >found || wrong "$(cat found)"
	done
	finish
else
	skip 'Python is missing'
fi

begin 'the undefined bytes of Windows-1252 are controls, as on the web'
printf 'a\n\200\201\215\217\220\235\237\240\377\n' >bytes.csv
run --format=json --stats=top bytes.csv
expect_out "$(printf '"\342\202\254\\u0081\\u008d\\u008f\\u0090\\u009d\305\270\302\240\303\277"')"
finish

begin 'each text is converted alone, so that valid UTF-8 beside others stays'
printf 'a,b\nK\303\266ln,K\366ln\n' >mixed.csv
run --format=json --stats=top mixed.csv
[ "$(grep -c "$(printf 'K\303\266ln')" out)" -ge 2 ] || wrong 'the texts differ'
run --format=json --stats=top --encoding=windows-1252 mixed.csv
expect_out "$(printf '"K\303\203\302\266ln"')" "$(printf '"K\303\266ln"')"
run --format=table --stats=top --encoding=utf-8 mixed.csv
expect_out 'K\xF6ln'
finish

begin 'the first invalid cell is shown in UTF-8'
{
	echo x
	yes 1 | head -n 20
	printf '%.0s\344' 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33
	echo
} >invalid.csv
run invalid.csv
expect_out "$(printf 'such as "\303\244\303\244')"
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
