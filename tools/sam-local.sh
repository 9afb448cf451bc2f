#!/usr/bin/env bash
# Runs the functions in Lambda containers on this machine, by the SAM CLI, against the local engine.
#
#   tools/sam-local.sh                        build, then serve the API until Ctrl-C
#   tools/sam-local.sh build                  build alone; a server that runs takes the new functions over
#   tools/sam-local.sh invoke FUNCTION ARGS   `sam local invoke FUNCTION ARGS`: next to a server on the same DATA with its
#                                             functions and engine, else with new ones
#
# PORT (3000) is the API's, DATA (.data) the folder that keeps the records, READY_FILE a file that appears, with
# address and credentials as JSON, when all is ready.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/python-environment.sh

PORT=${PORT:-3000} DATA=${DATA:-.data} READY_FILE=${READY_FILE:-}
export SAM_CLI_TELEMETRY=${SAM_CLI_TELEMETRY:-0}
built=.aws-sam/local/build # apart from what `sam deploy` takes

fail() { echo "sam-local: $*" >&2; exit 1; }
field() { sed -n 's/^ *"'"$1"'": "\(.*\)",\{0,1\}$/\1/p' "$2"; } # of a JSON file with one field a line

python_environment sam tools/requirements.txt >&2
PATH=$environment/bin:$PATH

command -v docker >/dev/null || fail "Docker is missing: the SAM CLI runs functions in containers"
docker version >/dev/null 2>&1 || fail "Docker does not answer: is its daemon running, and may this user talk to it?"

case $(uname -m) in
  arm64 | aarch64) architecture=arm64 ;;
  *) architecture=x86_64 ;;
esac

# A container gets no variable but those that its template names, and a deployed function has no business with the
# addresses of local services: so they are named in a copy.
build() {
  mkdir -p .aws-sam/local
  awk '{print} $1 == "TABLE_NAME:" {sub(/TABLE_NAME:.*/, ""); print $0 "AWS_ENDPOINT_URL_DYNAMODB: \"\""; print $0 "AWS_ENDPOINT_URL_S3: \"\""}' \
    template.yaml >.aws-sam/local/template.yaml
  grep -q AWS_ENDPOINT_URL_DYNAMODB .aws-sam/local/template.yaml || fail "template.yaml names no TABLE_NAME in its Globals"
  sam build --build-in-source --parallel --template .aws-sam/local/template.yaml --base-dir "$PWD" --build-dir "$built" \
    --parameter-overrides "Architecture=$architecture" >.aws-sam/local/build.log 2>&1 ||
    { cat .aws-sam/local/build.log >&2; fail "sam build failed"; }
}

# The address of this machine that containers know as host.docker.internal. Where Docker has its own virtual machine
# (Docker Desktop), that name leads to 127.0.0.1.
bridge() {
  local address
  address=$(docker network inspect bridge -f '{{range .IPAM.Config}}{{.Gateway}}{{end}}' 2>/dev/null || true)
  if command -v ip >/dev/null; then
    [ -n "$address" ] || address=$(ip -4 -o addr show dev docker0 2>/dev/null | sed -n 's/.* inet \([0-9.]*\).*/\1/p')
    [ -z "$address" ] || ip -4 -o addr show | grep -qF " $address/" || address=
  else
    address=
  fi
  echo "${address:-127.0.0.1}"
}

# The address under which containers reach this machine: its own wherever that can be, because the functions hand it out, in the
# addresses of pictures and forms, and the name is none outside of a container.
reached() { local address; address=$(bridge); [ "$address" = 127.0.0.1 ] && echo host.docker.internal || echo "$address"; }

if [ "${1:-}" = build ]; then
  build
  exit
fi

settings=$DATA/sam-local.json # of the containers, as long as a server runs
common=(--template "$built/template.yaml" --env-vars "$settings" --parameter-overrides "Architecture=$architecture"
  --add-host host.docker.internal:host-gateway)
served() { # succeeds if the engine of the settings answers: a server that was killed leaves them
  local port
  port=$(field AWS_ENDPOINT_URL_DYNAMODB "$settings" 2>/dev/null | sed 's/.*:\([0-9]*\).*/\1/')
  [ -n "$port" ] && (echo >"/dev/tcp/$(bridge)/$port") 2>/dev/null
}
if [ "${1:-}" = invoke ] && served; then
  shift
  exec sam local invoke "${common[@]}" "$@"
fi

