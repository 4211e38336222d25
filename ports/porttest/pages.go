package porttest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"sync"
	"testing"

	"ratecard/domain"
	"ratecard/ports"
)

// Pages tests what ports.Pages promises.
func Pages(t *testing.T, open func(testing.TB) ports.Pages) {
	run(t, open, map[string]func(*testing.T, ports.Pages){
		"a page is given as it came":         pageAsItCame,
		"the same body is stored once":       storedOnce,
		"many store the same page at once":   storedOnceByMany,
		"a body that is not what it says":    wrongSum,
		"a page that is not there":           noPage,
		"text that no database keeps passes": flawedPage,
	})
}

func aPage(p domain.ProviderID, body []byte) domain.Page {
	sum := sha256.Sum256(body)
	return domain.Page{
		Provider: p, Source: "prices", URL: "https://example.org/prices", FetchedAt: noon, SHA256: hex.EncodeToString(sum[:]),
		ContentType: "text/html", ETag: `W/"1"`, LastModified: "Sun, 01 Mar 2026 12:00:00 GMT", Body: body,
	}
}

func put(t failer, pages ports.Pages, page domain.Page) int64 {
	t.Helper()
	id, err := pages.Put(context.Background(), page)
	if err != nil {
		t.Fatalf("storing a page: %v", err)
	}
	return id
}

func pageAsItCame(t *testing.T, pages ports.Pages) {
	for _, body := range [][]byte{nil, []byte("$1"), bytes.Repeat([]byte("<td>$3.00 / MTok</td>\n"), 50_000), {0, 0xff, 0xfe, 0}} {
		page := aPage(aProvider(), body)
		page.ID = put(t, pages, page)
		got, err := pages.Page(context.Background(), page.ID)
		if err != nil {
			t.Fatal(err)
		}
		same(t, "the page", got, page)
	}
}

func storedOnce(t *testing.T, pages ports.Pages) {
	p := aProvider()
	page := aPage(p, []byte("one"))
	first := put(t, pages, page)
	page.FetchedAt, page.ETag = hour(1), "other"
	if again := put(t, pages, page); again != first {
		t.Errorf("the same body has the ids %d and %d", first, again)
	}
	if other := put(t, pages, aPage(p, []byte("two"))); other == first {
		t.Error("two bodies have one id")
	}
	if other := put(t, pages, aPage(aProvider(), []byte("one"))); other == first {
		t.Error("two sources have one page")
	}
}

func storedOnceByMany(t *testing.T, pages ports.Pages) {
	page := aPage(aProvider(), []byte("many"))
	ids := make([]int64, 8)
	var all sync.WaitGroup
	for i := range ids {
		all.Go(func() {
			var err error
			if ids[i], err = pages.Put(context.Background(), page); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	for _, id := range ids {
		if id != ids[0] {
			t.Fatalf("one page has the ids %v", ids)
		}
	}
}

func wrongSum(t *testing.T, pages ports.Pages) {
	page := aPage(aProvider(), []byte("one"))
	page.Body = []byte("two")
	_, err := pages.Put(context.Background(), page)
	fails(t, "another body", err, domain.KindInvalid)
}

func noPage(t *testing.T, pages ports.Pages) {
	for _, id := range []int64{0, -1, 1 << 60} {
		_, err := pages.Page(context.Background(), id)
		fails(t, "no page", err, domain.KindNotFound)
	}
}

func flawedPage(t *testing.T, pages ports.Pages) {
	page := aPage(aProvider(), []byte("one"))
	page.URL, page.ContentType, page.ETag = "https://example.org/\x00\xff", "text/\xffhtml", "\x00"
	id := put(t, pages, page)
	page.ID, page.URL, page.ContentType, page.ETag = id, "https://example.org/", "text/html", ""
	got, err := pages.Page(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	same(t, "the page", got, page)
}
