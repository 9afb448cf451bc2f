#!/usr/bin/env bash
# Builds what a version is released as, in dist/: an archive for each platform, their checksums, and the version's notes of
# CHANGELOG.md. An archive has the contacts command, the template that it reads and the DynamoDB engine that it starts.
#
#   VERSION=v1.2.3 tools/dist.sh [OS/ARCH…]
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "dist: $*" >&2; exit 1; }
VERSION=${VERSION:-}
[[ $VERSION =~ ^v[0-9]+\.[0-9]+\.[0-9]+$ ]] || fail "VERSION is a tag like v1.2.3, not \"$VERSION\""
[ $# -gt 0 ] || set -- linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64
commit=$(git describe --always --dirty --abbrev=12 --exclude='*' 2>/dev/null || echo unknown)

rm -rf dist
mkdir dist
awk -v version="## ${VERSION#v}" '/^## / {on = index($0, version) == 1; next} on' CHANGELOG.md >dist/notes.md
grep -q '[^[:space:]]' dist/notes.md || fail "CHANGELOG.md has no section \"## ${VERSION#v}\""
for platform; do
  os=${platform%/*} arch=${platform#*/}
  folder=contacts-$VERSION-$os-$arch
  mkdir -p "dist/$folder/tools"
  echo "$folder"
  CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -buildvcs=false -trimpath -ldflags="-s -w -X contacts/pkg/version.commit=$commit" -o "dist/$folder/" ./cmd/contacts
  cp template.yaml LICENSE README.md CHANGELOG.md "dist/$folder"
  cp tools/package.json tools/package-lock.json "dist/$folder/tools"
  npm ci --prefix "dist/$folder/tools" --os="${os/windows/win32}" --cpu="${arch/amd64/x64}" --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null
  ls "dist/$folder"/tools/node_modules/@dynoxide/*/dynoxide* >/dev/null 2>&1 || fail "npm has no DynamoDB engine for $platform" # npm passes over what is optional
  tar -czf "dist/$folder.tar.gz" -C dist "$folder"
  rm -rf "dist/${folder:?}"
done
(cd dist && sha256sum ./*.tar.gz >SHA256SUMS)
