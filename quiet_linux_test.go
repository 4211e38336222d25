package main

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// The work's thread gives way, and no other does, whichever come after it.
func TestQuietlyGivesWay(t *testing.T) {
	nice := func() int {
		raw, err := unix.Getpriority(unix.PRIO_PROCESS, unix.Gettid())
		if err != nil {
			t.Error(err)
		}
		return 20 - raw // as the system call has it
	}
	usual := nice()
	quietly(func() {
		if got := nice(); got != usual+quietNice && got != quietNice {
			t.Errorf("the work's thread has niceness %d, others have %d", got, usual)
		}
	})
	done := make(chan int)
	for range 20 {
		go func() { runtime.LockOSThread(); done <- nice() }()
	}
	for range 20 {
		if got := <-done; got != usual {
			t.Errorf("another thread has niceness %d, usual is %d", got, usual)
		}
	}
}
