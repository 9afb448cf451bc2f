#!/usr/bin/env bash
# Generates a client of enfore's description, from the facts of it in api/enfore or from the file DESCRIPTION, and walks all
# operations with it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
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

python_environment enfore-client tools/clients/enfore/requirements.txt
description=${DESCRIPTION:-$folder/description.json}
[ -n "${DESCRIPTION:-}" ] || "$environment/bin/python" tools/clients/enfore/describe.py api/enfore >"$description"
PATH=$environment/bin:$PATH openapi-python-client generate --path "$description" --meta none --output-path "$folder/enfore" >"$folder/generator.log" ||
  { cat "$folder/generator.log" >&2; exit 1; }

bin/contacts serve --port 0 --data "$folder/data" --ready-file "$folder/ready.json" >"$folder/platform.log" 2>&1 &
platform=$!
for _ in $(seq 300); do
  [ ! -e "$folder/ready.json" ] || break
  kill -0 "$platform" 2>/dev/null || { cat "$folder/platform.log"; echo "test-enfore-client: the platform did not start" >&2; exit 1; }
  sleep 0.1
done
"$environment/bin/python" tools/clients/enfore/walk.py "$folder/ready.json" api/enfore "$folder"
