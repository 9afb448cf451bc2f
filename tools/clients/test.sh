#!/usr/bin/env bash
# Runs clients against the platform: those that are published for the plentymarkets API, then those that generators make of
# api/openapi.yaml, each with a program that walks the quick start, and the published verifiers of webhooks. All of them, or those that are
# named: test.sh go java
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/python-environment.sh
. tools/local-platform.sh
. tools/clients/java/environment.sh

run_published() {
  python_environment clients tools/clients/requirements.txt
  "$environment/bin/python" tools/clients/clients.py "$folder/ready.json"
}

run_go() {
  cd build/clients/go
  go tool oapi-codegen -config oapi-codegen.yaml "$description"
  go vet .
  go run .
}

run_typescript() {
  cd build/clients/typescript
  ../node_modules/.bin/openapi-typescript "$description" --output contacts.d.ts
  awk '/^```/ { inside = 0 } inside; /^```ts$/ { inside = 1 }' ../../../docs/changes.md >mirror.ts
  ../node_modules/.bin/tsc
  node walk.js
  node copy.js
}

run_python() {
  python_environment generated-client tools/clients/python/requirements.txt
  cd build/clients/python
  PATH=$environment/bin:$PATH openapi-python-client generate --path "$description" --meta none --overwrite --output-path contacts
  "$environment/bin/mypy" --strict --follow-imports=silent walk.py
  "$environment/bin/python" walk.py
}

run_java() {
  java_environment || { echo "java: NOT RUN: there is neither Java with Maven here, nor could both be installed"; return 0; }
  "${maven[@]}" --file build/clients/java/pom.xml compile exec:java
}

run_postman() {
  node build/clients/postman/collection.mjs "$description" build/clients/postman/contacts.json
}

run_webhooks() {
  python_environment webhooks tools/clients/webhooks/requirements.txt
  "$environment/bin/python" tools/clients/webhooks/receive.py
  node build/clients/webhooks/receive.mjs
}

chosen=("$@")
[ ${#chosen[@]} != 0 ] || chosen=(published go typescript python java postman webhooks)
start_platform test-clients --allow-local-webhooks
[[ ${chosen[0]} != published ]] || { run_published; chosen=("${chosen[@]:1}"); }

# Programs lie in build/ next to the clients that they use.
description=$PWD/api/openapi.yaml
export CGO_ENABLED=0 GOFLAGS=-buildvcs=false
mkdir -p build/clients
cp -R tools/clients/{go,typescript,python,java,postman,webhooks,package.json,package-lock.json} build/clients
cmp -s tools/clients/package-lock.json build/clients/node_modules/installed.json || {
  npm ci --prefix build/clients --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
  cp tools/clients/package-lock.json build/clients/node_modules/installed.json
}
eval "$(node -p 'const { url, org, app, secret, username, password } = JSON.parse(fs.readFileSync(process.argv[1]));
  `export URL=${url} ORG=${org} APP=${app} SECRET=${secret} USER_NAME=${username} PASSWORD=${password}`' "$folder/ready.json")"
bin/contacts seed --contacts 3 --org "$ORG" --data "$folder/data" >/dev/null # more than a page
started=()
for name in "${chosen[@]}"; do
  "run_$name" >"$folder/$name.log" 2>&1 &
  started+=($!)
done
failed=
for i in "${!chosen[@]}"; do
  name=${chosen[i]}
  if wait "${started[i]}"; then
    grep "^$name: " "$folder/$name.log"
  else
    cat "$folder/$name.log" >&2
    failed+=" $name"
  fi
done
[ -z "$failed" ] || { echo "test-clients: failed:$failed" >&2; exit 1; }
