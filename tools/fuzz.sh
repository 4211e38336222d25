#!/usr/bin/env bash
# Runs every fuzz target for a while each: fuzz.sh 60s. What it finds is made smaller for a
# second at most: Go would spend the whole time on one large page.
set -euo pipefail
cd "$(dirname "$0")/.."

each=${1:?how long each target runs, such as 60s}
status=0
while IFS=: read -r file target; do
	echo "== $target (${file%/*}, $each)"
	go test -run='^$' -fuzz="^$target\$" -fuzztime="$each" -fuzzminimizetime=1s "./${file%/*}" </dev/null || status=1
done < <(grep -rHoE --include='*_test.go' '^func Fuzz[A-Za-z0-9_]+' . | sed -E 's|^\./||; s|func ||')
exit "$status"
