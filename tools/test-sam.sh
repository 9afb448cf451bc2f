#!/usr/bin/env bash
# Walks the quick start through `sam local`: the real functions, in Lambda containers, over HTTP.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "test-sam: $*" >&2; [ ! -e "${folder:-}/server.log" ] || sed 's/^/  | /' "$folder/server.log" >&2; exit 1; }
field() { sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p' "$2" | head -n 1; }

command -v docker >/dev/null || fail "Docker is missing"
docker version >/dev/null 2>&1 || fail "Docker does not answer"

folder=$(mktemp -d) server='' watch=''
end() {
  local status=$?
  trap - EXIT
  trap '' INT TERM
  if [ -n "$server" ] && kill -TERM "$server" 2>/dev/null; then
    for _ in $(seq 250); do kill -0 "$server" 2>/dev/null || break; sleep 0.1; done
    kill -KILL "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  [ -z "$watch" ] || kill "$watch" 2>/dev/null || true
  rm -rf "$folder"
  exit "$status"
}
trap end EXIT
trap 'exit 1' INT
trap 'fail "took longer than 10 minutes"' TERM
main=$$
(exec >/dev/null 2>&1; trap 'kill $! 2>/dev/null' EXIT; sleep 600 & wait; kill -TERM "$main") &
watch=$!

port=3100
while (echo >"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
SECONDS=0
PORT=$port DATA=$folder/data READY_FILE=$folder/ready.json tools/sam-local.sh >"$folder/server.log" 2>&1 &
server=$!
until [ -e "$folder/ready.json" ]; do
  kill -0 "$server" 2>/dev/null || fail "tools/sam-local.sh did not start"
  sleep 0.2
done
url=$(field url "$folder/ready.json") org=$(field org "$folder/ready.json")
echo "ready after ${SECONDS} s"

token='' body=$folder/body headers=$folder/headers
# call STATUS METHOD PATH [curl's arguments] sends a request and holds the answer to its status.
call() {
  local want=$1 method=$2 path=$3 got
  shift 3
  [ "$method" = HEAD ] && set -- --head "$@" || set -- --request "$method" "$@"
  got=$(curl -sS --max-time 60 -o "$body" -D "$headers" -w '%{http_code}' ${token:+-H "Authorization: Bearer $token"} "$@" "$url$path") ||
    fail "$method $path: no answer"
  printf '  %s %-6s %s\n' "$got" "$method" "$path"
  [ "$got" = "$want" ] || fail "$method $path: $got instead of $want: $(cat "$body")"
}
send() { call "$1" "$2" "$3" -H 'Content-Type: application/json' --data-binary "$4"; }
holds() { grep -qF -- "$1" "$body" || fail "the answer does not hold $1: $(cat "$body")"; }

call 302 GET /
call 200 GET /console
asset=$(sed -n 's/.*src="\(\/console\/assets\/console-[^"]*\)".*/\1/p' "$body")
call 200 GET "$asset" --compressed
holds /rest/login
call 200 GET /docs
holds '<div id="reference">'
asset=$(sed -n 's/.*src="\(\/docs\/scalar-[^"]*\)".*/\1/p' "$body")
call 200 GET "$asset" --compressed
holds createApiReference
call 200 GET /openapi.yaml
cmp -s "$body" api/openapi.yaml || fail "/openapi.yaml is not api/openapi.yaml"
call 401 GET "/auth/authorize/$org"
call 200 GET "/auth/authorize/$org" -u "$(field app "$folder/ready.json"):$(field secret "$folder/ready.json")"
bearer=$(field accessToken "$body")
[ -n "$bearer" ] || fail "authorize gave no accessToken"
list=/contacts/org/$org/individual
call 403 GET "$list"
token=$bearer

send 201 POST "$list" '{"external_id": "string", "name": "string", "date_of_birth": "2025-03-25", "anniversary": "2025-03-25", "deleted": true}'
id=$(field id "$body")
[ -n "$id" ] || fail "the contact has no id: $(cat "$body")"
grep -qi "^location: .*$list/$id" "$headers" || fail "no Location of the contact: $(cat "$headers")"
send 409 POST "$list" '{"external_id": "string", "name": "string"}'
send 400 POST "$list" '{"name": ""}'

send 201 POST "$list/$id/addresses" '{"type": "NOT_QUALIFIED", "full_address": "string", "recipient_name": "string", "care_of": "string",
  "street_name": "string", "street_number": "string", "additional": "string", "city": "string", "zip": "string", "country_code": "AF",
  "description": "string", "usages": ["EVERYTHING"], "usage_context": "PERSONAL"}'
send 201 POST "$list/$id/emails" '{"type": "NOT_QUALIFIED", "address": "user@example.com", "description": "string", "usage_context": "PERSONAL"}'
send 201 POST "$list/$id/phones" '{"type": "NOT_QUALIFIED", "number": "string", "description": "string", "usages": ["EVERYTHING"], "usage_context": "PERSONAL"}'
send 201 POST "$list/$id/web-addresses" '{"type": "NOT_QUALIFIED", "url": "https://example.com/", "description": "string", "usage_context": "PERSONAL"}'

call 200 GET "$list/$id/full"
for part in individual_contact addresses emails phones web_addresses user@example.com https://example.com/; do holds "$part"; done
call 200 GET "$list"
holds "\"$id\""

call 200 GET "$list/$id"
cp "$body" "$folder/contact.json"
etag=$(sed -n 's/^[Ee][Tt]ag: *\(.*[^[:space:]]\)[[:space:]]*$/\1/p' "$headers")
[ -n "$etag" ] || fail "the contact has no ETag: $(cat "$headers")"
call 304 GET "$list/$id" -H "If-None-Match: $etag"
call 200 HEAD "$list/$id"
call 200 PUT "$list/$id" -H 'Content-Type: application/json' -H "If-Match: $etag" --data-binary "@$folder/contact.json"
holds '"name":"string"'
call 404 GET "$list/1"

org=/contacts/org/$org
send 201 POST "$org/organization" '{"name": "string", "founded": "2025-03-25"}'
company=$(field id "$body")
send 201 POST "$list/$id/professional-identities" '{"organization_contact": "'"$company"'", "is_active": true}'
call 200 GET "$org/organization/$company"
holds '"is_active":true'
call 422 DELETE "$org/organization/$company"
send 200 PUT "$list/$id/roles/customer" '{"customer_id": "string", "is_active": true, "is_suspended": false, "customer_since": "2025-03-25"}'
holds '"debtor_account_id":"10000"'
call 200 GET "$list/$id/roles/customer/delivery-and-invoicing?brand_id=string"
send 201 POST "$list/$id/tags" '{"name": "string"}'
call 200 GET "$org/lookup?tag=STRING"
holds "\"$id\""
send 200 PATCH "$list-id-mapping" '{"items": [{"internal": "'"$id"'", "external": "crm/47 11"}]}'
call 200 GET "$list-id-mapping/external/crm/47%2011"
holds "\"$id\""
send 201 POST "$org/placeholder-customers" '{"customer_id": "till", "name": "string", "is_active": true, "customer_since": "2025-03-25",
  "requires_formal_invoice": true, "track_revenue": true}'
