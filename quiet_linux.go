package main

import "golang.org/x/sys/unix"

// quietNice is how far a thread gives way. One of 19 would get so little of a busy
// machine that others wait for what it holds.
const quietNice = 10

// lower has this thread give way. Where that is not allowed it is like any other.
func lower() { _ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), quietNice) }
