#!/usr/bin/env bash
# Lints the template and the code, and looks up its dependencies among the known vulnerabilities. What it installs lies in the
# user's cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/python-environment.sh

fail() { echo "lint: $*" >&2; exit 1; }

python_environment sam tools/requirements.txt

echo "cfn-lint"
"$environment/bin/cfn-lint" -c I -t template.yaml

echo "sam validate" # a region is all it needs to know of an account
SAM_CLI_TELEMETRY=0 AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} "$environment/bin/sam" validate --template template.yaml

echo "the API's description, by Redocly and Spectral"
cmp -s tools/openapi/package-lock.json tools/openapi/node_modules/installed.json 2>/dev/null || {
  npm ci --prefix tools/openapi --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
  cp tools/openapi/package-lock.json tools/openapi/node_modules/installed.json
}
linters=tools/openapi/node_modules/.bin
REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true "$linters/redocly" lint api/openapi.yaml --config tools/openapi/redocly.yaml 2>"$environment/redocly.log" ||
  { cat "$environment/redocly.log" >&2; fail "Redocly finds faults in api/openapi.yaml"; }
"$linters/spectral" lint api/openapi.yaml --ruleset tools/openapi/spectral.yaml --fail-severity=warn --quiet || fail "Spectral finds faults in api/openapi.yaml"

echo "the page of the reference, against npm"
tools/reference/bundle.sh check

echo "the console's types"
make --no-print-directory console/node_modules/.package-lock.json
mkdir -p console/types
(cd console && npx --no-install openapi-typescript ../api/openapi.yaml --output types/api.d.ts >/dev/null && npx --no-install tsc --project .) ||
  fail "tsc finds faults in console/"

echo "gofmt"
unformatted=$(find . -name '*.go' -not -path '*/node_modules/*' -not -path './.*' -exec gofmt -l {} +)
[ -z "$unformatted" ] || fail "gofmt would change: $unformatted"

echo "go vet"
go vet ./...

echo "golangci-lint (compiling it takes some minutes the first time)"
go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...

# The database is Go's, or that of GOVULNDB. What can't be looked up is said, and is no fault of the code.
echo "govulncheck"
programs=${XDG_CACHE_HOME:-$HOME/.cache}/contacts/bin
GOBIN=$programs go install golang.org/x/vuln/cmd/govulncheck@v1.9.0
database=${GOVULNDB:-https://vuln.go.dev}
if [[ $database == https://* ]] && ! curl -sS --fail --max-time 20 -o /dev/null "$database/index/db.json"; then
  echo "govulncheck: NOT CHECKED: $database can't be reached from here"
else
  "$programs/govulncheck" -db "$database" ./... || fail "govulncheck found vulnerabilities: see above"
fi
