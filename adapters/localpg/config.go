package localpg

import "log/slog"

// MinimumMajor is the oldest major version of PostgreSQL that is accepted.
const MinimumMajor = 15

const (
	// roleName and databaseName are what Server.DSN names.
	roleName     = "ratecard"
	databaseName = "ratecard"
)

// Config says where a server of the program's own lives and how it runs.
type Config struct {
	// Dir is the directory that holds everything of this server. It is made when
	// missing. Its parents must let the server's user through when the program
	// runs as root.
	Dir string

	// BinDir is the directory with the programs initdb and postgres. Empty: they
	// are looked for in PATH and where Debian, Ubuntu and Homebrew put them.
	BinDir string

	// BinDirSetting is the name under which a user sets BinDir; errors that
	// advise to set it say so by this name. Empty: they do not mention it.
	BinDirSetting string

	// UnsafeNoFsync trades the safety of the data for speed. For tests alone:
	// after a power cut the database may be beyond repair.
	UnsafeNoFsync bool

	// Log hears of the start, of a long recovery and of the end. Nil: nobody does.
	Log *slog.Logger
}

func (c Config) logger() *slog.Logger {
	if c.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return c.Log
}
