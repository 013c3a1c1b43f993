#!/bin/sh
# remote_http.sh - files on web servers with different features: reports are byte-identical to those of the
# same files on disk, and anything but a trusted file is an error
#
# Shape   one web server (http_server.py) for all tests; its root is the directory of the test,
#         so a URL is a prefix and a path; a proxy (fault_proxy.py) in front of it; more servers
#         with certificates
# Env     CSV_REPORT    the program (default: ./src/csv-report); csv-report-remote is in the same directory
#         REMOTE_TESTS  "no": skip everything, for a build whose use of the network is the same
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

# A slow run, in the background.
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

# expect_file REPORT URL OPTION...: the report of the URL is that of the file on disk.
expect_file() {
	report=$1
	url=$2
	shift 2
	run_remote --per-file --format=json "$@" "$url"
	[ "$status" -eq 0 ] || wrong "$url: exit status $status: $(cat err)"
	expect_quiet
	expect_same "$report"
}

# ---- redirects ----

begin 'a redirect is followed'
expect_file one.json "$web/redirect/1/few/a/part-00.csv"
expect_file one.json "$web/redirect/5/few/a/part-00.csv"
expect_file large.json "$web/redirect/2/large.csv" -j 2 --chunk=524288
finish

begin 'a redirect to another host name or port is followed'
expect_file one.json "$web/elsewhere/few/a/part-00.csv"
expect_file one.json "$web/to-port/$proxy/few/a/part-00.csv"
finish

