//go:build !linux

package chromium

import "syscall"

// dieWithUs cannot be had from this system: the browser ends when its pipe to us does.
func dieWithUs(*syscall.SysProcAttr) {}
