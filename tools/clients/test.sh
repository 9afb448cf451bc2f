#!/usr/bin/env bash
# Runs published clients of the plentymarkets API against the platform.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/python-environment.sh

folder=$(mktemp -d)
platform=
end() {
  local status=$?
  trap - EXIT
  if [ -n "$platform" ]; then
    kill -TERM "$platform" 2>/dev/null || true
    wait "$platform" 2>/dev/null || true
  fi
  rm -rf "$folder"
  exit "$status"
}
trap end EXIT
trap 'exit 1' INT TERM

python_environment clients tools/clients/requirements.txt
bin/contacts serve --port 0 --data "$folder/data" --ready-file "$folder/ready.json" >"$folder/platform.log" 2>&1 &
platform=$!
for _ in $(seq 300); do
  [ ! -e "$folder/ready.json" ] || break
  kill -0 "$platform" 2>/dev/null || { cat "$folder/platform.log"; echo "test-clients: the platform did not start" >&2; exit 1; }
  sleep 0.1
done
"$environment/bin/python" tools/clients/clients.py "$folder/ready.json"
