#!/usr/bin/env bash
# Lints the template and the code. cfn-lint lives in a Python environment in the user's cache, made at the first run.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "lint: $*" >&2; exit 1; }

command -v python3 >/dev/null || fail "python3 is missing: cfn-lint needs Python 3.10 or later"
environment=${XDG_CACHE_HOME:-$HOME/.cache}/contacts/cfn-lint
if ! cmp -s tools/requirements.txt "$environment/requirements.txt"; then
  echo "installing cfn-lint"
  rm -rf "$environment"
  python3 -m venv "$environment" >/dev/null || fail "python3 can't make a virtual environment: install its venv module (Debian: python3-venv)"
  "$environment/bin/pip" install --quiet --disable-pip-version-check --requirement tools/requirements.txt ||
    fail "cfn-lint can't be installed: see above"
  cp tools/requirements.txt "$environment/requirements.txt"
fi

echo "cfn-lint"
"$environment/bin/cfn-lint" -c I -t template.yaml

if command -v sam >/dev/null; then
  echo "sam validate"
  # A region is all it needs to know of an account.
  AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-us-east-1} sam validate --lint --template template.yaml
else
  echo "sam validate: left out, the SAM CLI is not installed"
fi

echo "gofmt"
unformatted=$(find . -name '*.go' -not -path '*/node_modules/*' -not -path './.*' -exec gofmt -l {} +)
[ -z "$unformatted" ] || fail "gofmt would change: $unformatted"

echo "go vet"
go vet ./...

echo "golangci-lint (compiling it takes some minutes the first time)"
go run github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.15.0 run ./...
