#!/usr/bin/env bash
# Writes gen/ anew from sql/ and openapi.yaml; with --verify it changes nothing and
# fails when gen/ is not what they yield. Either way the work is done in a copy, so
# that a generator that fails leaves gen/ as it was, and no file outlives its source.
set -euo pipefail
cd "$(dirname "$0")/.."

root=$PWD
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

cp -R go.mod go.sum sql sqlc.yaml openapi.yaml ogen.yml "$copy"
cd "$copy"
go tool -modfile="$root/tools/go.mod" sqlc generate
go tool -modfile="$root/tools/go.mod" ogen --loglevel error --target gen/oas --package oas openapi.yaml
cd "$root"

case ${1:-} in
'')
	rm -rf gen
	cp -R "$copy/gen" gen
	;;
--verify)
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