send 201 POST "$org/customer-lists" '{"name": "string"}'
customers=$org/customer-lists/$(field id "$body")
send 200 POST "$customers/items" '{"items": [{"id": "'"$id"'"}]}'
call 200 GET "$customers/items"
holds "\"$id\""
call 200 GET "$org/configuration"
holds '"use_external_contact_management":false'

# The same records in the other dialect, for a user.
options=/rest/accounts/contacts/$id/options
call 401 GET "$options" -H 'Authorization: Bearer x'
call 200 POST /rest/login --data-urlencode "username=$(field username "$folder/ready.json")" --data-urlencode "password=$(field password "$folder/ready.json")"
app_token=$token token=$(field access_token "$body") refresh=$(field refresh_token "$body")
call 200 POST "/rest/login/refresh?refresh_token=$refresh"
call 401 POST "/rest/login/refresh?refresh_token=$refresh"
call 200 GET "$options?typeId=2"
holds '"value":"user@example.com"'
send 200 POST "$options" '[{"typeId": 1, "subTypeId": 3, "value": "+49 221 5550123", "priority": 1}]'
holds '"typeId":1'
send 422 POST "$options" '{"typeId": 2, "subTypeId": 1, "value": "string"}'
holds '"validation_errors":{"value"'
token=$app_token
call 200 GET "$org/lookup?phone=0221%205550123"
holds "\"$id\""

# No S3 tells a container of its objects: the processor is told by hand, as by `sam local invoke`.
send 201 POST "$list/$id/images" "$(sed -n 's/.*"body": "\(.*\)",*$/\1/p' events/image-add.json | sed 's/\\"/"/g')"
image=$(field id "$body")
call 200 GET "$list/$id/images"
holds '"status":"PROCESSING"'
call 404 GET "$list/$id/images/$image"
processed() {
  sed "s|incoming/demo/8123/8139|incoming/${org##*/}/$id/$1|" events/s3-put.json >"$folder/event.json"
  DATA=$folder/data tools/sam-local.sh invoke ImageProcessorFunction --event "$folder/event.json" >"$folder/invoked.log" 2>&1 ||
    { cat "$folder/invoked.log" >&2; fail "the image processor failed"; }
}
processed "$image"
call 200 GET "$list/$id/images"
holds '"status":"READY"'
call 302 GET "$list/$id/images/$image?size=64"
picture=$(sed -n 's/^[Ll]ocation: *\(.*[^[:space:]]\)[[:space:]]*$/\1/p' "$headers")
server_s3=$(field s3 "$folder/ready.json")
bucket() { curl -sS --fail --max-time 60 --connect-to "::${server_s3#http://}" -o "$folder/picture" -D "$headers" "$@" || fail "no answer of the bucket"; }
bucket "$picture"
grep -qi '^content-type: image/png' "$headers" && head -c 8 "$folder/picture" | grep -q PNG || fail "no picture: $(cat "$headers")"
call 204 DELETE "$list/$id/images/$image"

send 201 POST "$list/$id/images/upload" '{"content_type": "image/png"}'
image=$(field id "$body")
form=()
while IFS= read -r entry || [ -n "$entry" ]; do form+=(-F "$entry"); done < <(sed 's/.*"fields":{\([^}]*\)}.*/\1/' "$body" | tr ',' '\n' | sed 's/^"\(.*\)":"\(.*\)"$/\1=\2/')
mv "$folder/picture" "$folder/sent"
bucket "${form[@]}" -F "file=@$folder/sent" "$(field url "$body")"
call 404 GET "$list/$id/images/$image"
processed "$image"
call 200 GET "$list/$id/images"
holds '"status":"READY"'
call 204 DELETE "$list/$id/images/$image"

call 204 DELETE "$list/$id"
call 204 DELETE "$list/$id"
call 200 GET "$list/$id"
holds '"deleted":true'
send 422 POST "$list/$id/emails" '{"type": "NOT_QUALIFIED", "address": "user@example.com", "usage_context": "PERSONAL"}'
echo "the quick start works through sam local (${SECONDS} s)"
