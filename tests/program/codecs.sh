#!/bin/sh
# codecs.sh - compressed files give the report of the uncompressed ones, or are reported as bad
#
# The oracle is the report on the same files before compression.
#
# Needs   gzip, zstd, bzip2, xz, bgzip, pzstd; tests of missing or unsupported ones are skipped
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         CODEC_STEPS offsets where each file is truncated and altered (default: 24)
#         BOMB_MB     decompressed MB of the bomb (default: 1000)
set -eu
unset NO_COLOR
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

CODEC_STEPS=${CODEC_STEPS:-24}
BOMB_MB=${BOMB_MB:-1000}

limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 300'
fi

has()
{
	command -v "$1" >/dev/null 2>&1
}

# Suffixes of the formats that this machine compresses and the program supports.
suffixes=
"$program" --version >version
for pair in gzip:gz zstd:zst bzip2:bz2 xz:xz; do
	if has "${pair%:*}" && grep -q "[:,] ${pair%:*} (" version; then
		suffixes="$suffixes ${pair#*:}"
	fi
done

# compress SUFFIX <TEXT >DATA
compress()
{
	case $1 in
	gz) gzip -c ;;
	zst) zstd -q -c ;;
	bz2) bzip2 -c ;;
	xz) xz -c ;;
	esac
}

# table ROWS SEED: a CSV file with everything that makes parsing hard.
table()
{
	awk -v n="$1" -v seed="$2" 'BEGIN {
		srand(seed)
		print "id,temp,name,note"
		for (i = 0; i < n; i++) {
			printf "%d,%.3f,", i, rand() * 100 - 30
			if (i % 97 == 3)
				printf "\"a \"\"quoted\"\", field\nover two lines\","
			else
				printf "st%d,", rand() * 500
			print i % 41 == 0 ? "NA" : i % 53 == 0 ? "inf" : rand()
		}
	}'
}

# same SUBJECT: standard output equals the file `expected`, except for the suffixes of file names.
same()
{
	sed 's/\.[ct]sv\.\(gz\|bgz\|zst\|bz2\|xz\)/.csv/g; s/\.tsv/.csv/g' "$work/out" >"$work/got"
	sed 's/\.tsv/.csv/g' "$work/expected" >"$work/wanted"
	cmp -s "$work/got" "$work/wanted" || wrong "$1: the report differs"
}

mkdir plain mixed
i=0
while [ $i -lt 8 ]; do
	table $((i * 1500)) $i >plain/$i.csv
	i=$((i + 1))
done
printf 'x\ty\n1\t2\n3\t4,5\n' >plain/t.tsv
printf 'a,b\r1,2\r3,4\r' >plain/cr.csv
: >plain/empty.csv
echo id,temp >plain/header.csv
printf '\357\273\277id,temp\n1,2' >plain/mark.csv

# ---- the same report ----

