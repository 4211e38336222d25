package match_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"ratecard/domain"
	"ratecard/domain/match"
)

func list(ids ...string) []domain.Model {
	out := make([]domain.Model, len(ids))
	for i, id := range ids {
		out[i].ID = id
	}
	return out
}

func assign(models []domain.Model, names ...string) []match.Pair {
	return match.Assign(models, match.Page{Names: names})
}

func one(t *testing.T, m domain.Model, names ...string) match.Pair {
	t.Helper()
	pairs := assign([]domain.Model{m}, names...)
	if len(pairs) != 1 || pairs[0].ModelID != m.ID {
		t.Fatalf("Assign(%s) = %v, want one pair for it", m.ID, pairs)
	}
	return pairs[0]
}

// TestSpellings: one model, spelled as an id and as people print it.
func TestSpellings(t *testing.T) {
	for _, c := range []struct {
		id, name string
		how      match.How
	}{
		{"claude-sonnet-4-5-20250929", "Claude Sonnet 4.5", match.Snapshot},
		{"claude-3-5-haiku-20241022", "Claude Haiku 3.5", match.Snapshot},
		{"claude-3-5-haiku-20241022", "Claude 3.5 Haiku", match.Snapshot},
		{"claude-3-opus-20240229", "Claude Opus 3", match.Snapshot},
		{"claude-opus-4-1-20250805", "Claude Opus 4.1", match.Snapshot},
		{"claude-opus-4-20250514", "Claude Opus 4", match.Snapshot},
		{"claude-opus-4-8", "Claude Opus 4.8", match.Same},
		{"claude-fable-5", "Claude Fable 5", match.Same},
		{"claude-2.0", "Claude 2", match.Same},
		{"claude-2.1", "Claude 2.1", match.Same},
		{"claude-opus-4-10", "Claude Opus 4.10", match.Same},
		{"claude-3-5-sonnet-20241022", "Claude Sonnet 3.5 2024-10-22", match.Same},
		{"gpt-4o", "gpt-4o", match.Exact},
		{"gpt-4o", "GPT-4o", match.Exact},
		{"gpt-4o", "GPT 4o", match.Same},
		{"gpt-4o-mini", "GPT‑4o mini", match.Same},
		{"gpt-4o-2024-08-06", "gpt-4o", match.Snapshot},
		{"gpt-3.5-turbo-instruct-0914", "gpt-3.5-turbo-instruct", match.Snapshot},
		{"gpt-4-1106-preview", "gpt-4-1106-preview", match.Exact},
		{"o3-2025-04-16", "o3", match.Snapshot},
		{"gemini-2.0-flash-001", "gemini-2.0-flash", match.Snapshot},
		{"gemini-2.5-flash-lite", "Gemini 2.5 Flash-Lite", match.Same},
		{"gemini-2.5-flash-preview-09-2025", "gemini-2.5-flash-preview-09-2025", match.Exact},
		{"gemini-3-pro-image-preview", "Gemini 3 Pro Image Preview 🍌", match.Same},
		{"grok-4-0709", "grok-4-0709", match.Exact},
		{"grok-4-1-fast-reasoning", "Grok 4.1 Fast Reasoning", match.Same},
		{"llama-3-70b", "Llama 3 70B", match.Same},
		{"deepseek-v3.1", "DeepSeek V3.1", match.Same},
	} {
		if got := one(t, domain.Model{ModelKey: domain.ModelKey{ID: c.id}}, "Another Model 9", c.name); got.Name != c.name || got.How != c.how {
			t.Errorf("%s: got %q by %q, want %q by %q", c.id, got.Name, got.How, c.name, c.how)
		}
	}
}

