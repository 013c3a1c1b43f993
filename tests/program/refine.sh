#!/bin/sh
# refine.sh - saved states that are refined by shards give the report of one run with --exact, byte for byte;
# states and inputs that do not belong together are refused, with a message that names them
#
# Env     CSV_REPORT  the program (default: ./src/csv-report)
#         HOSTILE     the generator (default: $builddir/tests/tools/hostile)
#         SEEDS       seeds of the hostile directories (default: 1 2)
# Output  TAP; every test is skipped without python3
set -eu
unset NO_COLOR OMP_NUM_THREADS OMP_SCHEDULE
builddir=${builddir:-$PWD}
srcdir=$(cd "${srcdir:-$(dirname "$0")/../..}" && pwd)
HOSTILE=${HOSTILE:-$builddir/tests/tools/hostile}
SEEDS=${SEEDS:-1 2}
random=1
# shellcheck source=tests/tools/program.sh
. "$(dirname "$0")/../tools/program.sh"
# shellcheck source=tests/tools/states.sh
. "$srcdir/tests/tools/states.sh"
has_python json || skip_all 'python3 (3.9 or later) is missing'

# must FILE ARGUMENTS...: writes to FILE; a bad input is no failure.
must() {
	into=$1
	shift
	run --output="$into" "$@"
	expect_saved "$@"
}

# shards N NAME ARGUMENTS...: saves the states NAME1 ... NAMEN, with random numbers of threads.
shards() {
	n_shards=$1
	name=$2
	shift 2
	for i in $(seq "$n_shards"); do
		below 4
		must "$name$i" --format=state --shard="$i/$n_shards" -j $((r + 1)) "$@"
	done
}

# shuffled N NAME: NAME1 ... NAMEN in random order.
shuffled() {
	below 30000
	seq "$1" | awk -v seed="$r" 'BEGIN { srand(seed) } { print rand() " " $0 }' | sort |
		sed "s/^[^ ]* /$2/"
}

all='--all --stats=p0.01,p37.5,p99.9'

