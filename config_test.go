package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ratecard/adapters/cached"
	"ratecard/domain"
)

func TestRetentionSetting(t *testing.T) {
	read := func(value string) (config, error) {
		return readConfig(func(name string) (string, bool) {
			if name != "PRICING_RETENTION_MONTHS" || value == "unset" {
				return "", false
			}
			return value, true
		})
	}
	for value, want := range map[string]int{"unset": 0, "": 0, "0": 0, "12": 12, " 13 ": 13, "120": 120, "1200": 1200} {
		if c, err := read(value); err != nil || c.retention != want {
			t.Errorf("%q: kept for %d months, %v; want %d", value, c.retention, err, want)
		}
	}
	for _, value := range []string{
		"1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "-1", "-12", "1201", "99999999999999999999", "12.5", "1e2", "0x10", "a year", "12 months",
	} {
		_, err := read(value)
		var wrong *domain.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != "PRICING_RETENTION_MONTHS" {
			t.Errorf("%q: got %v, want the variable refused", value, err)
			continue
		}
		for _, part := range []string{value, "0 (for ever)", "12"} {
			if !strings.Contains(wrong.Fields[0].Message, part) {
				t.Errorf("%q: %q does not say %q", value, wrong.Fields[0].Message, part)
			}
		}
	}
}

func TestTrustedProxiesSetting(t *testing.T) {
	read := func(value string) (config, error) {
		return readConfig(func(name string) (string, bool) {
			if name != "RATECARD_TRUSTED_PROXIES" {
				return "", false
			}
			return value, true
		})
	}
	c, err := read(" 10.0.0.7, 192.168.3.4/16 ,2001:db8::/32,")
	if want := "[10.0.0.7/32 192.168.0.0/16 2001:db8::/32]"; err != nil || fmt.Sprint(c.trustedProxies) != want {
		t.Errorf("got %v, %v; want %s", c.trustedProxies, err, want)
	}
	for _, value := range []string{"proxy.example", "10.0.0.0/33", "10.0.0", "10.0.0.1:80", "*"} {
		_, err := read(value)
		var wrong *domain.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != "RATECARD_TRUSTED_PROXIES" || !strings.Contains(wrong.Fields[0].Message, value) {
			t.Errorf("%q: got %v, want the variable refused", value, err)
		}
	}
}

// TestWhereToSettings: hosts of the operator's own network and proxies, in either
// spelling; a wrong proxy is refused without its password.
func TestWhereToSettings(t *testing.T) {
	read := func(env map[string]string) (config, error) {
		return readConfig(func(name string) (string, bool) { value, set := env[name]; return value, set })
	}
	c, err := read(map[string]string{
		"RATECARD_ALLOWED_HOSTS": " prices.internal, 10.0.0.7:8080 ,[::1],", "HTTPS_PROXY": "proxy.internal:3128",
		"http_proxy": "https://me:sesame@proxy.internal", "NO_PROXY": ".internal",
	})
	if err != nil || !c.reach.Names("Prices.Internal", "1") || !c.reach.Names("10.0.0.7", "8080") || !c.reach.Names("::1", "443") || c.reach.Names("10.0.0.7", "80") {
		t.Errorf("got %+v, %v", c.reach, err)
	}
	if o := c.outbound; o.HTTPSProxy != "http://proxy.internal:3128" || o.HTTPProxy != "https://me:sesame@proxy.internal" || o.NoProxy != ".internal" {
		t.Errorf("got %+v", o)
	}
	for name, value := range map[string]string{"RATECARD_ALLOWED_HOSTS": "a.example,https://b.example/", "HTTP_PROXY": "socks5://me:sesame@proxy.internal", "https_proxy": "http://"} {
		_, err := read(map[string]string{name: value})
		var wrong *domain.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != strings.ToUpper(name) || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s=%q: got %v, want the variable refused", name, value, err)
		}
	}
}

