# Sourced: python_environment NAME REQUIREMENTS makes a Python environment in the user's cache, once for each state of the
# requirements, and sets `environment` to its folder. The requirements are complete: nothing else is installed.

python_environment() {
  command -v python3 >/dev/null || { echo "$1: python3 is missing: Python 3.11 or later is needed" >&2; return 1; }
  environment=${XDG_CACHE_HOME:-$HOME/.cache}/contacts/$1
  ! cmp -s "$2" "$environment/requirements.txt" || return 0
  mkdir -p "${environment%/*}"
  if command -v flock >/dev/null; then # of two at once, the second finds it made
    exec 9>"$environment.lock"
    flock 9
    ! cmp -s "$2" "$environment/requirements.txt" || { exec 9>&-; return 0; }
  fi
  echo "installing $1"
  rm -rf "$environment"
  python3 -m venv "$environment" >/dev/null ||
    { echo "$1: python3 can't make a virtual environment: install its venv module (Debian: python3-venv)" >&2; return 1; }
  "$environment/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement "$2" ||
    { echo "$1 can't be installed: see above" >&2; return 1; }
  cp "$2" "$environment/requirements.txt"
  exec 9>&-
}
