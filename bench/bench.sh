#!/bin/sh
# bench.sh - csv-report beside what else could do its work, in one run: `make bench`
#
# Usage   bench/bench.sh, in the build folder or with builddir=DIR; it prints Markdown
# Takes   from the environment:
#         BENCH_DATA       where inputs lie or are made (default: csv-report-bench in $TMPDIR or /tmp)
#         BENCH_WORKLOADS  which of them to run (default: all)
#         BENCH_THREADS    numbers of threads (default: 1 and all cores granted)
#         BENCH_ROUNDS     how often each command runs after its warm-up (default 5)
#         BENCH_BUDGET     seconds after which a command is left out of further rounds (default 12)
#         BENCH_PEERS      folder that bench/peers/install filled (default: bench/out/peers in the
#                          build folder); `none`: measure nobody else's programs
#         BENCH_QUICK      1: inputs of some MB, to see that everything works
# Output  the machine, tables; figures as plain columns in bench/out/figures.tsv in the build folder
#
# Wall time of whole processes, input in the page cache. Commands take turns (stopwatch.c), so that
# whatever slows the machine down for a while hits all. A peer that is not installed is left out; so
# is one that would not give the right figures on a workload.
set -eu

# shellcheck source=bench/common.sh
. "$(dirname "$0")/common.sh"
quick=${BENCH_QUICK:-0}
if [ "$n_cores" -eq 1 ]; then
	default_threads=1
else
	default_threads="1 $n_cores"
fi
threads=${BENCH_THREADS:-$default_threads}
most=${threads##* }
if [ "$quick" = 1 ]; then
	rounds=${BENCH_ROUNDS:-2}
	budget=${BENCH_BUDGET:-1}
else
	rounds=${BENCH_ROUNDS:-5}
	budget=${BENCH_BUDGET:-12}
fi
peers=${BENCH_PEERS:-$builddir/bench/out/peers}
out=$builddir/bench/out
# node looks for packages beside the script first, and here then.
export NODE_PATH="$peers/node_modules"

say()
{
	echo "bench: $*" >&2
}

# ---- inputs ----

# name; MB; columns; whether splitting at commas finds the cells and strtod reads all numbers, so that
# the baselines, mawk, datamash and similar programs give correct results; options for a quick run.
workloads_table()
{
	cat <<'TABLE'
article 172   5 splits --rows=2000
single  350   5 splits --bytes=4M
small    79   5 splits --files=400
floats  272   5 splits --rows=5000
messy   270   7 -      --rows=4000
wide    300 200 -      --rows=200
crlf    177   5 splits --rows=2000
scales  165   5 splits --rows=4000
missing 140   5 splits --rows=4000
signs   165   5 splits --rows=4000
quoted  200   5 -      --rows=4000
padded  210   5 -      --rows=4000
ragged  135   5 -      --rows=4000
TABLE
}

# make_workload NAME QUICK-OPTION: the folder $input holds the workload then.
make_workload()
{
	if [ "$quick" = 1 ]; then
		make_input "quick-$1" "$1" "$2"
	else
		make_input "$1" "$1"
	fi
}

# ---- commands ----

# add CONTENDER THREADS WORD...: one more command for the stopwatch.
add()
{
	label=$1'|'$2
	shift 2
	{
		printf '%s' "$label"
		printf '\t%s' "$@"
		echo
	} >>"$work/commands"
}

has()
{
	[ "$peers" != none ] && command -v "$1" >/dev/null
}

has_module()
{
	has node && [ -d "$peers/node_modules/$1" ]
}

# The two limits: small files are limited by opening them, others by reading and looking at bytes.
add_limit()
{
	for n in $threads; do
		if [ "$1" = small ]; then
			add 'limit: list, open, read, close' "$n" "$builddir/bench/bandwidth" open "$n" "$input"
		else
			add 'limit: read and scan' "$n" "$builddir/bench/bandwidth" scan "$n" "$input"
		fi
	done
}

add_csv_report()
{
	for kernel in $kernels; do
		for n in $threads; do
			add "csv-report, $kernel" "$n" "$csv_report" "--kernel=$kernel" -j "$n" "$input"
		done
	done
	if [ "$1" = article ]; then
		for n in $threads; do
			add 'csv-report, count mean min max only' "$n" \
				"$csv_report" --stats=count,mean,min,max -j "$n" "$input"
		done
	fi
}

add_baselines()
{
	add 'mid (split, strtod)' 1 "$builddir/bench/mid" "$input"
	for n in $threads; do
		add 'fast (mid, files in parallel)' "$n" "OMP_NUM_THREADS=$n" \
			"$builddir/bench/fast" "$input"
	done
}

# question PEER WORKLOAD: what to ask it; nothing where no way was found that gives right figures.
# Where a peer takes columns for text that hold numbers only (signs, spaces, 17 digits or quotes keep
# it from seeing them), it is asked as if they were messy.
question()
{
	case $1:$2 in
	polars:padded) ;;
	*:messy | duckdb:signs | duckdb:padded | polars:signs | clickhouse:floats | clickhouse:quoted)
		echo messy
		;;
	*) echo extremes ;;
	esac
}

