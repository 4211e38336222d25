#!/usr/bin/env bash
# Builds the images and runs the tests on containers, where a Docker engine answers;
# elsewhere it says that they are skipped.
set -euo pipefail
cd "$(dirname "$0")"

if ! command -v docker >/dev/null || ! docker info >/dev/null 2>&1; then
	echo "no Docker engine: the tests on containers are skipped"
	exit 0
fi
settings=$(images/build.sh) || {
	echo "no images: the tests on containers cannot run" >&2
	exit 1
}
# What is tested runs in the images, without the race detector.
exec env ${settings} go test -count=1 -timeout 10m "$@" ./...
