#!/bin/sh
# servers.sh - functions of the tests of remote inputs; sourced after program.sh
#
# Defines `start_server` and `stop_servers`; `settings`, `change` and `counted` of a proxy; `run_remote`,
#         which appends all output to the file `printed`; `expect_same` and others
# Uses    $program and $work; sets $limit
# shellcheck disable=SC2034,SC2154 # the sourcing script and this file use each other's variables

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

# A time limit makes a run that hangs a failure.
limit=
if command -v timeout >/dev/null 2>&1; then
	limit='timeout 180'
fi

# ---- servers ----

server_pids=
# start_server NAME SCRIPT ARGUMENT...: starts a server in Python and sets $port, which the server writes to
# the file NAME.port. An argument `@` is replaced by that file.
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

# For a proxy (fault_proxy.py): `settings PORT NAME=VALUE&...` resets it and changes settings, `change` only
# changes them; `counted PORT NAME` prints a count since the reset.
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
	test "$found" "$3" "$4" || wrong "the proxy counted $found $2, expected $3 $4"
}

# ---- runs ----

run_remote() {
	run "$@"
	cat "$work/out" "$work/err" >>"$work/printed"
}

# expect_same FILE: the report, with URLs replaced by paths, equals FILE.
expect_same() {
	sed "${as_local:-}" "$work/out" >"$work/found"
	if ! cmp -s "$1" "$work/found"; then
		wrong "the report differs from that of the same files on disk:"
		diff "$1" "$work/found" | head -n 10 >>"$work/why" || :
	fi
}

# expect_listed_same FILE: the inputs in `list` give the report FILE, from a file and from a pipe.
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
	[ ! -s "$work/err" ] || wrong 'standard error is not empty'
}

expect_err_matches() {
	grep -q -E -e "$1" "$work/err" || wrong "standard error does not match: $1"
}

# local_report FILE ARGUMENT...: writes the report of the same program on files on disk.
local_report() {
	report=$1
	shift
	"$program" "$@" >"$report" 2>"$work/err" </dev/null || {
		cat "$work/err" >&2
		echo "Bail out! no report of the files on disk"
		exit 1
	}
}