# add_databases NAME: engines that take any CSV file.
add_databases()
{
	scripts=$srcdir/bench/peers
	if has_module @duckdb/node-api; then
		asked=$(question duckdb "$1")
		for n in $threads; do
			add 'DuckDB, avg min max' "$n" node "$scripts/duckdb.js" "$n" "$asked" "$input/*.csv"
		done
		if [ "$1" = article ]; then
			add 'DuckDB, SUMMARIZE' "$most" node "$scripts/duckdb.js" "$most" summarize \
				"$input/*.csv"
			add 'DuckDB, SELECT 1' "$most" node "$scripts/duckdb.js" "$most" nothing
		fi
	fi
	asked=$(question polars "$1")
	if has_module nodejs-polars && [ -n "$asked" ]; then
		add Polars "$most" "POLARS_MAX_THREADS=$most" node "$scripts/polars.js" "$asked" \
			"$input/*.csv"
	fi
	if has_module chdb; then
		add ClickHouse "$most" node "$scripts/clickhouse.js" "$most" \
			"$(question clickhouse "$1")" "$input/*.csv"
	fi
}

# add_tools COLUMNS: small programs that take files in which no cell is quoted.
add_tools()
{
	if has mawk; then
		add mawk 1 mawk -F, -f "$srcdir/bench/peers/columns.awk" "$input"/*.csv
	fi
	if has datamash; then
		# On one line, since the stopwatch takes one command a line.
		# shellcheck disable=SC2016 # the inner shell expands them
		pipe='tail -q -n +2 "$1"/*.csv | datamash -t, mean "1-$2" min "1-$2" max "1-$2"'
		add 'tail, datamash' 1 sh -c "$pipe" sh "$input" "$1"
	fi
	if has mlr; then
		add 'Miller' "$most" "GOMAXPROCS=$most" mlr --icsv --ojson stats1 -a mean,min,max \
			--fr '.*' "$input"/*.csv
	fi
	if has Rscript && Rscript -e 'library(data.table)' >/dev/null 2>&1; then
		add 'R, data.table' "$most" Rscript "$srcdir/bench/peers/data_table.R" "$most" \
			"$input"/*.csv
	fi
}

# run_commands NAME: measures them, and appends to figures.tsv: workload, bytes, contender, threads,
# runs, median, least, most, processor seconds, KiB, what was wrong.
run_commands()
{
	bytes=$("$builddir/bench/bandwidth" scan 1 "$input" | cut -f2)
	"$builddir/bench/stopwatch" -n "$rounds" -b "$budget" <"$work/commands" >"$work/times" ||
		say "$1: some commands failed"
	awk -v workload="$1" -v bytes="$bytes" -v OFS='\t' -F '\t' \
		'{ sub(/\|/, "\t", $1); print workload, bytes, $0 }' "$work/times" >>"$out/figures.tsv"
}

run_workload()
{
	name=$1 columns=$3 splits=$4
	say "$name"
	make_workload "$name" "$5"
	: >"$work/commands"
	add_limit "$name"
	add_csv_report "$name"
	if [ "$splits" = splits ]; then
		add_baselines
	fi
	case $name in
	article)
		add_databases "$name"
		add_tools "$columns"
		;;
	small)
		add_databases "$name"
		if has mawk; then
			add mawk 1 mawk -F, -f "$srcdir/bench/peers/columns.awk" "$input"/*.csv
		fi
		;;
	ragged) ;; # engines end with an error, or take the rest of the file for one column of text
	*) add_databases "$name" ;;
	esac
	run_commands "$name"
}

# The first way of the article takes a minute or more for what the others do in a second: it gets
# one file of 20,000 rows. Its figure is multiplied in tables.awk, which says so.
run_slow()
{
	input=$data/slow
	[ -d "$input" ] || "$builddir/data/make_data" article "$input" --files=1 --rows=20000
	: >"$work/commands"
	add 'slow (regular expression per line)' 1 "$builddir/bench/slow" "$input"
	run_commands slow
}

# ---- main ----

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

mkdir -p "$out"
: >"$out/figures.tsv"
kernels=$("$builddir/bench/micro" --kernels | paste -sd ' ' -)
wanted=${BENCH_WORKLOADS:-$(workloads_table | cut -d' ' -f1 | paste -sd ' ' -)}
if [ "$quick" != 1 ]; then
	size=0
	for name in $wanted; do
		[ -e "$data/$name.made" ] && continue
		size=$((size + $(workloads_table | awk -v name="$name" '$1 == name { print $2 }')))
	done
	say "$data: inputs of about $size MB are missing there and made first"
fi
export srcdir builddir
sh "$srcdir/bench/machine.sh" >"$work/machine"
for name in $wanted; do
	line=$(workloads_table | awk -v name="$name" '$1 == name')
	[ -n "$line" ] || { say "no workload is called $name" && exit 2; }
	# shellcheck disable=SC2086 # the columns of the table
	run_workload $line
	if [ "$name" = article ]; then
		run_slow
	fi
done
cat "$work/machine"
if [ "$quick" = 1 ]; then
	echo '- BENCH_QUICK: inputs of some MB; these figures show nothing but that it works'
fi
echo
awk -v most="$most" -v kernels="$kernels" -f "$srcdir/bench/tables.awk" "$out/figures.tsv"
