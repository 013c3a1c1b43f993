#!/bin/sh
# slurm_cluster.sh - starts a small Slurm cluster for tests, without accounting or network; nothing
# is installed
#
# Usage   slurm_cluster.sh up DIR     starts it; then source DIR/env.sh to use sbatch, srun and mpirun
#         slurm_cluster.sh down DIR   ends its jobs and daemons; DIR with the logs remains
# Shape   one munged, one slurmctld and a slurmd for each node, run by the calling user on 127.0.0.1; key,
#         sockets, configuration and state are in DIR. Nodes are n1, n2, ...
#         Jobs of the partition `low` are requeued when `high` needs their nodes; `main` is the default
# Env     CLUSTER_NODES=2, CLUSTER_CPUS=2 per node, which may exceed those of the machine
#         CLUSTER_CGROUP=no   yes: --mem is enforced (root, cgroups of version 1)
#         CLUSTER_CONF=''     more lines for slurm.conf
# Exit    0; 77 if this machine cannot run it, with the reason on standard error; 1 if it failed.
#         `up` does nothing if it runs, and `down` if it does not
set -eu
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH
unset SLURM_CONF CDPATH

say() {
	echo "slurm_cluster.sh: $*" >&2
}

fail() {
	say "$*"
	exit 1
}

cannot() {
	say "$*"
	exit 77
}

# ---- the daemons ----

# daemon_of FILE: prints the process ID in a file of DIR/run if that process belongs to DIR; IDs are reused.
daemon_of() {
	pid=$(cat "$1" 2>/dev/null) && [ -n "$pid" ] || return 0
	case $(tr '\0' ' ' 2>/dev/null <"/proc/$pid/cmdline") in
	*[\ =]"$dir"/*) echo "$pid" ;;
	esac
}

count_daemons() {
	n_alive=0
	for file in "$dir"/run/*.pid; do
		[ -z "$(daemon_of "$file")" ] || n_alive=$((n_alive + 1))
	done
}

# query COMMAND...: with a short time limit, because by default a dead controller is retried for a
# long time.
query() {
	timeout 10 "$@" 2>/dev/null
}

# until_true SECONDS COMMAND...
until_true() {
	tries=$(($1 * 10))
	shift
	until "$@"; do
		[ $((tries -= 1)) -gt 0 ] || return 1
		sleep 0.1
	done
}

# is_gone FILE: also true for a zombie, which has no command line.
is_gone() {
	[ -z "$(daemon_of "$1")" ]
}

no_jobs() {
	[ -z "$(query squeue -h -o %A)" ]
}

# Jobs end before daemons, because the process of a job step outlives its slurmd.
end_jobs() {
	[ -n "$(daemon_of "$dir/run/slurmctld.pid")" ] || return 0
	jobs=$(query squeue -h -o %A | sort -u) || return 0
	[ -n "$jobs" ] || return 0
	# shellcheck disable=SC2086 # a list; the second call ends pending jobs
	{
		query scancel --full --signal=KILL $jobs || :
		query scancel $jobs || :
	}
	until_true 15 no_jobs || say 'some jobs do not end'
}

# A daemon is stopped before those that it depends on.
end_daemons() {
	for file in "$dir"/run/slurmd.*.pid "$dir/run/slurmctld.pid" "$dir/run/munged.pid"; do
		pid=$(daemon_of "$file")
		[ -n "$pid" ] || continue
		kill "$pid" 2>/dev/null || :
		if ! until_true 10 is_gone "$file"; then
			kill -KILL "$pid" 2>/dev/null || :
			until_true 5 is_gone "$file" || { say "process $pid does not end" && status=1; }
		fi
	done
	rm -f "$dir"/run/*.pid
}

down() {
	status=0
	[ -f "$dir/slurm_cluster" ] || return 0
	if [ -f "$dir/env.sh" ]; then
		# shellcheck disable=SC1091 # written by up
		. "$dir/env.sh"
		end_jobs
	fi
	end_daemons
	if [ -f "$dir/etc/cgroup.conf" ]; then
		while read -r name; do
			find /sys/fs/cgroup/*/"slurm_$name" -depth -type d -exec rmdir {} \; 2>/dev/null || :
		done <"$dir/etc/names"
	fi
	return "$status"
}

# ---- requirements ----

need_programs() {
	missing=
	for pair in munged:munge slurmctld:slurmctld slurmd:slurmd sbatch:slurm-client; do
		command -v "${pair%:*}" >/dev/null || missing="$missing ${pair#*:}"
	done
	[ -z "$missing" ] || cannot "not installed (names of Debian's packages):$missing"
}

