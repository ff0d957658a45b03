#!/bin/sh
# Runs one program of the suite in a mount namespace of its own, which must be private already:
#     inside.sh DIRECTORY "HIERARCHIES" PROGRAM
# with the runtime in $RUNTIME. Where $SWEEP is "yes", the cgroups that the programs ask for are removed, too.
# HIERARCHIES are controllers of cgroup v1 to mount first. They are mounted on a copy of /sys/fs/cgroup, so that not even
# their directories appear on the host. What the program leaves of its containers is deleted while they are still there:
# a hierarchy with cgroups would outlive its mounts.
set -eu
directory=$1 hierarchies=$2 program=$3
cgroups=/sys/fs/cgroup

if [ -n "$hierarchies" ]; then
    copy=$directory/cgroup
    mkdir -p "$copy"
    mount -t tmpfs -o mode=755 tsoci "$copy"
    for entry in "$cgroups"/*; do
        name=${entry##*/}
        if [ -L "$entry" ]; then
            cp -P "$entry" "$copy/$name"
        elif mountpoint -q "$entry"; then
            mkdir "$copy/$name"
            mount --bind "$entry" "$copy/$name"
        fi
    done
    for controller in $hierarchies; do
        mkdir -p "$copy/$controller"
        mount -t cgroup -o "$controller" cgroup "$copy/$controller"
    done
    mount --move "$copy" "$cgroups"
fi

status=0
# A signal from the terminal ends the suite, not what follows here.
trap : INT TERM
# The slowest program takes ten seconds on an idle machine.
timeout --kill-after=5 120 "$program" || status=$?
for container in "$directory"/state/*; do
    [ -e "$container" ] || continue
    "$RUNTIME" delete --force "${container##*/}" || echo "inside.sh: could not delete ${container##*/}" >&2
done
if [ "$SWEEP" = yes ]; then
    find "$cgroups" -depth -type d '(' -path '*/testdir*' -o -path '*/cgrouptest*' ')' -exec rmdir '{}' ';'
fi

# The kernel frees cgroups some time after they were removed, and keeps a hierarchy that has any when its mount goes.
cgroups_of() {
    while read -r name _ count _; do
        if [ "$name" = "$1" ]; then echo "$count"; fi
    done </proc/cgroups
}
for controller in $hierarchies; do
    waited=0
    while [ "$(cgroups_of "$controller")" -gt 1 ] && [ "$waited" -lt 100 ]; do
        sleep 0.1
        waited=$((waited + 1))
    done
done
exit "$status"
