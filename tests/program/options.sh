#!/bin/sh
# options.sh - help, manual and completion list the same options, which follow GNU conventions
#
# cases/options.cases tests the effect of each option, cases/errors.cases invalid values.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
set -eu
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

expect_report() {
	printf '%s\n' "$@" >expected
	cmp -s expected out || wrong "expected report: $*"
	[ ! -s err ] || wrong "standard error is not empty"
}

expect_usage_error() {
	expect_status 2
	[ ! -s out ] || wrong "standard output is not empty"
	grep -F -q -e "$1" err || wrong "standard error lacks: $1"
}

printf 'x,y\n1,2\n' >a.csv

# ---- help, manual, completion ----

begin "--help writes to standard output and exits with 0"
run --help
expect_status 0
[ -s out ] || wrong "standard output is empty"
[ ! -s err ] || wrong "standard error is not empty"
cp out help
finish

begin "--help has at most 80 lines"
n_lines=$(wc -l <help)
if [ "$n_lines" -lt 10 ] || [ "$n_lines" -gt 80 ]; then
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

begin "--help needs no input and ignores inputs"
run --help missing.csv
expect_status 0
cmp -s out help || wrong "it differs from --help alone"
finish

grep -o -e '--[a-z][a-z-]*' help | sort -u >options

begin "--help lists the options of the manual"
for option in --include --exclude --max-depth --follow --delimiter --quote --no-quote --comment \
	--no-header --header --columns-by --null-values --fold-names --skip-footer --decimal --thousands \
	--number-affixes --select --stats --all \
	--per-file --threads --format --output --round --progress --strict --quiet --verbose --version \
	--help --files-from --null --timing --flamegraph; do
	grep -q -x -e "$option" options || wrong "--help lacks $option"
done
finish

begin "--help does not list the options for tests"
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

begin "the completion is a valid bash script"
if command -v bash >/dev/null 2>&1; then
	[ -s completion ] || wrong "the completion is empty"
	bash -n completion 2>err || wrong "bash cannot read it"
	finish
else
	echo "ok $n - $sentence # SKIP bash is missing"
fi

begin "every value of --format and --stats is completed"
for word in table csv tsv json md count missing invalid mean stddev min max; do
	grep -q -w -e "$word" completion || wrong "the completion lacks $word"
done
finish

begin "--version prints the program, its version and its features"
run --version
expect_status 0
[ ! -s err ] || wrong "standard error is not empty"
head -n 1 out | grep -q '^csv-report.* [0-9][0-9]*\.[0-9]' || wrong "the first line has no version"
grep -q -i openmp out || wrong "OpenMP is not mentioned"
grep -q -i kernel out || wrong "the kernels are not mentioned"
cp out version
finish

begin "--version lists the kernels and the one used, without trailing blanks"
run --version
grep -q -x -e 'parsing kernels: .*scalar (using .*)' out || wrong "the line of kernels is missing"
! grep -q -e '[[:blank:]]$' out || wrong "a line ends with a blank"
CSVR_KERNEL=scalar "$program" --version >out 2>err
grep -q -e '(using scalar' out || wrong "it does not show the kernel of CSVR_KERNEL"
finish

begin "-V is --version"
run -V
expect_status 0
cmp -s out version || wrong "-V and --version differ"
finish

begin "--help and --version exit with 1 if standard output is full"
if [ -c /dev/full ]; then
	for option in --help --version; do
		status=0
		"$program" "$option" >/dev/full 2>err || status=$?
		expect_status 1
	done
	: >out
	finish
else
	echo "ok $n - $sentence # SKIP /dev/full is missing"
fi

# ---- syntax of options ----

begin "options may follow paths"
run a.csv --format=csv --stats=sum
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "the value of a long option may be the next argument"
run --format csv --stats sum a.csv
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "long options may be abbreviated if this is unambiguous"
run --form=csv --stat=sum --sel=y a.csv
expect_status 0
expect_report column,sum y,2
finish

begin "an ambiguous abbreviation is a usage error that names it"
run --no a.csv
expect_usage_error no
run --s=x a.csv
expect_usage_error s
finish

begin "short options may be joined, and the last may be followed by its value"
run -nAqd, --format=csv a.csv
expect_status 0
run -nqsy --format=csv --stats=count a.csv
expect_usage_error y
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

begin "the last of several values is used"
run --format=json --format=csv --stats=mean --stats=sum -d ';' -d , a.csv
expect_status 0
expect_report column,sum x,1 y,2
finish

begin "a usage error refers to --help"
run --nosuch
expect_usage_error "--help"
finish

begin "names of formats are case-sensitive"
run --format=CSV a.csv
expect_usage_error CSV
finish

