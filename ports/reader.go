package ports

import "ratecard/domain"

// Reader reads prices from the bytes of a page.
type Reader interface {
	// Read is pure: bytes and configuration in, quotes out. KindUnread, with
	// what was looked for and not found, where the page states no figure that
	// could be read; KindTooLarge where it is over the cap.
	Read(body []byte, source domain.Source) (domain.Reading, error)
}

// Explainer is a Reader that says how it reads.
type Explainer interface {
	Reader
	// Explain reads as Read does, and says besides what each reader looked for
	// and what it made of it, also with an error.
	Explain(body []byte, source domain.Source) (domain.Reading, []domain.Finding, error)
	// Fit is pure: which of the source's readers cannot read its page for the
	// page's form. Without a page (nil) it goes by what the source says of it.
	Fit(source domain.Source, body []byte) domain.Fit
}

// ModelReader reads what a page says of models.
type ModelReader interface {
	// Models is pure: each model that the page names by its id, once, by id.
	// KindUnread where it names none; KindTooLarge where it is over the cap.
	Models(body []byte) ([]domain.ModelFacts, error)
}

// Locator finds again in a page what a Reader read.
type Locator interface {
	// Around is pure: what stands around a place that a reader of the page
	// gave. KindInvalid where the place leads nowhere in that page.
	Around(body []byte, place domain.Place) (domain.Surroundings, error)
}
