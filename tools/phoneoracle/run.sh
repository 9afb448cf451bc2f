#!/usr/bin/env bash
# Writes the second oracle of pkg/phone's tests to the standard output (needs Python 3.11).
set -euo pipefail
cd "$(dirname "$0")"
. ../python-environment.sh
python_environment phoneoracle requirements.txt >&2
exec "$environment/bin/python" oracle.py
