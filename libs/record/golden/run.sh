#!/bin/sh
# Writes the golden batches again (no arguments), or prints the batches in the given files as Apache Kafka reads them.
# Needs Java 17 and Maven.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mvn -q -B -f "$here/pom.xml" dependency:build-classpath -Dmdep.outputFile="$work/classpath"
classpath="$work:$(cat "$work/classpath")"
javac -cp "$classpath" -d "$work" "$here/Golden.java"
if [ $# -gt 0 ]; then
  java -cp "$classpath" Golden read "$@"
else
  mkdir "$work/out"
  java -cp "$classpath" Golden write "$work/out"
  for name in gzip snappy lz4 zstd transactional; do
    mv "$work/out/$name.batch" "$here/../../codecs/test/golden/"
  done
  mv "$work"/out/*.batch "$here/../test/golden/"
fi
