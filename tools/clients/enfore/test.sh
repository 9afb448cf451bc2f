#!/usr/bin/env bash
# Generates a client of enfore's description, from the facts of it in api/enfore or from the file DESCRIPTION, and walks all
# operations with it.
set -euo pipefail
cd "$(dirname "$0")/../../.."
. tools/python-environment.sh
. tools/local-platform.sh

python_environment generated-client tools/clients/python/requirements.txt
description=${DESCRIPTION:-$folder/description.json}
[ -n "${DESCRIPTION:-}" ] || "$environment/bin/python" tools/clients/enfore/describe.py api/enfore >"$description"
PATH=$environment/bin:$PATH openapi-python-client generate --path "$description" --meta none --output-path "$folder/enfore" >"$folder/generator.log" ||
  { cat "$folder/generator.log" >&2; exit 1; }

start_platform test-enfore-client
"$environment/bin/python" tools/clients/enfore/walk.py "$folder/ready.json" api/enfore "$folder"
