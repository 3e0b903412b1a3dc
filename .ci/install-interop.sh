#!/bin/sh
# Installs what `npm run test:interop` needs, each part only when it is missing or its source has changed:
# kcat, the Python clients in a venv, the franz-go driver, the Java clients and tools, and the compiled Java drivers.
# Everything but kcat goes to a cache outside the repository.
set -eu

interop=$(cd "$(dirname "$0")/../test/interop" && pwd)
cache="${XDG_CACHE_HOME:-$HOME/.cache}/tailrace/interop"
mkdir -p "$cache"

# A part is fresh when its stamp holds the hash of the files it was made from (run.ts computes the same).
hash_of() { cat "$@" | sha256sum | cut -d' ' -f1; }
fresh() { part=$1; shift; [ -f "$cache/$part.stamp" ] && [ "$(cat "$cache/$part.stamp")" = "$(hash_of "$@")" ]; }
stamp() { part=$1; shift; hash_of "$@" > "$cache/$part.stamp"; }

packages=""
command -v kcat >/dev/null || packages="$packages kcat"
command -v ss >/dev/null || packages="$packages iproute2"
command -v strace >/dev/null || packages="$packages strace"
command -v java >/dev/null && command -v javac >/dev/null || packages="$packages default-jdk-headless"
command -v mvn >/dev/null || packages="$packages maven"
command -v go >/dev/null || packages="$packages golang-go"
command -v python3 >/dev/null && python3 -c 'import ensurepip' 2>/dev/null || packages="$packages python3-venv"
if [ -n "$packages" ]; then
  sudo=""
  [ "$(id -u)" = 0 ] || sudo=sudo
  echo "apt-get install$packages"
  $sudo apt-get update -q >/dev/null
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -q --no-install-recommends $packages >/dev/null
fi

requirements="$interop/drivers/python/requirements.txt"
if ! fresh venv "$requirements"; then
  echo "venv: $(grep -c . "$requirements") packages"
  rm -rf "$cache/venv"
  python3 -m venv "$cache/venv"
  "$cache/venv/bin/pip" install -q --disable-pip-version-check -r "$requirements"
  stamp venv "$requirements"
fi

go_sources="$interop/drivers/go/go.mod $interop/drivers/go/go.sum $interop/drivers/go/contract.go $interop/drivers/go/main.go"
# shellcheck disable=SC2086
if ! fresh franz-go $go_sources; then
  echo "franz-go: go build"
  (cd "$interop/drivers/go" && go build -o "$cache/franz-go" .)
  stamp franz-go $go_sources
fi

driver="$interop/drivers/java/Driver.java"
for version in kafka-4.3.1 clients-3.9.1; do
  pom="$interop/drivers/java/$version.xml"
  if ! fresh "$version" "$pom" "$driver"; then
    echo "$version: mvn dependency:copy-dependencies, javac"
    rm -rf "$cache/$version"
    mvn -q -B -f "$pom" dependency:copy-dependencies -DincludeScope=runtime -DoutputDirectory="$cache/$version/libs"
    javac -nowarn -d "$cache/$version/driver" -cp "$cache/$version/libs/*" "$driver"
    stamp "$version" "$pom" "$driver"
  fi
done
echo "interop: everything is installed"
