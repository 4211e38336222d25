package main_test

import (
	"strings"
	"testing"
	"testing/fstest"
)

// Each example is one file of an imagined tree and what the check must say about it;
// "" means that it must say nothing. Without these the check could go blind and stay green.
func TestImportRulesAreEnforced(t *testing.T) {
	examples := []struct {
		name, file, body, want string
	}{
		{"folder without a rule", "billing/bill.go", `package billing`, "no import rule for folder billing"},
		{"new adapter without a rule", "adapters/carrier/pigeon.go", `package carrier`, "no import rule for folder adapters/carrier"},
		{"new rule of the domain without a rule", "domain/tax/tax.go", `package tax`, "no import rule for folder domain/tax"},
		{"tools hold no code", "tools/x/main.go", `package main`, "no import rule for folder tools/x"},

		{"domain looks up", "domain/a.go", `package domain; import "ratecard/ports"`, "may import nothing of this module"},
		{"domain opens a file", "domain/a.go", `package domain; import "os"`, "domain is pure"},
		{"domain runs a program", "domain/match/a.go", `package match; import "os/exec"`, "domain/match is pure"},
		{"domain takes a context", "domain/guard/a.go", `package guard; import "context"`, "domain/guard is pure"},
		{"domain logs", "domain/a.go", `package domain; import "log/slog"`, "domain is pure"},
		{"domain rolls dice", "domain/cost/a.go", `package cost; import "math/rand/v2"`, "domain/cost is pure"},
		{"domain parses an address", "domain/a.go", `package domain; import "net/url"`, ""},
		{"domain asks the clock", "domain/a.go", `package domain; import "time"; var t = time.Now()`, "time.Now: domain is told the time"},
		{"under another name", "domain/ledger/a.go", `package ledger; import clock "time"; var now = clock.Now`, "time.Now: domain/ledger is told the time"},
		{"or under none", "domain/a.go", `package domain; import . "time"; var t = Now()`, "imports time into its own names"},
		{"domain computes with time", "domain/a.go", `package domain; import "time"; const day = 24 * time.Hour`, ""},
		{"domain takes a library", "domain/a.go", `package domain; import "github.com/google/uuid"`, "domain may use github.com/shopspring/decimal"},
		{"domain counts money", "domain/a.go", `package domain; import "github.com/shopspring/decimal"`, ""},
		{"match measures distance", "domain/match/a.go", `package match; import "github.com/hbollon/go-edlib"`, ""},
		{"only match does", "domain/cost/a.go", `package cost; import "github.com/hbollon/go-edlib"`, "domain/cost may use github.com/shopspring/decimal"},
		{"a module of a like name", "domain/a.go", `package domain; import "github.com/shopspring/decimal2"`, "domain may use"},
		{"one rule uses another", "domain/match/a.go", `package match; import "ratecard/domain/cost"`, "domain/match may import domain"},
		{"a test generates cases", "domain/a_test.go", `package domain_test; import ("ratecard/domain"; "pgregory.net/rapid"; "os")`, ""},
		{"a test of values needs no database", "domain/a_test.go", `package domain; import "ratecard/adapters/postgres"`, "may import nothing of this module"},

		{"a port states a contract", "ports/a.go", `package ports; import ("context"; "ratecard/domain"; "ratecard/domain/ledger")`, ""},
		{"a port knows its adapter", "ports/a.go", `package ports; import "ratecard/adapters/postgres"`, "ports may import domain/..."},
		{"a port knows a library", "ports/a.go", `package ports; import "github.com/jackc/pgx/v5"`, "ports may use github.com/shopspring/decimal"},
		{"the application knows an adapter", "app/a.go", `package app; import "ratecard/adapters/fetch"`, "app may import domain/..., ports"},
		{"its tests use the real one", "app/a_test.go", `package app_test; import ("ratecard/adapters/fetch"; "ratecard/adapters/localpg/pgtest")`, ""},
		{"its tests do not reach up", "app/a_test.go", `package app_test; import "ratecard/adapters/api"`, "app may import"},
		{"the application knows a library", "app/a.go", `package app; import "github.com/riverqueue/river"`, "app may use github.com/shopspring/decimal"},
		{"the application waits", "app/a.go", `package app; import "time"; func f() { time.Sleep(1) }`, "time.Sleep: app is told the time"},

		{"an adapter knows another", "adapters/fetch/a.go", `package fetch; import "ratecard/adapters/scrape"`, "adapters/fetch may import"},
		{"an adapter knows the application", "adapters/postgres/a.go", `package postgres; import "ratecard/app"`, "adapters/postgres may import"},
		{"an adapter has folders of its own", "adapters/scrape/a.go", `package scrape; import "ratecard/adapters/scrape/table"`, ""},
		{"which follow its rule", "adapters/scrape/table/a.go", `package table; import "net/http"`, "adapters/scrape is pure"},
		{"the API drives the application", "adapters/api/a.go", `package api; import ("ratecard/app"; "ratecard/gen/oas")`, ""},
		{"the API drives the database", "adapters/api/a.go", `package api; import "ratecard/adapters/postgres"`, "adapters/api may import"},
		{"the dashboard speaks the API's types", "adapters/web/a.go", `package web; import "ratecard/gen/oas"`, "adapters/web may import"},
		{"rows leave the store", "adapters/jobs/a.go", `package jobs; import "ratecard/gen/db"`, "adapters/jobs may import"},
		{"the store has its rows", "adapters/postgres/a.go", `package postgres; import ("ratecard/gen/db"; "ratecard/sql")`, ""},
		{"migrations read elsewhere", "adapters/localpg/a.go", `package localpg; import "ratecard/sql"`, "adapters/localpg may import"},
		{"test support in the product", "adapters/localpg/a.go", `package localpg; import "ratecard/adapters/localpg/pgtest"`, "it helps tests"},
		{"even in the program", "wire.go", `package main; import "ratecard/ports/porttest"`, "it helps tests"},
		{"generated code looks up", "gen/db/a.go", `package db; import "ratecard/domain"`, "gen/db may import"},
		{"an import of nothing we have", "app/a.go", `package app; import "ratecard/tools/x"`, "no rule knows that folder"},
		{"an import of the program", "e2e/a_test.go", `package e2e; import "ratecard"`, "nothing imports the program itself"},
		{"the program builds everything", "wire.go", `package main; import ("ratecard/app"; "ratecard/adapters/api"; "ratecard/adapters/postgres"; "ratecard/adapters/demosite")`, ""},

		{"the environment in an adapter", "adapters/fetch/a.go", `package fetch; import "os"; var k = os.Getenv("KEY")`, "only config.go and main.go read the environment"},
		{"or where things are built", "wire.go", `package main; import "os"; var k, _ = os.LookupEnv("KEY")`, "os.LookupEnv: only config.go and main.go"},
		{"the environment where it belongs", "config.go", `package main; import "os"; var k = os.Environ()`, ""},
		{"a config.go somewhere else", "adapters/fetch/config.go", `package fetch; import "os"; var k = os.Getenv("KEY")`, "only config.go and main.go"},
		{"a test sets the scene", "adapters/fetch/a_test.go", `package fetch; import "os"; var k = os.Getenv("RATECARD_CORPUS")`, ""},

		{"init", "adapters/fetch/a.go", `package fetch; func init() {}`, "func init runs before anybody asked"},
		{"a method of that name", "adapters/fetch/a.go", `package fetch; type t struct{}; func (t) init() {}`, ""},
		{"init in generated code", "gen/oas/a.go", `package oas; func init() {}`, ""},
		{"a name for anything", "adapters/fetch/utils/a.go", `package utils`, "says nothing about what is in it"},
		{"a folder for anything", "adapters/fetch/helpers/a.go", `package retry`, "says nothing about what is in it"},

		{"code of other folders is not read", "build/x.go", `package build; import "ratecard/nonsense"`, ""},
		{"nor what tests read", "adapters/scrape/testdata/x.go", `package x; import "ratecard/nonsense"`, ""},
	}
	for _, e := range examples {
		t.Run(e.name, func(t *testing.T) {
			got := violations(t, tree(map[string]string{e.file: "// Package comment.\n" + e.body}))
			switch {
			case e.want == "" && len(got) > 0:
				t.Errorf("%s is allowed, but:\n%s", e.file, strings.Join(got, "\n"))
			case e.want != "" && (len(got) == 0 || !strings.Contains(got[0], e.want)):
				t.Errorf("%s: no complaint with %q:\n%s", e.file, e.want, strings.Join(got, "\n"))
			}
		})
	}
}

