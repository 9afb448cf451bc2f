#!/usr/bin/env bash
# Fuzzes: every Go fuzz target for FUZZTIME (60s), then the API by Schemathesis for SCHEMATHESIS_SECONDS (1800).
#
#   tools/fuzz.sh [short] [ARGS of schemathesis run: --seed N, --include-path-regex …]
#
# What a Go target trips over is kept in its package's testdata/fuzz, where `go test` runs it ever after; what it finds on the way
# to more code in Go's cache, for the next time. "short" runs each 2,000 times, begins with what is in the repository alone, and gives
# Schemathesis the same seed each time.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/python-environment.sh
. tools/local-platform.sh

fail() { echo "fuzz: $*" >&2; exit 1; }

if [ "${1:-}" = short ]; then
  shift
  set -- --seed 1 "$@" # a change that is held up finds the same again; the long form looks elsewhere each time
  FUZZTIME=${FUZZTIME:-2000x} SCHEMATHESIS_SECONDS=${SCHEMATHESIS_SECONDS:-90} corpus=$folder/corpus
else
  FUZZTIME=${FUZZTIME:-60s} SCHEMATHESIS_SECONDS=${SCHEMATHESIS_SECONDS:-1800} corpus=$(go env GOCACHE)/fuzz
fi

# Go before 1.27 reports the end of a fuzz target's time as its failure now and then: https://go.dev/issue/75804
ended_in_time() { grep -q 'context deadline exceeded' "$folder/out" && ! grep -q 'Failing input written' "$folder/out"; }

# The instrumented test of a package is built once and run for each of its targets, in the folder of its testdata.
targets=0 executions=0
for package in $(grep -rl --include='*_test.go' '^func Fuzz' cmd functions pkg tests tools | xargs -n 1 dirname | sort -u); do
  go test -c -fuzz=. -o "$folder/fuzz.test" "./$package"
  for target in $(grep -h -o '^func Fuzz[A-Za-z0-9]*' "$package"/*_test.go | sed 's/func //'); do
    (cd "$package" && "$folder/fuzz.test" -test.run='^$' -test.fuzz="^$target\$" -test.fuzztime="$FUZZTIME" \
      -test.fuzzcachedir="$corpus/contacts/$package" >"$folder/out" 2>&1) || ended_in_time || { cat "$folder/out"; fail "$package: $target"; }
    # In a very short time only the seeds may have run: "gathering baseline coverage: 104/122 completed".
    count=$(sed -n 's/.*\(execs\|coverage\): \([0-9]*\).*/\2/p' "$folder/out" | tail -n 1)
    [ -n "$count" ] || { cat "$folder/out"; fail "$package: $target says no count"; }
    targets=$((targets + 1)) executions=$((executions + count))
  done
done
echo "$targets Go fuzz targets, $FUZZTIME each: $executions executions, no failure"

python_environment schemathesis tools/schemathesis/requirements.txt
start_platform fuzz
field() { sed -n 's/^ *"'"$1"'": "\(.*\)",\{0,1\}$/\1/p' "$folder/ready.json"; }
export CONTACTS_URL CONTACTS_APP CONTACTS_SECRET CONTACTS_USERNAME CONTACTS_PASSWORD CONTACTS_TOKEN
CONTACTS_URL=$(field url) CONTACTS_APP=$(field app) CONTACTS_SECRET=$(field secret)
CONTACTS_USERNAME=$(field username) CONTACTS_PASSWORD=$(field password)
CONTACTS_TOKEN=$(curl -sS --fail -u "$CONTACTS_APP:$CONTACTS_SECRET" "$CONTACTS_URL/auth/authorize/demo?scope=contacts:read+contacts:write+contacts:admin" |
  sed 's/.*"accessToken":"\([^"]*\)".*/\1/')
SCHEMATHESIS_HOOKS=hooks PYTHONPATH=tools/schemathesis PYTHONDONTWRITEBYTECODE=1 PYTHONUTF8=1 \
  "$environment/bin/schemathesis" --config-file tools/schemathesis/schemathesis.toml run api/openapi.yaml --url "$CONTACTS_URL" \
  --max-time "$SCHEMATHESIS_SECONDS" --no-color "$@" ||
  { tail -n 20 "$folder/platform.log"; fail "Schemathesis found something: see above"; }