// TestNeighbours: near neighbours that are other models, both ways round.
func TestNeighbours(t *testing.T) {
	for _, c := range [][2]string{
		{"claude-opus-4-1-20250805", "Claude Opus 4"},
		{"claude-opus-4-20250514", "Claude Opus 4.1"},
		{"claude-opus-4-5", "Claude Opus 4"},
		{"claude-3-5-haiku-20241022", "Claude Haiku 3"},
		{"claude-3-haiku-20240307", "Claude Haiku 3.5"},
		{"claude-3-5-sonnet-20241022", "Claude Haiku 3.5"},
		{"claude-sonnet-4-5", "Claude Opus 4.5"},
		{"claude-sonnet-4-5-20250929", "Claude Sonnet 5"},
		{"claude-2.1", "Claude 2.0"},
		{"claude-3-5-sonnet-20241022", "Claude Sonnet 3.5 2024-06-20"},
		{"claude-mythos-preview", "Claude Mythos 5"},
		{"gpt-4o", "gpt-4o-mini"},
		{"gpt-4o-mini", "gpt-4o"},
		{"gpt-4", "gpt-4-0613"},
		{"mistral-large", "Mistral Large 2411"},
		{"nova-pro", "nova-pro-v1:0"},
		{"qwen-3-32b", "Qwen2 32B"},
		{"gpt-4", "gpt-4o"},
		{"gpt-4-turbo", "gpt-4-turbo-2024-04-09"},
		{"gpt-4-turbo-preview", "gpt-4-turbo"},
		{"gpt-4-0613", "gpt-4-0314"},
		{"gpt-4.1", "gpt-4"},
		{"gpt-5", "gpt-5.1"},
		{"gpt-5-codex", "gpt-5"},
		{"gpt-5-chat-latest", "gpt-5"},
		{"gpt-3.5-turbo-16k", "gpt-3.5-turbo"},
		{"gpt-3.5-turbo-16k", "gpt-3.5-turbo-16k-0613"},
		{"gpt-audio-1.5", "gpt-audio"},
		{"gpt-image-1-mini", "gpt-image-1"},
		{"o1", "o1-pro"},
		{"o1-mini", "o1"},
		{"o3", "o4-mini"},
		{"tts-1-hd", "tts-1"},
		{"gemini-2.5-flash-preview-tts", "gemini-2.5-flash"},
		{"gemini-2.5-flash-lite", "gemini-2.5-flash"},
		{"gemini-2.0-flash-lite-preview-02-05", "gemini-2.0-flash-lite"},
		{"gemini-2.5-flash-image-preview", "gemini-2.5-flash-image"},
		{"gemini-2.5-flash-native-audio-preview-09-2025", "gemini-2.5-flash-native-audio-preview-12-2025"},
		{"gemini-flash-latest", "gemini-2.5-flash"},
		{"text-embedding-004", "gemini-embedding-001"},
		{"grok-4-1-fast-reasoning", "grok-4-fast-reasoning"},
		{"grok-4-fast-reasoning", "grok-4-fast-non-reasoning"},
		{"grok-2-image-1212", "grok-2-1212"},
		{"llama-3-8b", "llama-3-70b"},
		{"text-embedding-3-small", "text-embedding-3-large"},
	} {
		if got := one(t, domain.Model{ModelKey: domain.ModelKey{ID: c[0]}}, c[1]); got.Name != "" || got.How != "" {
			t.Errorf("%s was paired with %q (%s): they are two models", c[0], got.Name, got.How)
		}
	}
}