for suffix in $suffixes; do
	mkdir "$suffix"
	for file in plain/*; do
		compress "$suffix" <"$file" >"$suffix/${file#plain/}.$suffix"
	done
	begin "a directory of .csv.$suffix gives the report of the plain files"
	cd "$work/plain"
	run --per-file --format=json .
	cp "$work/out" "$work/expected"
	cd "$work/$suffix"
	for options in '-j 1' '-j 2' '-j 7' '-j 2 --chunk=1000' '-j 2 --block=64' \
		'-j 3 --block=333 --kernel=scalar'; do
		# shellcheck disable=SC2086
		run --per-file --format=json $options .
		expect_status 0
		same "$options"
	done
	cd "$work"
	finish

	begin "shards and states of .csv.$suffix give the report of the plain files"
	cd "$suffix"
	for shard in 1 2 3; do
		run --per-file --format=state --chunk=3000 --shard=$shard/3 . -o "$work/$shard.state"
		expect_status 0
	done
	rm -f "$work/keep"
	run --per-file --format=json --checkpoint="$work/keep" .
	same 'with a checkpoint'
	cd "$work"
	run --per-file --format=json 2.state 1.state 3.state
	expect_status 0
	same 'merged'
	finish

	begin "standard input and a FIFO of $suffix are decompressed"
	run --format=json plain/7.csv
	sed 's/plain.7.csv/-/' out >expected
	status=0
	"$program" --format=json - <"$suffix/7.csv.$suffix" >out 2>err || status=$?
	expect_status 0
	same 'standard input'
	status=0
	cat "$suffix/7.csv.$suffix" - </dev/null | "$program" --format=json >out 2>err || status=$?
	expect_status 0
	same 'a pipe'
	mkfifo pipe
	cat "$suffix/7.csv.$suffix" >pipe &
	run --format=json pipe
	wait
	sed 's/"-"/"pipe"/' expected >renamed && mv renamed expected
	same 'a FIFO'
	rm pipe
	finish

	begin "$suffix under the name of a plain file is decompressed, as one chunk or several"
	cp "$suffix/7.csv.$suffix" named.csv
	cp plain/7.csv was.csv
	run --format=json was.csv
	sed 's/was.csv/named.csv/' out >expected
	run --format=json named.csv
	expect_status 0
	same whole
	run --format=json -j 2 --chunk=1000 named.csv
	expect_status 0
	same chunks
	rm -f keep
	run --format=json --chunk=1000 --checkpoint=keep named.csv
	same 'with a checkpoint'
	for shard in 1 2; do
		run --format=state --chunk=1000 --shard=$shard/2 named.csv -o $shard.state
	done
	run --format=json 1.state 2.state
	expect_status 0
	same shards
	finish

	begin "concatenated members of $suffix are one text"
	{ head -n 5 plain/7.csv | compress "$suffix"; : | compress "$suffix"
		tail -n +6 plain/7.csv | compress "$suffix"; } >"was.csv.$suffix"
	run --format=json was.csv
	cp out expected
	run --format=json "was.csv.$suffix"
	expect_status 0
	same members
	rm "was.csv.$suffix"
	finish
done

begin 'a directory of all formats gives the report of the uncompressed files'
i=0
# shellcheck disable=SC2086
set -- csv $suffixes
for file in plain/*; do
	suffix=$1
	shift
	set -- "$@" "$suffix"
	if [ "$suffix" = csv ]; then
		cp "$file" mixed/
	else
		cp "$suffix/${file#plain/}.$suffix" mixed/
	fi
done
cd plain && run --per-file --format=json . && cp "$work/out" "$work/expected"
cd ../mixed && run --per-file --format=json -j 2 .
expect_status 0
same mixed
cd "$work"
finish

begin 'an uncompressed file with the suffix of a compressed one is read as it is'
cp plain/7.csv plain.csv.gz
run --format=json plain/7.csv
sed 's/plain.7.csv/plain.csv/' out >expected
run --format=json plain.csv.gz
expect_status 0
same plain
finish

begin 'an empty file with the suffix of a compressed one is an empty file'
: >none.csv.gz
run --per-file --format=json plain/7.csv none.csv.gz
expect_status 0
expect_out none.csv.gz
rm none.csv.gz
finish

begin 'a file with the suffix of a compressed one that is neither compressed nor text is a bad file'
run --format=csv plain/7.csv
cp out expected
for pair in gz:gzip bgz:gzip zst:zstd bz2:bzip2 xz:xz; do
	name=bad.csv.${pair%:*}
	for bytes in '\000\000\000\000\000\000\000\000\000\000\000' 'a,b\n1,\001\n' '\037\235\220a,b\n'; do
		# shellcheck disable=SC2059
		printf "$bytes" >"$name"
		run --format=csv plain/7.csv "$name"
		expect_status 3
		expect_err "$name: not in ${pair#*:} format, although its name ends in .${pair%:*}"
		cmp -s out expected || wrong "$name: the report contains data of it"
	done
	dd if=/dev/zero of="$name" bs=1000 count=3000 2>/dev/null
	for options in '-j 1' '-j 2 --chunk=300000'; do
		# shellcheck disable=SC2086
		run --format=csv $options plain/7.csv "$name"
		expect_status 3
		expect_err "$name: not in ${pair#*:} format, although its name ends in .${pair%:*}"
	done
	rm "$name"
done
finish

# ---- bad files ----

# bad SUBJECT: plain/7.csv is read; bad.csv.$suffix is excluded and reported with a byte offset, or with the line of a quote
# if altered text is found to be bad before its checksum is.
bad()
{
	run --format=csv -j 2 plain/7.csv "bad.csv.$suffix"
	expect_status 3
	cmp -s out expected || wrong "$1: the report contains data of it"
	grep -q -e "bad.csv.$suffix: .*byte [0-9]" -e "bad.csv.$suffix:[0-9]*: .* quote" err || wrong "$1: the message has no byte offset: $(cat err)"
}

# alter FILE OFFSET BITS: prints the file with these bits of one byte inverted.
alter()
{
	byte=$(od -A n -t u1 -j "$2" -N 1 "$1" | tr -d ' ')
	head -c "$2" "$1"
	# shellcheck disable=SC2059
	printf "\\$(printf %o $((byte ^ $3)))"
	tail -c +$(($2 + 2)) "$1"
}

run --format=csv plain/7.csv
cp out expected
for suffix in $suffixes; do
	data=$suffix/6.csv.$suffix
	n_bytes=$(wc -c <"$data")

	begin "$suffix truncated anywhere is a bad file"
	step=0
	while [ $step -lt "$CODEC_STEPS" ]; do
		at=$((step < 8 ? step + 1 : (n_bytes - 1) * (step - 7) / (CODEC_STEPS - 8)))
		head -c $at "$data" >"bad.csv.$suffix"
		bad "truncated to $at"
		expect_err 'truncated'
		step=$((step + 1))
	done
	finish

	begin "$suffix with a byte altered anywhere is a bad file"
	step=0
	while [ $step -lt "$CODEC_STEPS" ]; do
		at=$((20 + (n_bytes - 21) * step / (CODEC_STEPS - 1)))
		alter "$data" $at 16 >"bad.csv.$suffix"
		bad "altered at $at"
		step=$((step + 1))
	done
	finish

	begin "$suffix followed by other data is a bad file"
	{ cat "$data"; echo more; } >"bad.csv.$suffix"
	bad 'a line after it'
	# After another megabyte, so that the line is read separately.
	{ cat "$data" "$data" "$data" "$data"; echo 1,2,3,4; } >"bad.csv.$suffix"
	bad 'a line after several copies'
	rm "bad.csv.$suffix"
	finish
done

# ---- files that are split into chunks ----

# A file is split only if it has at least 1 MiB of compressed bytes.
table 120000 5 >long.csv
run --per-file --format=json long.csv
cp out long.json
run --format=csv plain/7.csv
cp out expected

# expect_same_in_chunks FILE CHUNK OPTIONS...: FILE gives the report `expected` with each of the OPTIONS,
# of which the last must split it, and as three shards with chunks of CHUNK bytes.
expect_same_in_chunks()
{
	file=$1
	chunk_bytes=$2
	shift 2
	for options in "$@"; do
		# shellcheck disable=SC2086
		run --per-file --format=json -v $options "$file"
		expect_status 0
		same "$file $options"
	done
	! grep -q ' 1 unit from' err || wrong "$file: the file was not split"
	for shard in 1 2 3; do
		run --per-file --format=state --chunk="$chunk_bytes" --shard=$shard/3 "$file" \
			-o $shard.state
		expect_status 0
	done
	run --per-file --format=json 3.state 1.state 2.state
	expect_status 0
	same "$file merged"
}

# long.csv.$suffix is split and gives the report of the uncompressed file; altered, it is a bad file.
expect_split()
{
	cp long.json expected
	expect_same_in_chunks "long.csv.$suffix" 300000 '-j 1' '-j 2' '-j 7 --chunk=300000' \
		'-j 2 --chunk=300000 --block=1000'
	run --format=csv --group-by=name:3 long.csv
	cp out expected
	for options in '-j 1' '-j 2' '-j 3' '-j 7'; do
		# shellcheck disable=SC2086
		run --format=csv --group-by=name:3 --chunk=300000 $options "long.csv.$suffix"
		expect_status 0
		same "$options, with groups"
	done
	cp long.json expected
	cp "long.csv.$suffix" named.csv
	rm -f keep
	run --per-file --format=json --chunk=300000 --checkpoint=keep named.csv
	sed 's/named.csv/long.csv/' out >renamed && mv renamed out
	same 'under another name, with a checkpoint'
	run --format=csv plain/7.csv
	cp out expected
	n_bytes=$(wc -c <"long.csv.$suffix")
	for step in 1 2 3 4 5 6 7 8; do
		at=$((n_bytes * step / 9))
		alter "long.csv.$suffix" $at 4 >"bad.csv.$suffix"
		bad "altered at $at"
		head -c $at "long.csv.$suffix" >"bad.csv.$suffix"
		bad "truncated to $at"
	done
	rm "bad.csv.$suffix" "long.csv.$suffix"
}

begin 'a BGZF file that is split into chunks gives the same report'
if has bgzip; then
	suffix=bgz
	bgzip -c long.csv >long.csv.bgz
	cp long.csv.bgz blocks
	expect_split
	finish
else
	skip 'bgzip is missing'
fi

# The last record starts chunks before the last one, which has three bytes; with a line end or without.
chunk=300007
n_long=$(wc -c <long.csv)
n_all=$(((n_long / chunk + 3) * chunk + 3))
mkdir over
{ cat long.csv; awk -v n=$((n_all - n_long - 1)) 'BEGIN {
	printf "%s", n % 2 ? "1" : "12"
	for (i = n % 2 ? 1 : 2; i < n; i += 2)
		printf ",1"
	print "" }'; } >over/ended.csv
{ head -c $((n_all - 1)) over/ended.csv; printf 1; } >over/open.csv

# over/NAME.csv.$suffix, compressed from over/NAME.csv, gives the same report when it is split.
expect_split_over()
{
	run --per-file --format=json "over/$1.csv"
	cp out expected
	expect_same_in_chunks "over/$1.csv.$suffix" 300007 '-j 1' '-j 1 --chunk=300007' \
		'-j 2 --chunk=300007' '-j 3 --chunk=100003'
}

begin 'a last record that spans the last chunk of a BGZF file is one record'
if has bgzip; then
	suffix=bgz
	for name in ended open; do
		bgzip -c over/$name.csv >over/$name.csv.bgz
		expect_split_over $name
	done
	finish
else
	skip 'bgzip is missing'
fi

begin 'a last record that spans the last chunk of zstd frames is one record'
case $suffixes in
*zst*)
	suffix=zst
	for name in ended open; do
		split -b 1000000 over/$name.csv over/part.
		zstd -q over/part.??
		cat over/part.*.zst >over/$name.csv.zst
		rm over/part.*
		expect_split_over $name
	done
	finish
	;;
*) skip 'zstd is missing' ;;
esac
rm -r over
run --format=csv plain/7.csv
cp out expected

# u16 OFFSET: the little-endian 16-bit number at that offset of the file `blocks`.
u16()
{
	od -A n -t u1 -j "$1" -N 2 blocks | { read -r low high && echo $((low + 256 * high)); }
}

# The message about corrupt data in the middle of a file does not depend on how it is read.
begin 'the message about corrupt data is the same for all chunk sizes and numbers of threads'
for suffix in bgz zst; do
	case $suffix in
	bgz) if ! has bgzip; then continue; fi
		bgzip -c long.csv >whole ;;
	zst) if [ "${suffixes#*zst}" = "$suffixes" ]; then continue; fi
		split -l 7000 long.csv part.
		zstd -q part.??
		cat part.*.zst >whole
		rm part.* ;;
	esac
	n_bytes=$(wc -c <whole)
	for step in 1 4 7; do
		at=$((n_bytes * step / 9))
		byte=$(od -A n -t u1 -j $at -N 1 whole | tr -d ' ')
		{ head -c $at whole
			# shellcheck disable=SC2059
			printf "\\$(printf %o $((byte ^ 4)))"
			tail -c +$((at + 2)) whole; } >"bad.csv.$suffix"
		run --per-file --format=json -j 1 plain/7.csv "bad.csv.$suffix"
		expect_status 3
		expect_out 'corrupt ' 'data in the '
		cp out expected
		for options in '-j 1 --block=64' '-j 2' '-j 1 --chunk=300000' \
			'-j 3 --chunk=100003 --block=1000'; do
			# shellcheck disable=SC2086
			run --per-file --format=json $options plain/7.csv "bad.csv.$suffix"
			cmp -s out expected || wrong "$suffix altered at $at: $options"
		done
	done
	rm "bad.csv.$suffix" whole
done
run --format=csv plain/7.csv
cp out expected
finish

begin 'a BGZF file with wrong block lengths is a bad file'
if has bgzip; then
	# The length of the first block extends to the end of the second.
	first=$(($(u16 16) + 1))
	both=$((first + $(u16 $((first + 16)))))
	{ head -c 16 blocks
		# shellcheck disable=SC2059
		printf "\\$(printf %o $((both % 256)))\\$(printf %o $((both / 256)))"
		tail -c +19 blocks; } >bad.csv.bgz
	for options in '-j 1' '-j 2 --chunk=300000'; do
		# shellcheck disable=SC2086
		run --format=csv $options plain/7.csv bad.csv.bgz
		expect_status 3
		expect_err 'bad.csv.bgz: the block lengths do not match'
		cmp -s out expected || wrong "$options: the report contains data of it"
	done
	finish
else
	skip 'bgzip is missing'
fi

begin 'zstd frames with content sizes are split into chunks and give the same report'
case $suffixes in
*zst*)
	suffix=zst
	split -l 20000 long.csv part.
	for part in part.*; do
		zstd -q -c "$part"
	done >long.csv.zst
	expect_split
	finish
	;;
*) skip 'zstd is missing' ;;
esac

begin 'zstd frames without content sizes are read'
if has pzstd && [ "${suffixes#*zst}" != "$suffixes" ]; then
	pzstd -q -c long.csv >long.csv.zst 2>err
	cp long.json expected
	run --per-file --format=json -j 2 long.csv.zst
	expect_status 0
	same pzstd
	finish
else
	skip 'pzstd or zstd is missing'
fi
run --format=csv plain/7.csv
cp out expected

begin 'zeros after gzip data are accepted, other bytes after them are an error'
if has gzip; then
	suffix=gz
	{ gzip -c was.csv; dd if=/dev/zero bs=1000 count=300 2>/dev/null; } >was.csv.gz
	run --format=json was.csv
	mv expected kept
	cp out expected
	run --format=json was.csv.gz
	expect_status 0
	same padded
	mv kept expected
	{ cat was.csv.gz; echo; } >bad.csv.gz
	bad 'a line end after zeros'
	rm -f was.csv.gz bad.csv.gz
	finish
else
	skip 'gzip is missing'
fi

begin 'a file that needs too much memory is a bad file, and the message has a remedy'
case $suffixes in
*zst*)
	zstd -q --ultra --long=30 -c <plain/7.csv >long.csv.zst
	run long.csv.zst
	expect_status 1
	expect_err 'memory' 'recompress it'
	finish
	;;
*) skip 'zstd is missing' ;;
esac

begin 'a compressed saved state is an error'
"$program" --format=state plain/7.csv | gzip -c >some.state.gz
run some.state.gz
expect_status 1
expect_err 'is a compressed saved state; decompress it'
finish

begin 'a saved state with the suffix of a compressed file is a saved state'
run --format=state plain/7.csv -o state.csv.gz
run --format=json plain/7.csv
cp out expected
run --format=json state.csv.gz
expect_status 0
cmp -s out expected || wrong 'the report differs'
finish

begin 'a file that was compressed twice is an error'
gzip -c plain/7.csv | gzip -c >twice.csv.gz
run twice.csv.gz
expect_status 1
expect_err 'gzip data, not text'
finish

# ---- memory ----

# One row repeated, in members of 10 MB.
begin "a decompression bomb of $BOMB_MB MB, compressed to a thousandth, needs little memory"
awk 'BEGIN { for (i = 0; i < 1250000; i++) print "1,2,3,4" }' | gzip -9 -c >member
echo a,b,c,d | gzip -c >bomb.csv.gz
n_members=$((BOMB_MB / 10))
i=0
while [ $i -lt $n_members ]; do
	cat member
	i=$((i + 1))
done >>bomb.csv.gz
# A sanitizer maps terabytes, so first check whether the program runs under the limit at all.
# shellcheck disable=SC3045 # not POSIX, but supported by the usual sh
if (ulimit -v 400000 && "$program" --version) >out 2>err; then
	status=0
	# shellcheck disable=SC3045
	(ulimit -v 400000 && "$program" -j 2 --format=csv bomb.csv.gz) >out 2>err || status=$?
	expect_status 0
	expect_out "$((n_members * 1250000))"
	finish
else
	skip 'the memory of the program cannot be limited'
fi
rm -f bomb.csv.gz

echo "1..$n"
exit $((n_failed > 0))
