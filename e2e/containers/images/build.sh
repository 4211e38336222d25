#!/usr/bin/env bash
# Sees that the images are there which the tests on containers need, and prints their
# names as settings of those tests. Ours is built. The others have public names; where
# none can be pulled they are built from Debian's packages, on a base that debootstrap makes.
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")"

say() { echo "images: $*" >&2; }

# quietly COMMAND... shows what it said where it failed.
quietly() {
	local said
	said=$("$@" 2>&1) || {
		printf '%s\n' "$said" | tail -n 30 >&2
		say "failed: $*"
		return 1
	}
}

have() { docker image inspect "$1" >/dev/null 2>&1; }

# public NAME: is that image there, or does it come?
public() { have "$1" || timeout 300 docker pull -q "$1" >/dev/null 2>&1; }

docker buildx version >/dev/null 2>&1 || export DOCKER_BUILDKIT=0

build() { quietly docker build --network host "$@"; }

# debian gives the name of a Debian of our own, made once.
debian() {
	local name=ratecard-e2e/debian root
	if ! have "$name"; then
		[ "$(id -u)" = 0 ] && command -v debootstrap >/dev/null || {
			say "public images cannot be pulled, and only root with debootstrap can make others"
			return 1
		}
		say "public images cannot be pulled: making our own from Debian's packages"
		root=$(mktemp -d)
		quietly debootstrap --variant=minbase trixie "$root" || return 1
		rm -rf "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/*
		tar -C "$root" --one-file-system -c . | docker import - "$name" >/dev/null
		rm -rf "$root"
	fi
	echo "$name"
}

# either PUBLIC NAME gives that public image or, where it cannot be had, ours of that name.
either() {
	local base
	if public "$1"; then
		echo "$1"
		return
	fi
	base=$(debian)
	build --build-arg BASE="$base" -f "$2.Dockerfile" -t "ratecard-e2e/$2" .
	echo "ratecard-e2e/$2"
}

base=debian:trixie-slim
public "$base" || base=$(debian)
quietly make -C ../../.. image BASE="$base" IMAGEFLAGS='--network host'
postgres=$(either postgres:17 postgres)
valkey=$(either valkey/valkey:8 valkey)
say "$(docker image inspect -f '{{index .RepoTags 0}} {{.Size}}' ratecard "$postgres" "$valkey" | awk '{ printf "%s%s (%.0f MB)", sep, $1, $2 / 1e6; sep = ", " }')"
echo "RATECARD_IMAGE=ratecard POSTGRES_IMAGE=$postgres VALKEY_IMAGE=$valkey"
