#!/bin/sh
# slurm.sh - the job scripts of contrib/ under a real Slurm give the report of a plain run, byte for byte
#
# Shape   one cluster of two nodes of four cores (slurm_cluster.sh) for all tests. Tests that need missing
#         options of the program, Open MPI or cgroups are skipped
# Env     CSV_REPORT      the program (default: ./src/csv-report)
#         CSV_REPORT_MPI  the program for MPI (default: csv-report-mpi in the same directory)
#         SLURM_TESTS     "no": skip all tests, for a build whose difference does not concern clusters
#         srcdir          the top of the source tree (default: two directories above this one)
# Output  TAP
set -eu
if [ "${SLURM_TESTS:-yes}" = no ]; then
	echo '1..0 # SKIP SLURM_TESTS is "no"'
	exit
fi
unset NO_COLOR OMP_NUM_THREADS OMP_THREAD_LIMIT OMP_SCHEDULE OMP_PROC_BIND OMP_PLACES OMP_DYNAMIC \
	CSVR_KERNEL CSV_REPORT_OUTPUT CSV_REPORT_STATES CSV_REPORT_SHARDS CSV_REPORT_CHECKPOINT \
	CSV_REPORT_RESTARTS CSV_REPORT_LAUNCHER CSV_REPORT_PMI
tests=$(cd "$(dirname "$0")/.." && pwd)
scripts=${srcdir:-$tests/..}/contrib
mpi_program=${CSV_REPORT_MPI:-}
# shellcheck source=tests/tools/program.sh
. "$tests/tools/program.sh"
CSV_REPORT=$program
CSV_REPORT_MPI=${mpi_program:-$(dirname "$program")/csv-report-mpi}
export CSV_REPORT CSV_REPORT_MPI

# ---- the cluster ----

cluster=$work/slurm
down() {
	sh "$tests/tools/slurm_cluster.sh" down "$cluster" || :
	rm -rf "$work"
}
trap down EXIT
# The daemons refuse directories that other users cannot enter.
chmod 755 "$work"

# A sanitizer needs more memory than a job requests.
no_cgroups='cgroups of version 1 are missing'
CLUSTER_CGROUP=yes
if grep -q -a -e __asan_init -e __tsan_init "$program"; then
	no_cgroups='the program was built with a sanitizer'
	CLUSTER_CGROUP=no
fi
CLUSTER_CPUS=4
export CLUSTER_CPUS CLUSTER_CGROUP
sh "$tests/tools/slurm_cluster.sh" up "$cluster" 2>err || {
	CLUSTER_CGROUP=no
	status=0
	sh "$tests/tools/slurm_cluster.sh" up "$cluster" 2>err || status=$?
	if [ "$status" -eq 77 ]; then
		echo "1..0 # SKIP $(tail -n 1 err)"
		exit
	elif [ "$status" -ne 0 ]; then
		sed 's/^/# /' err
		echo 'Bail out! Slurm is installed, but a cluster does not start'
		exit 1
	fi
}
# shellcheck disable=SC1091 # written by slurm_cluster.sh
. "$cluster/env.sh"

# ---- jobs ----

# submit SCRIPT [SBATCH-OPTION]... -- [ARGUMENT]...: sets $job. The job writes its messages to `out`.
submit() {
	script=$scripts/$1
	shift
	options=
	while [ "$1" != -- ]; do
		options="$options $1"
		shift
	done
	shift
	# Jobs that start at the same time must not create the directory of Open MPI at the same place.
	n_submitted=$((${n_submitted:-0} + 1))
	mkdir "$work/t$n_submitted"
	# shellcheck disable=SC2086 # options without blanks
	job=$(TMPDIR=$work/t$n_submitted sbatch --parsable --output=out $options "$script" "$@" 2>err) || {
		wrong 'sbatch refuses the job'
		job=none
	}
}

field() {
	scontrol show job "$1" 2>/dev/null | sed -n "s/.*\\<$2=\\([^ ]*\\).*/\\1/p" | sort -u
}

