package chromium

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestSweepIsNotHeldUp by what others put into the folder of temporary files: a pipe
// that nobody writes to, and a link to a file that is none of ours.
func TestSweepIsNotHeldUp(t *testing.T) {
	in := t.TempDir()
	piped, linked := filepath.Join(in, profilePrefix+"1"), filepath.Join(in, profilePrefix+"2")
	elsewhere := filepath.Join(in, "elsewhere")
	for _, err := range []error{
		os.Mkdir(piped, 0o700), syscall.Mkfifo(filepath.Join(piped, useFile), 0o600),
		os.Mkdir(linked, 0o700), os.WriteFile(elsewhere, nil, 0o600), os.Symlink(elsewhere, filepath.Join(linked, useFile)),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	sweep(in)
	if _, err := os.Lstat(linked); err != nil {
		t.Errorf("what is linked to was taken for ours: %v", err)
	}
}
