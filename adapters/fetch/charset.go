package fetch

import (
	"bytes"
	"mime"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/charset"
)

// toUTF8 gives a page in UTF-8, with a content type that says so. What a header
// or a byte order mark declares holds; a mere guess (a meta element, or nothing
// at all) does not stand against a body that is UTF-8 from end to end.
func toUTF8(body []byte, contentType string) ([]byte, string) {
	media, params, err := mime.ParseMediaType(contentType)
	if err == nil && !isText(media) {
		return body, contentType
	}
	encoding, name, certain := charset.DetermineEncoding(body[:min(len(body), 1024)], contentType)
	if name == "utf-8" || !certain && utf8.Valid(body) {
		return bytes.TrimPrefix(body, []byte("\ufeff")), contentType
	}
	converted, convErr := encoding.NewDecoder().Bytes(body)
	if convErr != nil {
		return body, contentType
	}
	if err == nil {
		params["charset"] = "utf-8"
		contentType = mime.FormatMediaType(media, params)
	}
	return bytes.TrimPrefix(converted, []byte("\ufeff")), contentType
}

func isText(media string) bool {
	return media == "" || strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+xml") || strings.HasSuffix(media, "/xml")
}