need_directory() {
	case $dir in
	*[!A-Za-z0-9/._-]*) cannot "$dir: only letters, digits and ._- are allowed in the path" ;;
	esac
	# A step's socket is DIR/spool/NODE/NODE_JOB.STEP, and the system allows 107 bytes.
	[ ${#dir} -le 60 ] || cannot "$dir: too long for the path of a socket (at most 60 bytes)"
	# Directories in it are removed, so it must belong to an earlier cluster.
	[ -f "$dir/slurm_cluster" ] || [ -z "$(ls -A "$dir")" ] ||
		fail "$dir is neither empty nor of an earlier run"
}

need_cgroups() {
	for kind in freezer memory cpuset cpuacct; do
		probe=/sys/fs/cgroup/$kind/csv-report-$$
		mkdir "$probe" 2>/dev/null || cannot "CLUSTER_CGROUP=yes: /sys/fs/cgroup/$kind cannot be used"
		rmdir "$probe"
	done
}

# find_ports N: prints the first of N consecutive free ports.
find_ports() {
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v n="$1" -v first="$((20000 + $$ % 10000))" '
		function value(hex,   i, sum) {
			for (i = 1; i <= length(hex); i++)
				sum = 16 * sum + index("123456789ABCDEF", substr(hex, i, 1))
			return sum
		}
		$2 ~ /:/ { sub(/.*:/, "", $2); is_used[value($2)] = 1 }
		END {
			for (port = first; n_free < n; port++)
				n_free = port in is_used ? 0 : n_free + 1
			print port - n
		}'
}

# in_node NAME COMMAND...: runs it with host name NAME and with all node names resolved to 127.0.0.1.
in_node() {
	# shellcheck disable=SC2016 # the inner shell expands it
	unshare --uts --mount --propagation private sh -c \
		'hostname "$1" && mount --bind "$0" /etc/hosts && shift && exec "$@"' "$dir/etc/hosts" "$@"
}

# ---- configuration ----

# With namespaces each node has its own host name. Without them all nodes have the host name of
# the machine. Ranks of different nodes would then use each other's shared memory, which Open MPI
# names by host, so MPI is restricted to TCP.
# No...InAddrAny makes a daemon listen only on the address of its host name. That works only if this is
# 127.0.0.1: always inside the namespaces, often not outside.
plan_addresses() {
	own_name=$(uname -n)
	own_name=${own_name%%.*}
	controller=$own_name
	node_names="NodeHostname=$own_name"
	has_namespaces=no
	if in_node n1 true 2>/dev/null; then
		has_namespaces=yes
		controller=ctl
		node_names="NodeHostname=n[1-$n_nodes]"
	fi
	daemons_listen=NoCtldInAddrAny,NoInAddrAny
	clients_listen=$daemons_listen
	if [ "$(getent ahostsv4 "$own_name" | awk 'NR == 1 { print $1 }')" != 127.0.0.1 ]; then
		clients_listen=NoCtldInAddrAny
		if [ "$has_namespaces" = no ]; then
			say "$own_name is not 127.0.0.1: the daemons listen on every address, guarded by their key"
			daemons_listen=
			clients_listen=
		fi
	fi
}

# slurm_conf LISTEN: prints slurm.conf for daemons or clients, which differ only in LISTEN.
slurm_conf() {
	cat <<END
ClusterName=tests
SlurmctldHost=$controller(127.0.0.1)
SlurmctldPort=$port
${1:+CommunicationParameters=$1}
DebugFlags=NO_CONF_HASH
SlurmUser=$(id -un)
SlurmdUser=$(id -un)
AuthType=auth/munge
# A requeued job waits until its old credential has expired: 5 s instead of 120 s.
AuthInfo=socket=$dir/run/munge.socket,cred_expire=5
StateSaveLocation=$dir/state
# %n is the node. TmpFS has it, too, because PMIx names its directory there only by job and step.
SlurmdSpoolDir=$dir/spool/%n
TmpFS=$dir/tmp/%n
SlurmctldPidFile=$dir/run/slurmctld.pid
SlurmdPidFile=$dir/run/slurmd.%n.pid
SlurmctldLogFile=$dir/log/slurmctld.log
SlurmdLogFile=$dir/log/slurmd.%n.log
ProctrackType=proctrack/$track
JobAcctGatherType=jobacct_gather/$gather
TaskPlugin=$task
MpiDefault=pmix
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
DefMemPerCPU=$((memory / n_cpus < 256 ? memory / n_cpus : 256))
# The configured CPUs and memory of the nodes apply, not those of the machine.
SlurmdParameters=config_overrides
# Ended jobs can be queried for a day, because no database stores them.
MinJobAge=86400
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
# Tests wait for each of these intervals.
SchedulerParameters=batch_sched_delay=0,sched_interval=1,bf_interval=1
KillWait=5
ReturnToService=2
JobRequeue=1
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
NodeName=n[1-$n_nodes] $node_names NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + n_nodes))] CPUs=$n_cpus Boards=1 SocketsPerBoard=1 CoresPerSocket=$n_cpus ThreadsPerCore=1 RealMemory=$memory State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES PriorityTier=10 PreemptMode=OFF
PartitionName=low  Nodes=ALL PriorityTier=1 PreemptMode=REQUEUE
PartitionName=high Nodes=ALL PriorityTier=100 PreemptMode=OFF
${CLUSTER_CONF:-}
END
}

