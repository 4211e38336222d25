package demosite

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	htmltemplate "html/template"
	"io"
	"net/http"
	"strings"

	"github.com/shopspring/decimal"

	"ratecard/domain"
)

const (
	markdownType = "text/markdown; charset=utf-8"
	htmlType     = "text/html; charset=utf-8"
)

// renderer is a template of either kind.
type renderer interface {
	Execute(w io.Writer, data any) error
}

// page serves a template's page of the day. It has an ETag and the day as
// Last-Modified, and answers 304 to who has it already.
func (s *Site) page(t renderer, contentType string, sheet func(day) any) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		today := s.today()
		var body bytes.Buffer
		if err := t.Execute(&body, sheet(today)); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		sum := sha256.Sum256(body.Bytes())
		w.Header().Set("ETag", `"`+hex.EncodeToString(sum[:8])+`"`)
		w.Header().Set("Content-Type", contentType)
		http.ServeContent(w, r, "", today.date.Start(), bytes.NewReader(body.Bytes()))
	}
}

// htmlPage reads a page's template.
func htmlPage(text string) *htmltemplate.Template {
	return htmltemplate.Must(htmltemplate.New("html").Funcs(htmltemplate.FuncMap{"slug": slug}).Parse(text))
}

// dollars prints an amount as price pages do: cents unless it is whole, and
// more where there are more.
func dollars(d decimal.Decimal) string {
	if d.IsInteger() {
		return "$" + d.StringFixed(0)
	}
	return "$" + cents(d)
}

// cents prints an amount with its cents, and more where there are more.
func cents(d decimal.Decimal) string {
	if d.Equal(d.Round(2)) {
		return d.StringFixed(2)
	}
	return d.String()
}

// long prints a date as American pages do.
func long(d domain.Date) string { return d.Start().Format("January 2, 2006") }

// slug is the anchor of a heading.
func slug(heading string) string { return strings.ReplaceAll(strings.ToLower(heading), " ", "-") }