# refined DIRECTORY OPTIONS...: leaves the exact state of the directory in `merged`, made by random shards.
refined() {
	rm -f ./*.part merged
	below 4
	n_first=$((r + 1))
	# shellcheck disable=SC2086,SC2046 # several words
	{
		if [ "$n_first" -eq 1 ]; then
			must merged $all --format=state "$@"
		else
			shards "$n_first" first. $all "$@"
			must merged --format=state $(shuffled "$n_first" first.)
		fi
		rounds=0
		while [ "$rounds" -lt 4 ]; do
			rounds=$((rounds + 1))
			below 3
			shards $((r + 2)) pass. --refine=merged $all "$@"
			must merged.new --format=state --refine=merged $(shuffled "$n_shards" pass.)
			grep -q 'one more round' err || rounds=9
			must merged.same --format=state --refine=merged $(shuffled "$n_shards" pass.)
			cmp -s merged.new merged.same || wrong 'the merged state depends on the order of states'
			mv merged.new merged
		done
	}
	[ "$rounds" -eq 9 ] || wrong 'four rounds were not enough'
}

# check DIRECTORY: the report of a refined state is that of one run with --exact, in every format.
check() {
	begin "$2: shards refine to the report of --exact"
	refined "$1" --chunk=20000
	for format in $(formats); do
		# shellcheck disable=SC2086 # several words
		{
			must exact $all --exact --format="$format" --chunk=20000 "$1"
			must report $all --format="$format" merged
		}
		cmp -s exact report || wrong "$format: the report differs"
		# shellcheck disable=SC2086 # several words
		must report --exact $all --format="$format" merged
		cmp -s exact report || wrong "$format: the report differs with --exact"
	done
	finish
	begin "$2: a refined state is saved again with the same bytes"
	must again --format=state merged
	cmp -s merged again || wrong 'the state differs'
	finish
	begin "$2: an independent reader reads a refined state"
	python3 "$srcdir/tests/tools/read_state.py" merged >out 2>err || wrong 'it is refused'
	python3 "$srcdir/tests/tools/read_state.py" pass.1 >out 2>err || wrong 'the state of a pass is refused'
	finish
}

# Far from zero, both signs, ties, long numbers, times, many texts of which some are frequent.
mkdir numbers
python3 - numbers <<'END'
import random, sys
random.seed(5)
n, rows = 5000, []
for i in range(2 * n):
    rows.append(",".join((
        str(1700000000 + random.randrange(86400)),
        "%.4f" % (3 * random.random()) if random.random() < 0.5 else random.choice(("0", "1.0", "2e0", "", "nan")),
        "-%.6f" % random.lognormvariate(0, 2),
        "1.00000000000000%06d" % random.randrange(10**6),
        "word %d" % int(random.paretovariate(0.3) % 30000),
        "%d:%02d:%02d.%03d" % (random.randrange(100), random.randrange(60), random.randrange(60), random.randrange(1000)))))
for part in (0, 1):
    with open("%s/%d.csv" % (sys.argv[1], part), "w") as file:
        file.write("seconds,ties,negative,near,word,duration\n" + "\n".join(rows[part * n:(part + 1) * n]) + "\n")
END
check numbers 'numbers and texts'
for seed in $SEEDS; do
	"$HOSTILE" "$seed" hostile 40
	check hostile "hostile files of seed $seed"
	rm -r hostile
done

begin 'one run refines a state without shards, whatever shards it was made from'
shards 3 first. --all numbers
must merged --format=state first.1 first.3 first.2
must exact --all --exact --format=json numbers
must report --all --refine=merged --format=json numbers
cmp -s exact report || wrong 'the report differs'
must exact.state --refine=merged --format=state numbers
must report --all --format=json exact.state
cmp -s exact report || wrong 'the report of the state differs'
finish

begin 'of several lists of inputs each is refined by a run of its own'
cp -R numbers others
must first.1 --all --format=state numbers
must first.2 --all --format=state others
must both --format=state first.1 first.2
for round in 1 2; do
	must pass.1 --refine=both --format=state numbers
	must pass.2 --refine=both --format=state others
	refuse 1 'refined states are missing' -- --refine=both pass.1
	must both --refine=both --format=state pass.2 pass.1
done
must exact --all --exact --format=json numbers others
must report --all --format=json both
cmp -s exact report || wrong "the report differs after $round rounds"
refuse 1 'more inputs than this run' -- --refine=both numbers
finish

begin 'only the requested statistics are refined, all by default'
must median.state --refine=merged --stats=median --format=state numbers
must exact --stats=median --exact --format=csv numbers
must report --stats=median --format=csv median.state
cmp -s exact report || wrong 'the median differs'
run --exact --stats=p1 median.state
expect_err '--exact' 'not exact'
run --exact --stats=p1,p99 exact.state
[ ! -s err ] || wrong 'a percentile is an estimate'
finish

begin 'frequent values take two rounds, and the merge of the first says so'
must top.state --stats=top --format=state numbers
for round in 1 2; do
	shards 2 pass. --refine=top.state --stats=top numbers
	must top.state --refine=top.state --format=state pass.2 pass.1
	case $round in
	1) expect_err 'one more round with --refine' ;;
	2) [ ! -s err ] || wrong 'a message after the last round' ;;
	esac
done
must exact --stats=top --exact --format=json numbers
must report --stats=top --format=json top.state
cmp -s exact report || wrong 'the report differs'
finish

begin 'a report with --exact of a saved state says how to refine it, and the exit status is 0'
run --exact --stats=median merged
expect_status 0
expect_err 'saved state' '--refine='
finish

begin 'an exact state is refined again without reading anything'
cp -Rp numbers elsewhere
head -c "$(wc -c <elsewhere/0.csv)" /dev/zero >numbers/0.csv
touch -r elsewhere/0.csv numbers/0.csv
refuse 1 'changed since it was saved' -- --refine=merged --format=state numbers
shards 2 pass. --refine=exact.state numbers
expect_err 'no estimates that another pass could make exact'
must again --refine=exact.state --format=state pass.2 pass.1
cmp -s exact.state again || wrong 'the state differs'
rm -r numbers
mv elsewhere numbers
finish

begin 'a state that is merged with others has estimates again'
must exact.1 --refine=first.1 --format=state numbers
must plain --format=state first.1 first.2
must mixed --format=state exact.1 first.2
must plain.report --all --format=json plain
must report --all --format=json mixed
cmp -s plain.report report || wrong 'the report differs from that of states that were not refined'
must report --all --format=json exact.1 others
cmp -s plain.report report || wrong 'the report of a refined state and files differs'
finish

# ---- what does not belong together ----

begin 'a missing shard, and one that is given twice, are refused'
must merged --all --format=state numbers
shards 3 pass. --refine=merged numbers
refuse 1 'shard 2 of 3' '--refine' -- --refine=merged pass.1 pass.3
refuse 1 'pass.1' 'pass each state once' -- --refine=merged pass.1 pass.2 pass.1 pass.3
cp pass.1 pass.copy
refuse 1 'contains shard 1/3' -- --refine=merged pass.1 pass.2 pass.copy pass.3
finish

begin 'a pass that refines another state is refused'
must other --all --format=state numbers
shards 3 other. --refine=other numbers
refuse 1 'other.2' 'refines a state other than merged' -- --refine=merged pass.1 other.2 pass.3
finish

begin 'passes over different statistics are refused'
must pass.stats --refine=merged --stats=p10 --format=state --shard=2/3 numbers
refuse 1 'pass.stats' 'a --stats other than' -- --refine=merged pass.1 pass.stats pass.3
finish

begin 'states that were saved without --refine, and those with it, are not mixed'
refuse 2 'not saved with --refine' -- --refine=merged merged
refuse 2 'saved with --refine' -- pass.1 pass.2 pass.3
refuse 2 'itself saved with --refine' -- --refine=pass.1 numbers
refuse 2 'either files, or states' -- --refine=merged pass.1 pass.2 pass.3 numbers/0.csv
must half --all --format=state --shard=1/2 numbers
refuse 1 'half' 'lacks 1 of 2 shards' -- --refine=half --format=state numbers
finish

begin 'other inputs, and changed ones, are refused before anything is read'
refuse 1 'not those of this run' -- --refine=merged others
refuse 1 'chunk' -- --refine=merged --chunk=12345 numbers
cp -Rp numbers original
echo '1' >numbers/2.csv
refuse 1 'has 2 inputs, but this run has 3' '2.csv' -- --refine=merged numbers
rm numbers/2.csv
touch numbers/1.csv
refuse 1 'the inputs changed' 'numbers/1.csv' -- --refine=merged --shard=1/2 --format=state numbers
finish

begin 'a file whose size and time did not change, but whose cells did, is noticed'
sed 's/^17\(......\)1/17\10/' original/1.csv >numbers/1.csv
touch -r original/1.csv numbers/1.csv
refuse 1 'merged' 'changed since it was saved' -- --refine=merged numbers
shards 2 changed. --refine=merged numbers
refuse 1 'changed since it was saved' -- --refine=merged changed.1 changed.2
rm -r numbers
mv original numbers
finish

begin 'other options are refused; without any, those of the state hold'
must select --all -s seconds,near --format=state numbers
refuse 2 'select' '--select' -- --refine=select -s ties numbers
must exact --all --exact -s seconds,near --format=json numbers
must report --all --refine=select --format=json numbers
cmp -s exact report || wrong 'the report differs'
must few --format=state numbers
refuse 2 'saved without' -- --refine=few --stats=median numbers
finish

begin 'inputs that can be read only once are refused'
refuse 2 '(standard input) can be read only once' -- --refine=merged -
finish

begin 'options that make no sense with --refine are refused'
refuse 2 '--checkpoint' -- --refine=merged --checkpoint=c numbers
refuse 2 '--partial' -- --refine=merged --partial pass.1
refuse 1 'cannot open' -- --refine=none numbers
refuse 1 'not a saved state' -- --refine=numbers/0.csv numbers
finish

begin 'without percentiles there is nothing to refine'
run --refine=few --format=csv numbers
expect_status 0
expect_err 'few' 'no estimates'
cp out refined.csv
run --format=csv few
cmp -s out refined.csv || wrong 'the report differs'
finish

begin 'bad files stay bad'
cp -R numbers bad
printf 'seconds,ties\n1,"2\n' >bad/bad.csv
shards 2 first. --all bad
must merged --format=state first.1 first.2
for round in 1 2; do
	shards 2 pass. --refine=merged bad
	must merged --refine=merged --format=state pass.1 pass.2
done
must exact --all --exact --format=json bad
must report --all --format=json merged
cmp -s exact report || wrong "the report differs after $round rounds"
finish

# ---- altered states ----

# alter FILE SEED: alters some bytes of a state, and corrects its digest.
alter() {
	python3 - "$1" "$2" <<'END'
import hashlib, random, sys
random.seed(int(sys.argv[2]))
data = bytearray(open(sys.argv[1], "rb").read()[:-32])
for _ in range(random.choice((1, 1, 3))):
    at = random.randrange(20, len(data) if random.random() < 0.7 else min(len(data), 2000))
    data[at] = random.choice((0, 1, 127, 128, 255, data[at] ^ 1 << random.randrange(8)))
open("altered", "wb").write(data + hashlib.sha256(data).digest())
END
}

# expect_refused WHAT: the run has failed with a message, or succeeded.
expect_refused() {
	case $status in
	0) ;;
	1 | 2 | 3) [ -s err ] || wrong "$1: no message" ;;
	*) wrong "$1: status $status" ;;
	esac
}

begin 'altered bytes with a corrected digest are refused with a message, or harmless'
must merged --all --format=state --chunk=20000 numbers
shards 2 pass. --refine=merged --chunk=20000 numbers
must exact.state --refine=merged --format=state pass.1 pass.2
for seed in $(seq 25); do
	alter pass.1 "$seed"
	run --all --format=json --refine=merged altered pass.2
	expect_refused "pass $seed"
	alter exact.state "$seed"
	run --all --exact --format=json altered
	expect_refused "state $seed"
done
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
