#!/bin/sh
# Installs the nats-server that the tests and tools of a cluster start, unless there is one: by `go install` to a cache outside
# the repository, where they look for it, else the distribution's package.
set -eu

version=v2.15.2
cache="${XDG_CACHE_HOME:-$HOME/.cache}/tailrace/nats"

# serves PROGRAM: it runs and is new enough. Routes of an account's own came with 2.10.
serves() {
  [ -x "$1" ] || { echo "$1: no program" >&2; return 1; }
  says=$("$1" --version)
  minor=$(echo "$says" | sed -n 's/.*v\{0,1\}2\.\([0-9]*\)\..*/\1/p')
  [ "${minor:-0}" -ge 10 ] || { echo "$1 is too old: $says" >&2; return 1; }
  echo "$1: $says"
}

if [ -n "${NATS_SERVER_BIN:-}" ]; then
  serves "$NATS_SERVER_BIN"
  exit
fi
for found in "$(command -v nats-server || true)" "$cache/nats-server"; do
  [ ! -x "$found" ] || ! serves "$found" || exit 0
done

if command -v go >/dev/null; then
  echo "nats-server $version: go install"
  mkdir -p "$cache"
  # Away from any module, and into the cache alone.
  if (cd "$cache" && GOBIN="$cache" GOFLAGS=-mod=mod go install "github.com/nats-io/nats-server/v2@$version"); then
    serves "$cache/nats-server"
    exit
  fi
  echo "go could not install it" >&2
fi

if command -v apt-get >/dev/null; then
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  echo "apt-get install nats-server"
  if $sudo apt-get update -q >/dev/null && DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends nats-server >/dev/null; then
    serves "$(command -v nats-server)" && exit 0
  fi
fi

echo "no nats-server: install Go and run this again, or get a release of 2.10 or later from https://nats.io/download and set NATS_SERVER_BIN" >&2
exit 1
