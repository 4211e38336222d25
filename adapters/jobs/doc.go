// Package jobs drives the application from River: background work that
// survives restarts and is done once, whichever replica does it.
//
// A job's arguments, its uniqueness, its time-out and its retries live here.
// What a job does lives in app.
package jobs