func TestOwnRowBeforeBase(t *testing.T) {
	got := assign(list("gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "gpt-4o"), "gpt-4o", "gpt-4o-2024-05-13", "gpt-4o")
	want := []match.Pair{{"gpt-4o-2024-05-13", "gpt-4o-2024-05-13", match.Exact}, {"gpt-4o-2024-08-06", "gpt-4o", match.Snapshot}, {"gpt-4o", "gpt-4o", match.Exact}}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestTieIsNoMatch(t *testing.T) {
	if got := one(t, list("claude-opus-4-20250514")[0], "Claude Opus 4", "Claude 4 Opus"); got.Name != "" {
		t.Errorf("two rows fit equally well, yet %q was taken", got.Name)
	}
}

func TestAlias(t *testing.T) {
	m := domain.Model{ModelKey: domain.ModelKey{ID: "alpha-3-0711"}, Aliases: []string{"beta", "alpha-latest"}}
	if got := one(t, m, "Alpha Latest", "gamma"); got.Name != "Alpha Latest" || got.How != match.Alias {
		t.Errorf("got %+v, want the row of the alias", got)
	}
	if got := one(t, m, "Alpha Latest", "beta"); got.Name != "" {
		t.Errorf("its aliases mean two rows, yet %q was taken", got.Name)
	}
}

// TestStatedAliases: an id that the list or the page says means another model
// takes that one's row, and only where they do not contradict each other.
func TestStatedAliases(t *testing.T) {
	dated := domain.Model{ModelKey: domain.ModelKey{ID: "gpt-4-0613"}, Aliases: []string{"gpt-4"}}
	bare := list("gpt-4")[0]
	for what, c := range map[string]struct {
		models []domain.Model
		page   match.Page
		want   match.Pair // of gpt-4
	}{
		"nothing is said":        {[]domain.Model{bare, list("gpt-4-0613")[0]}, match.Page{Names: []string{"gpt-4-0613"}}, match.Pair{ModelID: "gpt-4"}},
		"the list says it":       {[]domain.Model{bare, dated}, match.Page{Names: []string{"gpt-4-0613"}}, match.Pair{ModelID: "gpt-4", Name: "gpt-4-0613", How: match.Alias}},
		"the page says it":       {[]domain.Model{bare}, match.Page{Names: []string{"gpt-4-0613"}, Aliases: map[string][]string{"gpt-4-0613": {"gpt-4"}}}, match.Pair{ModelID: "gpt-4", Name: "gpt-4-0613", How: match.Alias}},
		"its own row is first":   {[]domain.Model{bare, dated}, match.Page{Names: []string{"gpt-4-0613", "GPT-4"}}, match.Pair{ModelID: "gpt-4", Name: "GPT-4", How: match.Exact}},
		"they say two things":    {[]domain.Model{bare, dated}, match.Page{Names: []string{"gpt-4-0613", "gpt-4-0314"}, Aliases: map[string][]string{"gpt-4-0314": {"gpt-4"}}}, match.Pair{ModelID: "gpt-4"}},
		"the page says two":      {[]domain.Model{bare}, match.Page{Names: []string{"gpt-4-0613", "gpt-4-0314"}, Aliases: map[string][]string{"gpt-4-0314": {"gpt-4"}, "gpt-4-0613": {"gpt-4"}}}, match.Pair{ModelID: "gpt-4"}},
		"both say the same":      {[]domain.Model{bare, dated}, match.Page{Names: []string{"gpt-4-0613"}, Aliases: map[string][]string{"gpt-4-0613": {"gpt-4"}}}, match.Pair{ModelID: "gpt-4", Name: "gpt-4-0613", How: match.Alias}},
		"an alias of an alias":   {[]domain.Model{bare, dated}, match.Page{Names: []string{"other"}, Aliases: map[string][]string{"other": {"gpt-4-0613"}}}, match.Pair{ModelID: "gpt-4", Name: "other", How: match.Alias}},
		"its row is not printed": {[]domain.Model{bare, dated}, match.Page{Names: []string{"gpt-5"}}, match.Pair{ModelID: "gpt-4"}},
	} {
		if got := match.Assign(c.models, c.page)[0]; got != c.want {
			t.Errorf("%s: got %+v, want %+v", what, got, c.want)
		}
	}
}

// TestImpliedWords: a page need not repeat the family that all ids have, and
// may say who sells; neither makes two models one.
func TestImpliedWords(t *testing.T) {
	sold := func(provider domain.ProviderID, ids ...string) []domain.Model {
		models := list(ids...)
		for i := range models {
			models[i].Provider = provider
		}
		return models
	}
	for what, c := range map[string]struct {
		models []domain.Model
		names  []string
		want   string // of the first model
	}{
		"the family goes without saying": {sold("acme", "claude-opus-4-5", "claude-opus-4-1", "claude-haiku-4-5"), []string{"Opus 4.5", "Haiku 4.5"}, "Opus 4.5"},
		"said in full it is surer":       {sold("acme", "claude-opus-4-5", "claude-opus-4-1", "claude-haiku-4-5"), []string{"Opus 4.5", "Claude Opus 4.5"}, "Claude Opus 4.5"},
		"a version alone is not enough":  {sold("acme", "grok-4", "grok-3", "grok-2"), []string{"4"}, ""},
		"the ids have no common family":  {sold("acme", "gpt-5-mini", "o3-mini", "sora-2"), []string{"5 mini"}, ""},
		"two ids are no family":          {sold("acme", "claude-opus-4-5", "claude-opus-4-1"), []string{"Opus 4.5"}, ""},
		"another version":                {sold("acme", "claude-opus-4-5", "claude-opus-4-1", "claude-haiku-4-5"), []string{"Opus 4"}, ""},
		"who sells it":                   {sold("openai", "o3", "o3-mini"), []string{"OpenAI o3", "OpenAI o3-mini"}, "OpenAI o3"},
		"who sells it, and nothing else": {sold("openai", "openai", "o3-mini"), []string{"OpenAI o3"}, ""},
		"another seller":                 {sold("openai", "o3", "o3-mini"), []string{"Azure o3"}, ""},
	} {
		if got := assign(c.models, c.names...)[0]; got.Name != c.want {
			t.Errorf("%s: got %q by %q, want %q", what, got.Name, got.How, c.want)
		}
	}
}

func TestDisplayName(t *testing.T) {
	for _, c := range []struct{ id, display, name, want string }{
		{"x7", "Claude Opus 4.1", "Claude Opus 4.1", "Claude Opus 4.1"},                                     // the id says nothing
		{"gemini-2.5-flash-lite", "Gemini 2.5 Flash", "Gemini 2.5 Flash", ""},                               // the id says more
		{"claude-opus-4-1", "Claude Opus 4", "Claude Opus 4", ""},                                           // the id says otherwise
		{"claude-3-5-sonnet-20240620", "Claude Sonnet 3.5 (Old)", "Claude Sonnet 3.5", "Claude Sonnet 3.5"}, // they agree
		{"sonnet-4", "Opus 4", "Opus 4", ""},
	} {
		m := domain.Model{ModelKey: domain.ModelKey{ID: c.id}, DisplayName: c.display}
		if c.id == "x7" {
			m.ID = "x" // an id without a version of its own
		}
		if got := one(t, m, c.name); got.Name != c.want {
			t.Errorf("%s (%s) with row %q: got %q, want %q", m.ID, c.display, c.name, got.Name, c.want)
		}
	}
}

// TestEveryIDComesOut: whatever the list and the page, each id has one pair in
// its place, its name is one of the page's, and a base never takes a dated row.
func TestEveryIDComesOut(t *testing.T) {
	word := rapid.SampledFrom([]string{"alpha", "beta", "mini", "pro", "4", "4.5", "4-5", "20250101", "2025-01-01", "0613", "001", "preview", "latest", "32k"})
	text := rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(word, 1, 5).Draw(t, "words"), rapid.SampledFrom([]string{"-", " "}).Draw(t, "separator"))
	})
	rapid.Check(t, func(t *rapid.T) {
		ids := rapid.SliceOf(text).Draw(t, "ids")
		names := rapid.SliceOf(text).Draw(t, "names")
		pairs := assign(list(ids...), names...)
		if len(pairs) != len(ids) {
			t.Fatalf("%d ids, %d pairs", len(ids), len(pairs))
		}
		for i, p := range pairs {
			if p.ModelID != ids[i] || (p.Name == "") != (p.How == "") {
				t.Fatalf("pair %d of %q is %+v", i, ids[i], p)
			}
			if p.Name == "" {
				continue
			}
			if !slices.Contains(names, p.Name) {
				t.Fatalf("%q is no name of the page", p.Name)
			}
			a, b := match.Parse(p.ModelID), match.Parse(p.Name)
			if a.Base() != b.Base() || b.Snapshot != "" && a.Snapshot != b.Snapshot {
				t.Fatalf("%q took the row of %q", p.ModelID, p.Name)
			}
		}
	})
}

