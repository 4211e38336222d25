package alert_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"ratecard/adapters/alert"
	"ratecard/domain"
)

// TestSend: a service's server gets the words, and whoever is told that it did
// not is told nothing of the address.
func TestSend(t *testing.T) {
	var got []string
	status := http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got = append(got, r.URL.Path+" "+string(body))
		w.WriteHeader(status)
	}))
	defer server.Close()
	address := "generic+" + server.URL + "/hook/s3cr3t-token?template=json&$channel=hidden-room"
	m, err := alert.New([]string{address})
	if err != nil {
		t.Fatal(err)
	}
	to := m.Receivers()[0]
	if strings.Contains(to, "s3cr3t") || strings.Contains(to, server.URL) || !strings.HasPrefix(to, "generic+http-") {
		t.Errorf("the receiver is called %q", to)
	}
	if err := m.Send(t.Context(), to, "two to look at", "one\ntwo"); err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || !strings.Contains(got[0], "/hook/s3cr3t-token") || !strings.Contains(got[0], `two to look at`) || !strings.Contains(got[0], `one\ntwo`) {
		t.Errorf("the server got %q", got)
	}

	status = http.StatusForbidden
	refused := m.Send(t.Context(), to, "t", "x")
	server.Close()
	gone := m.Send(t.Context(), to, "t", "x")
	ended, end := context.WithCancel(t.Context())
	end()
	for what, err := range map[string]error{"refused": refused, "gone": gone, "no time": m.Send(ended, to, "t", "x")} {
		if domain.KindOf(err) != domain.KindUpstream {
			t.Errorf("%s: %v", what, err)
			continue
		}
		for _, secret := range []string{"s3cr3t", "hidden-room", strings.TrimPrefix(server.URL, "http://")} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error shows the address: %v", what, err)
			}
		}
	}
	if err := m.Send(t.Context(), "nobody", "t", "x"); domain.KindOf(err) != domain.KindNotFound {
		t.Errorf("to nobody: %v", err)
	}
}

func TestAddresses(t *testing.T) {
	got := alert.Split(" telegram://token@telegram?chats=a, b ,slack://x-y@channel,, ")
	if want := []string{"telegram://token@telegram?chats=a,b", "slack://x-y@channel"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	for _, wrong := range []string{"pigeon://s3cr3t@loft", "s3cr3t", "https://s3cr3t.example/x", "slack://s3cr3t", "smtp://s3cr3t"} {
		_, err := alert.New([]string{wrong})
		if domain.KindOf(err) != domain.KindInvalid || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: %v", wrong, err)
		}
	}
}