# write_env: prints the environment for jobs, which restricts Open MPI to the loopback device.
write_env() {
	echo "export SLURM_CONF=$dir/etc/client.conf"
	echo 'export OMPI_MCA_btl_tcp_if_include=lo OMPI_MCA_oob_tcp_if_include=lo'
	# The nodes may have more cores than the machine, to which ranks are bound.
	echo 'export OMPI_MCA_hwloc_base_binding_policy=core:overload-allowed'
	# Containers often forbid reading the memory of another process.
	echo 'export OMPI_MCA_btl_vader_single_copy_mechanism=none'
	[ "$has_namespaces" = yes ] || echo 'export OMPI_MCA_btl=self,tcp'
	[ "$(id -u)" -ne 0 ] ||
		echo 'export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1'
}

configure() {
	(cd "$dir" && rm -rf env.sh etc run state spool tmp && mkdir -p etc run state spool tmp log)
	seq -f n%g "$n_nodes" >"$dir/etc/names"
	while read -r name; do
		mkdir "$dir/spool/$name" "$dir/tmp/$name"
		chmod 1777 "$dir/tmp/$name"
	done <"$dir/etc/names"
	{
		cat /etc/hosts
		echo "127.0.0.1 ctl $(tr '\n' ' ' <"$dir/etc/names")"
	} >"$dir/etc/hosts"
	(umask 077 && head -c 1024 /dev/urandom >"$dir/etc/munge.key")

	port=$(find_ports $((n_nodes + 1)))
	memory=$(awk -v n="$n_nodes" '/^MemTotal:/ { print int($2 / 1024 / n) }' /proc/meminfo)
	track=linuxproc
	gather=none
	task=task/none
	if [ "${CLUSTER_CGROUP:-no}" = yes ]; then
		track=cgroup
		gather=cgroup
		task=task/cgroup
		# Without ConstrainCores, because the nodes may have more cores than the machine.
		printf '%s\n' CgroupPlugin=cgroup/v1 ConstrainRAMSpace=yes ConstrainSwapSpace=yes \
			AllowedSwapSpace=0 >"$dir/etc/cgroup.conf"
	fi
	plan_addresses
	slurm_conf "$daemons_listen" >"$dir/etc/slurm.conf"
	slurm_conf "$clients_listen" >"$dir/etc/client.conf"
	write_env >"$dir/env.sh"
}

# ---- up ----

# start_daemon NODE COMMAND...: starts a daemon that does not hold open the caller's streams.
start_daemon() {
	name=$1
	shift
	if [ "$has_namespaces" = yes ]; then
		set -- in_node "$name" "$@"
	fi
	"$@" >>"$dir/log/start.log" 2>&1 </dev/null || fail "did not start: $*"
}

all_idle() {
	[ "$(query sinfo -h -p main -t idle -o %D)" = "$n_nodes" ]
}

abort_up() {
	tail -n 20 "$dir"/log/*.log >&2 || :
	down || :
}

up() {
	need_programs
	mkdir -p "$dir"
	need_directory
	: >"$dir/slurm_cluster"
	n_nodes=${CLUSTER_NODES:-2}
	n_cpus=${CLUSTER_CPUS:-2}
	if [ -f "$dir/env.sh" ]; then
		count_daemons
		# shellcheck disable=SC1091 # written below
		. "$dir/env.sh"
		if [ "$n_alive" -eq $(($(wc -l <"$dir/etc/names") + 2)) ] && query scontrol ping >/dev/null; then
			return
		fi
		down || exit 1
	fi
	[ "${CLUSTER_CGROUP:-no}" = no ] || need_cgroups

	trap '[ $? -eq 0 ] || abort_up' EXIT
	trap 'exit 1' HUP INT TERM
	configure
	# The daemons must not inherit the variables of a job or MPI run around this script.
	for variable in $(env | sed -n 's/^\(\(SLURM\|SBATCH\|SRUN\|OMPI\|PMIX\|PMI\)_[A-Z0-9_a-z]*\)=.*/\1/p'); do
		unset "$variable"
	done
	SLURM_CONF=$dir/etc/slurm.conf
	export SLURM_CONF
	: >"$dir/log/start.log"
	munged --socket="$dir/run/munge.socket" --key-file="$dir/etc/munge.key" \
		--pid-file="$dir/run/munged.pid" --log-file="$dir/log/munged.log" \
		--seed-file="$dir/state/munged.seed" --origin=127.0.0.1 \
		>>"$dir/log/start.log" 2>&1 </dev/null || fail 'munged did not start'
	start_daemon ctl slurmctld -c -f "$dir/etc/slurm.conf"
	while read -r name; do
		start_daemon "$name" slurmd -f "$dir/etc/slurm.conf" -N "$name"
	done <"$dir/etc/names"
	# shellcheck disable=SC1091 # written above
	. "$dir/env.sh"
	until_true 40 all_idle || fail 'the nodes do not become idle'
}

if [ $# -ne 2 ] || [ -z "$2" ]; then
	say 'usage: slurm_cluster.sh up|down DIR'
	exit 2
fi
umask 022
dir=$2
case $dir in
/*) ;;
*) dir=$PWD/$dir ;;
esac
if [ -d "$dir" ]; then
	dir=$(cd "$dir" && pwd -P)
fi
case $1 in
up | down) "$1" ;;
*) say 'usage: slurm_cluster.sh up|down DIR' && exit 2 ;;
esac
