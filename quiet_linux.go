package main

import "golang.org/x/sys/unix"

// quietNice is how far a thread gives way: about a tenth of what others get where all
// processors are busy, so that who waits for something it holds does not wait long.
const quietNice = 10

// lower has this thread give way. Where that is not allowed it is like any other.
func lower() { _ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), quietNice) }
