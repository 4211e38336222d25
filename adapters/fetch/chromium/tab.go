package chromium

import (
	"context"
	"fmt"
	"strings"
	"sync"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/cdproto/inspector"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// tab is what is known of the page that is being rendered. It hears the browser
// while somebody else waits for the page.
type tab struct {
	ctx   context.Context
	crash func()

	mu      sync.Mutex
	frame   cdp.FrameID
	answers map[cdp.FrameID]*network.Response // of documents, by the frame that they are in
	loading map[network.RequestID]bool
	pages   map[network.RequestID]cdp.FrameID // documents that are on their way
	cut     map[cdp.FrameID]string            // why a document did not come whole, by the frame that it is in
}

// hear is called for every event, by who reads the browser's messages: what has
// to be answered is answered by somebody else.
func (t *tab) hear(event any) {
	switch e := event.(type) {
	case *page.EventJavascriptDialogOpening:
		leave := e.Type == page.DialogTypeBeforeunload // to this we say yes, to all else no
		go func() {
			_, _ = chromedp.Call(t.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: leave})
		}()
	case *fetch.EventRequestPaused:
		go func() {
			_, _ = chromedp.Call(t.ctx, fetch.FailRequest, fetch.FailRequestParams{RequestID: e.RequestID, ErrorReason: network.ErrorReasonBlockedByClient})
		}()
	case *inspector.EventTargetCrashed:
		t.crash()
	case *network.EventRequestWillBeSent:
		t.load(e.RequestID, true)
	case *network.EventLoadingFinished:
		t.load(e.RequestID, false)
	case *network.EventLoadingFailed:
		t.load(e.RequestID, false)
		t.fail(e)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument && e.Response != nil {
			t.mu.Lock()
			if t.answers == nil {
				t.answers = map[cdp.FrameID]*network.Response{}
			}
			t.answers[e.FrameID] = e.Response
			t.await(e.RequestID, e.FrameID)
			t.mu.Unlock()
		}
	}
}

func (t *tab) load(id network.RequestID, begins bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.loading == nil {
		t.loading = map[network.RequestID]bool{}
	}
	if begins {
		t.loading[id] = true
	} else {
		delete(t.loading, id)
	}
}

// await keeps in mind that a document began to come. The caller has the lock.
func (t *tab) await(id network.RequestID, frame cdp.FrameID) {
	if t.pages == nil {
		t.pages, t.cut = map[network.RequestID]cdp.FrameID{}, map[cdp.FrameID]string{}
	}
	t.pages[id] = frame
	delete(t.cut, frame)
}

// fail notes a document of which only the beginning came. The browser shows it as
// if that were all.
func (t *tab) fail(e *network.EventLoadingFailed) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if frame, began := t.pages[e.RequestID]; began && !e.Canceled {
		t.cut[frame] = e.ErrorText
	}
}

// cutOff is why the page did not come whole; empty where it did, or is still coming.
func (t *tab) cutOff() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.cut[t.frame]
}

// busy reports whether the page waits for an answer.
func (t *tab) busy() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return len(t.loading) > 0
}

func (t *tab) main(frame cdp.FrameID) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.frame = frame
}

// answer is with what the page's document came: its status, 0 where none is
// known, and its header.
func (t *tab) answer() (status int, header map[string]string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	response := t.answers[t.frame]
	if response == nil {
		return 0, nil
	}
	header = map[string]string{}
	for name, value := range response.Headers {
		header[strings.ToLower(name)] = fmt.Sprint(value)
	}
	return int(response.Status), header
}
