#!/bin/sh
# options.sh - help, manual and completion know the same options; options are given as everywhere
#
# What each option does is in cases/options.cases, what is refused in cases/errors.cases.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
set -eu
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

expect_report() {
	printf '%s\n' "$@" >expected
	cmp -s expected out || wrong "the report should be: $*"
	[ ! -s err ] || wrong "standard error should be empty"
}

expect_refused() {
	expect_status 2
	[ ! -s out ] || wrong "standard output should be empty"
	grep -F -q -e "$1" err || wrong "standard error lacks: $1"
}

printf 'x,y\n1,2\n' >a.csv

# ---- help, manual, completion ----

begin "--help is on standard output and exit 0"
run --help
expect_status 0
[ -s out ] || wrong "there is no help"
[ ! -s err ] || wrong "standard error should be empty"
cp out help
finish

begin "--help has at most 60 lines"
n_lines=$(wc -l <help)
if [ "$n_lines" -lt 10 ] || [ "$n_lines" -gt 60 ]; then
	wrong "it has $n_lines lines"
fi
finish

begin "--help has at most 80 columns"
awk 'length > 80 { print "too long: " $0 } END { if (NR < 10) print "no help" }' help >>why
finish

begin "-h is --help"
run -h
expect_status 0
cmp -s out help || wrong "-h and --help differ"
finish

begin "--help needs no input and wins over it"
run --help missing.csv
expect_status 0
cmp -s out help || wrong "it differs from --help alone"
finish

grep -o -e '--[a-z][a-z-]*' help | sort -u >options

begin "--help has the options of the manual"
for option in --include --exclude --max-depth --follow --delimiter --quote --no-quote --comment \
	--no-header --header --columns-by --null-values --select --stats --all --per-file \
	--threads --format --output --round --progress --strict --quiet --verbose --version \
	--help --files-from --null --timing --flamegraph; do
	grep -q -x -e "$option" options || wrong "--help lacks $option"
done
finish

begin "--help does not have the options that are for tests"
[ -s options ] || wrong "there is no help"
for option in --kernel --chunk --block --generate; do
	! grep -q -x -e "$option" options || wrong "--help has $option"
done
finish

begin "every option of --help is in the manual"
run --generate=man-options
expect_status 0
sed 's/\\-/-/g; s/\\fB//g; s/\\fI//g; s/\\fR//g; s/\\fP//g' out >manual
while read -r option; do
	grep -q -e "$option\([^a-z-]\|\$\)" manual || wrong "the manual lacks $option"
done <options
finish

begin "every option of --help is completed"
run --generate=bash-completion
expect_status 0
cp out completion
while read -r option; do
	grep -q -e "$option\([^a-z-]\|\$\)" completion || wrong "the completion lacks $option"
done <options
finish

begin "the completion is a script that bash can read"
if command -v bash >/dev/null 2>&1; then
	[ -s completion ] || wrong "there is no completion"
	bash -n completion 2>err || wrong "bash cannot read it"
	finish
else
	echo "ok $n - $sentence # SKIP there is no bash"
fi

begin "every value of --format and --stats is completed"
for word in table csv tsv json md count missing invalid mean stddev min max; do
	grep -q -w -e "$word" completion || wrong "the completion lacks $word"
done
finish

begin "--version names the program, its version and what is built in"
run --version
expect_status 0
[ ! -s err ] || wrong "standard error should be empty"
head -n 1 out | grep -q '^csv-report.* [0-9][0-9]*\.[0-9]' || wrong "the first line has no version"
grep -q -i openmp out || wrong "it does not say whether OpenMP is built in"
grep -q -i kernel out || wrong "it does not say which kernel this CPU gets"
cp out version
finish

begin "--version names the kernels, and which one is used, with no blank at the end of a line"
run --version
grep -q -x -e 'kernels: .*scalar (using .*)' out || wrong "there is no line of kernels"
! grep -q -e '[[:blank:]]$' out || wrong "a line ends in a blank"
CSVR_KERNEL=scalar "$program" --version >out 2>err
grep -q -e '(using scalar' out || wrong "it does not show the kernel of CSVR_KERNEL"
finish

begin "-V is --version"
run -V
expect_status 0
cmp -s out version || wrong "-V and --version differ"
finish

begin "help that cannot be written is exit 1"
if [ -c /dev/full ]; then
	for option in --help --version; do
		status=0
		"$program" "$option" >/dev/full 2>err || status=$?
		expect_status 1
	done
	: >out
	finish
else
	echo "ok $n - $sentence # SKIP there is no /dev/full"
fi

# ---- how options are given ----

begin "options may stand after paths"
run a.csv --format=csv --stats=sum
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "the value of a long option may be the next word"
run --format csv --stats sum a.csv
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "long options may be abbreviated where this is clear"
run --form=csv --stat=sum --sel=y a.csv
expect_status 0
expect_report column,sum y,2
finish

begin "an abbreviation that is not clear is refused by name"
run --no a.csv
expect_refused no
run --s=x a.csv
expect_refused s
finish

begin "letters may be joined, and the last may have its value behind it"
run -nAqd, --format=csv a.csv
expect_status 0
run -nqsy --format=csv --stats=count a.csv
expect_refused y
run -qsy --format=csv --stats=count a.csv
expect_status 0
expect_report column,count y,1
finish

begin "two dashes end the options"
printf 'x\n5\n' >--format=json
run --format=csv --stats=sum -- --format=json
expect_status 0
expect_report column,sum x,5
finish

