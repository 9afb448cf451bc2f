#!/usr/bin/env bash
# Takes the page of the API reference from its npm package, whose version and digest are in package-lock.json. Nothing of the
# package runs, and none of its dependencies is installed: the page is one file with all of them.
#
#   tools/reference/bundle.sh          writes pkg/docs/assets/scalar.js.gz
#   tools/reference/bundle.sh check    compares it
set -euo pipefail
cd "$(dirname "$0")/../.."

fail() { echo "reference: $*" >&2; exit 1; }
locked() { node -p "require('./tools/reference/package-lock.json').packages['node_modules/@scalar/api-reference'].$1"; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
npm pack "@scalar/api-reference@$(locked version)" --pack-destination "$folder" --silent >/dev/null || fail "npm has no such package"
package=$(echo "$folder"/*.tgz)
digest=sha512-$(node -p "require('crypto').createHash('sha512').update(require('fs').readFileSync('$package')).digest('base64')")
[ "$digest" = "$(locked integrity)" ] || fail "the package is not the one of package-lock.json: $digest"
tar -xzf "$package" -C "$folder" package/dist/browser/standalone.js
script=$folder/package/dist/browser/standalone.js embedded=pkg/docs/assets/scalar.js.gz
if [ "${1:-}" = check ]; then
  gzip -dc "$embedded" | cmp -s - "$script" || fail "$embedded is not the file of npm: run make reference"
  exit
fi
gzip -9nc "$script" >"$embedded"
