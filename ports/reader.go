package ports

import "ratecard/domain"

// Reader reads prices from the bytes of a page.
type Reader interface {
	// Read is pure: bytes and configuration in, quotes out. KindUnread, with
	// what was looked for and not found, where the page states no figure that
	// could be read; KindTooLarge where it is over the cap.
	Read(body []byte, source domain.Source) (domain.Reading, error)
}
