#!/bin/sh
# s3_server.sh - starts an S3 server for tests on the loopback device: OpenStack Swift with its s3api
#
# Usage   s3_server.sh up DIR     starts it; then source DIR/env.sh, which sets its endpoint and credentials
#         s3_server.sh fill DIR BUCKET TREE      creates a bucket with every file below TREE
#         s3_server.sh down DIR   ends its processes; DIR with the logs remains
# Shape   memcached and four servers (account, container, object, proxy), run by the calling user on free
#         ports; one disk, DIR/node, with one copy of each object, without fsync
# Exit    0; 77 if this machine cannot run it, with the reason on standard error; 1 if it failed.
#         `up` does nothing if it runs, and `down` if it does not
# Limits  no anonymous reads, no virtual-host addresses, no sessions
set -eu
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH
unset CDPATH http_proxy HTTP_PROXY all_proxy ALL_PROXY
here=$(cd "$(dirname "$0")" && pwd)

say() {
	echo "s3_server.sh: $*" >&2
}

fail() {
	say "$*"
	exit 1
}

cannot() {
	say "$*"
	exit 77
}

# until_true SECONDS COMMAND...
until_true() {
	tries=$(($1 * 10))
	shift
	until "$@"; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

# ---- its processes ----

# process_of FILE: prints the process ID in a file of DIR/run if that process belongs to DIR; IDs are reused.
process_of() {
	pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 0
	case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in
	*[\ =]"$dir"[/\ ]*) echo "$pid" ;;
	esac
}

is_gone() {
	[ -z "$(process_of "$1")" ]
}

down() {
	status=0
	for file in "$dir"/run/*.pid; do
		pid=$(process_of "$file")
		[ -z "$pid" ] || kill "$pid" 2>/dev/null || :
	done
	for file in "$dir"/run/*.pid; do
		if ! until_true 5 is_gone "$file"; then
			kill -KILL "$(process_of "$file")" 2>/dev/null || :
			until_true 5 is_gone "$file" || { say "process $(cat "$file") does not end" && status=1; }
		fi
	done
	rm -f "$dir"/run/*.pid
	return "$status"
}

is_up() {
	[ -f "$dir/env.sh" ] || return 1
	for name in memcached account container object proxy; do
		[ -n "$(process_of "$dir/run/$name.pid")" ] || return 1
	done
	is_answering
}

# ---- requirements ----

# find_programs: sets $python to the interpreter of Swift's own programs, which has its modules.
find_programs() {
	missing=
	for pair in swift-proxy-server:swift-proxy swift-account-server:swift-account \
		swift-container-server:swift-container swift-object-server:swift-object \
		memcached:memcached curl:curl python3:python3; do
		command -v "${pair%:*}" >/dev/null || missing="$missing ${pair#*:}"
	done
	[ -z "$missing" ] || cannot "not installed (names of Debian's packages):$missing"
	python=$(sed -n '1s/^#! *\([^ ]*\).*/\1/p' "$(command -v swift-proxy-server)")
}

# ---- up and fill ----

is_answering() {
	curl -s -f --noproxy '*' -o /dev/null \
		"$(sed -n 's/.*AWS_ENDPOINT_URL_S3=\([^ ]*\).*/\1/p' "$dir/env.sh")/healthcheck"
}

abort_up() {
	tail -n 20 "$dir"/log/*.log >&2 || :
	down || :
}

up() {
	find_programs
	mkdir -p "$dir"
	if [ -f "$dir/env.sh" ]; then
		! is_up || return 0
		down || exit 1
	fi
	(cd "$dir" && rm -rf env.sh etc run node && mkdir -p etc run node/d1 log)
	trap '[ $? -eq 0 ] || abort_up' EXIT
	trap 'exit 1' HUP INT TERM
	"$python" -W ignore "$here/swift_node.py" serve "$dir" || exit
	until_true 60 is_answering || fail 'the servers do not answer'
}

fill() {
	find_programs
	is_up || fail "no server runs in $dir"
	# shellcheck source=/dev/null
	. "$dir/env.sh"
	"$python" "$here/s3_put.py" --bucket "$1"
	"$python" -W ignore "$here/swift_node.py" fill "$dir" "$1" "$2"
}

usage() {
	say 'usage: s3_server.sh up|down DIR, or fill DIR BUCKET TREE'
	exit 2
}

if [ $# -lt 2 ] || [ -z "$2" ]; then
	usage
fi
umask 022
dir=$2
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
if [ -d "$dir" ]; then
	dir=$(cd "$dir" && pwd -P)
fi
case $1:$# in
up:2 | down:2) "$1" ;;
fill:4) fill "$3" "$4" ;;
*) usage ;;
esac