begin "--connections accepts 1 to 256"
for value in 0 257 many -1; do
	run --connections=$value a.csv
	expect_usage_error "--connections=$value"
done
run --connections=256 --format=csv --stats=sum a.csv
expect_status 0
expect_report column,sum x,1 y,2
finish

# alone ARGUMENT...: runs the program without a csv-report-remote in its directory or in PATH.
mkdir bin empty
cp "$program" bin/csv-report
alone() {
	status=0
	PATH=$work/empty bin/csv-report "$@" >out 2>err || status=$?
}

begin "a URL is a usage error that names csv-report-remote if that is missing"
for url in s3://bucket/a.csv s3://bucket S3://bucket/ http://host/a.csv HTTPS://host/; do
	alone a.csv "$url" </dev/null
	expect_status 2
	expect_err "$url: needs csv-report-remote"
	expect_no_report
done
finish

begin "a URL in a list, a pipe or after --null is a usage error if csv-report-remote is missing"
printf 'a.csv\ns3://bucket/in-a-list\n' >list
printf 'a.csv\0http://host/new\nline\0' >list0
alone --files-from=list </dev/null
expect_status 2
expect_err "s3://bucket/in-a-list: needs csv-report-remote"
alone --files-from=- <list
expect_status 2
expect_err "s3://bucket/in-a-list: needs csv-report-remote"
# The pipe runs `alone` in a subshell, so the status is not available.
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
if grep -q secret out err; then wrong "the password is printed"; fi
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
[ "$(sed 1d out)" = "$(cat list)" ] || wrong "the list from the pipe is changed"
bin/csv-report --files-from=- <list >out 2>err
[ "$(sed 1d out)" = "$(cat list)" ] || wrong "the list from the file is changed"
if python3 -c pass 2>/dev/null; then
	# The pipe is non-blocking and at first empty.
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
	python3 late.py bin/csv-report --files-from=- >out 2>err || wrong "a delayed list: $(cat err)"
	[ "$(sed 1d out)" = "$(cat list)" ] || wrong "the delayed list is changed"
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
[ ! -s err ] || wrong "the warning is printed before csv-report-remote is executed"
SLURM_PROCID=0 SLURM_STEP_NUM_TASKS=2 alone --format=csv --stats=sum a.csv </dev/null
expect_err "started 2 times"
finish

# ---- the terminal ----

# on_terminal VARIABLE=VALUE... -- ARGUMENT...: the output of the program to a terminal is written to `out`.
on_terminal() {
	env -u LC_ALL -u LC_CTYPE -u LANG PYTHONCOERCECLOCALE=0 python3 - "$program" "$@" >out 2>err <<'END'
import os, pty, sys
program, *variables = sys.argv[1:]
at = variables.index("--")
child, terminal = pty.fork()
if child == 0:
    os.environ.update(variable.split("=", 1) for variable in variables[:at])
    os.execv(program, [program] + variables[at + 1:])
try:
    while data := os.read(terminal, 65536):
        os.write(1, data.replace(b"\r\n", b"\n"))
except OSError:
    pass
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
END
}

printf 'x\n1\n2\n3\n3\n' >bars.csv
blocks='▄         ▄        █'
ascii='=         =        @'

# bars_are BARS VARIABLE=VALUE... -- OPTION...
bars_are() {
	bars=$1
	shift
	on_terminal NO_COLOR=1 "$@" --stats=histogram bars.csv || wrong "$*: $(cat err)"
	grep -F -x -q -e "x       $bars" out || wrong "$*: $(cat out)"
}

begin "the bars of a histogram are blocks on a terminal with a locale of UTF-8"
if has_python pty; then
	for locale in C.UTF-8 de_DE.utf8 xx_XX.Utf-8@unknown; do
		bars_are "$blocks" LC_ALL=$locale --
		bars_are "$blocks" LC_ALL= LC_CTYPE=$locale LANG=C --
		bars_are "$blocks" LANG=$locale --
		bars_are "$ascii" LC_ALL=$locale -- --bars=ascii
		bars_are "$ascii" LC_ALL=C LC_CTYPE=$locale LANG=$locale --
		bars_are "$ascii" LC_CTYPE=de_DE.ISO-8859-1 LANG=$locale --
	done
	bars_are "$ascii" --
	bars_are "$ascii" LC_ALL=C --
	bars_are "$blocks" LC_ALL=C -- --bars=blocks
	finish
else
	skip "python3 (3.9 or later) is missing"
fi

begin "the bars of a histogram are ASCII in a pipe or a file"
LC_ALL=C.UTF-8 "$program" --stats=histogram bars.csv </dev/null >out 2>err
expect_out "x       $ascii"
LC_ALL=C.UTF-8 "$program" --stats=histogram --output=out bars.csv </dev/null 2>err
expect_out "x       $ascii"
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
