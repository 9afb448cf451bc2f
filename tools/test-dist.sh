#!/usr/bin/env bash
# Builds this machine's archive of a release, unpacks it elsewhere, and starts the platform from it.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "test-dist: $*" >&2; [ ! -e "${folder:-}/log" ] || cat "$folder/log" >&2; exit 1; }
folder=$(mktemp -d) server=''
end() {
  local status=$?
  trap - EXIT
  [ -z "$server" ] || { kill -TERM "$server" 2>/dev/null && wait "$server" 2>/dev/null; } || true
  rm -rf "$folder" dist
  exit "$status"
}
trap end EXIT
trap 'exit 1' INT TERM

VERSION=v$(sed -n 's/^## \([0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1) tools/dist.sh "$(go env GOOS)/$(go env GOARCH)"
(cd dist && sha256sum --check --quiet SHA256SUMS) || fail "the checksums are wrong"
tar -xzf dist/*.tar.gz -C "$folder"
cd "$folder"/contacts-*
./contacts serve --port 0 --data "$folder/data" --ready-file "$folder/ready.json" >"$folder/log" 2>&1 &
server=$!
for _ in $(seq 300); do
  [ ! -e "$folder/ready.json" ] || break
  kill -0 "$server" 2>/dev/null || fail "the platform did not start"
  sleep 0.1
done
field() { sed -n 's/^ *"'"$1"'": "\(.*\)",\{0,1\}$/\1/p' "$folder/ready.json"; }
curl -sS --fail -o /dev/null -u "$(field app):$(field secret)" "$(field url)/auth/authorize/$(field org)" || fail "the platform gives no token"
echo "a release works on this machine: $(./contacts --version)"
