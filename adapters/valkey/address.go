package valkey

import (
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/valkey-io/valkey-go"

	"ratecard/domain"
)

// expected says what an address is. What was given instead is never shown: it may
// hold a password.
const expected = "it is not the address of a Valkey or a Redis; such as valkey://user:password@host:6379/0 is " +
	"(valkeys:// with TLS; redis:// and rediss:// mean the same; unix:///path/to/socket)"

// CheckURL sees that an address can be used: KindInvalid where it cannot.
func CheckURL(address string) error {
	_, err := parse(address)
	return err
}

func parse(address string) (valkey.ClientOption, error) {
	wrong := domain.Errorf(domain.KindInvalid, expected)
	u, err := url.Parse(address)
	if err != nil || !slices.Contains([]string{"valkey", "valkeys", "redis", "rediss", "unix"}, u.Scheme) {
		return valkey.ClientOption{}, wrong
	}
	if u.Scheme == "unix" && u.Path == "" || u.Scheme != "unix" && (u.Hostname() == "" || !isPort(u.Port())) {
		return valkey.ClientOption{}, wrong
	}
	option, err := valkey.ParseURL(address)
	if err != nil || option.SelectDB < 0 {
		return valkey.ClientOption{}, wrong
	}
	return option, nil
}

func isPort(text string) bool {
	if text == "" {
		return true
	}
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

// where names a server for messages, without user and password.
func where(option valkey.ClientOption) string {
	at := make([]string, len(option.InitAddress))
	for i, address := range option.InitAddress {
		host, port, err := net.SplitHostPort(address)
		if at[i] = address; err == nil {
			at[i] = net.JoinHostPort(host, port)
		}
	}
	return strings.Join(at, ", ")
}
