#!/usr/bin/env bash
# Builds every function by `sam build`, as a deployment does, for both processors, and holds each to be a small program for it.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/python-environment.sh

fail() { echo "test-sam-build: $*" >&2; exit 1; }

python_environment sam tools/requirements.txt >&2
PATH=$environment/bin:$PATH

folder=.aws-sam/test
mkdir -p "$folder"
trap 'rm -rf "$folder"' EXIT
for architecture in arm64 x86_64; do
  SAM_CLI_TELEMETRY=0 sam build --build-dir "$folder/$architecture" --parameter-overrides "Architecture=$architecture" >"$folder/build.log" 2>&1 ||
    { cat "$folder/build.log" >&2; fail "sam build fails for $architecture"; }
  case $architecture in
    arm64) machine=183 ;; # of the ELF header
    x86_64) machine=62 ;;
  esac
  n=0
  for function in $(sed -n 's/^  \([A-Za-z][A-Za-z]*Function\):$/\1/p' template.yaml); do
    program=$folder/$architecture/$function/bootstrap
    [ -x "$program" ] || fail "$function has no bootstrap for $architecture"
    [ "$(od -An -t u2 -j 18 -N 2 "$program" | tr -d ' ')" = "$machine" ] || fail "$function is not built for $architecture"
    size=$(wc -c <"$program")
    [ "$size" -lt 12000000 ] || fail "$function has $size bytes: it is not stripped"
    n=$((n + 1))
  done
  [ "$n" -gt 0 ] || fail "template.yaml has no functions"
  echo "  $n functions for $architecture"
done
