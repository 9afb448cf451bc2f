#!/usr/bin/env bash
# Runs published clients of the plentymarkets API against the platform.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tools/python-environment.sh
. tools/local-platform.sh

python_environment clients tools/clients/requirements.txt
start_platform test-clients
"$environment/bin/python" tools/clients/clients.py "$folder/ready.json"
