// Package postgres keeps everything in PostgreSQL: what is believed and what
// was, the pages it rests on, runs, configurations and keys.
//
// What lives here: one type per port, transactions, and the conversion of rows
// into values, one function per type, in rows.go. The queries stand in
// sql/queries and are compiled into gen/db. What may not: a decision about
// what a reading changes, or about who may see what.
package postgres
