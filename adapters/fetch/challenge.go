package fetch

import (
	"bytes"
	"net/http"
)

// largestChallenge is more than any page has that only tests a browser.
const largestChallenge = 256 << 10

// riddles are what stands in pages that test browsers, and in no other: scripts
// that guards lay into ordinary pages as well prove nothing.
var riddles = [][]byte{
	[]byte("_cf_chl_opt"), []byte("<title>just a moment...</title>"), // Cloudflare
	[]byte("captcha-delivery.com"), // DataDome
	[]byte(`id="px-captcha"`),      // HUMAN
	[]byte("awswafintegration"),    // AWS
}

// challenged reports whether a page is not the one asked for but a riddle that a
// browser has to solve first, under whatever status it comes.
func challenged(header http.Header, body []byte) bool {
	if header.Get("Cf-Mitigated") == "challenge" {
		return true
	}
	if len(body) > largestChallenge {
		return false
	}
	body = bytes.ToLower(body)
	for _, riddle := range riddles {
		if bytes.Contains(body, riddle) {
			return true
		}
	}
	return false
}

// challengedRefusal looks at the body of an answer that is none of the page's own;
// only at its beginning, which says what it is.
func challengedRefusal(resp *http.Response) bool {
	body, err := readDecoded(resp, largestChallenge)
	return challenged(resp.Header, body) && (err == nil || resp.Header.Get("Cf-Mitigated") != "")
}
