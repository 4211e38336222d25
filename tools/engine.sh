#!/usr/bin/env bash
# engine.sh COMMAND... runs a command where a Docker engine is at hand: the one that this
# machine has, else, for root on Debian or Ubuntu, one of its own, which ends with the
# command and leaves nothing. Where there can be none it says so, and runs the command.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { echo "engine: $*" >&2; }

# without tells why there is no engine, and runs the command.
without() {
	say "NO DOCKER ENGINE: $*"
	exec "${command[@]}"
}

command=("$@")
if docker info >/dev/null 2>&1; then
	exec "${command[@]}"
fi
[ "$(id -u)" = 0 ] && [ "$(uname)" = Linux ] || without "none answers, and only root can start one"
tools/setup.sh --engine
for program in docker dockerd debootstrap; do
	command -v "$program" >/dev/null || without "$program is not installed"
done

home=$(mktemp -d)
export DOCKER_HOST=unix://$home/docker.sock
# No bridge that would stay: the tests make networks of their own, and remove them.
dockerd --bridge=none --host="$DOCKER_HOST" --data-root="$home/data" --exec-root="$home/exec" --pidfile="$home/pid" >"$home/log" 2>&1 &
engine=$!
end() {
	kill "$engine" 2>/dev/null && wait "$engine" || true
	umount "$home"/exec/netns/* 2>/dev/null || true # which dockerd leaves mounted
	rm -rf "$home" || say "$home stays"
}
trap end EXIT
for ((i = 0; i < 120; i++)); do
	docker info >/dev/null 2>&1 && break
	kill -0 "$engine" 2>/dev/null || break
	sleep 0.5
done
if ! docker info >/dev/null 2>&1; then
	tail -n 15 "$home/log" >&2
	say "NO DOCKER ENGINE: dockerd does not start here, see above"
	unset DOCKER_HOST
else
	say "an engine of our own answers, Docker $(docker info --format '{{.ServerVersion}}')"
	# It is reached on this machine, and everything in it ends with it.
	export TESTCONTAINERS_HOST_OVERRIDE=127.0.0.1 TESTCONTAINERS_RYUK_DISABLED=true
fi
"${command[@]}"
