#!/bin/sh
# servers.sh - what tests of remote inputs share besides program.sh, which is read in before it
#
# Gives   `start_server` and a proxy's `settings` and `counted`; `run_remote`, which
#         keeps all that was printed in the file `printed`; `expect_same`
# Takes   $program and $work; $limit is set
# Limits  servers are ended when the script says `stop_servers`
# shellcheck disable=SC2034,SC2154 # what is set here is used where this is read in, and the other way round

[ "${REMOTE_TESTS:-yes}" != no ] || skip_all 'REMOTE_TESTS is "no"'
[ -x "$(dirname "$program")/csv-report-remote" ] || skip_all 'csv-report-remote is not built'
for tool in python3 curl; do
	command -v "$tool" >/dev/null || skip_all "$tool is not installed"
done
unset NO_COLOR OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_SCHEDULE CSVR_KERNEL CSV_REPORT_REMOTE \
	http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY no_proxy NO_PROXY \
	CURL_CA_BUNDLE SSL_CERT_FILE SSL_CERT_DIR AWS_CA_BUNDLE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY \
	AWS_SESSION_TOKEN AWS_REGION AWS_DEFAULT_REGION AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_PROFILE \
	AWS_NO_SIGN_REQUEST
HOME=$work
export HOME
: >"$work/printed"

# A run that hangs is a failure, not the end of the suite.
limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 180'
fi

# ---- servers ----

server_pids=
# start_server NAME SCRIPT ARGUMENT...: a server in Python, with its port in $port, which it writes
# into the file NAME.port; `@` among the arguments stands for that file.
start_server() {
	port_file=$work/$1.port
	server_name=$1
	shift
	for argument in "$@"; do
		shift
		[ "$argument" != @ ] || argument=$port_file
		set -- "$@" "$argument"
	done
	python3 "$@" >"$work/$server_name.log" 2>&1 </dev/null &
	server_pids="$server_pids $!"
	tries=300
	until [ -s "$port_file" ]; do
		if [ $((tries -= 1)) -eq 0 ] || ! kill -0 $! 2>/dev/null; then
			cat "$work/$server_name.log" >&2
			echo "Bail out! $server_name does not start"
			exit 1
		fi
		sleep 0.1
	done
	port=$(cat "$port_file")
}

stop_servers() {
	for pid in $server_pids; do
		kill "$pid" 2>/dev/null || :
		wait "$pid" 2>/dev/null || :
	done
}

# Of a proxy (fault_proxy.py): `settings PORT NAME=VALUE&...` of a new beginning, `change` of what is so;
# `counted PORT NAME` since then.
settings() {
	curl -s -S -f -o /dev/null "http://127.0.0.1:$1/.proxy/begin?$(echo "${2:-}" | tr ' ' +)"
}

change() {
	curl -s -S -f -o /dev/null "http://127.0.0.1:$1/.proxy/set?$2"
}

counted() {
	curl -s -S -f "http://127.0.0.1:$1/.proxy/counts/$2"
}

# expect_counted PORT NAME TEST NUMBER: `expect_counted 80 requests -ge 3`.
expect_counted() {
	found=$(counted "$1" "$2")
	test "$found" "$3" "$4" || wrong "the proxy counted $found $2, and should $3 $4"
}

# ---- runs ----

run_remote() {
	run "$@"
	cat "$work/out" "$work/err" >>"$work/printed"
}

# expect_same FILE: the report has its bytes, after the addresses of objects were made paths.
expect_same() {
	sed "${as_local:-}" "$work/out" >"$work/found"
	if ! cmp -s "$1" "$work/found"; then
		wrong "the report is not that of the same files on the disk:"
		diff "$1" "$work/found" | head -n 10 >>"$work/why" || :
	fi
}

# expect_listed_same FILE: the inputs that `list` names give its report, from a file and from a pipe.
expect_listed_same() {
	run_remote --per-file --format=json --files-from=list
	expect_status 0
	expect_same "$1"
	status=0
	"$program" --per-file --format=json --files-from=- <list >out 2>err || status=$?
	expect_status 0
	expect_same "$1"
}

expect_quiet() {
	[ ! -s "$work/err" ] || wrong 'standard error should be empty'
}

expect_err_matches() {
	grep -q -E -e "$1" "$work/err" || wrong "standard error does not match: $1"
}

# local_report FILE ARGUMENT...: what the same program says of files on the disk.
local_report() {
	report=$1
	shift
	"$program" "$@" >"$report" 2>"$work/err" </dev/null || {
		cat "$work/err" >&2
		echo "Bail out! no report of the files on the disk"
		exit 1
	}
}
