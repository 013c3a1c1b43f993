#!/bin/sh
# where.sh - rows filtered by --where: as an independent implementation does it, and the same for any way to do the work
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         SEEDS       seeds of the directories (default: 1)
#         HOSTILE     a generator of files (default: $builddir/tests/tools/hostile)
# Output  TAP; every test is skipped without python3
# shellcheck disable=SC2317 # the functions are called by the one that reports a test
set -eu

srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
builddir=$(cd "${builddir:-.}" && pwd)
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
SEEDS=${SEEDS:-1}

# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
CSV_REPORT=$program
has_python sys || skip_all "python3 (3.9 or later) is missing"

# report OPTION...: the report of what is in $data, of which a file may be bad.
report()
{
	status=0
	"$CSV_REPORT" --format=json --all --stats=duplicates "$@" "$data" 2>"$work/log" </dev/null || status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
}

# save FILE OPTION...: a saved state.
save()
{
	state=$1
	shift
	status=0
	"$CSV_REPORT" --format=state --all --stats=duplicates "$@" >"$state" 2>"$work/log" || status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ]
}

# agrees OPTION...: whether the program and the oracle report the same.
agrees()
{
	report "$@" >"$work/report.json" &&
		python3 "$srcdir/tests/tools/oracle.py" "$@" --check "$work/report.json" "$data" \
			>"$work/log" 2>&1
}

# is_same OPTION...: whether the report with these options has the same bytes as $work/whole.json.
is_same()
{
	report "$@" >"$work/other.json" && cmp "$work/whole.json" "$work/other.json" >"$work/log" 2>&1
}

# are_same OPTION...: the same for threads, kernels, blocks and chunks.
are_same()
{
	report "$@" >"$work/whole.json" || return 1
	for how in '-j 1' '-j 3' '-j 1 --block=1' '-j 2 --block=100' '-j 1 --block=4096' \
		'-j 3 --chunk=100' '-j 2 --chunk=700 --block=37' '-j 1 --chunk=5000'; do
		# shellcheck disable=SC2086
		is_same $how "$@" || return 1
	done
	for kernel in $("$CSV_REPORT" --version | sed -n 's/^parsing kernels: \([^(]*\).*/\1/p'); do
		is_same --kernel="$kernel" "$@" || return 1
	done
}

# shards_are_same OPTION...: the same for the merged states of shards, of which two are merged first.
shards_are_same()
{
	report "$@" >"$work/whole.json" || return 1
	for i in 1 2 3; do
		save "$work/$i.state" --shard="$i"/3 --chunk=300 "$@" "$data" || return 1
	done
	save "$work/13.state" "$@" "$work/3.state" "$work/1.state" || return 1
	whole=$data
	data="$work/13.state"
	is_read=true
	report "$@" "$work/2.state" >"$work/other.json" || is_read=false
	data=$whole
	$is_read && cmp "$work/whole.json" "$work/other.json" >"$work/log" 2>&1 &&
		python3 "$srcdir/tests/tools/read_state.py" "$work/13.state" >"$work/log" 2>&1
}

# conditions FILE: runs the tests of the conditions in the file, one set of options per line, on $data.
conditions()
{
	while IFS= read -r line; do
		eval "set -- $line"
		succeeds "$name: $line: the report equals the oracle's" agrees "$@"
		succeeds "$name: $line: the same for threads, kernels, blocks and chunks" are_same "$@"
		succeeds "$name: $line: the same for shards" shards_are_same "$@"
	done <"$1"
}

cat >"$work/of_groups" <<'EOF'
--where='n>0'
--where='price<=1.25' --where='n!=7'
--where='station~*a*'
--where='day>=2020-01-01' --where='note!=x'
--where='when<2020-06-15T10:00:00Z'
--where='took>10:00:00'
--where='long<0.5' --where='mixed>=x'
--where='flag=true'
--where='station=café'
EOF
cat >"$work/of_hostile" <<'EOF'
--where='1>=0'
--where='2!=1' --where='1~*'
--where='2<b'
EOF
for seed in $SEEDS; do
	name="seed $seed"
	data=$work/groups.$seed
	python3 "$srcdir/tests/tools/group_directories.py" make "$seed" "$data" 400 >"$work/log" 2>&1
	conditions "$work/of_groups"
	name="hostile $seed"
	data=$work/hostile.$seed
	mkdir "$data"
	"$HOSTILE" "$seed" "$data" 12
	conditions "$work/of_hostile"
done

# Records of up to 16 MiB are kept in memory as a whole.
mkdir "$work/long"
data=$work/long
name="long records"
awk 'BEGIN {
	srand(3)
	print "a,b,c,d"
	for (i = 0; i < 60; i++) {
		word = "x"
		for (n = i % 12 == 0 ? 20 : i % 17; n > 0; n--)
			word = word word
		printf "%d,\"%s,\n\",%d%s\n", i % 7, word, i, i % 5 ? ",y" : ""
	}
}' >"$data/long.csv"
echo "--where='a>2' --where='b~x*'" >"$work/of_long"
conditions "$work/of_long"

too_long()
{
	n_bytes=$1
	{
		printf 'a,b\n1,2\n'
		head -c "$((n_bytes - 2))" /dev/zero | tr '\0' 'x'
		printf ',5\n3,4\n'
	} >"$work/record.csv"
	shift
	"$CSV_REPORT" --where='b>2' --format=csv --stats=count,sum "$@" "$work/record.csv" >"$work/out" 2>"$work/log"
}

limits()
{
	for how in '-j 1' '-j 3 --chunk=1000000' '--block=1000000'; do
		# shellcheck disable=SC2086
		too_long 16777216 $how && grep -q '^b,2,9$' "$work/out" || return 1
		# shellcheck disable=SC2086
		! too_long 16777217 $how && grep -q ':3: record longer than 16 MiB; --where and --group-by need whole records' \
			"$work/log" || return 1
	done
}
succeeds "a record of 16 MiB is read, a longer one makes the file bad" limits

# Ended between two chunks, and resumed.
name="checkpoints"
data=$work/groups.1
resumed()
{
	report --where='n>0' >"$work/whole.json" || return 1
	rm -f "$work/checkpoint"
	for _ in 1 2 3 4; do
		"$CSV_REPORT" --where='n>0' --format=json --all --stats=duplicates -j 2 --chunk=200 \
			--checkpoint="$work/checkpoint" --checkpoint-every=0.001 --time-limit=0.003 "$data" \
			>"$work/other.json" 2>"$work/log" </dev/null || true
	done
	report --where='n>0' --chunk=200 --checkpoint="$work/checkpoint" >"$work/other.json" || return 1
	cmp "$work/whole.json" "$work/other.json" >"$work/log" 2>&1
}
if [ -d "$data" ]; then
	succeeds "a run that was ended and resumed has the same report" resumed
fi
echo "1..$n"
exit $((n_failed > 0))
