package app

import (
	"context"
	"fmt"
	"reflect"
	"slices"

	"ratecard/domain"
	"ratecard/ports"
)

// fitting judges configurations by the pages that their sources name.
type fitting struct {
	Configs ports.Configs
	Pages   ports.Pages
	Reader  ports.Explainer
}

// misfits gives what in a configuration can do nothing with the pages that its
// sources name, by its path. KindInvalid where a source has no reader for the
// form of its page: nothing could be read from it. The form is that of the page
// as it last came, else what the source says of it. A source that is in force as
// it stands is left alone: its page may be a login or an error for a while.
func (f fitting) misfits(ctx context.Context, provider domain.ProviderID, scraping domain.Scraping) ([]domain.FieldError, error) {
	before, err := f.Configs.Active(ctx, provider)
	if err != nil && domain.KindOf(err) != domain.KindNotFound {
		return nil, err
	}
	var misfits, refused []domain.FieldError
	for i, source := range scraping.Sources {
		stands := slices.ContainsFunc(before.Scraping.Sources, func(s domain.Source) bool { return reflect.DeepEqual(s, source) })
		page, err := f.lastPage(ctx, provider, source, before.Scraping)
		if err != nil {
			return nil, err
		}
		fit := f.Reader.Fit(source, page.Body)
		found := below(fmt.Sprintf("sources[%d]", i), fit.Misfits)
		if fit.None && !stands {
			refused = append(refused, lastSeen(found, page)...)
		}
		misfits = append(misfits, found...)
	}
	if refused != nil {
		return nil, &domain.Error{Kind: domain.KindInvalid, Message: "a source has no reader for the form of its page", Fields: refused}
	}
	return misfits, nil
}

// lastPage is the page of a source as it last came; without a body where none did,
// or where the source of that name was another page until now.
func (f fitting) lastPage(ctx context.Context, provider domain.ProviderID, source domain.Source, before domain.Scraping) (domain.Page, error) {
	for _, was := range before.Sources {
		if was.Name != source.Name || was.URL != source.URL || was.Rendering != source.Rendering {
			continue
		}
		latest, err := f.Pages.Latest(ctx, provider, source.Name)
		if err == nil {
			latest, err = f.Pages.Page(ctx, latest.ID)
		}
		if domain.KindOf(err) == domain.KindNotFound {
			err = nil
		}
		return latest, err
	}
	return domain.Page{}, nil
}

// lastSeen says of which page the faults are, so that whoever knows that it is
// another by now knows what to do.
func lastSeen(faults []domain.FieldError, page domain.Page) []domain.FieldError {
	if page.Body == nil {
		return faults
	}
	out := make([]domain.FieldError, len(faults))
	for i, f := range faults {
		out[i] = domain.FieldError{Path: f.Path, Message: fmt.Sprintf("%s (page %d of %s; a sync fetches it anew)", f.Message, page.ID, page.FetchedAt.Format("2006-01-02 15:04 UTC"))}
	}
	return out
}

// below puts paths below another.
func below(path string, faults []domain.FieldError) []domain.FieldError {
	out := make([]domain.FieldError, len(faults))
	for i, f := range faults {
		out[i] = domain.FieldError{Path: path + "." + f.Path, Message: f.Message}
	}
	return out
}
