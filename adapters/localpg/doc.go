// Package localpg runs a PostgreSQL server of the program's own, for trial, demo
// and tests: the programs of an installed PostgreSQL are found, a database is made
// on first use, and the server lives exactly as long as the program does.
//
// What lives here: finding the binaries, the directory with the data, the server
// process and who may talk to it. What may not: any knowledge of what is stored
// (tables, migrations, queries belong to adapters/postgres), and any reading of
// the environment (settings come in Config).
//
// The directory that the caller names looks like this:
//
//	lock           held (flock) by the program and by every process it started here
//	data/          the database itself, readable by the server's user alone
//	data.new-*     a database being made; renamed to data when it is whole
//	run/           the socket, in a directory that only the server's user may enter
//	pg_hba.conf    who may connect, written anew at every start
//	pg_ident.conf
//	postgres.log   what the server said (postgres.log.1: what it said before)
//
// The server listens on the socket only and asks the kernel who is calling (peer):
// nobody but the user who runs the program, and the unprivileged user the server
// runs as when that user is root, gets in.
package localpg
