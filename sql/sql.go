// Package sql embeds the database's migrations into the program.
//
// What lives here: goose migrations (migrations/, numbered, forward only) and
// the queries (queries/, one file per group of tables) that sqlc turns into
// gen/db. What may not: Go code beside the embedding. A migration that was
// released is never edited; a wrong one is followed by another.
package sql

import (
	"embed"
	"io/fs"
)

//go:embed migrations/*.sql
var files embed.FS

// Migrations holds the goose files, at its root.
func Migrations() fs.FS {
	sub, err := fs.Sub(files, "migrations")
	if err != nil {
		panic(err) // the folder is embedded above
	}
	return sub
}
