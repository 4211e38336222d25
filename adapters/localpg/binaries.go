//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"cmp"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
)

// packagePlaces are where packages put PostgreSQL's programs without adding them to PATH.
var packagePlaces = []string{
	"/usr/lib/postgresql/*/bin",         // Debian, Ubuntu
	"/opt/homebrew/opt/postgresql*/bin", // Homebrew on ARM
	"/usr/local/opt/postgresql*/bin",    // Homebrew on Intel
	"/usr/pgsql-*/bin",                  // PostgreSQL's own packages for Fedora and RHEL
	"/home/linuxbrew/.linuxbrew/opt/postgresql*/bin",
}

// findBinaries returns the first installation that can serve: of version major when
// there are data already (major > 0), else any that is new enough.
func findBinaries(ctx context.Context, cfg Config, places []string, as account, data string, major int) (Installed, error) {
	dirs, searched := candidates(cfg.BinDir, places)
	var others, tooOld []Installed
	var unusable []string
	for _, dir := range dirs {
		found, err := inspect(ctx, as, dir)
		switch {
		case err != nil:
			unusable = append(unusable, err.Error())
		case found.Major < MinimumMajor:
			tooOld = append(tooOld, found)
		case major == 0 || found.Major == major:
			return found, nil
		default:
			others = append(others, found)
		}
	}
	if major > 0 {
		return Installed{}, &VersionError{Data: data, Major: major, Installed: append(others, tooOld...),
			Searched: searched, Unusable: unusable, Setting: cfg.BinDirSetting}
	}
	return Installed{}, &NotFoundError{Searched: searched, Unusable: unusable, TooOld: tooOld, Setting: cfg.BinDirSetting}
}

// candidates returns the directories that hold both programs, and what to call the
// places that were looked at.
func candidates(binDir string, places []string) (dirs, searched []string) {
	if binDir != "" {
		return withPrograms([]string{binDir}), []string{binDir}
	}
	if found, err := exec.LookPath("initdb"); err == nil {
		dirs = append(dirs, filepath.Dir(found))
		// A link in PATH leads to where the second program is.
		if target, err := filepath.EvalSymlinks(found); err == nil {
			dirs = append(dirs, filepath.Dir(target))
		}
	}
	for _, place := range places {
		matches, err := filepath.Glob(place)
		if err != nil {
			continue // only a malformed pattern; ours are not
		}
		slices.SortFunc(matches, func(a, b string) int { return cmp.Compare(numberIn(b), numberIn(a)) })
		dirs = append(dirs, matches...)
	}
	return withPrograms(dirs), append([]string{"PATH"}, places...)
}

func withPrograms(dirs []string) []string {
	var kept, real []string
	for _, dir := range dirs {
		target, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres"))
		if err != nil || slices.Contains(real, target) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
			continue
		}
		kept, real = append(kept, dir), append(real, target)
	}
	return kept
}

var digits = regexp.MustCompile(`\d+`)

// numberIn returns the last number in a path: the version in the directory's name.
func numberIn(path string) int {
	all := digits.FindAllString(path, -1)
	if len(all) == 0 {
		return 0
	}
	n, _ := strconv.Atoi(all[len(all)-1]) // too many digits: as good as none
	return n
}

// versionLine is what `postgres --version` prints: "postgres (PostgreSQL) 17.2 (Debian …)".
var versionLine = regexp.MustCompile(`\(PostgreSQL\) ((\d+)\S*)`)

func inspect(ctx context.Context, as account, dir string) (Installed, error) {
	program := filepath.Join(dir, "postgres")
	output, err := as.command(ctx, "/", program, "--version").Output()
	if err != nil {
		return Installed{}, fmt.Errorf("%s --version (as user %s): %w", program, as.name, err)
	}
	parts := versionLine.FindSubmatch(output)
	if parts == nil {
		return Installed{}, fmt.Errorf("%s --version: not the answer of a PostgreSQL server: %.80q", program, output)
	}
	major, err := strconv.Atoi(string(parts[2]))
	if err != nil {
		return Installed{}, fmt.Errorf("%s --version: %w", program, err)
	}
	return Installed{Dir: dir, Version: string(parts[1]), Major: major}, nil
}
