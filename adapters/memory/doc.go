// Package memory holds in this process what has to be answered at once, and
// while the store is away: copies that follow the store, kept true by what it
// notifies of and by asking again now and then.
//
// What is only here is lost with the process, so nothing is only here.
package memory
