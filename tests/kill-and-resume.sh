#!/usr/bin/env bash
# Kills a smoke run at random moments (SIGKILL), each time lets it go on in a new process, and compares the SHA-256 of every set, and the accuracies, with those
# of an undisturbed run:
#   tests/kill-and-resume.sh [MOMENTS [SEED]]   50 moments by default, about 15 minutes on two cores; the moments follow from the seed
# RUN_OPTIONS are more options of `didd run`, such as "--rule ewc"; DIDD_BIN is the folder of the build, lib/bin by default.
set -euo pipefail
cd "$(dirname "$0")/.."

moments=${1:-50}
RANDOM=${2:-1}
didd=(dotnet exec "${DIDD_BIN:-lib/bin}/DIDD.Cli.dll" run --profile smoke --checkpoint 0.1 ${RUN_OPTIONS:-})
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sums() { (cd "$1" && sha256sum domain-*.safetensors accuracy.json); }

# In milliseconds.
now() { date +%s%3N; }

start=$(now)
"${didd[@]}" --out "$work/whole" > "$work/log" || { cat "$work/log"; exit 1; }
length=$(($(now) - start))
sums "$work/whole" > "$work/expected"
echo "undisturbed: $((length / 1000)) s, last set $(sha256sum "$(ls "$work"/whole/domain-*.safetensors | tail -n 1)" | cut -d ' ' -f 1)"

equal=0
inside=0
i=0
while [ "$i" -lt "$moments" ]; do
    run=$work/run
    rm -rf "$run"
    moment=$(((RANDOM * 32768 + RANDOM) % length))
    "${didd[@]}" --out "$run" > "$work/log" 2>&1 &
    process=$!
    sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
    kill -KILL "$process" 2> /dev/null || true
    wait "$process" 2> /dev/null || true
    # A run that was faster than the undisturbed one and had ended already does not count.
    [ ! -f "$run/environment.json" ] || continue
    i=$((i + 1))
    domains=$( (ls "$run" 2> /dev/null || true) | grep -c 'domain-.*safetensors$' || true)
    iteration=$(grep -aoE '"iteration":"[0-9]+"' "$run/checkpoint.safetensors" 2> /dev/null | grep -oE '[0-9]+' || true)
    [ -z "$iteration" ] || inside=$((inside + 1))
    "${didd[@]}" --out "$run" > "$work/log" 2>&1 || { echo "moment $i, $moment ms: it does not go on"; cat "$work/log"; exit 1; }
    if sums "$run" | cmp -s - "$work/expected" && [ -z "$(find "$run" -name '*.tmp' -o -name 'checkpoint*' -o -name .owner)" ] && ! grep -q warning "$work/log"; then
        equal=$((equal + 1))
        verdict=equal
    else
        verdict=DIFFERENT
        cat "$work/log"
    fi
    echo "moment $i: killed after $moment ms, $domains sets, checkpoint at iteration ${iteration:-–}: $verdict"
done
echo "$equal of $moments equal the undisturbed run; $inside of them went on from a checkpoint"
[ "$equal" -eq "$moments" ]
