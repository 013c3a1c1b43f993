#!/bin/sh
# oracle.sh - csv-report equals an independent implementation of the manual (oracle.py), to the last bit
#
# Every count, sum, mean, minimum and maximum must be equal. Deviations may differ by 1 ulp, and estimates
# by 5 of their standard errors. Estimated percentiles must be in the buckets of the exact ones.
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       seeds of the hostile directories (default: 1 to 5)
#         HOSTILE     the generator (default: $builddir/tests/tools/hostile)
# Output  TAP; every test is skipped without python3
set -eu

srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
SEEDS=${SEEDS:-1 2 3 4 5}

# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
CSV_REPORT=$program
has_python sys || skip_all "python3 (3.9 or later) is missing"

# agrees DIRECTORY OPTION...: whether the program and the oracle report the same.
agrees()
{
	path=$1
	for all in '--all --stats=duplicates' ''; do
		# shellcheck disable=SC2086
		"$CSV_REPORT" $all --format=json "$@" >"$work/report.json" 2>"$work/log" </dev/null &&
			python3 "$srcdir/tests/tools/oracle.py" --check "$work/report.json" "$path" \
				>"$work/log" 2>&1 || return 1
	done
}

status=0
python3 "$srcdir/tests/tools/oracle.py" --self-test >"$work/log" 2>&1 || status=1
tap_line "$status" "the oracle is correct on cases computed by hand"

# agrees_with DIRECTORY OPTION...: the same with options that say how numbers are written.
agrees_with()
{
	path=$1
	shift
	"$CSV_REPORT" --all --format=json --delimiter=';' "$@" "$path" >"$work/report.json" 2>"$work/log" &&
		python3 "$srcdir/tests/tools/oracle.py" "$@" --check "$work/report.json" "$path" \
			>"$work/log" 2>&1
}

for directory in weather messy; do
	succeeds "data/$directory: the report equals the oracle's" agrees "$srcdir/data/$directory"
done

# Numbers in several notations and texts: 4,096 distinct values, 4,097, and up to 30,000.
mkdir "$work/many"
awk 'BEGIN {
	srand(1)
	print "whole,more,price,mixed,long,word"
	for (i = 0; i < 30000; i++) {
		price = int(rand() * 2000000)
		printf "%d%s,%d,%d.%02d%s,%s%d,", i % 4096, i % 3 ? "" : ".0", i % 4097,
			price / 100, price % 100, i % 5 ? "" : "e0", i % 2 ? "" : "x", i / 7
		printf "1234567890123456789%06d%s,%cx%d\n", i / 2, i % 2 ? "" : ".00", 97 + i % 26, i % 9999
	}
}' >"$work/many/a.csv"
succeeds "a file of many distinct values: the report equals the oracle's" agrees "$work/many"

# Decimal commas, groups of digits (right and wrong), and numbers that mean a missing value.
mkdir "$work/notation"
awk 'BEGIN {
	srand(3)
	print "plain;comma;grouped;null;other"
	for (i = 0; i < 5000; i++) {
		n = int(rand() * 10000000)
		high = int(n / 1000)
		printf "%d;%s%d,%d%s;", i, i % 3 ? "" : "-", high, n % 1000, i % 7 ? "" : "e-2"
		printf "%d.%03d%s;", i % 11 ? high % 1000 : high, n % 1000, i % 5 ? "" : ",25"
		printf "%s;%s\n", i % 4 ? n % 10 : i % 8 ? "-99,0" : "-99", i % 2 ? "1.5" : "2,5"
	}
}' >"$work/notation/a.csv"
for options in '--decimal=,' --thousands=. '--decimal=, --thousands=. --null-values=NA,null:-99,3' \
	'--decimal=. --thousands=, --null-values=-99'; do
	# shellcheck disable=SC2086
	succeeds "with $options: the report equals the oracle's" agrees_with "$work/notation" $options
done

