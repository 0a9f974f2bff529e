#!/usr/bin/env bash
# Tries sweep.sbatch on a Slurm of this machine's own: MUNGE, slurmctld and slurmd on the loopback address, without systemd, cgroups or a
# network. From anywhere, after a build:
#     environment/slurm/test.sh
# Ends with exit code 0 where every set of the array has the bytes of a local sweep's, and leaves nothing behind. Debian's packages are installed
# where they are missing (as root, or by sudo).
set -Eeuo pipefail
cd "$(dirname "$0")/../.."

grid=data/specs/tiny.sweep.json
# Seconds: of one wait, and of a local sweep.
patience=300
limit=300
bin=$(realpath "${DIDD_BIN:-lib/bin}")
didd=(dotnet exec "$bin/DIDD.Cli.dll")

say() { echo "[$((SECONDS / 60)):$(printf %02d $((SECONDS % 60)))] $*"; }
fail() {
    trap - ERR
    echo "FAILED: $*" >&2
    for log in "$scratch"/log/*; do
        [ -f "$log" ] && printf '\n==> %s <==\n%s\n' "${log##*/}" "$(tail -n 30 "$log")" >&2
    done
    exit 1
}

# Waits until a command succeeds.
await() {
    local what=$1 end=$((SECONDS + patience))
    shift
    until "$@"; do
        [ $SECONDS -lt $end ] || fail "after $patience s still waiting for $what"
        sleep 0.05
    done
}

[ -f "$bin/DIDD.Cli.dll" ] || { echo "build first: dotnet build -c Release" >&2; exit 1; }
for command in munged slurmctld slurmd sbatch; do
    PATH=$PATH:/usr/sbin command -v $command > /dev/null || missing=1
done
if [ "${missing:-}" ]; then
    command -v apt-get > /dev/null || { echo "needs Slurm and MUNGE; install them (Debian's packages slurm-wlm and munge)" >&2; exit 1; }
    echo "installing slurm-wlm and munge"
    root=()
    [ "$(id -u)" = 0 ] || root=(sudo)
    timeout 300 "${root[@]}" apt-get update -qq
    timeout 600 "${root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qq --yes --no-install-recommends slurm-wlm munge > /dev/null
fi
PATH=$PATH:/usr/sbin

# --- a cluster of one node -------------------------------------------------------------------------------------------------------------------

