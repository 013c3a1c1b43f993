#!/bin/sh
# remote_http.sh - files of web servers of all habits: every report has the bytes of a run over the same
# files on the disk, and what is no file, or not to be trusted, is told
#
# Shape   one web server (http_server.py) for all facts, whose folder is the one the test works in, so
#         an address and a path differ by a prefix; a proxy (fault_proxy.py) in front of it; others with
#         certificates
# Env     CSV_REPORT    the program (default: ./src/csv-report); csv-report-remote lies beside it
#         REMOTE_TESTS  "no": skip all of it, for a build that differs in nothing that a network sees
# Output  TAP
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/tools/program.sh
. "$tests/tools/program.sh"
# shellcheck source=tests/tools/servers.sh
. "$tests/tools/servers.sh"

down() {
	stop_servers
	rm -rf "$work"
}
trap down EXIT
start_server web "$tests/tools/http_server.py" @ "$work"
web_port=$port
web=http://127.0.0.1:$port
start_server proxy "$tests/tools/fault_proxy.py" @ "$web_port"
proxy=$port
through=http://127.0.0.1:$port
# shellcheck disable=SC2034 # for expect_same
as_local='s#https*://[a-z0-9.]*:[0-9]*/##g
	s#"\(redirect/[0-9]*\|to-port/[0-9]*\|elsewhere\|no-ranges\|chunked\|to-the-end\|weak\|no-names\)/#"#g'

# What waits for long goes on beside the rest.
aside() {
	status=0
	${limit:-} "$program" --format=csv few/a/part-00.csv "$web/status/500" >aside.out 2>aside.err </dev/null || status=$?
	echo "$status" >aside.status
}