# Numbers with affixes, in other notations, and words that mean no value, in columns of several shares of each.
mkdir "$work/looks"
awk 'BEGIN {
	srand(4)
	n = split("1,5|0,250|1,204|1,050,000|1.204.500|1.299,99|1 204|1 204,5|1\047204|$400.00|($30.00)|-$5|$-5|5-" \
		"|(12.5)|12%|45.5 %|6040K|1.2G|3Mi|12.5 ms|2.5 p|7 km/h|EUR 5|5 CHF|SEK 5|n/a|-|na|NULL|Missing|NA|no|" \
		"#N/A|040 123 456|1.2.3|12 Main Street|5kK|0x10|K|%|$|()|(|5 K|1e3 %|1,5e3|12|3.5|-7|1e400 %|x1|2024Q1|" \
		"1,234.5-|- 5|+5%|--|Euro 5|EURO|JPY5|5\302\240%|1\302\240204|\342\202\2545|.5 %|,5|5,|5. K", text, "|")
	print "any;numbers;units;words;codes"
	for (i = 0; i < 3000; i++) {
		printf "%s;", text[1 + int(rand() * n)]
		printf "%s;", i % 3 ? text[1 + int(rand() * 16)] : i
		printf "%s;", i % 20 ? text[18 + int(rand() * 6)] : "word"
		printf "%s;", i % 7 ? "-" : text[27 + int(rand() * 6)]
		print i % 50 ? sprintf("%c%c", 65 + i % 26, 65 + i % 23) : "NA"
	}
}' >"$work/looks/a.csv"
for options in --number-affixes=1000 '--number-affixes=1024 --thousands=, --null-values=NA,5,any:12' --thousands=space \
	'--decimal=, --thousands=. --number-affixes=1000' '--decimal=,'; do
	# shellcheck disable=SC2086
	succeeds "what cells look like with $options: the report equals the oracle's" \
		agrees_with "$work/looks" $options
done

# For percentiles: equal distances far from zero, both signs, values in 127 octaves and in most, many equal ones.
mkdir "$work/spread"
awk 'BEGIN {
	srand(2)
	print "seconds,signed,narrow,wide,rounded,heavy"
	for (i = 0; i < 20000; i++) {
		r = rand() - 0.5
		printf "%d,%.6f,%.5fe%d,", 1700000000 + int(rand() * 86400), r * 1000, r, int(rand() * 36) - 18
		printf "%.5fe%d,%.2f,", r, int(rand() * 560) - 280, r * 40
		printf "%.7f\n", i % 3 ? int(r * 6) * 0.1 : r
	}
}' >"$work/spread/a.csv"
succeeds "a file of values of all magnitudes: the report equals the oracle's" agrees "$work/spread"

# More than 256 columns: fewer values are kept, and buckets are wider.
mkdir "$work/columns"
awk 'BEGIN {
	srand(3)
	for (i = 0; i < 257; i++)
		printf "c%d%s", i, i < 256 ? "," : "\n"
	for (row = 0; row < 1100; row++) {
		printf "%.6f,%.3fe%d", rand() - 0.5, rand() + 1, int(rand() * 36) - 18
		for (i = 2; i < 257; i++)
			printf ",%d", i
		print ""
	}
}' >"$work/columns/a.csv"
succeeds "a file of 257 columns: the report equals the oracle's" agrees "$work/columns"

# Three files with some columns each, and cells that are missing, invalid, longer or of other scales; rows
# that are too short or too long.
mkdir "$work/pairs"
awk -v directory="$work/pairs/" 'BEGIN {
	srand(2)
	split("a b c d e f g", names, " ")
	for (f = 0; f < 3; f++) {
		file = directory f ".csv"
		line = ""
		for (c = 1; c <= 5; c++)
			line = line (c > 1 ? "," : "") names[(c + f) % 7 + 1]
		print line > file
		for (i = 0; i < 1200; i++) {
			line = x = int(rand() * 2000) - 1000
			for (c = 1; c < 5; c++) {
				kind = rand() * (i < 500 ? 30 : 4)
				value = x * c + int(rand() * 1000)
				cell = c == 1 ? value : c == 2 ? value / 100 : int(rand() * 1e9) "." int(rand() * 1e9)
				if (kind < 0.5) cell = ""
				else if (kind < 1) cell = "x" value
				else if (kind < 1.3) cell = value "e" int(rand() * 80) - 60
				else if (kind < 1.6) cell = value "12345678901234567890123456789.5"
				else if (kind < 1.8) cell = "\"" value "\""
				else if (kind < 2) cell = "0.00000" int(rand() * 1e9) int(rand() * 1e9)
				line = line "," cell
			}
			print line (i % 97 == 5 ? ",7" : "") > file
			if (i % 89 == 7)
				print i "," i * i % 100 > file
		}
	}
}'
for options in '' --kernel=scalar '-j3 --chunk=2000' '--block=70'; do
	# shellcheck disable=SC2086
	succeeds "correlations ${options:+with $options }equal those of the oracle" agrees "$work/pairs" --correlation $options
