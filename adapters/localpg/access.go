//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package localpg

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// socketPort is part of the socket's name; nothing listens on a port of that number.
const socketPort = "5432"

// maxSocketDir is how long the socket's directory may be: a socket's path has 104
// bytes on macOS (108 on Linux), and PostgreSQL adds "/.s.PGSQL.5432" and a NUL.
const maxSocketDir = 104 - len("/.s.PGSQL."+socketPort) - 1

// access is how the server is reached, and by whom.
type access struct {
	socketDir string
	temporary string // the socket's directory when it lies outside the server's own: goes with the server
	hba       string
	ident     string
}

// openAccess prepares the socket's directory and the two files that say who may connect.
func openAccess(dir string, as account) (access, error) {
	a := access{
		socketDir: filepath.Join(dir, "run"),
		hba:       filepath.Join(dir, "pg_hba.conf"),
		ident:     filepath.Join(dir, "pg_ident.conf"),
	}
	if !fitsSocket(a.socketDir) {
		short, err := shortDir(as)
		if err != nil {
			return access{}, err
		}
		a.socketDir, a.temporary = short, short
	} else if err := as.privateDir(a.socketDir); err != nil {
		return access{}, err
	}
	hba := fmt.Sprintf("# Written at every start.\nlocal all %s peer map=owner\n", roleName)
	ident := "# Written at every start.\n"
	for _, name := range as.allowed {
		ident += fmt.Sprintf("owner \"%s\" %s\n", name, roleName)
	}
	if err := writeReadable(a.hba, hba); err != nil {
		return access{}, err
	}
	return a, writeReadable(a.ident, ident)
}

// fitsSocket tells whether a socket in dir can be named: by the system, whose limit is
// short, and in a connection string, where a comma parts several hosts.
func fitsSocket(dir string) bool {
	return len(dir) <= maxSocketDir && !strings.Contains(dir, ",")
}

// shortDir makes a private directory for the socket under the system's temporary one.
func shortDir(as account) (string, error) {
	for _, parent := range []string{os.TempDir(), "/tmp"} {
		if !fitsSocket(filepath.Join(parent, "ratecard-0123456789")) {
			continue
		}
		dir, err := os.MkdirTemp(parent, "ratecard-")
		if err != nil {
			return "", err
		}
		return dir, as.own(dir)
	}
	return "", fmt.Errorf("no directory has a path short enough for a socket (%d bytes): choose a shorter state directory", maxSocketDir)
}

// discard removes what lies outside of the server's own directory.
func (a access) discard() error {
	if a.temporary == "" {
		return nil
	}
	return os.RemoveAll(a.temporary)
}

// writeReadable writes a file that the server's user can read. It holds no secret.
func writeReadable(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		return err
	}
	return os.Chmod(path, 0o644) // whatever the umask was
}

// dsn is the connection string, in the form of a URL, for one database.
func (a access) dsn(database string) string {
	query := url.Values{"host": {a.socketDir}, "port": {socketPort}}.Encode()
	// A plus sign is no space to libpq and to those who read as it does.
	query = strings.ReplaceAll(query, "+", "%20")
	return (&url.URL{Scheme: "postgres", User: url.User(roleName), Path: "/" + database, RawQuery: query}).String()
}

// settings are the server's settings that speak of access.
func (a access) settings() []string {
	return []string{
		"listen_addresses=",
		"port=" + socketPort,
		`unix_socket_directories="` + strings.ReplaceAll(a.socketDir, `"`, `""`) + `"`,
		"unix_socket_permissions=0700",
		"hba_file=" + a.hba,
		"ident_file=" + a.ident,
	}
}
