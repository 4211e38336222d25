// Package valkey reaches what the replicas share beside the database: a Valkey, or
// a Redis.
//
// What lives here: the connection, and what is kept there for a while. What may
// not: anything that would be missed. A Valkey that is away, slow, full or wiped
// costs time and nothing else, so no error of it leaves this package unless
// whoever asks can do without.
package valkey
