package fetch

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"testing"
	"unicode/utf8"
)

// FuzzBody reads bodies of any encoding and charset. Its limit holds, whatever
// they are.
func FuzzBody(f *testing.F) {
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write(make([]byte, 4000)); err != nil || w.Close() != nil {
		f.Fatal(err)
	}
	f.Add("gzip", "text/html", zipped.Bytes())
	f.Add("br", "text/html; charset=utf-16", []byte{0x0b, 0x02, 0x80, 'p', 'r', 'i', 'c', 'e', 0x03})
	f.Add("zstd", "", []byte{0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x00})
	f.Add("deflate, gzip", "text/markdown", []byte{0x78, 0x9c, 0x03, 0x00})
	f.Add("", "text/html; charset=shift_jis", []byte("<meta charset=gbk>\x82\xa0"))
	f.Fuzz(func(t *testing.T, encoding, contentType string, sent []byte) {
		const limit = 1000
		resp := &http.Response{
			Header:        http.Header{"Content-Encoding": {encoding}},
			ContentLength: -1,
			Body:          io.NopCloser(bytes.NewReader(sent)),
		}
		body, err := readDecoded(resp, limit)
		var wrong *encodingError
		if err != nil && !errors.Is(err, errTooLarge) && !errors.As(err, &wrong) {
			t.Fatalf("an error that nobody judges: %v", err)
		}
		if len(body) > limit {
			t.Fatalf("%d bytes of at most %d", len(body), limit)
		}
		page, named := toUTF8(body, contentType)
		if named != contentType && !utf8.Valid(page) {
			t.Fatalf("said to be UTF-8 and is not: %q", page)
		}
	})
}
