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

// spare has the program run three more threads at once than there are processors. One
// is for the thread that gives way: it waits with one of those that are counted, and as
// many as before shall answer meanwhile. The others leave more to the kernel, which
// changes between threads every few milliseconds, while memory is collected: the more of
// them answer, the less the one that marks holds them up. On two processors the slowest
// answers during a large sync came soonest with three: the slowest hundredth took 11 to
// 17 ms where it took 14 to 24 with two; four did no better.
var spare = sync.OnceFunc(func() { runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + 3) })

// seldom has memory collected when twice as much has been added as was in use, where Go
// does when as much has: while it is marked, those that ask wait. It takes about 4 KB
// more memory for a model, and at the end of a sync of 10,000 of them 350 MB, not 250.
var seldom = sync.OnceFunc(func() { debug.SetGCPercent(200) })
