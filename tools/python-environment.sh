# Sourced: python_environment NAME REQUIREMENTS makes a Python environment in the user's cache, once for each state of the
# requirements, and sets `environment` to its folder.

python_environment() {
  command -v python3 >/dev/null || { echo "$1: python3 is missing: Python 3.11 or later is needed" >&2; return 1; }
  environment=${XDG_CACHE_HOME:-$HOME/.cache}/contacts/$1
  ! cmp -s "$2" "$environment/requirements.txt" || return 0
  echo "installing $1"
  rm -rf "$environment"
  python3 -m venv "$environment" >/dev/null ||
    { echo "$1: python3 can't make a virtual environment: install its venv module (Debian: python3-venv)" >&2; return 1; }
  "$environment/bin/pip" install --quiet --disable-pip-version-check --require-hashes --requirement "$2" ||
    { echo "$1 can't be installed: see above" >&2; return 1; }
  cp "$2" "$environment/requirements.txt"
}
