// Package cli is the command line: each command parses its arguments, asks the
// application or a running server, and prints the answer for people (tables)
// or programs (JSON on standard output, everything else on standard error).
//
// No rule lives here, and no environment is read: what a command needs is
// handed to it.
package cli
