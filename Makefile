# Everything one does with ratecard, by name. `make` alone lists it.
# On a machine that lacks something, tools/setup.sh installs it or says what to install.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-builtin-rules --no-print-directory

# Tools are pinned apart from the product, so that it never depends on them. The linter
# has a module of its own: it is GPL-3.0, run as a program and never linked into
# ratecard, and its authors advise against sharing its dependencies.
TOOL := go tool -modfile=tools/go.mod
LINT := go tool -modfile=tools/lint/go.mod golangci-lint

VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo dev)

# Options of `make test`: packages, and further flags of go test.
PACKAGES ?= ./...
TESTFLAGS ?=
# How long each fuzz target runs.
FUZZTIME ?= 60s

# Recorded answers of the real providers, for the tests that read them. They are not
# part of the project; without them those tests are skipped. Set it empty to do so.
ifeq ($(origin RATECARD_CORPUS),undefined)
RATECARD_CORPUS := $(wildcard ../shared/real)
endif
override RATECARD_CORPUS := $(abspath $(RATECARD_CORPUS))
export RATECARD_CORPUS

GO_FILES = $(shell find . -name '*.go' -not -path './gen/*' -not -path './build/*' -not -path './.*/*')

.PHONY: help
help: ## What can be made (this list)
	@awk -F ':.*## ' '/^##@ / { print "\n" substr($$0, 5) } /^[a-z-]+:.*## / { printf "  %-16s %s\n", $$1, $$2 }' Makefile

##@ Use

.PHONY: setup
setup: ## See that this machine has what building and testing need
	@tools/setup.sh

.PHONY: build
build: ## Build build/ratecard
	CGO_ENABLED=0 go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o build/ratecard .

# What the image is built on, and further options of docker build.
BASE ?= debian:trixie-slim
IMAGEFLAGS ?=

.PHONY: image
image: build ## Build the Docker image ratecard (deploy/compose.yaml runs it)
	docker build $(IMAGEFLAGS) --build-arg BASE=$(BASE) -f deploy/Dockerfile -t ratecard:$(VERSION) -t ratecard build

.PHONY: demo
demo: setup build ## Start it with simulated providers and a database of its own
	@exec ./build/ratecard demo

##@ Check

.PHONY: test
test: setup ## Run every test with the race detector; failures print last
	@[ -n "$$RATECARD_CORPUS" ] || echo "RATECARD_CORPUS is not set: the tests that read recorded provider answers are skipped"
	@CGO_ENABLED=1 $(TOOL) gotestsum --format pkgname --format-hide-empty-pkg -- -race -timeout 30m $(TESTFLAGS) $(PACKAGES)
	@[ '$(PACKAGES)' != ./... ] || $(MAKE) test-containers

.PHONY: test-containers
test-containers: ## Run the tests of three replicas in containers, where there is a Docker engine
	@e2e/containers/run.sh

.PHONY: test-race
test-race: ## Run every test three times in random order, to find those that pass by luck
	@$(MAKE) test TESTFLAGS='-count=3 -shuffle=on $(TESTFLAGS)'

.PHONY: score
score: setup ## Compare what is read from the recorded pages with the truth, rate by rate
	@[ -n "$$RATECARD_CORPUS" ] || { echo "set RATECARD_CORPUS to a folder of recorded pages" >&2; exit 1; }
	@go test -count=1 -run '^TestCorpus' -v ./adapters/cli/...

.PHONY: mutants
mutants: setup ## Read the recorded pages made otherwise in every way, alone and combined (a minute)
	@[ -n "$$RATECARD_CORPUS" ] || { echo "set RATECARD_CORPUS to a folder of recorded pages" >&2; exit 1; }
	@RATECARD_MUTANTS=40 go test -count=1 -run 'Mutants' -v ./adapters/cli/

.PHONY: bench
bench: setup ## Run the benchmarks
	@go test -run '^$$' -bench . -benchmem $(PACKAGES)

.PHONY: soak-ledger
soak-ledger: setup ## Play a year of 200 models' prices against PostgreSQL and compare every day (minutes)
	@RATECARD_SOAK=1 go test -count=1 -timeout 60m -run '^TestSoak$$' -v ./app/

.PHONY: soak-browser
soak-browser: setup ## Render 100 pages in a Chromium and look that nothing grows, and every page that breaks one (minutes)
	@RATECARD_RENDERINGS=100 go test -count=1 -timeout 30m -v ./adapters/fetch/chromium/

.PHONY: bench-ledger
bench-ledger: setup ## Ask a million prices, and as many believed no longer, for the past; with plans (minutes)
	@go test -run '^$$' -bench '^BenchmarkAsOf$$' -benchtime 300x -v -timeout 30m ./adapters/postgres/

.PHONY: bench-http
bench-http: setup ## Load the program as it is built, beside a bare handler; wants an idle machine (minutes)
	@RATECARD_BENCH_HTTP=1 go test -count=1 -timeout 30m -run '^TestBenchHTTP$$' -v .

.PHONY: bench-coherence
bench-coherence: setup ## Change a price 1,000 times and see when each of three replicas answers it (minutes)
	@RATECARD_COHERENCE=1000 go test -count=1 -timeout 30m -run '^TestBenchCoherence$$' -v ./e2e/

.PHONY: fuzz
fuzz: ## Run every fuzz target for FUZZTIME (60s) each
	@tools/fuzz.sh $(FUZZTIME)

.PHONY: properties
properties: ## List the promised properties, each with the test that holds it
	@tools/properties.sh

##@ Change

.PHONY: fmt
fmt: ## Format the code
	@gofmt -w $(GO_FILES)

.PHONY: fmt-check
fmt-check: ## See that the code is formatted
	@files=$$(gofmt -l $(GO_FILES)); [ -z "$$files" ] || { printf 'not formatted (run make fmt):\n%s\n' "$$files" >&2; exit 1; }

.PHONY: lint
lint: ## Look for mistakes and bad habits
	@$(LINT) run
	@cd e2e/containers && $(subst tools/,../../tools/,$(LINT)) run

.PHONY: vet
vet: ## Look for what the compiler lets through
	@go vet ./...
	@cd e2e/containers && go vet ./...

.PHONY: generate
generate: ## Write gen/ anew from sql/ and openapi.yaml
	@tools/generate.sh

.PHONY: verify-generate
verify-generate: ## See that gen/ is what sql/ and openapi.yaml yield
	@tools/generate.sh --verify

.PHONY: ci
ci: ## All that must hold before a change is taken, on a clean checkout
	@.ci/run

.PHONY: clean
clean: ## Remove what was built
	@rm -rf build
