#!/bin/sh
# exact.sh - with --exact every percentile, iqr, mad, histogram and frequent value is exact, however the work is
# divided
#
# The oracle computes them from exact fractions. The report must be byte-identical for any number of threads,
# size of chunks, kernel and, but for the order of columns, order of files.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       seeds of the hostile directories (default: 1 2)
#         HOSTILE     the generator (default: $builddir/tests/tools/hostile)
# Output  TAP; every test is skipped without python3
set -eu
unset NO_COLOR OMP_NUM_THREADS OMP_SCHEDULE OMP_DYNAMIC OMP_THREAD_LIMIT

srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
SEEDS=${SEEDS:-1 2}

# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
CSV_REPORT=$program
has_python sys || skip_all "python3 (3.9 or later) is missing"

# report FILE ARGUMENTS...: writes the exact report of the arguments to FILE.
report()
{
	into=$1
	shift
	"$CSV_REPORT" --exact --all --stats=p0.01,p37.5,p99.9 --format=json "$@" \
		>"$into" 2>"$work/log" </dev/null
}

# is_exact DIRECTORY: whether its report equals the oracle's and has no estimates but `distinct`.
is_exact()
{
	report "$work/report.json" "$1" || return 1
	if grep -E '"(median|p[0-9.]+|iqr|mad)_approximate"|max_error' "$work/report.json" >"$work/log"; then
		return 1
	fi
	python3 "$srcdir/tests/tools/oracle.py" --check-exact "$work/report.json" "$1" >"$work/log" 2>&1
}

# is_same DIRECTORY: whether the report is the same for other threads, chunks, blocks and kernels.
is_same()
{
	for options in '-j 1' '-j 3 --chunk=20000' '-j 7 --chunk=4096 --block=4096' '-j 2 --chunk=65536'; do
		# shellcheck disable=SC2086 # several options
		report "$work/other.json" $options "$1" || return 1
		if ! cmp "$work/report.json" "$work/other.json" >"$work/log" 2>&1; then
			echo "$options" >>"$work/log"
			return 1
		fi
	done
	for kernel in $("$CSV_REPORT" --version | sed -n 's/.*kernels://p' | tr -d ',()') scalar; do
		CSVR_KERNEL=$kernel report "$work/other.json" -j 2 "$1" 2>"$work/log" || continue
		cmp "$work/report.json" "$work/other.json" >"$work/log" 2>&1 || return 1
	done
}

# check NAME SENTENCE: both, for the directory NAME.
check()
{
	succeeds "$2: percentiles and histogram are exact" is_exact "$work/$1"
	succeeds "$2: the report does not depend on how the work is divided" is_same "$work/$1"
}

