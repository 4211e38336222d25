package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"
)

// quietly does work that nobody waits for on a thread of its own, which gives way to
// those that answer (see lower): thousands of models that are read and compared would
// keep a processor to themselves for seconds. It returns when the work is done.
func quietly(work func()) {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with this goroutine, and its priority with it
		lower()
		var wrong error
		defer func() { done <- wrong }()
		defer func() {
			if v := recover(); v != nil {
				wrong = fmt.Errorf("panic: %v\n%s", v, debug.Stack())
			}
		}()
		work()
	}()
	if wrong := <-done; wrong != nil {
		panic(wrong) // of whoever gave the work
	}
}

// spare has the program run two more threads at once than there are processors. One is
// for the thread that gives way: it waits with one of those that are counted, and as
// many as before shall answer meanwhile. The other leaves more to the kernel, which
// changes between threads every few milliseconds, while memory is collected: on two
// processors the slowest answers during a large sync came sooner with it.
var spare = sync.OnceFunc(func() { runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 2) })

// seldom has memory collected when twice as much has been added as was in use, where Go
// does when as much has: while it is marked, those that ask wait. With it the slowest
// hundredth of answers during a sync of 10,000 models took 11 ms where it took 18, for
// two fifths more memory.
var seldom = sync.OnceFunc(func() { debug.SetGCPercent(200) })
