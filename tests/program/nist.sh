#!/bin/sh
# nist.sh - statistics that double arithmetic gets wrong are correct
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
# Source  NIST Statistical Reference Datasets, univariate summary statistics: NumAcc1 to NumAcc4,
#         generated here from their definitions; certified values from the same source
# Output  TAP
set -eu

# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"

# expect SENTENCE STATISTICS VALUES: the statistics of column x of x.csv have these values.
expect()
{
	begin "$1"
	run --format=csv --stats="$2" x.csv
	[ "$(sed 1d out)" = "x,$3" ] || wrong "$2: x,$3 expected"
	finish
}

# column NUMBER...: writes x.csv with a header and the numbers.
column()
{
	printf 'x\n' >x.csv
	printf '%s\n' "$@" >>x.csv
}

# alternating WHOLE: WHOLE.2, then WHOLE.1 and WHOLE.3 in turn, 1001 values.
alternating()
{
	awk -v whole="$1" 'BEGIN {
		print "x"
		print whole ".2"
		for (i = 0; i < 500; i++)
			printf "%s.1\n%s.3\n", whole, whole
	}' >x.csv
}

column 10000001 10000003 10000002
expect "NumAcc1: mean 10000002, deviation 1" count,mean,stddev 3,10000002,1
alternating 1
expect "NumAcc2: mean 1.2, deviation 0.1" count,mean,stddev 1001,1.2,0.1
alternating 1000000
expect "NumAcc3: mean 1000000.2, deviation 0.1" count,mean,stddev 1001,1000000.2,0.1
alternating 10000000
expect "NumAcc4: mean 10000000.2, deviation 0.1" count,mean,stddev 1001,10000000.2,0.1

column 1e16 1 -1e16
expect "1e16 + 1 - 1e16 is 1" count,sum,min,max 3,1,-1e16,1e16
column 1e60 1e-40 -1e60
expect "1e60 + 1e-40 - 1e60 is 1e-40" count,sum 3,1e-40
column 9007199254740993 -9007199254740992
expect "integers beyond 2^53 keep their last digit" count,sum 2,1
column 9223372036854775809 18446744073709551617 -9223372036854775808 -18446744073709551615
expect "integers beyond 2^63 and 2^64 keep their last digit" count,sum 4,3
column 9999999999999999999999999999999999999999 -9999999999999999999999999999999999999998
expect "integers of forty digits keep their last digit" count,sum 2,1
column 0.1 0.2 0.3 -0.6
expect "0.1 + 0.2 + 0.3 - 0.6 is 0" count,sum,mean 4,0,0
column 1000000000000000000000.1 1000000000000000000000.3
expect "numbers of twenty-three digits have an exact deviation" count,stddev_pop 2,0.1

{
	echo x
	yes 0.1 | head -n 10000000
} >x.csv
expect "the sum of ten million times 0.1 is 1000000" count,sum,mean,stddev,min,max \
	10000000,1000000,0.1,0,0.1,0.1

echo "1..$n"
[ "$n_failed" -eq 0 ]
