package chromium

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/chromedp/chromedp"

	"ratecard/domain"
)

// process is a Chromium that runs, with the profile that is thrown away after it.
type process struct {
	ctx     context.Context // chromedp's, of the browser
	quit    func()          // lets go of chromedp's connection, and kills the browser's first process
	tree    tree
	profile profile
	peak    atomic.Int64
	toomuch atomic.Bool
	spoiled atomic.Bool // a page could not be closed
	limit   int64
	watch   chan struct{} // closed to end the watching
	watched sync.WaitGroup
}

// errNoSandbox says that the machine has not what Chromium's sandbox needs.
var errNoSandbox = errors.New("no usable sandbox")

// watchEvery is how often a browser's memory is looked at.
const watchEvery = 100 * time.Millisecond

// launch starts Chromium: as an unprivileged user where we are root, without our
// environment, in a session of its own, spoken to over a pipe and not a port.
func (b *Browser) launch(ctx context.Context, path string, bare bool) (*process, error) {
	sweep(b.Dir)
	profile, err := newProfile(b.Dir)
	if err != nil {
		return nil, err
	}
	attr := &syscall.SysProcAttr{Setsid: true}
	dieWithUs(attr)
	if err := unprivileged(attr, profile.dir); err != nil {
		return nil, errors.Join(err, profile.throwAway())
	}
	var said output
	var root atomic.Int64
	life, end := context.WithCancel(context.WithoutCancel(ctx)) // it outlives the rendering that it was started for
	allocator, quit := chromedp.NewExecAllocator(life, append(b.flags(profile.dir, bare),
		chromedp.ExecPath(path), chromedp.CombinedOutput(&said),
		chromedp.NoInheritEnv, chromedp.Env(environment(profile.dir)...),
		chromedp.ModifyCmdFunc(func(cmd *exec.Cmd) {
			cmd.SysProcAttr = attr
			cmd.Dir = profile.dir
		}))...)
	browser, _ := chromedp.NewContext(allocator, chromedp.WithErrorf(blank), chromedp.WithLogf(blank))
	started := make(chan error, 1)
	go func() { started <- chromedp.Do(browser) }()
	p := &process{ctx: browser, profile: profile, tree: tree{profile: profile.dir}, limit: b.MaxMemory, watch: make(chan struct{}), quit: func() { end(); quit() }}
	select {
	case err = <-started:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if c := chromedp.FromContext(browser); err == nil && c.Browser != nil {
		root.Store(int64(c.Browser.Process().Pid))
	}
	p.tree.root = int(root.Load())
	if err != nil {
		if said.has("No usable sandbox") {
			err = errNoSandbox
		} else if text := said.String(); text != "" {
			err = fmt.Errorf("%w: %s", err, text)
		}
		return nil, errors.Join(err, p.end())
	}
	p.watched.Go(p.look)
	return p, nil
}

// flags are what keeps Chromium quiet, small and inside. The default context, in
// which no page is ever opened, has a proxy that nobody answers at.
func (b *Browser) flags(profile string, bare bool) []chromedp.ExecAllocatorOption {
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.UserDataDir(profile),
		chromedp.Flag("no-sandbox", bare),
		chromedp.Flag("proxy-server", "http://127.0.0.1:9"),
		chromedp.Flag("proxy-bypass-list", "<-loopback>"),
		chromedp.Flag("host-resolver-rules", "MAP * ~NOTFOUND , EXCLUDE 127.0.0.1"),
		chromedp.Flag("force-webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("webrtc-ip-handling-policy", "disable_non_proxied_udp"),
		chromedp.Flag("disable-quic", true),
		chromedp.Flag("dns-prefetch-disable", true),
		chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-domain-reliability", true),
		chromedp.Flag("no-pings", true),
		chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-crash-reporter", true),
		chromedp.Flag("disable-remote-fonts", true),
		chromedp.Flag("blink-settings", "imagesEnabled=false"),
		chromedp.Flag("block-new-web-contents", true),
		chromedp.Flag("disable-popup-blocking", false),
		chromedp.Flag("disable-hang-monitor", false),
		chromedp.Flag("disable-ipc-flooding-protection", false),
		chromedp.Flag("disable-features", "Translate,MediaRouter,OptimizationHints,InterestFeedContentSuggestions,AutofillServerCommunication,DialMediaRouteProvider"),
		chromedp.Flag("js-flags", "--max-old-space-size=512"),
		chromedp.Flag("disk-cache-size", "16777216"),
	)
	if b.UserAgent != "" {
		flags = append(flags, chromedp.UserAgent(b.UserAgent))
	}
	return flags
}

// environment is all that the browser knows of ours. Everything that it keeps, it
// keeps in its profile.
func environment(profile string) []string {
	return []string{
		"PATH=/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", "LANG=C.UTF-8",
		"HOME=" + profile, "TMPDIR=" + profile,
		"XDG_CONFIG_HOME=" + profile, "XDG_CACHE_HOME=" + profile, "XDG_RUNTIME_DIR=" + profile,
	}
}

// unprivileged has the browser run as nobody where we are root; whoever else we
// are, it runs as that.
func unprivileged(attr *syscall.SysProcAttr, profile string) error {
	if os.Geteuid() != 0 {
		return nil
	}
	nobody, err := user.Lookup("nobody")
	if err != nil {
		return fmt.Errorf("a browser is not run as root, and there is no user nobody to run it as: %w", err)
	}
	uid, uidErr := strconv.ParseUint(nobody.Uid, 10, 32)
	gid, gidErr := strconv.ParseUint(nobody.Gid, 10, 32)
	if err := errors.Join(uidErr, gidErr); err != nil {
		return err
	}
	attr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return os.Chown(profile, int(uid), int(gid))
}

// whom says as whom the browser runs.
func whom() string {
	if os.Geteuid() == 0 {
		return "the user nobody"
	}
	return "the user that runs us"
}

// look watches the memory, and ends a browser that takes more than it may.
func (p *process) look() {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	for {
		select {
		case <-p.watch:
			return
		case <-tick.C:
		}
		now := p.tree.memory()
		p.peak.Store(max(p.peak.Load(), now))
		if now > p.limit {
			p.toomuch.Store(true)
			_ = p.tree.kill() // end does it again, and says what is wrong
			return
		}
	}
}

// memory is the most that it was seen to have, in bytes.
func (p *process) memory() int64 { return p.peak.Load() }

// over says that it was ended for its memory; nil: it was not.
func (p *process) over() error {
	if !p.toomuch.Load() {
		return nil
	}
	return domain.Errorf(domain.KindTooLarge, "the page takes more than the %d MB of memory that a rendering may", p.limit>>20)
}

func (p *process) alive() bool { return p.ctx.Err() == nil && !p.toomuch.Load() && !p.spoiled.Load() }

// end kills the browser with all its processes and throws its profile away. It
// asks nothing of the browser: one that hangs would not answer.
func (p *process) end() error {
	close(p.watch)
	p.watched.Wait()
	killed := p.tree.kill()
	p.quit()
	return errors.Join(killed, p.tree.kill(), p.profile.throwAway())
}

// output keeps the beginning of what the browser says.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(text []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if room := 4096 - o.text.Len(); room > 0 {
		o.text.Write(text[:min(room, len(text))])
	}
	return len(text), nil
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

func (o *output) has(words string) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return bytes.Contains(o.text.Bytes(), []byte(words))
}
