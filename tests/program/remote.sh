#!/bin/sh
# remote.sh - objects in S3: reports are byte-identical to those of the same files on disk, whatever the
# network does, and errors have the server's own message
#
# Shape   one S3 server (s3_server.sh) for all tests, and a proxy (fault_proxy.py) in front of it;
#         the proxy sends the error responses that this server cannot send (sessions, clocks)
# Env     CSV_REPORT    the program (default: ./src/csv-report); csv-report-remote is in the same directory
#         REMOTE_TESTS  "no": skip everything, for a build whose use of the network is the same
# Output  TAP
set -eu
tests=$(cd "$(dirname "$0")/.." && pwd)
# shellcheck source=tests/tools/program.sh
. "$tests/tools/program.sh"
# shellcheck source=tests/tools/servers.sh
. "$tests/tools/servers.sh"

# ---- the server ----

s3=$work/s3
down() {
	stop_servers
	sh "$tests/tools/s3_server.sh" down "$s3" || :
	rm -rf "$work"
}
trap down EXIT
status=0
sh "$tests/tools/s3_server.sh" up "$s3" 2>"$work/reason" || status=$?
cat "$work/reason" >&2
[ "$status" -ne 77 ] || skip_all "$(tail -n 1 "$work/reason")"
[ "$status" -eq 0 ] || exit 1
# shellcheck source=/dev/null
. "$s3/env.sh"
direct=$AWS_ENDPOINT_URL_S3
secret=$AWS_SECRET_ACCESS_KEY
limited=$limit

