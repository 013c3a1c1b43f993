#!/bin/sh
# bench.sh - compares csv-report with other programs that do the same work: `make bench`
#
# Usage   bench/bench.sh, in the build directory or with builddir=DIR; it prints Markdown
# Env
#         BENCH_DATA       directory of the inputs (default: csv-report-bench in $TMPDIR or /tmp)
#         BENCH_WORKLOADS  the workloads to run (default: all)
#         BENCH_THREADS    numbers of threads (default: 1 and the number of available CPUs)
#         BENCH_ROUNDS     runs of each command, after a warm-up (default 5)
#         BENCH_BUDGET     a command that has used this many seconds is not run again (default 12)
#         BENCH_PEERS      directory into which bench/peers/install installed the other programs
#                          (default: bench/out/peers in the build directory); `none`: do not measure
#                          other programs
#         BENCH_QUICK      1: inputs of a few MB, to check that everything works
# Output  a description of the machine, and tables; the figures as columns in bench/out/figures.tsv in
#         the build directory
#
# Measures the wall time of whole processes, with the input in the page cache. The commands alternate
# (stopwatch.c), so that a temporary slowdown of the machine affects all of them. Programs that are not
# installed, or that give wrong results on a workload, are left out.
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
# node searches for packages next to the script first, then here.
export NODE_PATH="$peers/node_modules"

say()
{
	echo "bench: $*" >&2
}

# ---- inputs ----

# Name, MB, columns, `splits` if the baselines, mawk, datamash and similar programs give correct
# results (splitting at commas finds the cells, and strtod reads all numbers), options for a quick run.
workloads_table()
{
	cat <<'TABLE'
article 172   5 splits --rows=2000
single  350   5 splits --bytes=4M
small    79   5 splits --files=400
floats  272   5 splits --rows=5000
messy   270   7 -      --rows=4000
dates   200   5 -      --rows=3000
text    190   5 -      --rows=3000
ids     200   5 splits --rows=4000
mixed   170   8 -      --rows=3000
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

# make_workload NAME QUICK_OPTION: generates the workload, and sets $input to its directory.
make_workload()
{
	if [ "$quick" = 1 ]; then
		make_input "quick-$1" "$1" "$2"
	else
		make_input "$1" "$1"
	fi
}

# ---- commands ----

# add PROGRAM THREADS COMMAND...: adds a command for the stopwatch.
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

# The lower limits of the time: opening the files for small ones, reading and scanning the bytes for
# others.
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
	for n in $threads; do
		case $1 in
		article)
			add 'csv-report, count mean min max only' "$n" \
				"$csv_report" --stats=count,mean,min,max -j "$n" "$input"
			add_statistics "$n"
			;;
		dates | text | ids | mixed) add_statistics "$n" ;;
		esac
	done
}

# add_statistics THREADS: adds runs with the statistics that must keep values.
add_statistics()
{
	add 'csv-report, --stats=median,p99' "$1" "$csv_report" --stats=median,p99 -j "$1" "$input"
	add 'csv-report, --all' "$1" "$csv_report" --all -j "$1" "$input"
	add 'csv-report, --all --exact' "$1" "$csv_report" --all --exact -j "$1" "$input"
}

add_baselines()
{
	add 'mid (split, strtod)' 1 "$builddir/bench/mid" "$input"
	for n in $threads; do
		add 'fast (mid, files in parallel)' "$n" "OMP_NUM_THREADS=$n" \
			"$builddir/bench/fast" "$input"
	done
}

# query PROGRAM WORKLOAD: prints the query that gives correct results; nothing if there is none. Some
# programs infer text for columns of numbers (with signs, spaces, quotes or 17 digits); the query for
# messy columns converts them.
query()
{
	case $1:$2 in
	polars:padded) ;;
	*:messy | duckdb:signs | duckdb:padded | polars:signs | clickhouse:floats | clickhouse:quoted)
		echo messy
		;;
	*) echo extremes ;;
	esac
}

# add_databases NAME: adds engines that read any CSV file.
add_databases()
{
	scripts=$srcdir/bench/peers
	if has_module @duckdb/node-api; then
		query=$(query duckdb "$1")
		for n in $threads; do
			add 'DuckDB, avg min max' "$n" node "$scripts/duckdb.js" "$n" "$query" "$input/*.csv"
		done
		case $1 in
		article | dates | text | ids | mixed)
			add 'DuckDB, SUMMARIZE' "$most" node "$scripts/duckdb.js" "$most" summarize \
				"$input/*.csv"
			;;
		esac
		if [ "$1" = article ]; then
			add 'DuckDB, seven exact quantiles' "$most" node "$scripts/duckdb.js" "$most" \
				quantiles "$input/*.csv"
			add 'DuckDB, SELECT 1' "$most" node "$scripts/duckdb.js" "$most" nothing
		fi
	fi
	query=$(query polars "$1")
	if has_module nodejs-polars && [ -n "$query" ]; then
		add Polars "$most" "POLARS_MAX_THREADS=$most" node "$scripts/polars.js" "$query" \
			"$input/*.csv"
	fi
	if has_module chdb; then
		add ClickHouse "$most" node "$scripts/clickhouse.js" "$most" \
			"$(query clickhouse "$1")" "$input/*.csv"
		if [ "$1" = article ]; then
			add 'ClickHouse, uniq quantiles topK' "$most" node "$scripts/clickhouse.js" \
				"$most" profile "$input/*.csv"
		fi
	fi
}

# add_tools COLUMNS: adds small programs that read files without quoted cells.
add_tools()
{
	if has mawk; then
		add mawk 1 mawk -F, -f "$srcdir/bench/peers/columns.awk" "$input"/*.csv
	fi
	if has datamash; then
		# On one line, since the stopwatch reads one command per line.
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

# run_commands NAME: measures the commands, and appends to figures.tsv: workload, bytes, program,
# threads, runs, median, minimum and maximum wall seconds, CPU seconds, peak KiB, `ok` or the failure.
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
	ragged) ;; # the engines fail, or read the rest of the file as one column of text
	*) add_databases "$name" ;;
	esac
	run_commands "$name"
}

# The article's first program needs more than a minute where the others need a second. It reads one
# file of 20,000 rows; tables.awk extrapolates its time, and states that.
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
	say "generating about $size MB of missing inputs in $data"
fi
export srcdir builddir
sh "$srcdir/bench/machine.sh" >"$work/machine"
for name in $wanted; do
	row=$(workloads_table | awk -v name="$name" '$1 == name')
	[ -n "$row" ] || { say "unknown workload '$name'" && exit 2; }
	# shellcheck disable=SC2086 # split into the columns of the table
	run_workload $row
	if [ "$name" = article ]; then
		run_slow
	fi
done
cat "$work/machine"
if [ "$quick" = 1 ]; then
	echo '- BENCH_QUICK: inputs of a few MB; the figures only show that the benchmark works'
fi
echo
awk -v most="$most" -v kernels="$kernels" -f "$srcdir/bench/tables.awk" "$out/figures.tsv"
