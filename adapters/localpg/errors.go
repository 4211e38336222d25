package localpg

import (
	"errors"
	"fmt"
	"strings"
)

// ErrUnsupported is returned by Start on systems where no server of the program's
// own can be run.
var ErrUnsupported = errors.New("a PostgreSQL server of its own is not available on this system: set DATABASE_URL to a PostgreSQL server, version 15 or newer")

// InUseError says that another program runs on the same directory.
type InUseError struct {
	Dir string
	PID int // 0 when the holder is not known
}

func (e *InUseError) Error() string {
	holder := "another program"
	if e.PID != 0 {
		holder = fmt.Sprintf("another program (process %d)", e.PID)
	}
	return fmt.Sprintf("the database in %s is in use by %s: stop that one first, or give this one another state directory or a DATABASE_URL", e.Dir, holder)
}

// Installed is one installation of PostgreSQL's server programs.
type Installed struct {
	Dir     string // where initdb and postgres are
	Version string // as the program states it, such as "17.2"
	Major   int
}

// NotFoundError says that there are no usable server programs.
type NotFoundError struct {
	Searched []string    // directories and places that were looked at
	Unusable []string    // programs that are there and do not run, with the reason
	TooOld   []Installed // found, but older than MinimumMajor
	Setting  string      // Config.BinDirSetting
}

func (e *NotFoundError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "no PostgreSQL server (programs initdb and postgres, version %d or newer) found in %s", MinimumMajor, strings.Join(e.Searched, ", "))
	if len(e.TooOld) > 0 {
		fmt.Fprintf(&b, "; too old: %s", listInstalled(e.TooOld))
	}
	if len(e.Unusable) > 0 {
		fmt.Fprintf(&b, "; not usable: %s", strings.Join(e.Unusable, "; "))
	}
	b.WriteString(". Install it (Debian, Ubuntu: apt-get install postgresql; Fedora: dnf install postgresql-server postgresql-contrib; macOS: brew install postgresql@17)")
	if e.Setting != "" {
		fmt.Fprintf(&b, ", name the directory with its programs in %s", e.Setting)
	}
	b.WriteString(", or set DATABASE_URL to a server that runs elsewhere")
	return b.String()
}

// VersionError says that the data belong to a major version whose programs are not there.
type VersionError struct {
	Data      string      // the directory with the data
	Major     int         // the version that wrote them
	Installed []Installed // the versions that were found instead
	Searched  []string    // directories and places that were looked at
	Unusable  []string    // programs that are there and do not run, with the reason
	Setting   string      // Config.BinDirSetting
}

func (e *VersionError) Error() string {
	found := "no PostgreSQL in " + strings.Join(e.Searched, ", ")
	if len(e.Installed) > 0 {
		found = "only " + listInstalled(e.Installed)
	}
	if len(e.Unusable) > 0 {
		found += " (not usable: " + strings.Join(e.Unusable, "; ") + ")"
	}
	if e.Major < MinimumMajor {
		return fmt.Sprintf("the database in %s was made by PostgreSQL %d, and version %d or newer is needed. Bring it up to date with PostgreSQL's pg_upgrade, or move %s away to begin with an empty database",
			e.Data, e.Major, MinimumMajor, e.Data)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the database in %s was made by PostgreSQL %d, and there is %s. Install PostgreSQL %d (Debian, Ubuntu: apt-get install postgresql-%d; macOS: brew install postgresql@%d)",
		e.Data, e.Major, found, e.Major, e.Major, e.Major)
	if e.Setting != "" {
		fmt.Fprintf(&b, ", name the directory with its programs in %s", e.Setting)
	}
	fmt.Fprintf(&b, ", or move %s away to begin with an empty database", e.Data)
	return b.String()
}

func listInstalled(all []Installed) string {
	names := make([]string, len(all))
	for i, found := range all {
		names[i] = fmt.Sprintf("PostgreSQL %s in %s", found.Version, found.Dir)
	}
	return strings.Join(names, ", ")
}

// DirectoryError says that a directory cannot be used as it is.
type DirectoryError struct {
	Dir    string
	Reason string // what is wrong
	Advice string // what to do
	Err    error  // the system's own error, where there is one
}

func (e *DirectoryError) Error() string {
	text := fmt.Sprintf("cannot use the directory %s: %s", e.Dir, e.Reason)
	if e.Err != nil {
		text += " (" + e.Err.Error() + ")"
	}
	return text + ". " + e.Advice
}

func (e *DirectoryError) Unwrap() error { return e.Err }

// ProcessError says that a program of PostgreSQL failed.
type ProcessError struct {
	Program string   // "initdb" or "postgres"
	Output  []string // the last lines that it wrote
	LogFile string   // where the rest stands; empty: there is no more
	Advice  string   // what to do, where that is known
	Err     error
}

func (e *ProcessError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s failed: %v", e.Program, e.Err)
	if e.Advice != "" {
		fmt.Fprintf(&b, ". %s", e.Advice)
	}
	if len(e.Output) > 0 {
		fmt.Fprintf(&b, ". Its last words:\n\t%s", strings.Join(e.Output, "\n\t"))
	}
	if e.LogFile != "" {
		fmt.Fprintf(&b, "\n(more in %s)", e.LogFile)
	}
	return b.String()
}

func (e *ProcessError) Unwrap() error { return e.Err }
