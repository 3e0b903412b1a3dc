#!/usr/bin/env bash
# Effect's own diagnostics (floating Effects, try/catch in generators, ...). The tool has a build for Linux on x64 only at
# any version, so it stays out of package.json and is installed beside it.
set -euo pipefail
cd "$(dirname "$0")/.."
if [ ! -x node_modules/.bin/effect-tsgo ]; then
  npm install --no-save --no-audit --no-fund @effect/tsgo@0.45.0 > /dev/null
fi
for room in libs/runtime libs/bus libs/node libs/embedded apps/cli; do
  report=$(node_modules/.bin/effect-tsgo diagnostics --project "$room/tsconfig.json" 2>&1) || {
    echo "$report"
    exit 1
  }
  # The tool passes without a word where the configuration hides every file from it.
  if grep -q "Checked 0 files" <<< "$report"; then
    echo "$room: no file was checked"
    exit 1
  fi
  if ! grep -q "0 errors, 0 warnings" <<< "$report"; then
    echo "$report"
    exit 1
  fi
  echo "$room: clean"
done