# until_true SECONDS COMMAND...: polls, because sbatch --wait polls only every few seconds.
until_true() {
	tries=$(($1 * 5))
	shift
	until "$@"; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.2
	done
}

has_ended() {
	case $(field "$1" JobState) in
	'' | *PENDING* | *RUNNING* | *COMPLETING* | *CONFIGURING* | *REQUEUE*) return 1 ;;
	esac
}

# expect_end JOB STATE: waits until the job has ended in that state.
expect_end() {
	is_left=no
	until_true 120 has_ended "$1" || {
		wrong "job $1 does not end"
		is_left=yes
	}
	state=$(field "$1" JobState)
	[ "$state" = "$2" ] || wrong "job $1 is $state, expected $2"
	# It would delay the jobs after it.
	[ "$is_left" = no ] || scancel --full "$1" || :
}

expect_report() {
	cmp -s "$1" "$2" || wrong "$2 differs from the report of a plain run"
}

run_plain() {
	into=$1
	shift
	"$program" "$@" >"$into" 2>err || wrong 'the plain run fails'
}

# ---- data: a few MB, multiplied by hard links as a test needs ----

mkdir data
for name in north south west; do
	awk -v shift="${#name}" 'BEGIN {
		print "id,price,note"
		for (i = 0; i < 200000; i++)
			printf "%d,%d.%02d,%s\n", i, i * 7919 % 10007 - shift, i % 100, i % 50 ? "" : "x,y"
	}' >"data/$name.csv"
done