// TestOrderOfWords: where an id and a name put their words and the version
// does not matter.
func TestOrderOfWords(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		family := rapid.StringMatching(`[a-z]{3,8}`).Draw(t, "family")
		variant := rapid.StringMatching(`[a-z]{3,8}`).Draw(t, "variant")
		major := rapid.IntRange(1, 20).Draw(t, "major")
		minor := rapid.IntRange(1, 12).Draw(t, "minor")
		parts := []string{variant, fmt.Sprintf("%d-%d", major, minor)}
		printed := []string{variant, fmt.Sprintf("%d.%d", major, minor)}
		if rapid.Bool().Draw(t, "version first") {
			slices.Reverse(parts)
		}
		if rapid.Bool().Draw(t, "printed version first") {
			slices.Reverse(printed)
		}
		id := family + "-" + strings.Join(parts, "-") + "-2025" + fmt.Sprintf("%02d%02d", rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1, 28).Draw(t, "day"))
		name := strings.ToUpper(family[:1]) + family[1:] + " " + strings.Join(printed, " ")
		if major >= 10 && minor >= 10 {
			t.Skip("ten-eleven is a day as well as a version")
		}
		if p := assign(list(id), name)[0]; p.Name != name {
			t.Fatalf("%s is not paired with %s: %+v and %+v", id, name, match.Parse(id), match.Parse(name))
		}
	})
}

func FuzzIdentity(f *testing.F) {
	for _, s := range []string{"", "claude-3-5-haiku-20241022", "Claude Sonnet 3.5 (Oct)", "gpt-4-0125-preview", "((", "4.", "-", "v", "é-4-5", "\xff", "2024-13-45"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a := match.Parse(s)
		if !slices.IsSorted(a.Words) {
			t.Fatalf("%q: words %v", s, a.Words)
		}
		if c := match.Parse(strings.ToLower(s)); c.Key() != a.Key() {
			t.Fatalf("%q: case changes identity: %v %v", s, a, c)
		}
		assign(list(s), s, s+"-20250101")
	})
}

func BenchmarkAssign(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		var models []domain.Model
		var names []string
		for i := range n {
			models = append(models, domain.Model{ModelKey: domain.ModelKey{ID: fmt.Sprintf("family%d-%d-%d-variant-20250101", i%97, i/97, i%7)}})
			names = append(names, fmt.Sprintf("Family%d Variant %d.%d", i%97, i/97, i%7))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				assign(models, names...)
			}
		})
	}
}
