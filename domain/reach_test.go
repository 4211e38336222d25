package domain_test

import (
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/domain"
)

// TestPublicAddress: every special range is refused at both of its ends, in all
// the forms in which IPv6 writes an IPv4 address; the neighbours are not.
func TestPublicAddress(t *testing.T) {
	for _, closed := range []string{
		"0.0.0.0", "0.255.255.255", "10.0.0.1", "10.255.255.255", "100.64.0.0", "100.127.255.255", "100.100.100.200",
		"127.0.0.1", "127.255.255.255", "169.254.0.1", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192",
		"192.0.2.1", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7",
		"224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255", "168.63.129.16",
		"::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "2001::1", "2002:7f00:1::",
		"::ffff:127.0.0.1", "::127.0.0.1", "64:ff9b::10.0.0.1", "64:ff9b:1::1", "64:ff9b::a9fe:a9fe", "fec0::1", "3fff::1", "5f00::1",
	} {
		if domain.PublicAddress(netip.MustParseAddr(closed)) {
			t.Errorf("%s is taken for public", closed)
		}
	}
	for _, open := range []string{
		"1.1.1.1", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "128.0.0.1", "169.253.255.255", "172.15.255.255",
		"172.32.0.0", "192.167.255.255", "192.169.0.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "168.63.129.17",
		"2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2001:200::1", "2003::1",
	} {
		if !domain.PublicAddress(netip.MustParseAddr(open)) {
			t.Errorf("%s is taken for not public", open)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		four := netip.AddrFrom4([4]byte(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "address")))
		mapped := netip.AddrFrom16(four.As16())
		if domain.PublicAddress(four) != domain.PublicAddress(mapped) {
			t.Fatalf("%s and %s differ", four, mapped)
		}
		if (four.IsPrivate() || four.IsLoopback() || four.IsMulticast() || four.IsLinkLocalUnicast()) && domain.PublicAddress(four) {
			t.Fatalf("%s is taken for public", four)
		}
	})
}

func TestReach(t *testing.T) {
	named, err := domain.ParseReach("prices.internal", "LOCALHOST:8080", "10.1.2.3", "[::1]:9000", "fd00::7")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		"https://example.com/x":          "",
		"http://1.1.1.1/":                "",
		"https://prices.internal:444/":   "",
		"http://localhost:8080/":         "",
		"http://localhost.:8080/":        "",
		"http://10.1.2.3:99/":            "",
		"http://[::ffff:10.1.2.3]/":      "",
		"http://[::1]:9000/":             "",
		"http://[fd00:0::7]/":            "",
		"http://localhost:8081/":         "not public",
		"http://a.localhost:8080/":       "not public",
		"http://127.0.0.1:8080/":         "not public",
		"http://127.1/":                  "not public",
		"http://2130706433/":             "not public",
		"http://0x7f.1/":                 "not public",
		"http://[::1]/":                  "not public",
		"http://[::ffff:7f00:1]/":        "not public",
		"http://169.254.169.254/latest/": "not public",
		"http://127.0.0.1./":             "not public",
		"http://0177.0.0.1/":             "not public",
		"http://017700000001/":           "not public",
		"http://0x7f000001/":             "not public",
		"http://0X7F.0.0.1/":             "not public",
		"http://127.0x1/":                "not public",
		"http://0/":                      "not public",
		"http://0.0.0.0/":                "not public",
		"http://0.1.2.3/":                "not public",
		"http://255.255.255.255/":        "not public",
		"http://224.0.0.251/":            "not public",
		"http://100.64.0.1/":             "not public",
		"http://192.168.1.1/":            "not public",
		"http://[::]/":                   "not public",
		"http://[fe80::1%25eth0]/":       "not public",
		"http://[2606:4700::1%25eth0]/":  "not public",
		"http://[fd00:ec2::254]/":        "not public",
		"http://[ff02::1]/":              "not public",
		"http://[64:ff9b::7f00:1]/":      "not public",
		"http://[2002:7f00:1::]/":        "not public",
		"http://[::127.0.0.1]/":          "not public",
		"http://metadata.google.internal/computeMetadata/v1/": "not public",
		"http://METADATA.google.internal./":                   "not public",
		"http://other.internal/":                              "not public",
		"http://nas.local/":                                   "not public",
		"http://localhost.localdomain/":                       "not public",
		"http://router.home.arpa/":                            "not public",
		"http://\uff11\uff12\uff17.0.0.1/":                    "in ASCII",
		"http://127\u30020\u30020\u30021/":                    "in ASCII",
		"http://%E2%93%9B%E2%93%9Ecalhost/":                   "in ASCII",
		"http://b\u00fccher.example/":                         "in ASCII",
		"https://xn--bcher-kva.example/":                      "",
		"https://prices.example./":                            "",
		"https://1.1.1.1./":                                   "",
		"https://local.example/":                              "",
		"https://0x7f.example/":                               "",
		"HTTPS://EXAMPLE.COM/":                                "",
		"ws://example.com/":                                   "expected http",
		"wss://example.com/":                                  "expected http",
		"gopher://example.com/":                               "expected http",
		"data:text/html,x":                                    "expected http",
		"javascript:alert(1)":                                 "expected http",
		"//example.com/":                                      "expected http",
		"https:///x":                                          "expected http",
		"https:example.com":                                   "expected http",
		"ftp://example.com/":                                  "expected http",
		"file:///etc/passwd":                                  "expected http",
		"https://me:secret@example.com/":                      "a user or a password",
		"https://me@example.com/":                             "a user or a password",
	} {
		u, err := url.Parse(address)
		if err != nil {
			t.Fatal(err)
		}
		err = named.Check(u)
		if want == "" && err != nil || want != "" && (domain.KindOf(err) != domain.KindInvalid || err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, want %q", address, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: the password is shown: %v", address, err)
		}
	}
	for _, entry := range []string{"", "https://x", "a/b", "*.example.com", "me@host", "host:", "b\u00fccher.example"} {
		if _, err := domain.ParseReach(entry); err == nil {
			t.Errorf("%q is taken for a host", entry)
		}
	}
}
