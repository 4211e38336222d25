//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

// install writes programs that state a version and do nothing else.
func install(t *testing.T, dir, version string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf("#!/bin/sh\necho 'postgres (PostgreSQL) %s (Somewhere %s-1)'\n", version, version)
	for _, name := range []string{"initdb", "postgres"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

func TestTheInstallationIsChosen(t *testing.T) {
	root, err := os.MkdirTemp("", "localpg-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(root) })
	if err := os.Chmod(root, 0o755); err != nil {
		t.Fatal(err)
	}
	for dir, version := range map[string]string{"9.6": "9.6.24", "13": "13.5", "16": "16.4", "17": "17.2", "18": "18beta1"} {
		install(t, filepath.Join(root, "packages", dir, "bin"), version)
	}
	install(t, filepath.Join(root, "old", "bin"), "13.9")
	linked := filepath.Join(root, "linked") // as /usr/local/bin: one link, to where both are
	if err := os.Mkdir(linked, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(filepath.Join(root, "packages", "16", "bin", "initdb"), filepath.Join(linked, "initdb")); err != nil {
		t.Fatal(err)
	}
	places := []string{filepath.Join(root, "packages", "*", "bin")}
	as, err := serverAccount(filepath.Join(root, "data"))
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, path, binDir string
		major              int
		want               string // a version, or an error's type
	}{
		{name: "packages: the newest", want: "18beta1"},
		{name: "PATH comes first", path: filepath.Join(root, "packages", "17", "bin"), want: "17.2"},
		{name: "a link in PATH is followed", path: linked, want: "16.4"},
		{name: "too old in PATH: the next place", path: filepath.Join(root, "old", "bin"), want: "18beta1"},
		{name: "the data decide", major: 16, want: "16.4"},
		{name: "the data decide over PATH", path: filepath.Join(root, "packages", "17", "bin"), major: 16, want: "16.4"},
		{name: "data of a version that is not there", major: 15, want: "version"},
		{name: "data of a version that is too old", major: 13, want: "version"},
		{name: "the setting holds alone", binDir: filepath.Join(root, "packages", "16", "bin"), want: "16.4"},
		{name: "the setting does not fit the data", binDir: filepath.Join(root, "packages", "16", "bin"), major: 17, want: "version"},
		{name: "the setting is too old", binDir: filepath.Join(root, "old", "bin"), want: "not found"},
		{name: "the setting leads nowhere", binDir: filepath.Join(root, "nowhere"), want: "not found"},
		{name: "data, and no programs", binDir: filepath.Join(root, "nowhere"), major: 17, want: "version"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Setenv("PATH", test.path)
			found, err := findBinaries(t.Context(), Config{BinDir: test.binDir}, places, as, "the data", test.major)
			got := found.Version
			var version *VersionError
			var notFound *NotFoundError
			switch {
			case errors.As(err, &version):
				got = "version"
			case errors.As(err, &notFound):
				got = "not found"
			case err != nil:
				t.Fatal(err)
			}
			if got != test.want {
				t.Errorf("got %q (%v), want %q", got, err, test.want)
			}
			if err != nil {
				t.Log(err)
			}
		})
	}
}
