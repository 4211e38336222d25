package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"ratecard/domain"
)

// This file judges what an administrator may say of a provider beyond what a
// provider file may: it comes from outside the machine.

// check refuses what a description must not say.
func (p *Providers) check(id domain.ProviderID, described domain.Provider) error {
	var f faults
	if described.ID != id {
		f.add("id", "%q is not the provider that is described: expected %q", described.ID, id)
	}
	if described.API != nil {
		f.reach("api.baseUrl", described.API.BaseURL, p.Reach)
		p.checkKey(&f, described.API)
	}
	for i, page := range described.ModelPages {
		f.reach(fmt.Sprintf("modelPages[%d].url", i), page.URL, p.Reach)
	}
	for i, source := range described.Scraping.Sources {
		f.reach(fmt.Sprintf("scraping.sources[%d].url", i), source.URL, p.Reach)
	}
	return f.err("invalid provider")
}

// keyVariable is what a variable is called that holds a provider's key. The
// environment holds other secrets, which must not be sent to whatever address
// somebody describes.
var keyVariable = regexp.MustCompile(`^[A-Z][A-Z0-9_]*_API_KEY$`)

// checkKey refuses a key that is not for this provider: one that the program or a
// file names goes to the host that is named there with it, and to no other.
func (p *Providers) checkKey(f *faults, api *domain.ListAPI) {
	if api.KeyEnv == "" {
		return
	}
	named := false
	for _, own := range p.Own {
		if own.API == nil || own.API.KeyEnv != api.KeyEnv {
			continue
		}
		if originOf(own.API.BaseURL) == originOf(api.BaseURL) {
			return
		}
		named = true
	}
	switch {
	case named:
		f.add("api.keyEnv", "%s holds a key for another host: expected a variable of this provider's own", api.KeyEnv)
	case !keyVariable.MatchString(api.KeyEnv) || strings.HasPrefix(api.KeyEnv, "RATECARD_"):
		f.add("api.keyEnv", "%s need not hold a provider's key: expected a variable whose name ends in _API_KEY, such as ACME_API_KEY", clip(api.KeyEnv))
	case p.KeyHeld != nil:
		if _, err := p.KeyHeld(api.KeyEnv); err != nil {
			f.add("api.keyEnv", "%s", err)
		}
	}
}

// originOf is the scheme and the host, with its port, that an address names.
func originOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Hostname()) + ":" + domain.PortOf(u)
}

// saysEnabled tells whether a description says whether its provider is enabled.
func saysEnabled(description []byte) bool {
	var given map[string]json.RawMessage
	if json.Unmarshal(description, &given) != nil {
		return false
	}
	_, said := given["enabled"]
	return said
}

// under puts the paths of an error's fields below another.
func under(path string, err error) error {
	var e *domain.Error
	if !errors.As(err, &e) || len(e.Fields) == 0 {
		return err
	}
	moved := *e
	moved.Fields = below(path, e.Fields)
	return &moved
}