begin "after two dashes a dash is still standard input"
status=0
printf 'x\n7\n' | "$program" --format=csv --stats=sum -- - >out 2>err || status=$?
expect_status 0
expect_report column,sum x,7
finish

begin "the last of several values is taken"
run --format=json --format=csv --stats=mean --stats=sum -d ';' -d , a.csv
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "wrong usage points to --help"
run --nosuch
expect_refused "--help"
finish

begin "formats are named in lower case"
run --format=CSV a.csv
expect_refused CSV
finish

begin "the number of connections is 1 to 256"
for value in 0 257 many -1; do
	run --connections=$value a.csv
	expect_refused "--connections=$value"
done
run --connections=256 --format=csv --stats=sum a.csv
expect_status 0
expect_report column,sum x,1 y,2
finish

# alone ARGUMENT...: the program where csv-report-remote is nowhere.
mkdir bin empty
cp "$program" bin/csv-report
alone() {
	status=0
	PATH=$work/empty bin/csv-report "$@" >out 2>err || status=$?
}

begin "a URL is wrong usage without csv-report-remote, which is named"
for address in s3://bucket/a.csv s3://bucket S3://bucket/ http://host/a.csv HTTPS://host/; do
	alone a.csv "$address" </dev/null
	expect_status 2
	expect_err "$address: needs csv-report-remote"
	expect_no_report
done
finish

begin "so is a URL in a list, from a file, a pipe, or after --null"
printf 'a.csv\ns3://bucket/in-a-list\n' >list
printf 'a.csv\0http://host/new\nline\0' >list0
alone --files-from=list </dev/null
expect_status 2
expect_err "s3://bucket/in-a-list: needs csv-report-remote"
alone --files-from=- <list
expect_status 2
expect_err "s3://bucket/in-a-list: needs csv-report-remote"
# In a shell of its own, whose status is lost.
sed '' list | alone --files-from=-
expect_err "s3://bucket/in-a-list: needs csv-report-remote"
alone --null --files-from=list0 </dev/null
expect_status 2
expect_err "http://host/new" "needs csv-report-remote"
finish

begin "a password in a URL is not shown"
alone http://user:secret@host/a.csv </dev/null
expect_status 2
expect_err "http://host/a.csv: needs csv-report-remote"
if grep -q secret out err; then wrong "the password is shown"; fi
finish

begin "a list without a URL is read as usual, from a file and a pipe"
printf 'a.csv\n' >list
alone --format=csv --stats=sum --files-from=list </dev/null
expect_report column,sum x,1 y,2
alone --format=csv --stats=sum --files-from=- <list
expect_report column,sum x,1 y,2
status=0
sed '' list | PATH=$work/empty bin/csv-report --format=csv --stats=sum --files-from=- >out 2>err ||
	status=$?
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "a path that looks like a URL is read with ./ in front"
mkdir s3:
printf 'x,y\n1,2\n' >s3:/b.csv
run --format=csv --stats=sum ./s3://b.csv
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "csv-report executes csv-report-remote with the same arguments and the same standard input"
# shellcheck disable=SC2016 # it is a script that is written
printf '#!/bin/sh\necho remote: "$@"\n[ "$1" != --files-from=- ] || cat\n' >bin/csv-report-remote
chmod +x bin/csv-report-remote
status=0
PATH=$PATH bin/csv-report s3://bucket/a.csv --round=3 'x y' >out 2>err || status=$?
expect_status 0
expect_out "remote: s3://bucket/a.csv --round=3 x y"
printf 'a.csv\ns3://bucket/k\nb.csv\n' >list
sed '' list | bin/csv-report --files-from=- >out 2>err
[ "$(sed 1d out)" = "$(cat list)" ] || wrong "the list is not what was piped in"
bin/csv-report --files-from=- <list >out 2>err
[ "$(sed 1d out)" = "$(cat list)" ] || wrong "the list is not what it was"
if python3 -c pass 2>/dev/null; then
	# Another program has made the pipe non-blocking, and nothing is in it yet.
	cat >late.py <<'END'
import os, sys, time
read_end, write_end = os.pipe()
if os.fork() == 0:
    time.sleep(0.5)
    os.write(write_end, open("list", "rb").read())
    os._exit(0)
os.close(write_end)
os.dup2(read_end, 0)
os.set_blocking(0, False)
os.execv(sys.argv[1], sys.argv[1:])
END
	python3 late.py bin/csv-report --files-from=- >out 2>err || wrong "a list that comes late: $(cat err)"
	[ "$(sed 1d out)" = "$(cat list)" ] || wrong "the list is not what came late"
fi
mv bin/csv-report-remote empty/
PATH=$work/empty:$PATH bin/csv-report s3://bucket/a.csv >out 2>err || status=$?
expect_out "remote: s3://bucket/a.csv"
finish

begin "a csv-report-remote that cannot be executed is not reported as missing"
rm empty/csv-report-remote
printf '#!/no/such/interpreter\n' >bin/csv-report-remote
chmod +x bin/csv-report-remote
alone s3://bucket/a.csv </dev/null
expect_status 1
expect_err "cannot run csv-report-remote: No such file or directory"
finish

begin "a program that is started several times and executes another warns once"
printf '#!/bin/sh\n' >bin/csv-report-remote
SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 alone s3://bucket/a.csv </dev/null
expect_status 0
[ ! -s err ] || wrong "it is said before the other program says it"
SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 alone --format=csv --stats=sum a.csv </dev/null
expect_err "started 2 times"
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