// TestSharedSettings: where a Valkey is, which may stand in a file, and for how long
// is kept what is copied there; a wrong address is refused without its password.
func TestSharedSettings(t *testing.T) {
	read := func(env map[string]string) (config, error) {
		return readConfig(func(name string) (string, bool) { value, set := env[name]; return value, set })
	}
	file := filepath.Join(t.TempDir(), "valkey")
	if err := os.WriteFile(file, []byte("valkey://:sesame@cache.internal\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	usual := cached.Lifetimes{Models: time.Hour, Prices: time.Hour, Fallback: 7 * 24 * time.Hour}
	if c, err := read(nil); err != nil || c.valkeyURL != "" || c.lifetimes != usual {
		t.Errorf("nothing set: %+v, %v", c, err)
	}
	c, err := read(map[string]string{"VALKEY_URL_FILE": file, "MODEL_CACHE_TTL": "60", "PRICING_CACHE_TTL": "1", "FALLBACK_CACHE_TTL": "31536000"})
	if want := (cached.Lifetimes{Models: time.Minute, Prices: time.Second, Fallback: 365 * 24 * time.Hour}); err != nil || c.valkeyURL != "valkey://:sesame@cache.internal" || c.lifetimes != want {
		t.Errorf("got %q, %+v, %v", c.valkeyURL, c.lifetimes, err)
	}
	for name, value := range map[string]string{
		"VALKEY_URL": "http://:sesame@cache.internal", "MODEL_CACHE_TTL": "0", "PRICING_CACHE_TTL": "1h", "FALLBACK_CACHE_TTL": "31536001",
	} {
		_, err := read(map[string]string{name: value})
		var wrong *domain.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != name || strings.Contains(err.Error(), "sesame") {
			t.Errorf("%s=%q: got %v, want the variable refused", name, value, err)
		}
	}
}

// TestAlertAddresses: whoever is to be told is named without the secret in the
// address, also where the address is wrong.
func TestAlertAddresses(t *testing.T) {
	read := func(value string) (config, error) {
		return readConfig(func(name string) (string, bool) {
			if name != "RATECARD_ALERT_URLS" {
				return "", false
			}
			return value, true
		})
	}
	c, err := read("generic+https://alerts.example/sesame, telegram://1:sesame-sesame-sesame-sesame-sesame-ses@telegram?chats=@a,@b")
	if err != nil || len(c.messenger.Receivers()) != 2 || strings.Contains(strings.Join(c.messenger.Receivers(), " "), "sesame") {
		t.Errorf("%v", err)
	}
	if c, err := read(" , "); err != nil || c.messenger != nil {
		t.Errorf("nobody: %v", err)
	}
	_, err = read("pigeon://sesame")
	var wrong *domain.Error
	if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != "RATECARD_ALERT_URLS" || strings.Contains(fmt.Sprint(wrong), "sesame") {
		t.Errorf("got %v, want the variable refused", err)
	}
}

func TestStreamSettings(t *testing.T) {
	read := func(env map[string]string) (config, error) {
		return readConfig(func(name string) (string, bool) { value, set := env[name]; return value, set })
	}
	for value, want := range map[string]int{"0": 0, " 7 ": 7, "100000": 100_000} {
		if c, err := read(map[string]string{"RATECARD_STREAMS": value}); err != nil || c.streams != want {
			t.Errorf("%q: %d, %v", value, c.streams, err)
		}
	}
	if c, err := read(nil); err != nil || c.streams != usualStreams {
		t.Errorf("unset: %d, %v", c.streams, err)
	}
	for _, value := range []string{"-1", "many", "1.5", "100001"} {
		_, err := read(map[string]string{"RATECARD_STREAMS": value})
		var wrong *domain.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != "RATECARD_STREAMS" || !strings.Contains(wrong.Fields[0].Message, "0 to 100000") {
			t.Errorf("%q: got %v, want the variable refused", value, err)
		}
	}
}

func TestLimitSettings(t *testing.T) {
	read := func(env map[string]string) (config, error) {
		return readConfig(func(name string) (string, bool) { value, set := env[name]; return value, set })
	}
	if c, err := read(nil); err != nil || c.keyLimit != usualKeyLimit || c.anonymousLimit != usualAnonymousLimit {
		t.Errorf("unset: %d and %d, %v", c.keyLimit, c.anonymousLimit, err)
	}
	if c, err := read(map[string]string{"RATECARD_RATE_LIMIT": "0", "RATECARD_ANONYMOUS_RATE_LIMIT": " 30 "}); err != nil || c.keyLimit != 0 || c.anonymousLimit != 30 {
		t.Errorf("set: %d and %d, %v", c.keyLimit, c.anonymousLimit, err)
	}
	for _, value := range []string{"-1", "many", "1.5", "1000000001", "60/s"} {
		for _, name := range []string{"RATECARD_RATE_LIMIT", "RATECARD_ANONYMOUS_RATE_LIMIT"} {
			_, err := read(map[string]string{name: value})
			var wrong *domain.Error
			if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != name || !strings.Contains(wrong.Fields[0].Message, "a minute") {
				t.Errorf("%s=%s: got %v, want the variable refused", name, value, err)
			}
		}
	}
}

func TestOriginsSetting(t *testing.T) {
	read := func(value string) (config, error) {
		return readConfig(func(name string) (string, bool) {
			if name != "RATECARD_CORS_ORIGINS" {
				return "", false
			}
			return value, true
		})
	}
	if c, err := read(" https://Dash.example, http://localhost:3000 ,"); err != nil || fmt.Sprint(c.corsOrigins) != "[https://dash.example http://localhost:3000]" {
		t.Errorf("got %v, %v", c.corsOrigins, err)
	}
	if c, err := read("*"); err != nil || fmt.Sprint(c.corsOrigins) != "[*]" {
		t.Errorf("got %v, %v", c.corsOrigins, err)
	}
	for _, value := range []string{"dash.example", "https://dash.example/", "https://dash.example/page", "null", "ftp://dash.example", "https://*.example/x", "https://me@dash.example?"} {
		_, err := read(value)
		var wrong *domain.Error
		if !errors.As(err, &wrong) || len(wrong.Fields) != 1 || wrong.Fields[0].Path != "RATECARD_CORS_ORIGINS" || !strings.Contains(wrong.Fields[0].Message, value) {
			t.Errorf("%q: got %v, want the variable refused", value, err)
		}
	}
}

// TestGoSettings: what somebody has told Go itself is left as it is.
func TestGoSettings(t *testing.T) {
	for name, test := range map[string]struct {
		set           map[string]string
		spare, seldom bool
	}{
		"nothing":   {nil, true, true},
		"empty":     {map[string]string{"GOMAXPROCS": "", "GOGC": ""}, true, true},
		"threads":   {map[string]string{"GOMAXPROCS": "4"}, false, true},
		"collected": {map[string]string{"GOGC": "100"}, true, false},
		"never":     {map[string]string{"GOGC": "off", "GOMEMLIMIT": "300MiB"}, true, false},
	} {
		c, err := readConfig(func(name string) (string, bool) {
			value, set := test.set[name]
			return value, set
		})
		if err != nil || c.spare != test.spare || c.seldom != test.seldom {
			t.Errorf("%s: spare %t, seldom %t, %v", name, c.spare, c.seldom, err)
		}
	}
}