folder=$(mktemp -d)
engine='' api='' follower=''
end() {
  local status=$? process
  trap - EXIT
  trap '' INT TERM
  for process in $api $follower $engine; do # the API first: it has requests under way
    kill -TERM "$process" 2>/dev/null || continue
    for _ in $(seq 100); do kill -0 "$process" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$process" 2>/dev/null || true
    wait "$process" 2>/dev/null || true
  done
  rm -rf "$folder" "$settings"
  [ -z "$READY_FILE" ] || rm -f "$READY_FILE"
  exit "$status"
}
trap end EXIT
trap 'exit 0' INT TERM

(echo >"/dev/tcp/127.0.0.1/$PORT") 2>/dev/null && fail "port $PORT is in use: take another with PORT=…"
echo "starting the local engine"
# The S3 server takes forms that were signed with its keys: those that the SAM CLI gives to functions if it knows no others.
AWS_ACCESS_KEY_ID=${AWS_ACCESS_KEY_ID:-defaultkey} AWS_SECRET_ACCESS_KEY=${AWS_SECRET_ACCESS_KEY:-defaultsecret} \
  bin/contacts serve --backing-only --data "$DATA" --services-host "$(bridge)" --ready-file "$folder/engine.json" >"$folder/engine.log" 2>&1 &
engine=$!
echo "building the functions ($architecture)"
build
for _ in $(seq 150); do
  [ ! -e "$folder/engine.json" ] || break
  kill -0 "$engine" 2>/dev/null || { cat "$folder/engine.log" >&2; fail "the local engine did not start"; }
  sleep 0.1
done
[ -e "$folder/engine.json" ] || fail "the local engine was not ready in time"

port=$(field dynamodb "$folder/engine.json" | sed 's/.*:\([0-9]*\).*/\1/')
s3=$(field s3 "$folder/engine.json" | sed 's/.*:\([0-9]*\).*/\1/')
host=$(reached)
umask 077
cat >"$settings" <<JSON
{"Parameters": {
  "TABLE_NAME": "contacts-local",
  "BUCKET_NAME": "contacts-local",
  "AWS_ENDPOINT_URL_DYNAMODB": "http://$host:$port",
  "AWS_ENDPOINT_URL_S3": "http://$host:$s3",
  "SIGNING_SECRET": "$(field signing_secret "$folder/engine.json")",
  "WEBHOOK_SECRET": "$(field webhook_secret "$folder/engine.json")"
}}
JSON

if [ "${1:-}" = invoke ]; then
  shift
  sam local invoke "${common[@]}" "$@"
  exit
fi
[ $# -eq 0 ] || fail "takes nothing, build or invoke, not $1"

echo "starting the API"
sam local start-api --port "$PORT" --warm-containers LAZY "${common[@]}" >"$folder/api.log" 2>&1 &
api=$!
url=http://127.0.0.1:$PORT org=$(field org "$folder/engine.json")
for _ in $(seq 60); do # the first request makes an image and a container
  kill -0 "$api" 2>/dev/null || { cat "$folder/api.log" >&2; fail "sam local did not start"; }
  status=$(curl -s -o /dev/null --max-time 60 -w '%{http_code}' "$url/auth/authorize/$org" || true)
  [ "$status" != 401 ] || break
  sleep 1
done
[ "$status" = 401 ] || { cat "$folder/api.log" >&2; fail "the API answers $status where it should ask for credentials"; }

app=$(field app "$folder/engine.json") secret=$(field secret "$folder/engine.json")
username=$(field username "$folder/engine.json") password=$(field password "$folder/engine.json")
cat <<TEXT

contacts is ready, in containers

  address       $url
  organization  $org
  application   $app
  secret        $secret
  user          $username
  password      $password

Try it:

  curl -s -u '$app:$secret' '$url/auth/authorize/$org'
  curl -s -d 'username=$username' -d 'password=$password' '$url/rest/login'

After a change: tools/sam-local.sh build. Ctrl-C ends everything.

TEXT
if [ -n "$READY_FILE" ]; then
  printf '{\n  "url": "%s",\n  "org": "%s",\n  "app": "%s",\n  "secret": "%s",\n  "username": "%s",\n  "password": "%s",\n  "s3": "%s"\n}\n' \
    "$url" "$org" "$app" "$secret" "$username" "$password" "$(field s3 "$folder/engine.json")" >"$READY_FILE.new"
  mv "$READY_FILE.new" "$READY_FILE"
fi
tail -n +1 -F "$folder/api.log" 2>/dev/null & # what the functions log
follower=$!
set +e
wait "$api"
fail "sam local ended by itself"
