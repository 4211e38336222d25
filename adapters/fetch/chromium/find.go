package chromium

import (
	"errors"
	"fmt"
	"os"
	"os/exec"

	"ratecard/domain"
)

// ErrMissing says that there is no Chromium.
var ErrMissing = errors.New("no Chromium was found; install it, or name it in CHROMIUM_PATH")

// names are those of the program in PATH.
var names = []string{"chromium", "chromium-browser", "headless-shell", "headless_shell", "google-chrome-stable", "google-chrome", "chrome"}

// bundles are where it lies on systems that have it outside PATH.
var bundles = []string{"/Applications/Chromium.app/Contents/MacOS/Chromium", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/snap/bin/chromium"}

// find gives the program's path. That there is none is warned of once.
func (b *Browser) find() (string, error) {
	path, err := Find(b.Path)
	if err == nil {
		return path, nil
	}
	b.missing.Do(func() {
		b.Log.Warn("pages whose prices are built by scripts cannot be read, everything else works", "because", err)
	})
	return "", domain.Wrap(domain.KindUnavailable, err, "it cannot be rendered")
}

// Find gives where Chromium is: at the path that is named, or where systems
// install it. ErrMissing where it is not.
func Find(path string) (string, error) {
	if path != "" {
		found, err := exec.LookPath(path)
		if err != nil {
			return "", fmt.Errorf("%w (%q is not a program that can be run)", ErrMissing, path)
		}
		return found, nil
	}
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			return found, nil
		}
	}
	for _, bundle := range bundles {
		if info, err := os.Stat(bundle); err == nil && !info.IsDir() {
			return bundle, nil
		}
	}
	return "", ErrMissing
}
