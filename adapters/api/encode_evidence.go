package api

import (
	"encoding/json"
	"fmt"

	"ratecard/domain"
	"ratecard/gen/oas"
)

func encodeEvidence(e domain.Evidence) *oas.Evidence {
	q := e.Quote
	return &oas.Evidence{
		ID:              e.ID,
		Provider:        string(e.Provider),
		Source:          e.Source,
		ConfigVersion:   e.ConfigVersion,
		Name:            q.Name,
		Tier:            string(q.Tier),
		Meter:           string(q.Meter),
		Region:          string(q.Region),
		MinPromptTokens: q.MinPromptTokens,
		Amount:          amount(q.Amount),
		Unit:            q.Meter.Unit(),
		From:            dateOrNull(q.From),
		Until:           dateOrNull(q.Until),
		StatedFrom:      e.Stated.From.UTC(),
		StatedTo:        timeOrNull(e.Stated.To),
		Place:           oas.Place(q.Place),
		Page:            encodePage(e.Page),
		Modifiers:       encodeAll(e.Modifiers, encodeModifier),
	}
}

func encodeSurroundings(s domain.Surroundings) oas.NilSurroundings {
	same := func(text string) string { return text }
	return oas.NewNilSurroundings(oas.Surroundings{
		Found: s.Found, Header: encodeAll(s.Header, same), Row: encodeAll(s.Row, same), Before: s.Before, After: s.After,
	})
}

func encodeModifier(e domain.ModifierEvidence) oas.Modifier {
	m := oas.Modifier{
		ID:            e.ID,
		Name:          e.Modifier.Name,
		What:          e.Modifier.What,
		Factor:        amount(e.Modifier.Factor),
		Text:          e.Modifier.Text,
		Source:        e.Source,
		ConfigVersion: e.ConfigVersion,
		StatedFrom:    e.Stated.From.UTC(),
		StatedTo:      timeOrNull(e.Stated.To),
		Place:         oas.Place(e.Modifier.Place),
		Page:          oas.NilModifierPage{Null: true},
	}
	if e.Page.ID != 0 {
		m.Page = oas.NewNilModifierPage(oas.ModifierPage{
			URL: e.Page.URL, FetchedAt: e.Page.FetchedAt.UTC(), SHA256: e.Page.SHA256, ContentType: e.Page.ContentType,
		})
	}
	return m
}

// encodePage is null where no page is kept.
func encodePage(p domain.Page) oas.NilPageInfo {
	if p.ID == 0 {
		return oas.NilPageInfo{Null: true}
	}
	return oas.NewNilPageInfo(oas.PageInfo{
		URL:         p.URL,
		FetchedAt:   p.FetchedAt.UTC(),
		SHA256:      p.SHA256,
		ContentType: p.ContentType,
		Size:        len(p.Body),
	})
}

// encodeEventPage gives the id of the last event as the cursor, and the one
// asked with where nothing is new.
func encodeEventPage(events []domain.Event, after int64) (*oas.EventPage, error) {
	items, err := encodeEach(events, encodeEvent)
	if err != nil {
		return nil, err
	}
	if n := len(events); n > 0 {
		after = events[n-1].ID
	}
	return &oas.EventPage{Items: items, NextCursor: after}, nil
}

func encodeEvent(e domain.Event) (oas.Event, error) {
	payload, err := encodePayload(e.Payload)
	if err != nil {
		return oas.Event{}, fmt.Errorf("event %d: %w", e.ID, err)
	}
	return oas.Event{
		ID:       e.ID,
		At:       e.At.UTC(),
		Kind:     string(e.Kind),
		Provider: textOrNull(e.Provider),
		Model:    textOrNull(e.Model),
		Payload:  payload,
	}, nil
}

// encodePayload writes it in one order of its keys, so that the same events are the
// same bytes, under one ETag.
func encodePayload(payload any) (json.RawMessage, error) {
	text, err := json.Marshal(payload)
	if err != nil {
		return nil, fmt.Errorf("writing its payload: %w", err)
	}
	if text[0] != '{' {
		return nil, fmt.Errorf("its payload is no JSON object: %.40s", text)
	}
	return text, nil
}
