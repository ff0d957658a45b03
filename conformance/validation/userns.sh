#!/bin/sh
# Runs a command as root of a new user namespace where every id is itself, which unshare(1) leaves to newuidmap(1) and
# its configuration:
#     userns.sh FIFO COMMAND…
# FIFO is made; what waits there for the maps has no capabilities until it executes the command.
set -eu
fifo=$1
shift
mkfifo "$fifo"
unshare --user sh -c 'read -r _ <"$0"; exec "$@"' "$fifo" "$@" &
pid=$!
while [ "$(readlink "/proc/$pid/ns/user")" = "$(readlink /proc/self/ns/user)" ]; do sleep 0.01; done
for map in uid_map gid_map; do echo 0 0 65536 >"/proc/$pid/$map"; done
echo mapped >"$fifo"
wait "$pid"
