package api

import (
	"cmp"
	"encoding/xml"
	"net/url"
	"strconv"
	"strings"
	"time"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// feedPath is where the feed stands.
const feedPath = "/feeds/price-changes.atom"

// An atomFeed is a document of RFC 4287. What XML has no characters for comes out
// of encoding/xml as U+FFFD.
type atomFeed struct {
	XMLName xml.Name    `xml:"http://www.w3.org/2005/Atom feed"`
	Title   string      `xml:"title"`
	ID      string      `xml:"id"`
	Updated string      `xml:"updated"`
	Links   []atomLink  `xml:"link"`
	Author  string      `xml:"author>name"`
	Entries []atomEntry `xml:"entry"`
}

type atomEntry struct {
	Title    string       `xml:"title"`
	ID       string       `xml:"id"`
	Updated  string       `xml:"updated"`
	Category atomCategory `xml:"category"`
	Links    []atomLink   `xml:"link"`
	Content  atomText     `xml:"content"`
}

type atomLink struct {
	Rel  string `xml:"rel,attr"`
	Type string `xml:"type,attr"`
	Href string `xml:"href,attr"`
}

type atomCategory struct {
	Term string `xml:"term,attr"`
}

type atomText struct {
	Type string `xml:"type,attr"`
	Text string `xml:",chardata"`
}

// encodeFeed writes events of rates, the newest first, as a feed. Its links begin
// with the address at which people find this server; where none is set they begin
// with a slash, and lead to wherever the feed came from.
func encodeFeed(publicURL string, params oas.GetPriceChangesParams, events []domain.Event) ([]byte, error) {
	base := strings.TrimRight(publicURL, "/")
	asked := url.Values{}
	if len(params.Provider) > 0 {
		asked.Set("provider", strings.Join(params.Provider, ","))
	}
	if len(params.Model) > 0 {
		asked.Set("model", strings.Join(params.Model, ","))
	}
	feed := atomFeed{
		Title: "Price changes", Author: "ratecard", ID: "urn:ratecard:price-changes", Updated: atomTime(time.Unix(0, 0)),
	}
	if len(asked) > 0 {
		feed.ID += ":" + asked.Encode()
	}
	asked.Set("limit", strconv.Itoa(params.Limit.Value))
	feed.Links = []atomLink{{"self", "application/atom+xml", base + feedPath + "?" + asked.Encode()}}
	if len(events) > 0 {
		feed.Updated = atomTime(events[0].At)
	}
	for _, e := range events {
		if news, is := domain.NewsOf(e); is {
			feed.Entries = append(feed.Entries, encodeNews(base, e, news))
		}
	}
	body, err := xml.MarshalIndent(feed, "", "  ")
	return append([]byte(xml.Header), append(body, '\n')...), err
}

// encodeNews names an entry by its event's number and its instant to the microsecond:
// the number alone comes again in another database, or in one that was restored.
func encodeNews(base string, e domain.Event, news domain.News) atomEntry {
	pricing := base + "/api/models/" + url.PathEscape(e.Model) + "/pricing?provider=" + url.QueryEscape(string(e.Provider))
	entry := atomEntry{
		Title: news.Title, Updated: atomTime(e.At),
		ID:       "urn:ratecard:event:" + strconv.FormatInt(e.ID, 10) + "-" + strconv.FormatInt(e.At.UnixMicro(), 10),
		Category: atomCategory{string(e.Kind)},
		Links:    []atomLink{{"alternate", "application/json", pricing}},
		Content:  atomText{"text", newsText(e, news)},
	}
	if news.EvidenceID != 0 {
		entry.Links = append(entry.Links, atomLink{"related", "application/json", base + "/api/evidence/" + strconv.FormatInt(news.EvidenceID, 10)})
	}
	return entry
}

// newsText tells all that is known of it, a line for each thing.
func newsText(e domain.Event, news domain.News) string {
	var text strings.Builder
	for _, line := range [][2]string{
		{"provider", string(e.Provider)}, {"model", e.Model},
		{"tier", string(news.Tier)}, {"meter", string(news.Meter)}, {"region", string(news.Region)},
		{"from prompt tokens", strconv.FormatInt(news.MinPromptTokens, 10)},
		{"layer", string(news.Layer)}, {"unit", news.Unit},
		{"old amount", news.Old}, {"new amount", news.New},
		{"effective", news.Effective}, {"until", news.Until},
	} {
		text.WriteString(line[0] + ": " + cmp.Or(line[1], "-") + "\n")
	}
	return text.String()
}

func atomTime(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
