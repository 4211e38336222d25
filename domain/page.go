package domain

import "time"

// Page is a response kept as it came, before anybody read it.
type Page struct {
	ID           int64
	Provider     ProviderID
	Source       string
	URL          string
	FetchedAt    time.Time
	SHA256       string // of Body, hexadecimal
	ContentType  string
	ETag         string
	LastModified string
	Body         []byte
}
