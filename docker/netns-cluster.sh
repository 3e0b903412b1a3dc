#!/bin/sh
# The topology of compose.yaml without Docker: three nodes, each with its NATS server in a network namespace of its own, on this one Linux
# machine. Takes commands such as `kill 2`, `isolate 1`, `heal` (try `help`); needs root, iproute2, util-linux and nats-server. Where you are
# not root but may make user namespaces, this runs it in one, from whose shell alone the nodes can be reached.
set -eu
cd "$(dirname "$0")/.."
PATH="$PWD/node_modules/.bin:$PATH"
export PATH
if [ "$(id -u)" != 0 ]; then
  exec unshare --map-root-user --net --mount sh -c 'mount -t tmpfs tailrace /run && ip link set lo up && exec node test/cluster/netns.ts "$@"' sh "$@"
fi
exec node test/cluster/netns.ts "$@"
