#!/usr/bin/env bash
# Makes sure that this machine has what building and testing need. When everything
# is there it changes nothing and needs neither network nor root. Otherwise, as root
# on Debian or Ubuntu, it installs what is missing by package name; elsewhere it says
# exactly what to install and fails. Chromium and Valkey alone may be missing: then the
# tests of pages that scripts build, or of what replicas share, say that they were skipped.
# `setup.sh --engine` sees to a Docker engine's programs as well, where they can be had.
set -euo pipefail
cd "$(dirname "$0")/.."

oldest_go=1.26
oldest_postgres=15

# One line per need: what it is | the check below | Debian and Ubuntu | Fedora and RHEL | Homebrew.
needs="
Certificates, to fetch modules | has_certificates | ca-certificates | ca-certificates | ca-certificates
Git | has_git | git | git | git
GNU make | has_make | make | make | make
A C compiler, for the race detector | has_cc | gcc libc6-dev | gcc glibc-devel | gcc
Go $oldest_go or newer | has_go | golang-go | golang | go
PostgreSQL $oldest_postgres or newer: the server programs, and the extension btree_gist | has_postgres | postgresql | postgresql-server postgresql-contrib | postgresql@17
Chromium, for the tests of pages that scripts build | has_chromium | chromium | chromium | --cask chromium
Valkey or Redis, for the tests of what replicas share | has_valkey | redis-server | valkey | valkey
"

if [ "${1:-}" = --engine ]; then
	needs+="Docker, and debootstrap, for the tests on containers | has_engine | docker.io docker-cli iptables debootstrap | moby-engine debootstrap | docker
"
fi

has_certificates() {
	[ "$(uname)" = Darwin ] || [ -n "${SSL_CERT_FILE:-}${SSL_CERT_DIR:-}" ] ||
		[ -s /etc/ssl/certs/ca-certificates.crt ] || [ -s /etc/pki/tls/certs/ca-bundle.crt ] ||
		[ -s /etc/ssl/cert.pem ] || [ -s /etc/ssl/ca-bundle.pem ]
}

has_git() { command -v git >/dev/null; }

has_make() { command -v make >/dev/null; }

# A compiler without the C library's headers is no use to cgo.
has_cc() {
	printf '#include <stdlib.h>\nint main(void) { return 0; }\n' | "${CC:-gcc}" -x c -fsyntax-only - 2>/dev/null
}

# The go command reads go.mod and, from 1.21 on, fetches the Go that it asks for
# (unless GOTOOLCHAIN=local); what counts is the Go that then answers.
has_go() {
	local version
	version=$(go env GOVERSION 2>/dev/null) || return 1
	at_least "${version#go}" "$oldest_go"
}

# The server's programs are often installed outside PATH, one folder per major version.
# These are the places where ratecard itself looks (adapters/localpg/binaries.go).
has_postgres() {
	local in_path bin version
	in_path=$(command -v initdb || true)
	for bin in "${in_path%/*}" "$(dirname "$(readlink -f "${in_path:-/}")")" \
		/usr/lib/postgresql/*/bin /usr/pgsql-*/bin \
		/opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin \
		/home/linuxbrew/.linuxbrew/opt/postgresql*/bin; do
		[ -x "$bin/initdb" ] || continue
		version=$("$bin/postgres" --version) || continue
		version=${version#postgres (PostgreSQL) }
		at_least "${version%% *}" "$oldest_postgres" && has_btree_gist "$bin" && return
	done
	return 1
}

# Some systems pack the extensions apart from the server.
has_btree_gist() {
	[ ! -x "$1/pg_config" ] || [ -e "$("$1/pg_config" --sharedir)/extension/btree_gist.control" ]
}

# The names and places where ratecard itself looks (adapters/fetch/chromium/find.go).
has_chromium() {
	local name
	for name in "${CHROMIUM_PATH:-}" chromium chromium-browser headless-shell headless_shell google-chrome-stable google-chrome chrome \
		/Applications/Chromium.app/Contents/MacOS/Chromium "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" /snap/bin/chromium; do
		[ -n "$name" ] && command -v "$name" >/dev/null && return
	done
	return 1
}

# The names by which the tests look (adapters/valkey/valkeytest/server.go).
has_valkey() { command -v valkey-server >/dev/null || command -v redis-server >/dev/null; }

has_engine() { command -v docker && command -v dockerd && command -v debootstrap && command -v iptables; } >/dev/null

# at_least VERSION WANTED: is dotted VERSION at least WANTED?
at_least() {
	[ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

# missing COLUMN prints that column (1: what it is, 3: apt, 4: dnf, 5: brew) of every need that this machine does not meet.
missing() {
	local line check
	while read -r line; do
		check=$(column 2 "$line")
		[ -z "$check" ] || "$check" || column "$1" "$line"
	done <<<"$needs"
}

column() { cut -d '|' -f "$1" <<<"$2" | sed 's/^ *//; s/ *$//'; }

on_debian() { command -v apt-get >/dev/null && [ -e /etc/debian_version ]; }

# installable passes on the packages that are new enough to be of use. A Go from 1.21
# on is: it fetches the one that go.mod asks for.
installable() {
	local package oldest
	while read -r package; do
		case $package in
		golang-go) oldest=1.21 ;;
		postgresql) oldest=$oldest_postgres ;;
		*) oldest=0 ;;
		esac
		at_least "$(candidate "$package")" "$oldest" || continue
		case $(candidate "$package") in *snap*) continue ;; esac # only says where it may be had
		echo "$package"
	done
}