func TestPackageCommentIsAskedFor(t *testing.T) {
	files := map[string]string{"app/a.go": "package app", "app/b.go": "package app"}
	got := violations(t, tree(files))
	if len(got) != 1 || !strings.Contains(got[0], "app has no package comment") {
		t.Errorf("a package without a comment: got %q", got)
	}
	files["app/doc.go"] = "// Package app decides.\npackage app"
	if got := violations(t, tree(files)); len(got) != 0 {
		t.Errorf("one comment is enough for a package: got %q", got)
	}
}

// TestLayoutHasRules holds the table to the folders that the design names.
func TestLayoutHasRules(t *testing.T) {
	layout := `domain domain/match domain/classify domain/guard domain/ledger domain/cost ports ports/porttest app
		adapters/api adapters/web adapters/cli adapters/jobs adapters/postgres adapters/valkey adapters/memory
		adapters/localpg adapters/fetch adapters/providers adapters/scrape adapters/alert adapters/webhook
		adapters/export adapters/demosite sql gen/db gen/oas e2e`
	for _, dir := range strings.Fields(layout) {
		if r, ok := ruleFor(dir); !ok || r.dir != dir {
			t.Errorf("folder %s has no line of its own in the table", dir)
		}
	}
}

func tree(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, body := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return fsys
}
