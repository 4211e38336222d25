#!/usr/bin/env bash
# Lists the promised properties, each with the tests that hold it or "missing".
# Fails when a test claims a number that stands for nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

# number name file, one line per test
tests=$(grep -rHoE --include='*_test.go' '^func TestProperty[0-9]{2}_[A-Za-z0-9_]+' . |
	sed -E 's|^\./(.*):func (TestProperty([0-9]{2})_.*)$|\3 \2 \1|' | sort || true)

held=0 total=0
while read -r number words; do
	case $number in '' | '#') continue ;; esac
	total=$((total + 1))
	found=$(awk -v n="$number" '$1 == n { printf "    %s  %s\n", $2, $3 }' <<<"$tests")
	if [ -n "$found" ]; then
		held=$((held + 1))
		printf '%s  %s\n%s\n' "$number" "$words" "$found"
	else
		printf '%s  %s\n    missing\n' "$number" "$words"
	fi
done <tools/properties.txt
echo "$held of $total properties have a test"

strays=$(awk 'NR == FNR { known[$1] = 1; next } NF && !($1 in known)' tools/properties.txt - <<<"$tests")
if [ -n "$strays" ]; then
	printf 'These tests claim a number that no property has:\n%s\n' "$strays" >&2
	exit 1
fi