done

# Rows that occur several times, in several files: few and many different ones, all and none of them repeated, with
# line ends of both kinds, quotes, and fields of more bytes than a window.
mkdir "$work/rows"
awk -v directory="$work/rows/" 'BEGIN {
	srand(5)
	long = "abcdefghijklmnopqrstuvwxyz"
	while (length(long) < 700000)
		long = long long
	for (f = 0; f < 4; f++) {
		file = directory f ".csv"
		print "a,b,c" > file
		for (i = 0; i < 3000; i++) {
			n = f < 2 ? int(rand() * 500) : i % 1000
			printf "%s,%d,%s%s", n % 7 ? n : "\"" n "\"", n / 2, n % 11 ? "x" : "", n % 2 ? "\n" : "\r\n" > file
			if (i == 17 && f < 2)
				printf "%s,\"%s\"\"\",%d\r\n1,%s,2\r\n", long, long, n % 3, long > file
		}
		printf "1,2,3\r" > file
	}
	for (f = 0; f < 3; f++)
		for (i = 0; i < 9000; i++) {
			if (i == 0) {
				print "d,e" > directory "all" f ".csv"
				print "d,e" > directory "most" f ".csv"
				print "d,e" > directory "none" f ".csv"
			}
			print i "," i > directory "all" f ".csv"
			print (rand() < 0.9 ? int(rand() * 5000) : i "." f) "," i % 3 > directory "most" f ".csv"
			print f * 9000 + i ",n" > directory "none" f ".csv"
		}
}'
cp "$work/rows/0.csv" "$work/rows/again.csv"
for options in '' '-j3 --chunk=2000' --block=70; do
	status=0
	for files in 0.csv '0.csv 1.csv again.csv' 'all*' 'most*' 'none*'; do
		mkdir "$work/some"
		# shellcheck disable=SC2086
		(cd "$work/rows" && cp $files "$work/some")
		# shellcheck disable=SC2086
		agrees "$work/some" $options || status=1
		rm -r "$work/some"
	done
	tap_line "$status" "rows that occur more than once${options:+, with $options}: the report equals the oracle's"
done

# Columns that ascend, or nearly: integers with cells that the kernels reject, numbers of other scales, dates and
# datetimes, times, equal values in one row of all, a value less than the one before; in files that do not overlap.
mkdir "$work/order"
awk -v directory="$work/order/" 'BEGIN {
	srand(4)
	for (f = 0; f < 5; f++) {
		file = directory (f * 3 % 5) ".csv"
		print "id,long,price,flat,back,shared,day,took,gap,same,word" > file
		for (i = 0; i < 1500; i++) {
			n = f * 2000 + i
			id = n % 71 == 3 ? n ".0" : n % 97 == 5 ? n "e0" : n
			price = n % 13 == 1 ? n ".123456789" : n % 50 == 2 ? n ".1" : n
			day = 1 + int(n / 60) % 28
			stamp = sprintf("%04d-%02d-%02d", 1990 + f, 1 + int(i / 125), 1 + int(i % 125 / 5))
			stamp = i % 5 ? stamp "T0" i % 5 ":00" (n % 3 ? "" : ":00.5") : stamp
			took = sprintf("%d:%02d:%02d", n / 60, n % 60, i % 7)
			gap = i % 3 ? "" : i % 2 ? n : "NA"
			print id "," n "123456789012345678901234567890" "," price "," n - (f == 3 && i == 700) "," \
				n - 2 * (f == 4 && i == 1499) "," i "," stamp "," took "," gap ",7" (i % 2 ? "" : ".0") ",x" > file
		}
	}
}'
for options in '' --kernel=scalar '-j3 --chunk=2000' '--block=70' '--chunk=300 --block=3'; do
	status=0
	# shellcheck disable=SC2086
	agrees "$work/order" $options || status=1
	grep -c '"ascending": true' "$work/report.json" | grep -qx 9 || status=1
	grep -c '"unique": true' "$work/report.json" | grep -qx 6 || status=1
	tap_line "$status" "columns that ascend${options:+, with $options}: the report equals the oracle's"
done

for seed in $SEEDS; do
	status=0
	"$HOSTILE" "$seed" "$work/hostile" 40
	agrees "$work/hostile" '--correlation=*' || status=1
	tap_line "$status" "hostile files of seed $seed: the report equals the oracle's"
	rm -r "$work/hostile"
done

echo "1..$n"
[ "$n_failed" -eq 0 ]
