#!/bin/sh
# state_seeds.sh - writes the seeds of the fuzz targets `state` and `summary` anew, after the format changed
#
# Usage   state_seeds.sh PROGRAM
set -eu

PATH=$(cd "$(dirname "$1")" && pwd):$PATH
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

printf 'a,b,c\n1,x,2024-01-31\n2.5,,NA\n-3e2,true,10:20\n12345678901234567891,x,1.5\n' >a.csv
printf 'b,a\ny,7\n"z ""q""",nan\n,\n1,2,3\n' >b.csv
printf 'p;q\n1;2\n3;4\n' >other.csv
printf 'p;q;r;s\n' >head.csv
printf 'a,b\n1,"2\n' >bad.csv
: >empty.csv
awk 'BEGIN { print "a,b"; for (i = 0; i < 40; i++) print i "," i * i % 7 }' >big.csv
TZ=UTC0 touch -t 202601010000 ./*.csv

save() {
	name=$1
	shift
	csv-report -q --format=state -o "$name" "$@" || [ $? -eq 3 ]
}

# seed TARGET/NAME ARGUMENT... - of state_text.py
seed() {
	name=$1
	shift
	python3 "$here/state_text.py" "$@" | sed "s/ \"$(uname -n)\" / \"node1\" /" >"$here/seeds/$name"
}

save one a.csv b.csv
save rest other.csv head.csv bad.csv empty.csv
save files --per-file a.csv b.csv empty.csv other.csv
save position --columns-by=position --select=1,2 --null-values=NA,x -n a.csv b.csv
save header --tables=header a.csv b.csv other.csv
save united --tables=one a.csv b.csv other.csv
save distinct.a --stats=distinct,duplicates a.csv
save distinct.b --stats=distinct,duplicates b.csv
save pairs --correlation a.csv b.csv other.csv
save shard.1 --chunk=60 --shard=1/2 big.csv a.csv
save shard.2 --chunk=60 --shard=2/2 big.csv a.csv
save all --stats=median,top a.csv other.csv
save pass.1 --refine=all --shard=1/2 a.csv other.csv
save pass.2 --refine=all --shard=2/2 a.csv other.csv
save grouped.1 --group-by=a,b:1 --where='c!=x' a.csv b.csv other.csv
save grouped.2 --group-by=a,b:1 --where='c!=x' big.csv empty.csv
save grouped.all --group-by=:file --stats=median,top,max a.csv b.csv
save grouped.part --group-by=b --chunk=60 --shard=1/2 big.csv a.csv
save grouped.rest --group-by=b --chunk=60 --shard=2/2 big.csv a.csv
seed state/one 0 one
seed state/few-values 0 one rest
seed state/per-file 2 files
seed state/by-position 0 position
seed state/tables-of-headers 0 header
seed state/one-table 0 united
seed state/collected 0 distinct.a distinct.b
seed state/correlated 0 pairs
seed state/partial 5 rest shard.1
seed state/refined 8 all pass.1 pass.2
seed state/reports 4 one rest
seed state/reports-per-file 6 files
seed state/shards-reversed 0 shard.2 shard.1
seed state/two-runs 0 one rest
seed state/two-shards 0 shard.1 shard.2
seed state/grouped 0 grouped.1 grouped.2
seed state/grouped-collected 0 grouped.all
seed state/grouped-reports 4 grouped.1 grouped.2
seed state/grouped-reports-collected 4 grouped.all
seed state/grouped-shards 0 grouped.part grouped.rest

# Without aggregates, and with two items of --select.
save s.1 --stats=count --select=a,b a.csv b.csv
save s.2 --stats=count --select=a,b bad.csv other.csv empty.csv
save s.files.1 --stats=count --select=a,b --per-file a.csv b.csv head.csv
save s.files.2 --stats=count --select=a,b --per-file big.csv bad.csv empty.csv
save s.part --stats=count --select=a,b --chunk=60 --shard=1/2 big.csv a.csv
save s.position --stats=count --select=b,1 --columns-by=position -n a.csv b.csv
save s.one --stats=count --select=a,b --tables=one a.csv b.csv other.csv
save s.pairs --stats=count --select=a --correlation=b --per-file a.csv b.csv
save s.groups.1 --stats=count --group-by=b,:file a.csv b.csv other.csv
save s.groups.2 --stats=count --group-by=b,:file big.csv head.csv bad.csv
save s.groups.part --stats=count --group-by=b,:file --chunk=60 --shard=1/2 big.csv a.csv
seed summary/tables --summary 0 s.1 s.2
seed summary/ranked --summary 4 s.2 s.1
seed summary/per-file --summary 2 s.files.1 s.files.2
seed summary/partial --summary 0 s.part s.2
seed summary/by-position --summary 1 s.position s.position
seed summary/by-position-ranked --summary 5 s.position s.position
seed summary/correlated --summary : s.pairs s.pairs
seed summary/one-table --summary @ s.one s.1
seed summary/grouped --summary P s.groups.1 s.groups.2
seed summary/grouped-partial --summary T s.groups.part s.groups.2
