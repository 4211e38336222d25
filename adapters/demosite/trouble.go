package demosite

import (
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"ratecard/domain"
)

// A Trouble is a way in which a provider of the site misbehaves.
type Trouble struct {
	Name string `json:"name"`
	What string `json:"what"` // that happens, in a sentence
	List bool   `json:"list"` // to whoever asks its API for models; else to whoever asks for its pages

	serve func(w http.ResponseWriter, r *http.Request, p misbehaving)
}

// misbehaving is a provider of the site in trouble.
type misbehaving struct {
	*Site
	provider domain.ProviderID
	well     http.HandlerFunc // what it serves when all is well
}

// Troubles are the ways in which the site can misbehave.
func Troubles() []Trouble { return slices.Concat(pageTroubles, listTroubles) }

// troubleNamed gives a trouble by its name.
func troubleNamed(name string) (Trouble, bool) {
	all := Troubles()
	i := slices.IndexFunc(all, func(t Trouble) bool { return t.Name == name })
	if i < 0 {
		return Trouble{}, false
	}
	return all[i], true
}

// The troubles of the timeline. Two of them are not served but printed: pages
// without their figures, and a page for people that has lost a digit.
const (
	refused   = "key-refused"
	busy      = "list-busy"
	shell     = "shell"
	challenge = "challenge"
	broken    = "broken"
	misprint  = "misprint"
)

// asked are the troubles that somebody has asked for, whatever day it is.
type asked struct {
	sync.Mutex
	of map[domain.ProviderID]string
}

// Misbehave has a provider of the site misbehave, whatever day it is, until it is
// told otherwise; an empty name has it behave again as on the day. KindNotFound
// where the site has no such provider or no such trouble.
func (s *Site) Misbehave(provider domain.ProviderID, name string) error {
	if !slices.Contains(allIDs, provider) {
		return domain.Errorf(domain.KindNotFound, "the site has no provider %q", provider)
	}
	if _, known := troubleNamed(name); !known && name != "" {
		return domain.Errorf(domain.KindNotFound, "there is no trouble %q", name)
	}
	s.asked.Lock()
	defer s.asked.Unlock()
	if s.asked.of == nil {
		s.asked.of = map[domain.ProviderID]string{}
	}
	s.asked.of[provider] = name
	return nil
}

// trouble is what a provider is in: what was asked for, else what the day brings.
func (s *Site) trouble(provider domain.ProviderID) (Trouble, bool) {
	s.asked.Lock()
	name := s.asked.of[provider]
	s.asked.Unlock()
	if name == "" {
		name = s.today().troubles[provider]
	}
	return troubleNamed(name)
}

// troubled serves what a provider serves on the day, or its trouble.
func (s *Site) troubled(provider domain.ProviderID, serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		isList := strings.HasPrefix(r.URL.Path, "/"+string(provider)+"/api/")
		if trouble, in := s.trouble(provider); in && trouble.List == isList {
			trouble.serve(w, r, misbehaving{s, provider, serve})
			return
		}
		serve(w, r)
	}
}

// switches are how whoever plays with the site has it misbehave.
func (s *Site) switches(mux *http.ServeMux) {
	mux.HandleFunc("GET "+TroublesPath, func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, Troubles()) })
	set := func(w http.ResponseWriter, r *http.Request) {
		if err := s.Misbehave(domain.ProviderID(r.PathValue("provider")), r.PathValue("trouble")); err != nil {
			http.Error(w, err.Error()+": see "+TroublesPath, http.StatusNotFound)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}
	mux.HandleFunc("PUT /{provider}/trouble/{trouble}", set)
	mux.HandleFunc("DELETE /{provider}/trouble", set)
}

// TroublesPath is where the site lists its Troubles. One is put at
// /<provider>/trouble/<name>, and taken away by deleting /<provider>/trouble.
const TroublesPath = "/troubles"

func page(w http.ResponseWriter, status int, html string) {
	w.Header().Set("Content-Type", htmlType)
	w.WriteHeader(status)
	_, _ = io.WriteString(w, html) // what fails here is the client's connection
}
