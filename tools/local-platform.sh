# To be sourced in the root of the repository. $folder is a temporary folder; it is removed at the end, and the platform that
# start_platform started is stopped.
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

# start_platform NAME [FLAG...] returns when $folder/ready.json is there; the log is in $folder/platform.log.
start_platform() {
  bin/contacts serve --port 0 --data "$folder/data" --ready-file "$folder/ready.json" "${@:2}" >"$folder/platform.log" 2>&1 &
  platform=$!
  for _ in $(seq 300); do
    [ ! -e "$folder/ready.json" ] || return 0
    kill -0 "$platform" 2>/dev/null || { cat "$folder/platform.log"; echo "$1: the platform did not start" >&2; exit 1; }
    sleep 0.1
  done
  echo "$1: the platform was not ready in time" >&2
  exit 1
}
