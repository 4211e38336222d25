// Package alert brings alerts to people: to chats, mail and pagers, through the
// services that shoutrrr knows. What is worth an alert is decided in domain, who
// was told of what in app; here are addresses, and nothing of an address ever
// leaves in an error or a name, since most hold a secret.
package alert

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/nicholas-fedor/shoutrrr/pkg/router"
	"github.com/nicholas-fedor/shoutrrr/pkg/types"

	"ratecard/domain"
	"ratecard/ports"
)

// sendWithin is how long a receiver may take.
const sendWithin = 20 * time.Second

// Messenger sends through services. It is a ports.Messenger.
type Messenger struct {
	receivers []receiver
}

type receiver struct {
	name    string
	address string
	service *router.ServiceRouter
}

var _ ports.Messenger = (*Messenger)(nil)

// New makes a Messenger from addresses as shoutrrr writes them, such as
// slack://token@channel or generic+https://host/path. KindInvalid where one is
// none, with its number and nothing of its text.
func New(addresses []string) (*Messenger, error) {
	m := &Messenger{}
	for i, address := range addresses {
		service, err := router.New(nil, address)
		if err != nil {
			return nil, domain.Errorf(domain.KindInvalid,
				"address %d is not allowed (%s); addresses of notification services are, such as slack://TOKEN@CHANNEL, smtp://USER:PASSWORD@HOST:587/?from=A&to=B or generic+https://HOST/PATH", i+1, scheme(address))
		}
		service.Timeout = sendWithin
		m.receivers = append(m.receivers, receiver{name: name(address), address: address, service: service})
	}
	return m, nil
}

// Split takes a list of addresses apart. A comma within an address, as between
// the chats of one, is followed by none.
func Split(list string) []string {
	var all []string
	for part := range strings.SplitSeq(list, ",") {
		switch part = strings.TrimSpace(part); {
		case part == "":
		case strings.Contains(part, "://") || len(all) == 0:
			all = append(all, part)
		default:
			all[len(all)-1] += "," + part
		}
	}
	return all
}

// name tells receivers apart: the service, and a few letters that stand for the
// address and do not lead back to it.
func name(address string) string {
	sum := sha256.Sum256([]byte(address))
	return scheme(address) + "-" + hex.EncodeToString(sum[:4])
}

func scheme(address string) string {
	service, _, _ := strings.Cut(address, "://")
	if len(service) > 20 || strings.ContainsFunc(service, func(r rune) bool { return (r < 'a' || r > 'z') && r != '+' }) {
		return "no service"
	}
	return service
}

// Receivers implements ports.Messenger.
func (m *Messenger) Receivers() []string {
	names := make([]string, len(m.receivers))
	for i, r := range m.receivers {
		names[i] = r.name
	}
	return names
}

// Send implements ports.Messenger.
func (m *Messenger) Send(ctx context.Context, to, title, text string) error {
	i := slices.IndexFunc(m.receivers, func(r receiver) bool { return r.name == to })
	if i < 0 {
		return domain.Errorf(domain.KindNotFound, "there is no receiver %s", to)
	}
	r := m.receivers[i]
	select {
	case err := <-r.service.SendAsync(text, &types.Params{types.TitleKey: title}):
		if err != nil {
			return domain.Errorf(domain.KindUpstream, "%s did not take the alert: %s", to, hide(err.Error(), r.address))
		}
		return nil
	case <-ctx.Done():
		return domain.Wrap(domain.KindUpstream, ctx.Err(), "%s took too long", to)
	}
}

// hide takes out of a text whatever stands in an address but its service.
func hide(text, address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "the reason would show its address"
	}
	secrets := []string{u.Host, u.Hostname(), u.User.Username(), strings.TrimPrefix(u.EscapedPath(), "/"), u.RawQuery}
	if password, set := u.User.Password(); set {
		secrets = append(secrets, password)
	}
	secrets = append(secrets, strings.Split(u.Path, "/")...)
	for _, values := range u.Query() {
		secrets = append(secrets, values...)
	}
	slices.SortFunc(secrets, func(a, b string) int { return len(b) - len(a) }) // the longer first, which hold others
	for _, s := range secrets {
		if len(s) > 2 {
			text = strings.ReplaceAll(text, s, "…")
			text = strings.ReplaceAll(text, url.QueryEscape(s), "…")
		}
	}
	return fmt.Sprintf("%.300s", strings.Join(strings.Fields(text), " "))
}