# make_files DIRECTORY N: N hard links to one file of 10 MB.
make_files() {
	mkdir "$1"
	cat data/*.csv >"$1/1.csv"
	for number in $(seq 2 "$2"); do
		ln "$1/1.csv" "$1/$number.csv"
	done
}

# ---- one job ----

begin 'a job writes the report of a plain run'
run_plain expected --format=csv data
submit slurm-single.sh -- --format=csv data
expect_end "$job" COMPLETED
expect_report expected report.txt
finish

begin 'a job has as many threads as cores'
if "$program" --version | grep -q -e '^features: OpenMP ('; then
	for n_cores in 1 2; do
		submit slurm-single.sh --cpus-per-task=$n_cores -- -v data
		expect_end "$job" COMPLETED
		grep -q "threads: $n_cores, from OMP_NUM_THREADS" out || wrong "the job does not use $n_cores threads"
	done
	finish
else
	skip 'built without OpenMP'
fi

begin 'a job ends with the exit status of the program'
submit slurm-single.sh -- data missing.csv
expect_end "$job" FAILED
[ "$(field "$job" ExitCode)" = 3:0 ] || wrong "the exit status is $(field "$job" ExitCode), expected 3"
finish

# ---- memory, enforced ----

begin 'the cluster enforces the memory limit of a job'
if [ $CLUSTER_CGROUP = yes ]; then
	# `tail` keeps the last line, which is the whole input.
	job=$(sbatch --parsable --output=out --mem=64M --wrap 'head -c 200000000 /dev/zero | tail >big')
	until_true 60 has_ended "$job" || wrong 'the job does not end'
	[ "$(field "$job" JobState)" = OUT_OF_MEMORY ] || wrong "the job is $(field "$job" JobState)"
	rm -f big
	finish
else
	skip "$no_cgroups"
fi

begin 'a job of 64 MB reads 2 GB, half of it in one cell'
if [ $CLUSTER_CGROUP = no ]; then
	skip "$no_cgroups"
else
	make_files big 100
	# The hole in the file reads as zeros and needs no disk space.
	printf 'id,price\n1,2\n3,' >big/hole.csv
	truncate -s 1000000000 big/hole.csv 2>err || wrong 'a file of 1 GB cannot be created'
	printf '\n5,6\n' >>big/hole.csv
	run_plain expected big
	submit slurm-single.sh --mem=64M -- big
	expect_end "$job" COMPLETED
	expect_report expected report.txt
	rm -rf big
	finish
fi

# ---- shards and checkpoints ----

if ! "$program" --help | grep -q -e --checkpoint; then
	for sentence in 'shards of an array' 'ranks' 'jobs that are stopped'; do
		begin "$sentence"
		skip 'this csv-report has no --shard and no --checkpoint'
	done
	echo "1..$n"
	[ "$n_failed" -eq 0 ]
	exit
fi

run_plain expected --format=json data

# submit_merge ARRAY
submit_merge() {
	submit slurm-merge.sh --dependency=afterok:"$1" --kill-on-invalid-dep=yes -- --format=json
}

begin 'the merged shards of a job array give the report of a plain run'
rm -f report.txt
submit slurm-array.sh --cpus-per-task=1 -- data
array=$job
submit_merge "$array"
expect_end "$array" COMPLETED
expect_end "$job" COMPLETED
expect_report expected report.txt
finish

begin 'a single shard can be repeated'
rm -f report.txt states/3-of-4.state
submit slurm-array.sh --array=3 -- data
array=$job
submit_merge "$array"
expect_end "$array" COMPLETED
expect_end "$job" COMPLETED
expect_report expected report.txt
finish

begin 'the merge does not run if a shard fails'
rm -f report.txt
cat >fails <<'END'
#!/bin/sh
case " $* " in
*' --shard=3/4 '*) exit 1 ;;
esac
exec "$REAL_PROGRAM" "$@"
END
chmod 755 fails
REAL_PROGRAM=$program
export REAL_PROGRAM
CSV_REPORT=$work/fails
submit slurm-array.sh --cpus-per-task=1 -- data
array=$job
submit_merge "$array"
CSV_REPORT=$program
expect_end "$job" CANCELLED
[ ! -e report.txt ] || wrong 'a report was written'
until_true 60 has_ended "$array" || wrong 'the shards do not end'
[ -e states/4-of-4.state ] || wrong 'the other shards were not saved'
[ ! -e states/3-of-4.state ] || wrong 'a state of an earlier run remains'
finish

# ---- MPI ----

mpi_reason=
if [ ! -x "$CSV_REPORT_MPI" ]; then
	mpi_reason='csv-report-mpi was not built'
elif ! mpirun --version 2>/dev/null | grep -q 'Open MPI'; then
	mpi_reason='mpirun is not that of Open MPI'
elif ! srun --mpi=list 2>&1 | grep -q pmix; then
	mpi_reason='this Slurm has no PMIx'
fi
for launcher in srun mpirun; do
	begin "$launcher: 1, 2, 3 and 4 ranks write the report of a plain run"
	if [ -n "$mpi_reason" ]; then
		skip "$mpi_reason"
		continue
	fi
	CSV_REPORT_LAUNCHER=$launcher
	export CSV_REPORT_LAUNCHER
	jobs=
	for n_ranks in 1 2 3 4; do
		CSV_REPORT_OUTPUT=report.$launcher.$n_ranks
		export CSV_REPORT_OUTPUT
		submit slurm-mpi.sh --ntasks=$n_ranks --nodes=$((n_ranks > 1 ? 2 : 1)) --cpus-per-task=1 \
			--open-mode=append -- --format=json data
		jobs="$jobs $job"
	done
	unset CSV_REPORT_OUTPUT
	for job in $jobs; do
		expect_end "$job" COMPLETED
	done
	for n_ranks in 1 2 3 4; do
		expect_report expected report.$launcher.$n_ranks
	done
	finish
done

# ---- stopped and resumed jobs ----

# Enough files that one slow thread of this build needs some seconds on this machine.
CSVR_KERNEL=scalar
export CSVR_KERNEL
make_files few 4
quickest=1000000
for _ in 1 2 3; do
	read -r start _ </proc/uptime
	"$program" -j1 few >out 2>err
	read -r end _ </proc/uptime
	took=$(echo "$start $end" | awk '{ printf "%d", ($2 - $1) * 1000 + 1 }')
	[ "$took" -ge "$quickest" ] || quickest=$took
done
make_files slow $((3000 * 4 / quickest + 10))
(
	unset CSVR_KERNEL
	"$program" --format=json slow >expected
)

# A line of progress shows that the program reads and handles signals.
is_reading() {
	grep -q 'csv-report: .* of .* files' out 2>/dev/null
}

has_file() {
	[ -e "$1" ]
}

is_running() {
	[ "$(field "$1" JobState)" = RUNNING ]
}

# submit_slow [SBATCH-OPTION]...: submits a job and waits until it reads.
submit_slow() {
	rm -f report.txt out
	submit slurm-checkpoint.sh --cpus-per-task=1 "$@" -- --format=json --progress=0.2 slow
	until_true 60 is_reading || wrong 'the job does not start'
}

# expect_resumed: the stopped job has resumed and has removed its checkpoint.
expect_resumed() {
	[ "$(field "$job" Restarts)" -ge 1 ] || wrong 'the job was not restarted'
	expect_report expected report.txt
	[ ! -e "csv-report-$job.checkpoint" ] || wrong 'the checkpoint remains'
}

begin 'a job that receives SIGUSR1 is requeued and resumes from its checkpoint'
submit_slow
scancel --signal=USR1 "$job"
until_true 30 has_file "csv-report-$job.checkpoint" || wrong 'no checkpoint was written'
[ ! -e report.txt ] || wrong 'the job finished before it was stopped'
expect_end "$job" COMPLETED
expect_resumed
finish

# A pipe without a writer blocks the job until its time limit; after the restart the test writes to it. The
# script requests a signal before the limit, and Slurm, which checks its jobs every half minute, may send
# it within the remaining seconds. --signal=USR1@0 requests none.
begin 'a job that reaches its time limit leaves a checkpoint and completes when requeued'
mkfifo pipe
printf 'x\n1\n' >pipe &
"$program" --format=json few pipe >timed
rm -f report.txt out
submit slurm-checkpoint.sh --cpus-per-task=1 --signal=USR1@0 -- --format=json few pipe
until_true 60 is_running "$job" || wrong 'the job does not start'
scontrol update jobid="$job" EndTime=now+3 >/dev/null || wrong 'its time limit cannot be changed'
until_true 90 has_ended "$job" || wrong 'the job does not end at its time limit'
[ "$(field "$job" JobState)" = TIMEOUT ] || wrong "the job is $(field "$job" JobState), expected TIMEOUT"
[ -e "csv-report-$job.checkpoint" ] || wrong 'no checkpoint was written'
scontrol requeue "$job" || wrong 'the job cannot be requeued'
timeout 60 sh -c 'printf "x\n1\n" >pipe' &
expect_end "$job" COMPLETED
wait
expect_report timed report.txt
[ ! -e "csv-report-$job.checkpoint" ] || wrong 'the checkpoint remains'
finish

begin 'a preempted job resumes from its checkpoint'
submit_slow --partition=low
urgent=$(sbatch --parsable --output=/dev/null --partition=high -N2 --exclusive \
	--wrap true)
until_true 60 has_ended "$urgent" || wrong 'the urgent job does not get the nodes'
[ ! -e report.txt ] || wrong 'the job finished before it was stopped'
expect_end "$job" COMPLETED
expect_resumed
finish

begin 'a job without restarts ends with 75, and another job resumes from its checkpoint'
CSV_REPORT_RESTARTS=0
CSV_REPORT_CHECKPOINT=mine.checkpoint
export CSV_REPORT_RESTARTS CSV_REPORT_CHECKPOINT
submit_slow
scancel --signal=TERM "$job"
expect_end "$job" FAILED
[ "$(field "$job" ExitCode)" = 75:0 ] || wrong "the exit status is $(field "$job" ExitCode), expected 75"
[ -e mine.checkpoint ] || wrong 'no checkpoint was written'
submit_slow
expect_end "$job" COMPLETED
expect_report expected report.txt
[ ! -e mine.checkpoint ] || wrong 'the checkpoint remains'
finish

echo "1..$n"
[ "$n_failed" -eq 0 ]
