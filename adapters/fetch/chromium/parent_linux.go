package chromium

import "syscall"

// dieWithUs has the system end the browser where we end without having done so.
func dieWithUs(attr *syscall.SysProcAttr) { attr.Pdeathsig = syscall.SIGKILL }
