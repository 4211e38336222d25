package chromium

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A tree is a process with all that it has started, and that those have, whether
// they stayed in its session or not: what left it, and its parents, still carries
// the mark in its environment or its arguments. Where a system has no /proc, the
// process group is all that is known of it.
type tree struct {
	root    int    // 0: not known
	profile string // whose home it is, and of no other process
}

// member is one process of a tree.
type member struct {
	pid, parent, group, session int
	rss                         int64 // bytes that are its own
}

// members gives every living process of the tree; those that have left it as well
// where everywhere is looked.
func (t tree) members(everywhere bool) []member {
	all := processes()
	in := map[int]bool{}
	for again := true; again; {
		again = false
		for pid, p := range all {
			if in[pid] || pid == os.Getpid() {
				continue
			}
			if t.root > 1 && (pid == t.root || p.group == t.root || p.session == t.root) || in[p.parent] || everywhere && t.marked(pid) {
				in[pid], again = true, true
			}
		}
	}
	var found []member
	for pid := range in {
		found = append(found, all[pid])
	}
	return found
}

// marked looks for the profile in what a process was started with, where that may
// be seen.
func (t tree) marked(pid int) bool {
	for file, entry := range map[string]string{"environ": "HOME=" + t.profile, "cmdline": "--user-data-dir=" + t.profile} {
		text, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), file))
		if err == nil && slices.Contains(strings.Split(string(text), "\x00"), entry) {
			return true
		}
	}
	return false
}

// kill ends all of the tree. One look is not enough: what is seen to live may be
// starting something.
func (t tree) kill() error {
	const within = 10 * time.Second
	ended := map[int]bool{}
	for until := time.Now().Add(within); ; <-time.After(5 * time.Millisecond) {
		if t.root > 1 {
			_ = syscall.Kill(-t.root, syscall.SIGKILL) // the group, where there is no /proc
		}
		living := t.members(true)
		for _, m := range living {
			ended[m.pid] = true
			if err := syscall.Kill(m.pid, syscall.SIGKILL); errors.Is(err, syscall.EPERM) {
				return fmt.Errorf("process %d of the browser may not be ended: %w", m.pid, err)
			}
		}
		if len(living) == 0 {
			break
		}
		if time.Now().After(until) {
			return fmt.Errorf("%d processes of the browser live on", len(living))
		}
	}
	// Where we are the first process of a container, orphans are ours to bury. The
	// root is waited for by who started it.
	for pid := range ended {
		if pid != t.root {
			_, _ = syscall.Wait4(pid, nil, syscall.WNOHANG, nil)
		}
	}
	return nil
}

// memory is what the processes of the tree have for themselves, in bytes.
func (t tree) memory() int64 {
	var sum int64
	for _, m := range t.members(false) {
		sum += m.rss
	}
	return sum
}

// processes reads /proc. Those that have ended and only wait to be asked for are
// none.
func processes() map[int]member {
	all := map[int]member{}
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return all
	}
	for _, entry := range entries {
		pid, err := strconv.Atoi(entry.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "stat"))
		if err != nil {
			continue
		}
		fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:]) // the name before may hold anything
		if len(fields) < 4 || fields[0][0] == 'Z' || fields[0][0] == 'X' {
			continue
		}
		m := member{pid: pid, parent: number(fields[1]), group: number(fields[2]), session: number(fields[3])}
		if statm, err := os.ReadFile(filepath.Join("/proc", entry.Name(), "statm")); err == nil {
			if pages := bytes.Fields(statm); len(pages) > 2 {
				m.rss = int64(number(pages[1])-number(pages[2])) * int64(os.Getpagesize())
			}
		}
		all[pid] = m
	}
	return all
}

func number(text []byte) int {
	n, err := strconv.Atoi(string(text))
	if err != nil {
		return -1
	}
	return n
}