candidate() { apt-cache policy "$1" | sed -n 's/^ *Candidate: //p' | sed 's/^[0-9]*://'; }

# The postgresql package would make and start a database cluster of its own, which
# nothing here uses. Its documented switch for that lies where the package looks for
# local settings, for as long as the installation takes. redis-server would start one:
# as long as policy-rc.d says no, no package starts anything.
apt_install() (
	setting=/etc/postgresql-common/createcluster.d/ratecard-setup.conf
	policy=/usr/sbin/policy-rc.d
	if [ -e "$policy" ]; then
		policy=
	else
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod +x "$policy"
	fi
	trap 'rm -f "$setting" ${policy:+"$policy"}' EXIT
	case " $* " in *" postgresql "*)
		mkdir -p "${setting%/*}"
		echo 'create_main_cluster = false' >"$setting"
		;;
	esac
	DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends "$@" </dev/null
)

install_missing() {
	local packages=() package
	apt-get -o DPkg::Lock::Timeout=300 update -q
	read -r -d '' -a packages < <(missing 3 | tr ' ' '\n' | installable) || true
	[ "${#packages[@]}" -gt 0 ] || return 0
	echo "set-up: installing ${packages[*]}"
	apt_install "${packages[@]}" && return
	for package in "${packages[@]}"; do # one that cannot be had keeps no other away
		apt_install "$package" || true
	done
}

# lacking prints what is missing that nothing works without.
lacking() { missing 1 | grep -v -e '^Chromium' -e '^Valkey' -e '^Docker' || true; }

tell() {
	{
		echo "set-up: this machine lacks:"
		missing 1 | sed 's/^/  - /'
		echo "Install it, then try again:"
		echo "  Debian, Ubuntu:  sudo apt-get install --no-install-recommends $(missing 3 | paste -sd ' ' -)"
		echo "  Fedora, RHEL:    sudo dnf install $(missing 4 | paste -sd ' ' -)"
		echo "  macOS:           brew install $(missing 5 | paste -sd ' ' -)"
		has_go || echo "  Where Go is older than $oldest_go: https://go.dev/dl/ (from 1.21 on it fetches that itself, unless GOTOOLCHAIN=local)"
		has_postgres || echo "  Where PostgreSQL is older than $oldest_postgres: https://www.postgresql.org/download/"
	} >&2
	exit 1
}

if [ -n "$(missing 1)" ] && on_debian && [ "$(id -u)" = 0 ]; then
	install_missing >&2 || true # what is still missing is told below
	hash -r
fi
[ -z "$(lacking)" ] || tell
has_chromium || echo "set-up: there is no Chromium; the tests of pages that scripts build are skipped" >&2
has_valkey || echo "set-up: there is no Valkey or Redis; the tests of what replicas share are skipped" >&2
