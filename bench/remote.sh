#!/bin/sh
# remote.sh - objects in S3 with a latency of 100 ms: `make bench-remote`
#
# Usage   bench/remote.sh, in the build directory or with builddir=DIR
# Env     BENCH_QUICK as in bench.sh
# Output  a table in Markdown
# Exit    1 if csv-report-remote takes more than 1.3 times as long as curl needs to download the same
#         objects over the same number of connections, or is less than 8 times as fast as with one
#         connection
#
# 200 objects of 1 MiB are served by the S3 server of the tests, through a proxy that adds the latency.
# curl downloads them from presigned URLs and discards them.
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
tests=$srcdir/tests
n=200
connections=16
rounds=5
if [ "${BENCH_QUICK:-0}" = 1 ]; then
	n=40
	rounds=2
fi

work=$(mktemp -d)
proxy=
clean_up()
{
	[ -z "$proxy" ] || kill "$proxy" || :
	sh "$tests/tools/s3_server.sh" down "$work/s3" || :
	rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 1' HUP INT TERM

sh "$tests/tools/s3_server.sh" up "$work/s3"
# shellcheck source=/dev/null
. "$work/s3/env.sh"
mkdir "$work/data"
i=0
while [ "$i" -lt "$n" ]; do
	i=$((i + 1))
	awk -v seed="$i" 'BEGIN {
		srand(seed)
		print "x,y,z"
		for (n = 6; n < 1048576 - 30; n += length(line) + 1) {
			line = sprintf("%.2f,%d,%.4f", rand() * 1000, rand() * 1e6, rand())
			print line
		}
	}' >"$work/data/$i.csv"
done
sh "$tests/tools/s3_server.sh" fill "$work/s3" data "$work/data"
python3 "$tests/tools/fault_proxy.py" "$work/port" "${AWS_ENDPOINT_URL_S3##*:}" latency=0.1 &
proxy=$!
until [ -s "$work/port" ]; do
	sleep 0.1
done
AWS_ENDPOINT_URL_S3=http://127.0.0.1:$(cat "$work/port")

python3 "$tests/tools/s3_put.py" --signed data "$work/data" | while IFS= read -r url; do
	printf 'url = "%s"\noutput = "/dev/null"\n' "$url"
done >"$work/urls"

# run_rounds NAME COMMAND...: prints a line for each run, as fastest_runs reads them.
run_rounds()
{
	name=$1
	shift
	round=0
	while [ "$round" -lt "$rounds" ]; do
		round=$((round + 1))
		echo "$name|$(run_under_time "$work/report" "$@")"
	done
}
{
	run_rounds download curl -s -f --parallel --parallel-immediate --parallel-max "$connections" \
		-K "$work/urls"
	run_rounds csv-report-remote "$csv_report-remote" "--connections=$connections" s3://data/
	rounds=1
	run_rounds one "$csv_report-remote" --connections=1 s3://data/
} | fastest_runs >"$work/figures"
awk -F '[| ]' -v n="$n" -v connections="$connections" '
	{ seconds[$1] = $2; cpu[$1] = $3 + $4 }
	function row(name, title) {
		printf "| %s | %.2f | %.2f | %.2f |\n", title, seconds[name], cpu[name],
			seconds[name] / seconds["download"]
	}
	END {
		printf "| %d objects of 1 MiB, 100 ms | s, fastest | CPU s | relative to the download |\n", n
		print "|---|--:|--:|--:|"
		row("download", "curl, " connections " connections, output discarded")
		row("csv-report-remote", "csv-report-remote, " connections " connections")
		row("one", "csv-report-remote, one connection")
		exit seconds["csv-report-remote"] > 1.3 * seconds["download"] ||
			seconds["one"] < 8 * seconds["csv-report-remote"]
	}' "$work/figures"
