// Package valkeytest gives tests a Valkey or Redis server of their own, which they
// may stop, slow down, fill and wipe.
//
// What lives here: the server as a child process. What may not: anything that a
// program outside of tests uses.
package valkeytest
