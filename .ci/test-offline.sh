#!/usr/bin/env bash
# `npm test` with Node alone on PATH and no network at all, not even names: what a user on a plane has.
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(mktemp -d)
trap 'rm -rf "$bin"' EXIT
for tool in node npm npx sh; do
  ln -s "$(PATH=${PATH#"$PWD/node_modules/.bin:"} command -v "$tool")" "$bin/$tool"
done
# No nats-server either: what needs one is skipped and says so.
unset REQUIRE_NATS
export XDG_CACHE_HOME="$bin/cache"
if ! unshare -rn true 2> /dev/null; then
  echo "skipped: this machine does not allow network namespaces"
  exit 0
fi
unshare -rn "$bin/sh" -c "ip link set lo up 2>/dev/null || /sbin/ip link set lo up 2>/dev/null || /usr/sbin/ip link set lo up; PATH=$bin exec npm test -- --skip-nx-cache"