# fails SENTENCE URL TEXT...: the URL is an error with these texts, and the only one.
fails() {
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

fails 'URLs that redirect to each other are an error' "$web/loop/x.csv" 'too many redirects'
fails 'a redirect to a local file is an error' "$web/to-disk$work/large.csv" 'neither http nor https' file

# ---- error responses, and HTML pages ----

fails 'a missing file is an error' "$web/gone.csv" 404 'Not Found'
fails 'a file that needs a password is an error' "$web/private/few/a/part-00.csv" 401
fails 'a forbidden file is an error' "$web/status/403" 403 Forbidden

mkdir -p page
echo x >page/a.csv
printf '\n <!DOCTYPE html>\n<html><body>Sorry, not now.</body></html>\n' >sorry.csv
fails 'a directory listing is an error' "$web/page" 'HTML page' 'name the file itself'
fails 'a directory listing with a slash at its end is an error' "$web/page/" 'HTML page'
fails 'an HTML page in place of a file is an error, even with status 200' "$web/sorry.csv" 'HTML page'

begin 'failed URLs are skipped, and the others are read'
run_remote --per-file --format=json few/a/part-00.csv "$web/gone.csv" "$web/page" "$web/few/b/part-01.csv"
expect_status 3
expect_err "$web/gone.csv: " "$web/page: "
[ "$(wc -l <err)" -le 3 ] || wrong 'standard error is long'
local_report two.csv --format=csv few/a/part-00.csv few/b/part-01.csv
run_remote --format=csv few/a/part-00.csv "$web/gone.csv" "$web/page" "$web/few/b/part-01.csv"
expect_same two.csv
finish

# ---- features of servers ----

for feature in no-ranges chunked to-the-end weak no-names; do
	begin "a server with $feature"
	expect_file one.json "$web/$feature/few/a/part-00.csv"
	expect_file large.json "$web/$feature/large.csv" -j 1 --chunk=262144
	expect_file large.json "$web/$feature/large.csv" -j 4 --chunk=524288
	finish
done

begin 'a large file is read in small chunks, over one connection and over many'
for connections in 1 64; do
	expect_file large.json "$web/large.csv" -j 4 --chunk=131072 --connections=$connections
done
finish

begin 'an interrupted response is resumed'
for feature in '' weak/ no-names/ no-ranges/; do
	settings "$proxy" 'truncate=0.5&row=2'
	expect_file large.json "$through/${feature}large.csv" -j 2 --chunk=524288
	[ "$feature" = no-ranges/ ] || expect_counted "$proxy" truncate -ge 1
done
finish

# ---- contents of the files ----

begin 'files without rows are read like on disk'
: >empty.csv
printf 'a,b\n' >header.csv
printf 'a,b\n1,2' >short.csv
for file in empty.csv header.csv short.csv; do
	local_report expected.json --per-file --format=json "$file"
	for feature in '' no-ranges/ chunked/ to-the-end/; do
		expect_file expected.json "$web/$feature$file"
	done
done
finish

begin 'the suffix .tsv is detected before the query of a URL'
printf 'a\tb\n1,5\t2\n' >tabs.tsv
local_report expected.csv --format=csv tabs.tsv
run_remote --format=csv "$web/tabs.tsv"
expect_same expected.csv
run_remote --format=csv "$web/tabs.tsv?x=1"
expect_same expected.csv
finish

# packed SENTENCE SUFFIX COMMAND FORMAT: reads the large file as compressed by the command.
packed() {
	begin "$1"
	if ! command -v "$3" >/dev/null || ! "$program" --version | grep -q "inputs:.*$4"; then
		skip "$3 is missing, or the program cannot read its format"
		return
	fi
	"$3" -c large.csv >"packed$2"
	[ "$(wc -c <"packed$2")" -gt 262144 ] || wrong 'it is smaller than a chunk'
	local_report packed.json --per-file --format=json "packed$2"
	for feature in '' chunked/; do
		expect_file packed.json "$web/${feature}packed$2" -j 4 --chunk=262144
	done
	sed "s/packed$2/large.csv/" out | grep '"rows"' >rows
	grep '"rows"' large.json | cmp -s - rows || wrong 'its rows differ from the uncompressed file'
	finish
}

packed 'a file compressed by gzip is decompressed' .csv.gz gzip gzip
packed 'a file compressed by zstd is decompressed' .csv.zst zstd zstd
packed 'a compressed file without suffix is decompressed' -plainly.csv gzip gzip

begin 'the URL of a compressed file may have a query'
if [ -e packed.csv.gz ]; then
	run_remote --format=csv "$web/packed.csv.gz?x=1"
	expect_status 0
	local_report expected.csv --format=csv large.csv
	expect_same expected.csv
	finish
else
	skip 'gzip is missing'
fi

# ---- many files ----

# Names are words here.
# shellcheck disable=SC2046
{
for options in '-j 1 --connections=1' '-j 1 --connections=64' '-j 4 --connections=1' '-j 4 --connections=64'; do
	begin "many files are read: $options"
	# shellcheck disable=SC2086
	run_remote $options --per-file --format=json $(echo few/a/* few/b/* | sed "s|few/|$web/few/|g")
	expect_status 0
	expect_quiet
	expect_same few.json
	finish
done

begin '--connections limits the requests in flight'
settings "$proxy" latency=0.01
run_remote -j 4 --connections=5 --per-file --format=json $(echo few/a/* few/b/* | sed "s|few/|$through/few/|g")
expect_same few.json
expect_counted "$proxy" peak -le 5
expect_counted "$proxy" peak -ge 2
finish
}

begin 'files on disk, files on servers and lists of both make one report'
local_report mixture.json --per-file --format=json few/a few/b/part-01.csv large.csv
# Of several problems, the report shows the first one in path order, so the first input is on disk.
run_remote --per-file --format=json few/a "$web/few/b/part-01.csv" "$web/large.csv"
expect_status 0
expect_same mixture.json
printf '%s\n' few/a "$web/few/b/part-01.csv" "$web/large.csv" >list
expect_listed_same mixture.json
finish

begin 'csv-report passes its arguments to csv-report-remote, and returns its exit status'
run_remote --format=csv "--select=x y,'\$z'" --null-values= "$web/large.csv"
cp out first.out
cp err first.err
first=$status
status=0
"$(dirname "$program")/csv-report-remote" --format=csv "--select=x y,'\$z'" --null-values= "$web/large.csv" \
	>out 2>err </dev/null || status=$?
expect_status "$first"
cmp -s out first.out || wrong 'the reports differ'
cmp -s err first.err || wrong 'the messages differ'
run_remote --nosuch "$web/large.csv"
expect_status 2
finish

# ---- a file that is replaced ----

for feature in '' weak/; do
	begin "a file replaced while it is read is an error${feature:+, also with a weak ETag}"
	cp large.csv changing.csv
	settings "$proxy" 'only=changing&hold=4'
	status=0
	"$program" -j 1 --connections=2 --chunk=262144 --format=csv "$through/${feature}changing.csv" few/a/part-00.csv \
		>out 2>err </dev/null &
	run_pid=$!
	tries=400
	until [ "$(counted "$proxy" held)" -gt 0 ] || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.05
	done
	[ "$tries" -gt 0 ] || wrong 'there were fewer requests for the file'
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
	fails 'an unknown certificate is an error with a remedy' "$safe/large.csv" 'certificate' AWS_CA_BUNDLE
	for name in AWS_CA_BUNDLE CURL_CA_BUNDLE SSL_CERT_FILE; do
		begin "$name adds a trusted certificate authority"
		export "$name=ca.pem"
		expect_file one.json "$safe/few/a/part-00.csv"
		expect_file one.json "$safe/elsewhere/few/a/part-00.csv"
		expect_file large.json "$safe/large.csv" -j 4 --chunk=524288
		expect_file large.json "$safe/chunked/large.csv" -j 4 --chunk=524288
		unset "$name"
		finish
	done
	export AWS_CA_BUNDLE=ca.pem
	fails 'a certificate of another host is an error' "$other/large.csv" certificate 127.0.0.1
	AWS_CA_BUNDLE=nosuch.pem
	fails 'an unreadable CA bundle is an error' "$safe/large.csv" AWS_CA_BUNDLE
	unset AWS_CA_BUNDLE
else
	begin 'certificates'
	skip 'openssl cannot create certificates here'
fi

# ---- the slow run ----

begin 'a server that always fails is an error, and the other inputs are read'
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
