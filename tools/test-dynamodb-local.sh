#!/usr/bin/env bash
# Runs the suite of tests/ against Amazon's own DynamoDB Local instead of the engine it uses otherwise.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "test-dynamodb-local: $*" >&2; exit 1; }

command -v java >/dev/null || fail "java is missing: DynamoDB Local needs Java 17 or later"
command -v mvn >/dev/null || fail "mvn is missing: install Maven, it fetches DynamoDB Local"

tool=tools/dynamodb-local lib=tools/dynamodb-local/lib
if ! cmp -s "$tool/pom.xml" "$lib/pom.xml"; then
  echo "fetching DynamoDB Local"
  rm -rf "$lib"
  mvn -q -B -f "$tool/pom.xml" dependency:copy-dependencies -DoutputDirectory=lib </dev/null || fail "DynamoDB Local can't be fetched: see above"
  cp "$tool/pom.xml" "$lib/pom.xml"
fi

log=$(mktemp) server='' suite=''
end() {
  local status=$?
  trap - EXIT
  trap '' INT TERM HUP
  for group in $suite $server; do kill -TERM -- "-$group" 2>/dev/null || true; done
  for _ in $(seq 50); do [ -n "$server" ] && kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
  [ -z "$server" ] || kill -KILL -- "-$server" 2>/dev/null || true
  rm -f "$log"
  exit "$status"
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
set -m # a process group for each of the two, to end it whole

answers() {
  local line=''
  { exec 3<>"/dev/tcp/127.0.0.1/$port" && printf 'GET / HTTP/1.0\r\n\r\n' >&3 && read -r -t 5 line <&3; } 2>/dev/null || true
  [[ $line == HTTP/* ]]
}

# It has no option to listen on the loopback address alone. What it holds is the tests' own data, in memory.
port=8100
while (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
SECONDS=0
java -Djava.library.path="$lib" -cp "$lib/*" com.amazonaws.services.dynamodbv2.local.main.ServerRunner \
  -inMemory -disableTelemetry -port "$port" >"$log" 2>&1 </dev/null &
server=$!
until (answers); do
  if ! kill -0 "$server" 2>/dev/null || [ "$SECONDS" -ge 60 ]; then
    sed 's/^/  | /' "$log" >&2
    fail "DynamoDB Local did not start"
  fi
  sleep 0.2
done
kill -0 "$server" 2>/dev/null || fail "port $port was taken meanwhile: try again"
echo "DynamoDB Local answers on port $port after ${SECONDS} s"

AWS_ENDPOINT_URL_DYNAMODB=http://127.0.0.1:$port go test -count=1 "$@" ./tests/... </dev/null &
suite=$!
status=0
wait "$suite" || status=$?
suite=''
[ "$status" = 0 ] || exit "$status"
echo "the suite passes on DynamoDB Local (${SECONDS} s)"
