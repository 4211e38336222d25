package domain

import (
	"time"

	"github.com/shopspring/decimal"
)

// ProviderID names a seller: openai, anthropic, google, xai, or any other
// that a provider file adds.
type ProviderID string

// Provider is one seller, as its provider file describes it.
type Provider struct {
	ID      ProviderID `json:"id"`
	Name    string     `json:"name"`
	Enabled bool       `json:"enabled"` // false takes it out of every sync; its models keep answering
	API     *ListAPI   `json:"api,omitempty"`
	// ModelPages tell what the list API does not: other ids of a model, how it
	// stands, when it ends. Without a key they stand in for the list.
	ModelPages []ModelPage    `json:"modelPages,omitempty"`
	Scraping   Scraping       `json:"scraping,omitzero"`
	Origin     ProviderOrigin `json:"-"` // where the description comes from
}

// ProviderOrigin says where the description of a provider comes from.
type ProviderOrigin string

// The origins.
const (
	ProviderBuiltIn ProviderOrigin = "built_in" // with the program
	ProviderByFile  ProviderOrigin = "folder"   // of provider files
	ProviderByAPI   ProviderOrigin = "api"      // an administrator put it
)

// ProviderEntry is what administrators said of a provider while the program
// runs.
type ProviderEntry struct {
	ID          ProviderID
	Version     int       // counts from 1; 0: nothing was said
	Description *Provider // nil: as the program or its folder describes it
	Enabled     *bool     // nil: as it is described
	By          string    // who said it last: a key, by its name
	At          time.Time
}

// Over gives a provider with what was said of it.
func (e ProviderEntry) Over(p Provider) Provider {
	if e.Description != nil {
		p = *e.Description
		p.Origin = ProviderByAPI
	}
	if e.Enabled != nil {
		p.Enabled = *e.Enabled
	}
	return p
}

// ModelPage is a page about a provider's models.
type ModelPage struct {
	Name string `json:"name"` // unique within the provider, also among the sources of prices
	URL  string `json:"url"`
}

// Dialect is the language of a model-list API.
type Dialect string

// The dialects. A provider that is compatible with one of them needs a file
// and no code.
const (
	DialectOpenAI    Dialect = "openai"
	DialectAnthropic Dialect = "anthropic"
	DialectGoogle    Dialect = "google"
	DialectXAI       Dialect = "xai"
)

// ListAPI is where a provider lists its models. The dialect fixes
// authentication and paging.
type ListAPI struct {
	Dialect Dialect `json:"dialect"`
	BaseURL string  `json:"baseUrl"` // without the path that the dialect adds
	KeyEnv  string  `json:"keyEnv"`  // the environment variable that holds the key; empty: the list is open
}

// Scraping says where a provider's prices stand: its sources in order of
// trust.
type Scraping struct {
	Sources []Source `json:"sources"`
}

// Rendering is how a page's bytes are had.
type Rendering string

// The renderings. Where a source names none, its page is read as it is served and,
// where that cannot be read and scripts may yet build it, once more through a
// browser.
const (
	RenderStatic  Rendering = "static"  // as served, and never otherwise
	RenderBrowser Rendering = "browser" // as a browser shows it, at once
)

// Renderings are those that a source may name.
func Renderings() []Rendering { return []Rendering{RenderStatic, RenderBrowser} }

// Source is one page or API that states prices. Two forms of one page (HTML
// and Markdown) are different sources.
type Source struct {
	Name      string         `json:"name"` // unique within the provider
	URL       string         `json:"url"`
	Rendering Rendering      `json:"rendering,omitempty"` // empty: static, then a browser where that cannot be read
	Readers   []ReaderConfig `json:"readers"`             // their results are merged
}

// ReaderConfig chooses a reader and turns its knobs. What a knob means stands
// with the reader that has it.
type ReaderConfig struct {
	Reader   string              `json:"reader"`             // "tables", …
	Selector string              `json:"selector,omitempty"` // CSS: read only inside these elements
	Headers  map[string][]string `json:"headers,omitempty"`  // meter → further header texts that mean it
	Tiers    map[string][]string `json:"tiers,omitempty"`    // tier → further words for it in headings and captions
	Divisor  *decimal.Decimal    `json:"divisor,omitempty"`  // printed amounts are divided by it; default 1
	Strip    []string            `json:"strip,omitempty"`    // regular expressions removed from printed names
	Skip     []string            `json:"skip,omitempty"`     // headings whose sections are not read
	Rows     [][]string          `json:"rows,omitempty"`     // header texts for rows of data that have none, one list per number of cells
	Columns  map[string]int      `json:"columns,omitempty"`  // ColumnModel or a token meter → the index of its column, from 0; others are not read
}

// ColumnModel is the name, in ReaderConfig.Columns, of the column that names
// the models.
const ColumnModel = "model"

// ScrapingVersion is one stored version of a provider's scraping
// configuration.
type ScrapingVersion struct {
	Provider ProviderID
	Version  int // counts from 1
	Scraping Scraping
	Author   string    // AuthorRelease for a default that a release brought, else a key by its name
	At       time.Time // since when it stands
	Restores int       // the earlier version that was rolled back to; 0: it was written
}

// AuthorRelease is the author of the configurations that come with a release.
const AuthorRelease = "release"