# Far from zero, both signs, many ties, many scales, many magnitudes.
mkdir "$work/numbers"
python3 - "$work/numbers" <<'END'
import random, sys
random.seed(5)
n, rows = 6000, []
for i in range(2 * n):
    r = random.random()
    rows.append(",".join((
        str(1700000000 + random.randrange(86400)),
        str(123456789 + i * 7919 % (2 * n)),
        random.choice(("0", "1", "1.0", "2e0", "", "nan")) if r < 0.7 else "%.4f" % (3 * random.random()),
        "-%.6f" % random.lognormvariate(0, 2),
        "%.*f" % (random.randrange(12), random.gauss(0, 10) * 10 ** random.randrange(-3, 4)),
        "%.5fe%d" % (random.random() - 0.5, random.randrange(560) - 280),
        "7",
        "2026-%02d-%02dT%02d:%02d:%02d" % (random.randrange(1, 13), random.randrange(1, 29),
                                           random.randrange(24), random.randrange(60),
                                           random.randrange(60)),
        "%d:%02d:%02d.%03d" % (random.randrange(100), random.randrange(60), random.randrange(60),
                               random.randrange(1000)),
        "%d" % (i % 3 * 1000000007 + i // 3 % 4000))))
header = "seconds,id,ties,negative,scales,magnitudes,constant,moment,duration,clusters\n"
for part in (0, 1):
    with open("%s/%d.csv" % (sys.argv[1], part), "w") as file:
        file.write(header + "\n".join(rows[part * n:(part + 1) * n]) + "\n")
END
check numbers "numbers of all kinds"

# 18 digits and more: not doubles, and many of one double.
mkdir "$work/long"
python3 - "$work/long" <<'END'
import random, sys
random.seed(6)
with open(sys.argv[1] + "/a.csv", "w") as file:
    file.write("id,digits,near,notation\n")
    for i in range(9000):
        file.write(",".join((
            str(10 ** 17 + random.randrange(10 ** 17) * 8),
            "1234567890123456789%011d" % random.randrange(10 ** 11) if i % 2
            else "-12345678901234567890123%06d.5" % random.randrange(10 ** 6),
            "1.00000000000000%06d" % random.randrange(10 ** 6),
            random.choice(("%d", "%d.0", "%de0", "%d.00", "x%d")) % (i // 2))) + "\n")
END
check long "numbers of many digits"

# Values of which few have many of the cells, numbers and texts.
mkdir "$work/frequent"
python3 - "$work/frequent" <<'END'
import random, sys
random.seed(7)
n = 20000
ranks = random.choices(range(n), [1 / (k + 1) for k in range(n)], k=2 * n)
for part in (0, 1):
    with open("%s/%d.csv" % (sys.argv[1], part), "w") as file:
        file.write("number,word,mixed,unique\n")
        for i in range(part, 2 * n, 2):
            file.write("%d%s,%s,%s,%d\n" % (ranks[i], random.choice(("", ".0", "e0")),
                       "word %d" % ranks[-i] + "x" * (300 if ranks[-i] % 3 == 0 else 0),
                       "t%d" % ranks[i] if ranks[i] % 2 else ranks[i] / 8, i))
END
check frequent "frequent values"

# The order of files, and rows cut over them.
status=0
report "$work/one.json" "$work/numbers/1.csv" "$work/numbers/0.csv" || status=1
grep -E '"(name|median|p[0-9.]+|iqr|mad|histogram|top)"' "$work/one.json" >"$work/one"
{
	cat "$work/numbers/0.csv"
	sed 1d "$work/numbers/1.csv"
} >"$work/all.csv"
report "$work/other.json" "$work/all.csv" || status=1
grep -E '"(name|median|p[0-9.]+|iqr|mad|histogram|top)"' "$work/other.json" >"$work/other"
cmp "$work/one" "$work/other" >"$work/log" 2>&1 || status=1
tap_line "$status" "the order of files and where a file is cut have no effect"

# More columns than 1,024 have fewer buckets and smaller samples.
mkdir "$work/wide"
awk 'BEGIN {
	srand(3)
	for (j = 0; j < 1100; j++)
		printf "c%d%s", j, j < 1099 ? "," : "\n"
	for (i = 0; i < 300; i++)
		for (j = 0; j < 1100; j++)
			printf "%d%s", 1000000 + rand() * 100000, j < 1099 ? "," : "\n"
}' >"$work/wide/a.csv"
succeeds "1,100 columns: percentiles and histogram are exact" is_exact "$work/wide"

for seed in $SEEDS; do
	"$HOSTILE" "$seed" "$work/hostile" 40
	check hostile "hostile files of seed $seed"
	rm -r "$work/hostile"
done

# ---- statistics of files ----

# Those of each file are those of a report of that file alone.
per_file()
{
	report "$work/report.json" --per-file "$@" || return 1
	python3 - "$work/report.json" "$CSV_REPORT" "$@" >"$work/log" 2>&1 <<'END'
import json, subprocess, sys
report = json.load(open(sys.argv[1]))
command = sys.argv[2:3] + "--exact --all --stats=p0.01,p37.5,p99.9 --format=json".split()
command += [word for word in sys.argv[3:] if not word.startswith("/")]
n_found = 0
for file in report["per_file"]:
    alone = json.loads(subprocess.run([*command, file["file"]], capture_output=True).stdout)
    names = {column["name"]: column for column in alone["columns"]}
    for ours in file["columns"]:
        theirs = names.pop(ours["name"])
        for key in ours.keys() - {"files", "rows", "first_invalid"}:
            if ours[key] != theirs.get(key):
                sys.exit("%s: %s %s: %r, alone %r" % (file["file"], ours["name"], key, ours[key], theirs.get(key)))
            n_found += 1
        if any(key.startswith(("median_", "p99_", "mad_", "iqr_")) for key in ours):
            sys.exit("%s: %s has estimates" % (file["file"], ours["name"]))
    if names:
        sys.exit("%s lacks %s" % (file["file"], names))
sys.exit(n_found < 100)
END
}

per_file_is_same()
{
	report "$work/report.json" --per-file "$work/numbers" "$work/frequent" || return 1
	for options in '-j 1' '-j 3 --chunk=20000' '-j 7 --chunk=4096 --block=4096'; do
		# shellcheck disable=SC2086 # several options
		report "$work/other.json" $options --per-file "$work/numbers" "$work/frequent" || return 1
		cmp "$work/report.json" "$work/other.json" >"$work/log" 2>&1 || return 1
	done
}

# 90,000 distinct values in one bucket of each column, in more files than a summary keeps the values of.
too_many()
{
	mkdir "$work/many"
	python3 - "$work/many/1.csv" <<'END'
import random, sys
random.seed(8)
columns = [random.sample(range(90000), 90000) for _ in range(10)]
with open(sys.argv[1], "w") as file:
    file.write("a,b,c,d,e,f,g,h,i,j\n")
    file.writelines(",".join("1.000%05d" % x for x in row) + "\n" for row in zip(*columns))
END
	for i in 2 3 4 5; do
		ln "$work/many/1.csv" "$work/many/$i.csv"
	done
	"$CSV_REPORT" --exact --stats=median --per-file --format=json "$work/many" >"$work/report.json" \
		2>"$work/log" && grep -A 2 '"file_estimates"' "$work/report.json" >"$work/problem" &&
		grep -q '"count": 1' "$work/problem" && grep -q '/5.csv"' "$work/problem" &&
		[ "$(grep -c '"median_approximate"' "$work/report.json")" -eq 10 ] &&
		! grep -q '"estimates"' "$work/report.json"
}
succeeds "the statistics of each file are exact, as in a report of it alone" per_file "$work/numbers" "$work/frequent"
succeeds "the statistics of files do not depend on how the work is divided" per_file_is_same
succeeds "selected columns of files with different headers have exact statistics" \
	per_file --select=number,id,2 "$work/frequent" "$work/long" "$work/numbers"
succeeds "if the values of all files are too many, a problem says which files have estimates" too_many

# ---- inputs that can be read only once ----

cat_to_exact()
{
	"$CSV_REPORT" --exact --stats=median --format=json <"$work/fifo" >"$work/out" 2>"$work/log" &&
		grep -q 'can be read only once; some statistics are not exact' "$work/log" &&
		grep -q '"median_approximate": true' "$work/out" && grep -q '"estimates"' "$work/out"
}
mkfifo "$work/fifo"
cat "$work/numbers/0.csv" >"$work/fifo" &
succeeds "a pipe has estimates, and a problem line says why" cat_to_exact
wait

strict()
{
	cat "$work/numbers/0.csv" >"$work/fifo" &
	"$CSV_REPORT" --exact --strict --stats=median -s seconds "$work/fifo" \
		>"$work/out" 2>"$work/log" && return 1
	wait
	[ ! -s "$work/out" ] && grep -q 'strict' "$work/log"
}
succeeds "with --strict there is no report with estimates" strict

top_of_pipe()
{
	cat "$work/numbers/0.csv" >"$work/fifo" &
	"$CSV_REPORT" --exact --stats=top --format=json "$work/fifo" >"$work/out" 2>"$work/log" || return 1
	wait
	grep -q 'can be read only once; some statistics are not exact' "$work/log" &&
		grep -q '"estimates"' "$work/out"
}
succeeds "a pipe whose frequent values are not found has the same problem" top_of_pipe

few()
{
	printf 'x\n1\n2\n' | "$CSV_REPORT" --exact --stats=median --format=csv >"$work/out" 2>"$work/log" &&
		[ ! -s "$work/log" ] && grep -q '^x,1.5$' "$work/out"
}
succeeds "a pipe whose percentiles are exact after one pass has no problem" few

states()
{
	"$CSV_REPORT" --stats=median --format=state -o "$work/state" "$work/numbers" 2>"$work/log" &&
		"$CSV_REPORT" --exact --stats=median --format=json "$work/state" >"$work/out" 2>"$work/log" &&
		grep -q 'comes from a saved state; some statistics are not exact' "$work/log"
}
succeeds "saved states have estimates, and a problem line says why" states

refused()
{
	"$CSV_REPORT" --exact --format=state -o "$work/x" "$work/numbers" 2>"$work/log" && return 1
	grep -q -e '--exact: a saved state' "$work/log" && [ ! -e "$work/x" ]
}
succeeds "--exact is refused with --format=state" refused

verbose()
{
	"$CSV_REPORT" -v --exact --stats=median "$work/numbers" >/dev/null 2>"$work/log" &&
		grep -q 'passes: 2 over the inputs' "$work/log" &&
		"$CSV_REPORT" -v --exact --stats=mean "$work/numbers" >/dev/null 2>"$work/log" &&
		! grep -q 'passes:' "$work/log"
}
succeeds "there is one pass if no percentile is requested" verbose

# ---- bad files ----

bad()
{
	cp -R "$work/numbers" "$work/bad"
	printf 'seconds,id\n1,"2\n' >"$work/bad/bad.csv"
	"$CSV_REPORT" --exact --all --format=json "$work/bad" >"$work/out" 2>"$work/log" && return 1
	"$CSV_REPORT" --exact --all --format=json "$work/numbers" >"$work/other" 2>"$work/log" || return 1
	sed '/"files"/,$d' "$work/out" >"$work/out.columns"
	sed '/"files"/,$d' "$work/other" >"$work/other.columns"
	cmp "$work/out.columns" "$work/other.columns" >"$work/log" 2>&1
}
succeeds "a bad file leaves no trace in the second pass" bad

echo "1..$n"
[ "$n_failed" -eq 0 ]