python3 "$tests/tools/remote_data.py" few few
python3 "$tests/tools/remote_data.py" big large.csv 60000
aside &
refused=$!
local_report one.json --per-file --format=json few/a/part-00.csv
local_report large.json --per-file --format=json --chunk=524288 large.csv
# shellcheck disable=SC2046 # names are words here
local_report few.json --per-file --format=json $(echo few/a/* few/b/*)

# expect_file REPORT ADDRESS OPTION...: that of the file on the disk.
expect_file() {
	report=$1
	address=$2
	shift 2
	run_remote --per-file --format=json "$@" "$address"
	[ "$status" -eq 0 ] || wrong "$address: exit status $status: $(cat err)"
	expect_quiet
	expect_same "$report"
}

# ---- redirects ----

begin 'an address that leads to another is read there'
expect_file one.json "$web/redirect/1/few/a/part-00.csv"
expect_file one.json "$web/redirect/5/few/a/part-00.csv"
expect_file large.json "$web/redirect/2/large.csv" -j 2 --chunk=524288
finish

begin 'at another name of the host, at another port'
expect_file one.json "$web/elsewhere/few/a/part-00.csv"
expect_file one.json "$web/to-port/$proxy/few/a/part-00.csv"
finish

# told SENTENCE ADDRESS TEXT...: a bad input, with a reason; nothing else is said.
told() {
	begin "$1"
	run_remote "$2"
	expect_status 1
	expect_no_report
	[ "$(wc -l <err)" -eq 2 ] || wrong 'standard error should have two lines'
	expect_err "$2: "
	shift 2
	expect_err "$@"
	finish
}

told 'URLs that redirect to each other are an error' "$web/loop/x.csv" 'too many redirects'
told 'no server leads to a file on the disk' "$web/to-disk$work/large.csv" 'neither http nor https' file

# ---- refusals, and what is no file ----

told 'a file that is not there is told' "$web/gone.csv" 404 'Not Found'
told 'a file that is not for all is told' "$web/private/few/a/part-00.csv" 401
told 'a refusal is told' "$web/status/403" 403 Forbidden

mkdir -p page
echo x >page/a.csv
printf '\n <!DOCTYPE html>\n<html><body>Sorry, not now.</body></html>\n' >sorry.csv
told 'a list of files as a page is told' "$web/page" 'HTML page' 'name the file itself'
told 'and with a slash at its end' "$web/page/" 'HTML page'
told 'a page in place of a file is told, though its status is 200' "$web/sorry.csv" 'HTML page'

begin 'bad addresses are left out, and the others are read'
run_remote --per-file --format=json few/a/part-00.csv "$web/gone.csv" "$web/page" "$web/few/b/part-01.csv"
expect_status 3
expect_err "$web/gone.csv: " "$web/page: "
[ "$(wc -l <err)" -le 3 ] || wrong 'standard error is long'
local_report two.csv --format=csv few/a/part-00.csv few/b/part-01.csv
run_remote --format=csv few/a/part-00.csv "$web/gone.csv" "$web/page" "$web/few/b/part-01.csv"
expect_same two.csv
finish

# ---- habits of servers ----

for habit in no-ranges chunked to-the-end weak no-names; do
	begin "a server's habit: $habit"
	expect_file one.json "$web/$habit/few/a/part-00.csv"
	expect_file large.json "$web/$habit/large.csv" -j 1 --chunk=262144
	expect_file large.json "$web/$habit/large.csv" -j 4 --chunk=524288
	finish
done

begin 'a large file in small pieces, by few connections and many'
for connections in 1 64; do
	expect_file large.json "$web/large.csv" -j 4 --chunk=131072 --connections=$connections
done
finish

begin 'a file that breaks off midway is gone on with'
for habit in '' weak/ no-names/ no-ranges/; do
	settings "$proxy" 'truncate=0.5&row=2'
	expect_file large.json "$through/${habit}large.csv" -j 2 --chunk=524288
	[ "$habit" = no-ranges/ ] || expect_counted "$proxy" truncate -ge 1
done
finish

# ---- what is in the files ----

begin 'files without rows are as on the disk'
: >empty.csv
printf 'a,b\n' >header.csv
printf 'a,b\n1,2' >short.csv
for file in empty.csv header.csv short.csv; do
	local_report expected.json --per-file --format=json "$file"
	for habit in '' no-ranges/ chunked/ to-the-end/; do
		expect_file expected.json "$web/$habit$file"
	done
done
finish

begin 'files of tabs are told by their names, whatever is behind a question mark'
printf 'a\tb\n1,5\t2\n' >tabs.tsv
local_report expected.csv --format=csv tabs.tsv
run_remote --format=csv "$web/tabs.tsv"
expect_same expected.csv
run_remote --format=csv "$web/tabs.tsv?x=1"
expect_same expected.csv
finish

# packed SENTENCE SUFFIX COMMAND...: the big file as that command writes it.
packed() {
	begin "$1"
	if ! command -v "$3" >/dev/null || ! "$program" --version | grep -q "inputs:.*$4"; then
		skip "$3, or a program that reads it, is not there"
		return
	fi
	"$3" -c large.csv >"packed$2"
	[ "$(wc -c <"packed$2")" -gt 262144 ] || wrong 'it is smaller than a piece'
	local_report packed.json --per-file --format=json "packed$2"
	for habit in '' chunked/; do
		expect_file packed.json "$web/${habit}packed$2" -j 4 --chunk=262144
	done
	sed "s/packed$2/large.csv/" out | grep '"rows"' >rows
	grep '"rows"' large.json | cmp -s - rows || wrong 'it has other rows than the plain file'
	finish
}

packed 'compressed by gzip' .csv.gz gzip gzip
packed 'compressed by zstd' .csv.zst zstd zstd
packed 'compressed, and named as if it were not' -plainly.csv gzip gzip

begin 'an address of a compressed file may have more behind its path'
if [ -e packed.csv.gz ]; then
	run_remote --format=csv "$web/packed.csv.gz?x=1"
	expect_status 0
	local_report expected.csv --format=csv large.csv
	expect_same expected.csv
	finish
else
	skip 'there is none'
fi

# ---- many files ----

# Names are words here.
# shellcheck disable=SC2046
{
for options in '-j 1 --connections=1' '-j 1 --connections=64' '-j 4 --connections=1' '-j 4 --connections=64'; do
	begin "many files at once: $options"
	# shellcheck disable=SC2086
	run_remote $options --per-file --format=json $(echo few/a/* few/b/* | sed "s|few/|$web/few/|g")
	expect_status 0
	expect_quiet
	expect_same few.json
	finish
done

begin 'no more requests are in flight than connections are allowed'
settings "$proxy" latency=0.01
run_remote -j 4 --connections=5 --per-file --format=json $(echo few/a/* few/b/* | sed "s|few/|$through/few/|g")
expect_same few.json
expect_counted "$proxy" peak -le 5
expect_counted "$proxy" peak -ge 2
finish
}

begin 'files on the disk and on servers, and lists of both, are one report'
local_report mixture.json --per-file --format=json few/a few/b/part-01.csv large.csv
# The first of several problems is told by the order of paths, so what is first is on the disk here.
run_remote --per-file --format=json few/a "$web/few/b/part-01.csv" "$web/large.csv"
expect_status 0
expect_same mixture.json
printf '%s\n' few/a "$web/few/b/part-01.csv" "$web/large.csv" >list
expect_listed_same mixture.json
finish

begin 'what csv-report is given goes to csv-report-remote as it is, and its exit status comes back'
run_remote --format=csv "--select=x y,'\$z'" --null-values= "$web/large.csv"
cp out printed_by_one
cp err said_by_one
first=$status
status=0
"$(dirname "$program")/csv-report-remote" --format=csv "--select=x y,'\$z'" --null-values= "$web/large.csv" \
	>out 2>err </dev/null || status=$?
expect_status "$first"
cmp -s out printed_by_one || wrong 'the reports differ'
cmp -s err said_by_one || wrong 'the messages differ'
run_remote --nosuch "$web/large.csv"
expect_status 2
finish

# ---- a file that is replaced ----

for habit in '' weak/; do
	begin "a file that is replaced while it is read is told${habit:+, also by a weak ETag}"
	cp large.csv changing.csv
	settings "$proxy" 'only=changing&hold=4'
	status=0
	"$program" -j 1 --connections=2 --chunk=262144 --format=csv "$through/${habit}changing.csv" few/a/part-00.csv \
		>out 2>err </dev/null &
	run_pid=$!
	tries=400
	until [ "$(counted "$proxy" held)" -gt 0 ] || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.05
	done
	[ "$tries" -gt 0 ] || wrong 'the file was not asked for so often'
	sed 's/^1/2/' large.csv >another.csv
	mv another.csv changing.csv
	change "$proxy" hold=0
	wait "$run_pid" || status=$?
	expect_status 3
	expect_err_matches 'changing\.csv: .*(replaced|changed)'
	local_report expected.csv --format=csv few/a/part-00.csv
	cmp -s out expected.csv || wrong 'the report is not that of the other file alone'
	finish
done

# ---- certificates ----

# certificate NAME ALTERNATIVE-NAMES: NAME.pem and NAME.key, signed by ca.pem.
certificate() {
	openssl req -newkey rsa:2048 -nodes -keyout "$1.key" -out "$1.csr" -subj "/CN=$1" 2>>openssl.log &&
		echo "subjectAltName=$2" >"$1.names" &&
		openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile "$1.names" \
			-out "$1.pem" 2>>openssl.log
}

authority() {
	printf '[req]\ndistinguished_name=dn\nx509_extensions=ca\n[dn]\n[ca]\nbasicConstraints=critical,CA:true\n' >ca.conf
	openssl req -x509 -newkey rsa:2048 -nodes -config ca.conf -keyout ca.key -out ca.pem -days 2 -subj "/CN=tests" \
		2>>openssl.log
}

if command -v openssl >/dev/null && authority && certificate ours IP:127.0.0.1,DNS:localhost &&
	certificate theirs DNS:elsewhere.invalid; then
	start_server safe "$tests/tools/http_server.py" @ "$work" ours.pem ours.key
	safe=https://127.0.0.1:$port
	start_server other "$tests/tools/http_server.py" @ "$work" theirs.pem theirs.key
	other=https://127.0.0.1:$port
	told 'a certificate that nobody knows is told, with what to set' "$safe/large.csv" 'certificate' AWS_CA_BUNDLE
	for name in AWS_CA_BUNDLE CURL_CA_BUNDLE SSL_CERT_FILE; do
		begin "certificates of an authority that $name names are trusted"
		export "$name=ca.pem"
		expect_file one.json "$safe/few/a/part-00.csv"
		expect_file one.json "$safe/elsewhere/few/a/part-00.csv"
		expect_file large.json "$safe/large.csv" -j 4 --chunk=524288
		expect_file large.json "$safe/chunked/large.csv" -j 4 --chunk=524288
		unset "$name"
		finish
	done
	export AWS_CA_BUNDLE=ca.pem
	told 'a certificate of another host is told' "$other/large.csv" certificate 127.0.0.1
	AWS_CA_BUNDLE=nosuch.pem
	told 'certificates that cannot be read are told' "$safe/large.csv" AWS_CA_BUNDLE
	unset AWS_CA_BUNDLE
else
	begin 'certificates'
	skip 'there is no openssl that makes them'
fi

# ---- what took long ----

begin 'a server that always has an error ends the run, and the others are read'
wait "$refused" || :
cp aside.out out
cp aside.err err
status=$(cat aside.status)
expect_status 3
expect_err "$web/status/500: the server returned 500" tried
local_report expected.csv --format=csv few/a/part-00.csv
cmp -s out expected.csv || wrong 'the report is not that of the other file alone'
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
