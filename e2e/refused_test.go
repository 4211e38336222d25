package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"ratecard/adapters/localpg/pgtest"
)

// TestRefusals: what is wrong at the start is said in a way that helps, on
// standard error, with a status of failure and no secret.
func TestRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	newer := newerSchema(t)
	for name, c := range map[string]struct {
		env  []string
		args []string
		want []string
	}{
		"unknown command":  {nil, []string{"serv"}, []string{`no command "serv"`, "serve"}},
		"wrong values":     {[]string{"SYNC_TIMEOUT_MS=soon", "LOG_LEVEL=loud"}, []string{"serve"}, []string{"SYNC_TIMEOUT_MS", "milliseconds", "LOG_LEVEL", "debug"}},
		"short admin key":  {[]string{"RATECARD_ADMIN_KEY=sesame"}, []string{"serve"}, []string{"RATECARD_ADMIN_KEY", "at least 16"}},
		"missing key file": {[]string{"ANTHROPIC_API_KEY_FILE=/nowhere/key"}, []string{"serve"}, []string{"ANTHROPIC_API_KEY", "/nowhere/key"}},
		"database down":    {[]string{"DATABASE_URL=postgres://me:sesame@127.0.0.1:1/none"}, []string{"serve"}, []string{"127.0.0.1:1", "is PostgreSQL running"}},
		"no database URL":  {[]string{"DATABASE_URL=mysql//sesame"}, []string{"serve"}, []string{"expected postgres://"}},
		"newer schema":     {[]string{"DATABASE_URL=" + newer}, []string{"serve"}, []string{"schema version 999", "newer release"}},
		"port in use":      {[]string{"DATABASE_URL=" + newer, "RATECARD_ADDR=" + taken.Addr().String()}, []string{"serve"}, []string{taken.Addr().String(), "another program listens", "RATECARD_ADDR"}},
		"no server":        {[]string{"RATECARD_URL=http://127.0.0.1:1"}, []string{"models"}, []string{"no server answers at http://127.0.0.1:1", "ratecard serve"}},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			env := append([]string{"RATECARD_ADDR=127.0.0.1:0", "XDG_STATE_HOME=" + t.TempDir()}, c.env...)
			cmd := command(ctx, t, env, c.args...)
			var stdout, stderr bytes.Buffer
			cmd.Stdout, cmd.Stderr = &stdout, &stderr
			err := cmd.Run()
			if status := new(exec.ExitError); !errors.As(err, &status) {
				t.Fatalf("it ended with %v\n%s", err, stderr.String())
			}
			for _, want := range c.want {
				if !strings.Contains(stderr.String(), want) {
					t.Errorf("standard error lacks %q:\n%s", want, stderr.String())
				}
			}
			if strings.Contains(stderr.String()+stdout.String(), "sesame") {
				t.Errorf("a secret was shown:\n%s", stderr.String())
			}
		})
	}
}

// newerSchema is a database that a later release has migrated.
func newerSchema(t *testing.T) string {
	t.Helper()
	ctx := t.Context()
	dsn := pgtest.DSN(t)
	migrate := command(ctx, t, []string{"DATABASE_URL=" + dsn}, "migrate")
	if out, err := migrate.CombinedOutput(); err != nil {
		t.Fatalf("migrate: %v\n%s", err, out)
	}
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, "INSERT INTO goose_db_version (version_id, is_applied) VALUES (999, true)"); err != nil {
		t.Fatal(err)
	}
	return dsn
}
