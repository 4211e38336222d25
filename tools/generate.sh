#!/usr/bin/env bash
# Writes gen/ anew from sql/ and openapi.yaml; with --verify it changes nothing and
# fails when gen/ is not what they yield.
set -euo pipefail
cd "$(dirname "$0")/.."

# write FOLDER generates into FOLDER/gen from the sources in FOLDER.
write() (
	tool=(go tool -modfile="$PWD/tools/go.mod")
	cd "$1"
	"${tool[@]}" sqlc generate
	"${tool[@]}" ogen --clean --target gen/oas --package oas openapi.yaml
)

case ${1:-} in
'')
	write .
	;;
--verify)
	copy=$(mktemp -d)
	trap 'rm -rf "$copy"' EXIT
	cp -R go.mod go.sum tools sql sqlc.yaml openapi.yaml ogen.yml "$copy"
	write "$copy"
	if ! diff -r -q gen "$copy/gen"; then
		echo "gen/ is not what sql/ and openapi.yaml yield: run 'make generate' and commit the result" >&2
		exit 1
	fi
	;;
*)
	echo "usage: generate.sh [--verify]" >&2
	exit 2
	;;
esac
