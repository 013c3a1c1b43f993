#!/bin/sh
# slurm-exact.sh - a report with exact percentiles, whose shards run in rounds in one Slurm job
#
# A second reading of the shards must know what all of them found in the first. So after each round the states are
# merged, and the next round refines the result. A round that finds nothing left to refine ends at once. Where MPI is
# available, `csv-report-mpi --exact` does the same in one run (slurm-mpi.sh).
#
# Usage   sbatch contrib/slurm-exact.sh [OPTION|PATH]...
#         The options are those of the shards, such as --select; not --stats and --format
# Env     CSV_REPORT         the program (default: csv-report)
#         CSV_REPORT_STATS   statistics, as for --stats (default: all)
#         CSV_REPORT_FORMAT  format of the report (default: table)
#         CSV_REPORT_STATES  directory of the saved states, created if missing (default: states)
#         CSV_REPORT_OUTPUT  the report (default: report.txt)
# Exit    that of the last csv-report: 3 if files were left out
#
#SBATCH --job-name=csv-report
#SBATCH --ntasks=4
#SBATCH --cpus-per-task=2
#SBATCH --mem-per-cpu=256M
#SBATCH --time=01:00:00
set -u

program=${CSV_REPORT:-csv-report}
shards=${SLURM_NTASKS:?this is a script for a Slurm job}
states=${CSV_REPORT_STATES:-states}
merged=$states/merged.state
stats=${CSV_REPORT_STATS:+--stats=$CSV_REPORT_STATS}
stats=${stats:---all}

OMP_NUM_THREADS=${SLURM_CPUS_PER_TASK:-1}
export OMP_NUM_THREADS
mkdir -p "$states" || exit 1

# must COMMAND...: ends the job if it fails; a state without some files is no failure.
must() {
	"$@"
	status=$?
	[ "$status" -eq 0 ] || [ "$status" -eq 3 ] || exit "$status"
}

# shard_round [OPTION|PATH]...: each task reads its shard.
shard_round() {
	rm -f "$states"/*-of-"$shards".state
	# shellcheck disable=SC2016 # the task expands it
	must srun -n "$shards" -c "$OMP_NUM_THREADS" sh -c '
		program=$1 states=$2 shard=$((SLURM_PROCID + 1))-of-$3
		shift 3
		exec "$program" --shard="${shard%-of-*}/${shard#*-of-}" --format=state \
			-o "$states/$shard.state" "$@"' \
		sh "$program" "$states" "$shards" "$@"
}

# merge OPTION...: replaces the merged state by that of all shards.
merge() {
	shard=1
	while [ "$shard" -le "$shards" ]; do
		set -- "$@" "$states/$shard-of-$shards.state"
		shard=$((shard + 1))
	done
	must "$program" --format=state -o "$merged" "$@"
}

shard_round "$stats" "$@"
merge
for round in 2 3 4; do
	echo "slurm-exact.sh: round $round" >&2
	shard_round "$stats" --refine="$merged" "$@"
	merge --refine="$merged"
done
exec "$program" --exact "$stats" --format="${CSV_REPORT_FORMAT:-table}" \
	-o "${CSV_REPORT_OUTPUT:-report.txt}" "$merged"
