//go:build unix

package pgtest

import (
	"os/exec"
	"syscall"
)

// detach keeps a process out of the reach of the terminal's Ctrl-C.
func detach(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true} }