scratch=$(mktemp -d)
daemons=()
finish() {
    local status=$?
    trap - EXIT
    local waited
    [ -z "${pid:-}" ] || kill -CONT "$pid" 2> /dev/null || true
    if [ "${controller:-}" ] && timeout 10 scancel --user="$user" 2> /dev/null; then
        for ((waited = 0; waited < 200; waited++)); do
            [ "$(timeout 10 squeue --noheader 2> /dev/null)" ] || break
            sleep 0.1
        done
    fi
    for ((i = ${#daemons[@]} - 1; i >= 0; i--)); do
        kill "${daemons[i]}" 2> /dev/null || continue
        for ((waited = 0; waited < 100; waited++)); do
            kill -0 "${daemons[i]}" 2> /dev/null || break
            sleep 0.1
        done
        kill -KILL "${daemons[i]}" 2> /dev/null || true
    done
    rm -rf "$scratch"
    exit "$status"
}
trap finish EXIT
trap 'fail "line $LINENO: $BASH_COMMAND"' ERR
trap 'exit 130' INT
trap 'exit 143' TERM

begin() {
    local name=$1
    shift
    "$@" > "$scratch/log/$name.log" 2>&1 &
    daemons+=($!)
    disown
}

# Two ports that nobody listens on.
free_port() {
    local port
    while port=$((20000 + RANDOM % 12000)) && (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null; do :; done
    echo $port
}

# MUNGE wants a folder that others may enter but not write.
chmod 755 "$scratch"
mkdir "$scratch"/{log,state,spool}
(umask 077 && head -c 1024 /dev/urandom > "$scratch/munge.key")
host=$(hostname -s)
user=$(id -un)
# The daemons bind to what the machine's name stands for: 127.0.1.1 on Debian, but in a container its own address, or nothing.
address=$(getent ahostsv4 "$host" | awk '{ print $1; exit }' || true)
bind=CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
if [[ $address != 127.* ]]; then
    say "$host is ${address:-unknown}, not a loopback address: Slurm listens on all addresses, behind a MUNGE key of this test's own"
    address=127.0.0.1 bind=
fi
# A node of two processors and more memory than the tasks ask for, whatever the machine has; what a task starts is found by its parents.
cat > "$scratch/slurm.conf" << END
ClusterName=didd
SlurmctldHost=$host($address)
SlurmctldPort=$(free_port)
SlurmdPort=$(free_port)
$bind
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$scratch/munge.socket
CredType=cred/munge
StateSaveLocation=$scratch/state
SlurmdSpoolDir=$scratch/spool
SlurmctldPidFile=$scratch/slurmctld.pid
SlurmdPidFile=$scratch/slurmd.pid
MailProg=/bin/true
MpiDefault=none
KillWait=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
NodeName=$host NodeAddr=$address CPUs=2 RealMemory=1000000
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE
END
# Nothing here uses cgroups, but without this line slurmd looks for a hierarchy that it may write.
echo "CgroupPlugin=cgroup/v1" > "$scratch/cgroup.conf"
unset "${!SLURM_@}" "${!SBATCH_@}" SHARDS
export SLURM_CONF=$scratch/slurm.conf

begin munged munged --foreground --key-file="$scratch/munge.key" --socket="$scratch/munge.socket" --pid-file="$scratch/munged.pid" \
    --log-file="$scratch/log/munged" --seed-file="$scratch/munged.seed"
await "MUNGE" test -S "$scratch/munge.socket"
begin slurmctld slurmctld -D -c
begin slurmd slurmd -D
controller=1
idle() { [ "$(timeout 10 sinfo --noheader --format=%T 2> /dev/null)" = idle ]; }
await "the node" idle
say "$(slurmd -V), a node of two processors"

# --- a sweep ---------------------------------------------------------------------------------------------------------------------------------

state() { squeue --noheader --states=all --jobs="$1" --format=%T; }
is() { [ "$(state "$1")" = "$2" ]; }
all_completed() {
    local states
    states=$(squeue --noheader --states=all --array --jobs="$1" --format=%T)
    grep -qE 'FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY' <<< "$states" && fail "job $1: $(tr '\n' ' ' <<< "$states")"
    [ -n "$states" ] && ! grep -qv COMPLETED <<< "$states"
}

# Halts the process of a run that has finished a domain and computes the next; sets pid, task and run. Fails when all are finished.
halt() {
    local folder
    for folder in "$scratch"/array/*/; do
        run=${folder%/}
        if [ ! -f "$run/accuracy.json" ] || [ -f "$run/environment.json" ]; then continue; fi
        pid=$( (grep -lszxF -- "$run" /proc/[0-9]*/cmdline || true) | grep -oE '[0-9]+') || continue
        task=$(tr '\0' '\n' < "/proc/$pid/environ" | sed -n 's/^SLURM_ARRAY_TASK_ID=//p') 2> /dev/null || continue
        kill -STOP "$pid" 2> /dev/null || continue
        [ -f "$run/environment.json" ] || return 0
        kill -CONT "$pid"
    done
    [ "$(find "$scratch/array" -name environment.json | wc -l)" -lt 4 ] || fail "all runs were finished before one was halted"
    return 1
}

# The pixels of a set, one a line.
pixels() {
    local header start end
    header=$(od --address-radix=n --format=u8 --read-bytes=8 "$1" | tr -d ' ')
    read -r start end < <(head -c $((8 + header)) "$1" | tail -c "$header" | sed -E 's/.*"images":\{[^}]*"data_offsets":\[([0-9]+),([0-9]+)\].*/\1 \2\n/')
    od --address-radix=n --format=f4 --output-duplicates --width=4 --skip-bytes=$((8 + header + start)) --read-bytes=$((end - start)) "$1"
}

say "a local sweep of $grid"
timeout "$limit" "${didd[@]}" sweep "$grid" --out "$scratch/local" --workers 2 > "$scratch/log/local" 2>&1 || fail "the local sweep"

mkdir "$scratch/array"
job=$(sbatch --parsable --array=0-3 --cpus-per-task=1 --mem=1G --output="$scratch/log/task-%a" environment/slurm/sweep.sbatch "$grid" --out "$scratch/array")
say "job $job: the same as an array of four tasks"

await "a run in the middle" halt
# The batch script, the sweep and the run, all at once.
kill -KILL -- "-$(sed 's/.*) //' "/proc/$pid/stat" | cut -d ' ' -f 3)"
await "the end of task $task" is "${job}_$task" FAILED
[ ! -f "$run/environment.json" ] || fail "${run##*/} was finished before it was killed"
first=$(stat --format='%i %y' "$run/domain-01.safetensors")
say "killed task $task after the first domain of ${run##*/}"
killed=$task killed_run=$run

await "another run in the middle" halt
# As Slurm does a minute before the time limit.
scancel --batch --signal=TERM "${job}_$task"
sleep 1
kill -CONT "$pid"
await "the end of task $task" is "${job}_$task" FAILED
grep -q "^stopped;" "$scratch/log/task-$task" || fail "task $task did not stop its run at the signal"
say "stopped task $task by the signal before the time limit"

requeue() {
    # slurmd takes a job that begins again within the second in which it was ended for that one: "already killed, do not launch".
    sleep 2
    scontrol requeue "$1"
    # It would be begun two minutes later.
    await "task $1 to be queued again" scontrol update JobId="$1" StartTime=now
}
requeue "${job}_$killed"
requeue "${job}_$task"
await "the array" all_completed "$job"
for restarted in "$killed" "$task"; do
    scontrol show job "${job}_$restarted" | grep -q "Restarts=1" || fail "task $restarted was not computed twice"
done
[ "$(stat --format='%i %y' "$killed_run/domain-01.safetensors")" = "$first" ] || fail "the killed run began again, in place of going on after its first domain"
say "requeued both; the array is done"

compared=0
for expected in "$scratch"/local/*/domain-*.safetensors "$scratch"/local/*/accuracy.json; do
    actual=$scratch/array/${expected#"$scratch/local/"}
    [ -f "$actual" ] || fail "${actual#"$scratch/"} is missing"
    [ "$(sha256sum < "$actual")" = "$(sha256sum < "$expected")" ] || fail "${actual#"$scratch/"} differs from the local sweep's"
    compared=$((compared + 1))
done
[ "$compared" -eq 12 ] || fail "$compared files were compared, not 4 × (2 sets and the accuracies)"
say "8 sets and 4 accuracy matrices have the bytes of the local sweep's"

# --- a run's classes ---------------------------------------------------------------------------------------------------------------------------

expected=$killed_run
shards=$scratch/shards
mkdir "$shards"
job=$(sbatch --parsable --array=0-1 --mem=1G --output="$scratch/log/shard-%a" environment/slurm/shards.sbatch "$expected/spec.json" 10 "$shards")
merge=$(sbatch --parsable --dependency="afterok:$job" --mem=1G --output="$scratch/log/merge" environment/slurm/merge.sbatch "$shards")
say "job $job: the classes of ${expected##*/} as an array of two tasks, and job $merge that merges them"
await "the shards" all_completed "$job"
await "the merged run" all_completed "$merge"
merged=$shards/${expected##*/}
[ -f "$merged/environment.json" ] || fail "${merged##*/} is not finished"
for set in domain-01 domain-02; do
    farthest=$(paste <(pixels "$expected/$set.safetensors") <(pixels "$merged/$set.safetensors") | awk '
        NF != 2 { print "other pixels"; bad = 1; exit }
        { d = $1 - $2; if (d < 0) d = -d; if (d > most) most = d }
        END { if (!bad) print (NR > 0 ? most + 0 : "no pixels") }')
    awk -v d="$farthest" 'BEGIN { exit !(d ~ /^[0-9]/ && d + 0 <= 1e-5) }' || fail "$set of the merged run differs from that of the undivided one: $farthest"
    say "$set of the merged run: pixels differ by $farthest at most from those of the undivided one"
done
echo "passed"