# through PORT: later runs use this proxy; `through` alone: none.
through() {
	AWS_ENDPOINT_URL_S3=${1:+http://127.0.0.1:$1}
	AWS_ENDPOINT_URL_S3=${AWS_ENDPOINT_URL_S3:-$direct}
}

put() {
	AWS_ENDPOINT_URL_S3=$direct python3 "$tests/tools/s3_put.py" "$@"
}

# shellcheck disable=SC2034 # for expect_same
as_local='s|s3://||g'
start_server proxy "$tests/tools/fault_proxy.py" @ "${direct##*:}"
proxy=$port

# ---- its objects ----

python3 "$tests/tools/remote_data.py" many many
python3 "$tests/tools/remote_data.py" few few
python3 "$tests/tools/remote_data.py" big big/big.csv
for bucket in many few big; do
	sh "$tests/tools/s3_server.sh" fill "$s3" "$bucket" "$bucket"
done
local_report few.json --per-file --format=json few
local_report big.json --format=json big/big.csv
local_report both.json --per-file --format=json --chunk=1048576 few big

# ---- slow runs, in the background ----

# aside NAME ARGUMENT...: starts a run; its output and its exit status go to the files NAME.*.
aside() {
	name=$1
	shift
	# shellcheck disable=SC2016,SC2086 # the inner shell expands them; a command and its options
	sh -c 'name=$1; shift; status=0; "$@" >"$name.out" 2>"$name.err" </dev/null || status=$?
		echo "$status" >"$name.status"' aside "$name" $limit "$program" "$@" &
}

# expect_aside NAME PROCESS STATUS
expect_aside() {
	wait "$2" || :
	cp "$1.out" out
	cp "$1.err" err
	cat out err >>printed
	status=$(cat "$1.status")
	expect_status "$3"
}

# A server that throttles all requests: the run ends by itself.
start_server refusing "$tests/tools/fault_proxy.py" @ "${direct##*:}" \
	'always=503:SlowDown:Please reduce your request rate.'
AWS_ENDPOINT_URL_S3=http://127.0.0.1:$port aside refused s3://few/
refused=$!
start_server breaking "$tests/tools/fault_proxy.py" @ "${direct##*:}" row=1000 reset=1 only=part-05
AWS_ENDPOINT_URL_S3=http://127.0.0.1:$port aside broken --format=csv s3://few/
broken=$!

# ---- objects and prefixes ----

begin 'a bucket of 3,000 objects in several pages, with unusual keys, is read like a directory'
through "$proxy"
settings "$proxy" 'only=list-type=2'
local_report many.json --per-file --format=json many
run_remote --per-file --format=json s3://many/
expect_status 0
expect_same many.json
expect_counted "$proxy" matching -ge 3
expect_counted "$proxy" peak -le 16
finish

begin 'the filters of a directory walk apply to keys'
through
local_report some.json --per-file --format=json '--include=part-00*' '--exclude=*?.csv/x' --exclude='*9.csv' \
	--max-depth=2 many
run_remote --per-file --format=json '--include=part-00*' '--exclude=*?.csv/x' --exclude='*9.csv' \
	--max-depth=2 s3://many
expect_status 0
expect_same some.json
finish

begin 'a prefix matches whole directory names'
local_report prefix.json --per-file --format=json few/a/
run_remote --per-file --format=json s3://few/a/
expect_status 0
expect_same prefix.json
finish

begin 'a key may contain any characters'
mkdir keys
put --bucket keys
# Collects the arguments of one command, and the URLs of another.
set -- 'two words' 'a+b' 'q"uote' "it's" 'a&b=c' '100%' '%41%2f' 'é' '日本' '~' 'a//b' '../up' './here' \
	'a/../b' '/first' 'last/?x=1' '#hash' ';,:@$!*()[]{}' 'back\slash' '<lt>'
n_keys=$#
i=0
for key; do
	i=$((i + 1))
	printf 'x\n%s\n' "$i" >"keys/$i"
	set -- "$@" "keys/$i" "$key.csv"
	printf 's3://keys/%s.csv\n' "$key" >>urls
done
shift "$n_keys"
put keys "$@" || wrong 'cannot upload the objects'
run_remote --format=csv --stats=sum s3://keys/100%.csv
expect_status 0
expect_out x,6
run_remote --per-file --format=csv --stats=sum --files-from=urls
expect_status 0
i=0
while IFS= read -r url; do
	i=$((i + 1))
	grep -qF -e ",x,$i" out || wrong "$url: $(cat err)"
done <urls
finish

begin 'a key without a slash at its end is one object, and the error suggests the slash'
run_remote s3://few/a
expect_status 1
expect_err 's3://few/a: ' 'append a /'
expect_no_report
finish

begin 'a missing object is an error, and the others are read'
run_remote --format=csv --stats=sum few/a/part-00.csv s3://few/a/part-00.csv s3://few/missing.csv
expect_status 3
expect_err 's3://few/missing.csv: '
[ "$(wc -l <err)" -le 3 ] || wrong 'standard error is long'
finish

begin 'a prefix without objects is an error, like a missing directory'
run_remote s3://few/none/
expect_status 1
expect_err 's3://few/none/: '
expect_no_report
finish

# ---- chunks, shards, states ----

begin 'a big object is split into chunks, like a big file'
settings "$proxy" 'latency=0.02&only=big.csv'
through "$proxy"
for chunk in 65536 1048576 3000000; do
	run_remote -j 4 --chunk=$chunk --format=json s3://big/big.csv
	expect_status 0
	expect_same big.json
done
expect_counted "$proxy" peak -ge 2
run_remote -j 4 --chunk=65536 --format=json --connections=1 s3://big/big.csv
expect_same big.json
finish

begin 'threads read adjacent chunks of an object as one, like those of a file'
local_report groups.csv --format=csv --group-by=z big
settings "$proxy" 'latency=0.02&only=big.csv'
for chunk in 65536 1048576; do
	run_remote -j 4 --chunk=$chunk --format=csv --group-by=z s3://big/big.csv
	expect_status 0
	expect_same groups.csv
done
finish

begin '--connections limits the requests in flight'
settings "$proxy" latency=0.01
run_remote -j 3 --connections=3 --per-file --format=json s3://few/
expect_same few.json
expect_counted "$proxy" peak -le 3
expect_counted "$proxy" peak -ge 2
finish

begin 'files on disk, objects and lists of both make one report'
through
local_report mixture.json --per-file --format=json few/a few/b
run_remote --per-file --format=json few/a s3://few/b/
expect_status 0
expect_same mixture.json
# Of several problems, the report shows the first one in path order; s3:// sorts last here.
printf '%s\n' few/a s3://few/b/ >list
expect_listed_same mixture.json
status=0
printf 'few/a\0s3://few/b/\0' | "$program" --per-file --format=json -0 --files-from=- >out 2>err || status=$?
expect_status 0
expect_same mixture.json
finish

begin 'the merged shards of objects are the whole report'
for i in 1 2 3; do
	run_remote -j 2 --chunk=1048576 --shard=$i/3 --per-file --format=state s3://few/ s3://big/
	expect_status 0
	cp out shard.$i
done
run_remote --per-file --format=json --chunk=1048576 shard.1 shard.2 shard.3
expect_status 0
expect_same both.json
finish

begin 'a terminated run resumes from its checkpoint'
through "$proxy"
settings "$proxy" 'only=.csv&hold=30'
status=0
"$program" -j 2 --connections=4 --chunk=1048576 --checkpoint=progress --checkpoint-every=0.01 --per-file --format=json \
	s3://few/ s3://big/ >out 2>err </dev/null &
run_pid=$!
tries=200
until [ "$(counted "$proxy" held)" -gt 0 ] || [ $((tries -= 1)) -eq 0 ]; do
	sleep 0.05
done
sleep 0.3
kill -TERM "$run_pid" || :
wait "$run_pid" || status=$?
expect_status 75
[ -s progress ] || wrong 'there is no checkpoint'
settings "$proxy" 'only=.csv'
run_remote -j 2 --chunk=1048576 --checkpoint=progress --per-file --format=json s3://few/ s3://big/
expect_status 0
expect_same both.json
[ ! -e progress ] || wrong 'the checkpoint is left'
finish

# ---- permanent errors ----

# refused SENTENCE TEXT...: the run fails with a message that contains the texts.
refused() {
	begin "$1"
	shift
	run_remote s3://few/
	expect_status 1
	expect_err "$@"
	expect_no_report
	[ "$(wc -l <err)" -le 3 ] || wrong 'standard error is long'
	finish
}

through
AWS_SECRET_ACCESS_KEY=${secret}x
refused 'a wrong secret key is reported' SignatureDoesNotMatch AWS_SECRET_ACCESS_KEY
AWS_SECRET_ACCESS_KEY=$secret
export AWS_REGION=eu-elsewhere-1
refused 'a wrong region is reported, with the right one' us-east-1 AWS_REGION
AWS_REGION=us-east-1
AWS_ENDPOINT_URL_S3=http://127.0.0.1:1
refused 'a closed port is reported' 127.0.0.1 'cannot connect'
AWS_ENDPOINT_URL_S3=http://no-such-host.invalid
refused 'an unknown host name is reported' no-such-host.invalid resolve
through "$proxy"
AWS_SESSION_TOKEN=FwoGZXtokenOfASession
export AWS_SESSION_TOKEN
settings "$proxy" 'always=400:ExpiredToken:The provided token has expired.'
refused 'an expired session is reported' ExpiredToken 'the session has expired' \
	'The provided token has expired.'
unset AWS_SESSION_TOKEN
settings "$proxy" 'always=403:RequestTimeTooSkewed:The difference between the request time and the current time is too large.'
refused 'a wrong clock is reported' RequestTimeTooSkewed clock
settings "$proxy" 'always=403:InvalidAccessKeyId:The AWS Access Key Id you provided does not exist in our records.'
refused 'an unknown access key is reported' InvalidAccessKeyId AWS_ACCESS_KEY_ID
settings "$proxy" 'always=403:AccessDenied:Access Denied'
refused 'a bucket that may not be listed is reported' AccessDenied
settings "$proxy"
through

begin 'a missing bucket is reported'
run_remote s3://missing/
expect_status 1
expect_err 's3://missing/: ' NoSuchBucket
run_remote few/a s3://missing/
expect_status 3
finish

begin 'missing credentials are reported, with the places searched'
limit="env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY $limited"
run_remote s3://few/
limit=$limited
[ "$status" -ne 0 ] || wrong 'the exit status is 0'
expect_err AWS_ACCESS_KEY_ID AWS_NO_SIGN_REQUEST
expect_no_report
finish

begin 'a profile provides credentials, region and endpoint'
mkdir -p aws
printf '[default]\naws_access_key_id = nobody\naws_secret_access_key = nothing\n\n# ours\n[ours]\naws_access_key_id=%s\naws_secret_access_key = %s\n' \
	"$AWS_ACCESS_KEY_ID" "$secret" >aws/credentials
printf '[default]\nregion = eu-elsewhere-1\n[profile ours]\nregion = us-east-1\nendpoint_url = %s\n' \
	"$direct" >aws/config
limit="env -u AWS_ACCESS_KEY_ID -u AWS_SECRET_ACCESS_KEY -u AWS_REGION -u AWS_ENDPOINT_URL_S3 \
	AWS_SHARED_CREDENTIALS_FILE=aws/credentials AWS_CONFIG_FILE=aws/config AWS_PROFILE=ours $limited"
run_remote --per-file --format=json s3://few/
limit=$limited
expect_status 0
expect_same few.json
finish

# ---- an object that is replaced ----

# midway OBJECT COMMAND...: runs a report of s3://changing/, and the command when the third request for
# the object has arrived.
midway() {
	settings "$proxy" "only=$1&hold=4"
	through "$proxy"
	status=0
	shift
	"$program" -j 1 --connections=2 --chunk=262144 --per-file --format=json s3://changing/ >out 2>err </dev/null &
	run_pid=$!
	tries=400
	until [ "$(counted "$proxy" held)" -gt 0 ] || [ $((tries -= 1)) -eq 0 ]; do
		sleep 0.05
	done
	[ "$tries" -gt 0 ] || wrong 'there were fewer requests for the object'
	"$@"
	change "$proxy" hold=0
	wait "$run_pid" || status=$?
	cat out err >>printed
	through
}

mkdir -p changing
cp big/big.csv changing/z.csv
printf 'x,y\n1,2\n' >changing/a.csv
put --bucket changing
put changing changing
cp changing/a.csv alone.csv
sed 's/^1/2/' big/big.csv >another.csv

begin 'an object replaced while it is read is an error, and is not in the report'
midway z.csv put changing another.csv z.csv
expect_status 3
expect_err_matches 's3://changing/z\.csv: .*(replaced|changed)'
grep -q '"rows": 1,' out || wrong 'the report is not of the other object alone'
grep -q z.csv out || wrong 'the report does not list it'
finish

begin 'an object deleted while it is read is an error'
put changing changing/z.csv z.csv
midway z.csv put --delete changing z.csv
expect_status 3
expect_err 's3://changing/z.csv: '
finish

# ---- faults ----

# faulty SENTENCE SETTINGS FAULT...: the report is the same although the faults occurred.
faulty() {
	begin "$1"
	settings "$proxy" "$2"
	through "$proxy"
	run_remote -j 2 --chunk=1048576 --per-file --format=json s3://few/ s3://big/
	expect_status 0
	expect_quiet
	expect_same both.json
	shift 2
	for fault in "$@"; do
		expect_counted "$proxy" "$fault" -ge 1
	done
	through
	finish
}

faulty 'a third of requests are throttled: the same bytes' slowdown=0.3 slowdown
faulty 'a third of requests are server errors: the same bytes' error=0.3 error
faulty 'a third of connections are reset: the same bytes' reset=0.3 reset
faulty 'a third of responses are truncated: the same bytes' truncate=0.3 truncate
faulty 'a third of responses stall: the same bytes' 'stall=0.3&row=1' stall
faulty 'a third of responses are late: the same bytes' 'delay=0.3&delay_s=0.3' delay
faulty 'half of requests have one of all faults: the same bytes' \
	'slowdown=0.1&error=0.1&reset=0.1&truncate=0.1&stall=0.05&delay=0.05' slowdown error reset truncate

begin 'a bucket is listed despite faults'
settings "$proxy" 'only=list-type&slowdown=0.4&truncate=0.3&row=3'
through "$proxy"
run_remote --format=csv --stats=count '--include=part-00*' s3://many/
expect_status 0
cp out found.csv
through
run_remote --format=csv --stats=count '--include=part-00*' many
cmp -s out found.csv || wrong 'the report differs'
finish

begin 'a server that throttles all requests ends the run, with its own message'
expect_aside refused "$refused" 1
expect_no_report
expect_err s3://few/ SlowDown 'Please reduce your request rate.'
[ "$(wc -l <err)" -le 3 ] || wrong 'standard error is long'
finish

begin 'an object that never arrives is an error, and the others are read'
expect_aside broken "$broken" 3
expect_err s3://few/b/part-05.csv
run --format=csv --exclude=part-05.csv few
sed -n 2p out >expected
sed -n 2p broken.out | cmp -s - expected || wrong 'the report is not that of the others'
finish

# ---- the rest ----

begin 'compressed objects are decompressed'
if "$program" --version | grep -q gzip; then
	mkdir packed
	gzip -c few/a/part-00.csv >packed/a.csv.gz
	gzip -c big/big.csv >packed/b.csv.gz
	cp few/a/part-02.csv packed/c.csv
	put --bucket packed
	put packed packed
	for option in -j1 -j4; do
		local_report packed.json --per-file --format=json packed
		run_remote "$option" --per-file --format=json s3://packed/
		expect_status 0
		expect_same packed.json
	done
	settings "$proxy" 'reset=0.2&truncate=0.2'
	through "$proxy"
	run_remote --per-file --format=json s3://packed/
	expect_status 0
	expect_same packed.json
	through
	head -c 100000 packed/b.csv.gz >half
	put packed half b.csv.gz
	run_remote --format=csv s3://packed/
	expect_status 3
	expect_err s3://packed/b.csv.gz
	finish

	begin 'a compressed object without suffix is decompressed, whole or in shards'
	mkdir hidden
	gzip -c big/big.csv >hidden/a.csv
	cp few/a/part-02.csv hidden/b.csv
	put --bucket hidden
	put hidden hidden
	local_report hidden.json --per-file --format=json --chunk=65536 hidden
	run_remote -j 3 --per-file --format=json --chunk=65536 s3://hidden/
	expect_status 0
	expect_quiet
	expect_same hidden.json
	for i in 1 2; do
		run_remote -j 2 --chunk=65536 --shard=$i/2 --per-file --format=state s3://hidden/
		expect_status 0
		cp out shard.$i
	done
	run_remote --per-file --format=json --chunk=65536 shard.1 shard.2
	expect_status 0
	expect_same hidden.json
	finish

	begin 'a saved state among objects is an error with a remedy'
	run --format=state big/big.csv few few few few few few few
	mv out state.csv
	put hidden state.csv state.csv
	for chunk in 65536 1048576; do
		run_remote --format=csv --chunk=$chunk s3://hidden/
		expect_status 3
		expect_err 's3://hidden/state.csv: saved states must be local files'
	done
	finish
else
	skip 'the program cannot read gzip'
	skip 'the program cannot read gzip'
	skip 'the program cannot read gzip'
fi

begin 'csv-report without csv-report-remote reports what it lacks'
mkdir alone
cp "$program" alone/csv-report
status=0
env PATH="$work/none" alone/csv-report s3://few/ >out 2>err </dev/null || status=$?
expect_status 2
expect_err s3://few/ csv-report-remote
expect_no_report
finish

begin '--timing reports the network'
run_remote --timing s3://few/
expect_status 0
expect_err requests
finish

begin 'no secret was ever printed'
run_remote -v --timing --provenance s3://few/
AWS_SECRET_ACCESS_KEY=${secret}x
run_remote -v s3://few/
AWS_SECRET_ACCESS_KEY=$secret
for text in "$secret" "${secret}x" FwoGZXtokenOfASession Signature= AWS4-HMAC; do
	! grep -n -F -e "$text" printed >leak || wrong "printed: $(head -n 1 leak)"
done
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
