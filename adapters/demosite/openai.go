package demosite

import (
	"net/http"
	"slices"

	"github.com/shopspring/decimal"
)

// openAICatalogue is what OpenAI sells on one day, newest model first.
type openAICatalogue struct {
	models   []openAIModel
	priority bool // the tier has a tab
	writes   bool // the tables have a column for what a cache costs to write
}

// openAIModel is an entry of the list, a row of the price page, or both.
type openAIModel struct {
	id       string
	created  int64 // a Unix time; 0: not in this account's list
	owner    string
	short    bool // the page says beside its name that its prices hold below 272K tokens
	standard tokens
	long     tokens // of longer prompts; zero: none
	priority tokens
	halves   bool // batch and flex cost half
}

// tokens are what a million tokens cost, as printed; empty: not stated.
type tokens struct{ in, cached, write, out string }

// list is OpenAI's list, which has no pages.
type openAIList struct {
	Object string        `json:"object"`
	Data   []openAIEntry `json:"data"`
}

type openAIEntry struct {
	ID      string `json:"id"`
	Object  string `json:"object"`
	Created int64  `json:"created"`
	OwnedBy string `json:"owned_by"`
}

// listOpenAI is GET /v1/models: what everybody has, and a model that only the
// account does.
func (s *Site) listOpenAI(w http.ResponseWriter, r *http.Request) {
	if !s.opens(bearer(r)) {
		refuseKey(w, openAIID)
		return
	}
	list := openAIList{Object: "list", Data: []openAIEntry{}}
	for _, m := range s.today().openAI.models {
		if m.created != 0 {
			list.Data = append(list.Data, openAIEntry{m.id, "model", m.created, m.owner})
		}
	}
	list.Data = append(list.Data, openAIEntry{"ft:gpt-4o-mini-2024-07-18:demo::8kPq2ZtA", "model", 1_731_000_000, "demo"})
	reply(w, http.StatusOK, list)
}

func (c *openAICatalogue) launch(m openAIModel) { c.models = slices.Insert(c.models, 0, m) }

func (c *openAICatalogue) remove(id string) {
	c.models = slices.DeleteFunc(c.models, func(m openAIModel) bool { return m.id == id })
}

// multiply changes every price of a model by one factor; false where there is none.
func (c *openAICatalogue) multiply(id string, by decimal.Decimal) bool {
	m := find(c.models, func(m openAIModel) bool { return m.id == id })
	if m == nil {
		return false
	}
	each := func(t tokens) tokens {
		return tokens{times(t.in, by), times(t.cached, by), times(t.write, by), times(t.out, by)}
	}
	m.standard, m.long, m.priority = each(m.standard), each(m.long), each(m.priority)
	return true
}

// luna is launched on a later day.
var luna = openAIModel{
	id: "gpt-5.6-luna", created: 1_783_000_000, owner: "system", halves: true,
	standard: tokens{"1", "0.1", "1.25", "6"}, long: tokens{"2", "0.2", "2.5", "9"}, priority: tokens{"2", "0.2", "2.5", "12"},
}

// openAIDayOne has real ids and prices, and of every irregularity one: snapshots
// that only the list names, models that only the page names, some without a
// cached price, some with a dearer long context, some that are sold by another
// unit than tokens.
func openAIDayOne() openAICatalogue {
	const system, openai, internal = "system", "openai", "openai-internal"
	return openAICatalogue{models: []openAIModel{
		{
			id: "gpt-5.6-sol", created: 1_782_600_000, owner: system, halves: true,
			standard: tokens{"5", "0.5", "6.25", "30"}, long: tokens{"10", "1", "12.5", "45"}, priority: tokens{"10", "1", "12.5", "60"},
		},
		{
			id: "gpt-5.6-terra", created: 1_782_600_001, owner: system, halves: true,
			standard: tokens{"2.5", "0.25", "3.125", "15"}, long: tokens{"5", "0.5", "6.25", "22.5"}, priority: tokens{"5", "0.5", "6.25", "30"},
		},
		{
			id: "gpt-5.5", created: 1_776_600_000, owner: system, short: true, halves: true,
			standard: tokens{in: "5", cached: "0.5", out: "30"}, long: tokens{in: "10", cached: "1", out: "45"}, priority: tokens{in: "12.5", cached: "1.25", out: "75"},
		},
		{
			id: "gpt-5.5-pro", created: 1_776_600_001, owner: system, short: true, halves: true,
			standard: tokens{in: "30", out: "180"}, long: tokens{in: "60", out: "270"},
		},
		{
			id: "gpt-5.4", created: 1_772_668_800, owner: system, short: true, halves: true,
			standard: tokens{in: "2.5", cached: "0.25", out: "15"}, long: tokens{in: "5", cached: "0.5", out: "22.5"}, priority: tokens{in: "5", cached: "0.5", out: "30"},
		},
		{id: "gpt-5.4-2026-03-05", created: 1_772_668_801, owner: system},
		{
			id: "gpt-5.4-mini", created: 1_773_705_600, owner: system, halves: true,
			standard: tokens{in: "0.75", cached: "0.075", out: "4.5"}, priority: tokens{in: "1.5", cached: "0.15", out: "9"},
		},
		{
			id: "gpt-5.4-nano", created: 1_773_705_601, owner: system, halves: true,
			standard: tokens{in: "0.2", cached: "0.02", out: "1.25"},
		},
		{
			id: "gpt-5.2", created: 1_765_400_000, owner: system, halves: true,
			standard: tokens{in: "1.75", cached: "0.175", out: "14"}, priority: tokens{in: "3.5", cached: "0.35", out: "28"},
		},
		{
			id: "gpt-5.1", created: 1_762_900_000, owner: system, halves: true,
			standard: tokens{in: "1.25", cached: "0.125", out: "10"}, priority: tokens{in: "2.5", cached: "0.25", out: "20"},
		},
		{
			id: "gpt-5", created: 1_754_425_777, owner: system, halves: true,
			standard: tokens{in: "1.25", cached: "0.125", out: "10"}, priority: tokens{in: "2.5", cached: "0.25", out: "20"},
		},
		{id: "gpt-5-2025-08-07", created: 1_754_075_360, owner: system},
		{
			id: "gpt-5-mini", created: 1_754_425_928, owner: system, halves: true,
			standard: tokens{in: "0.25", cached: "0.025", out: "2"}, priority: tokens{in: "0.45", cached: "0.045", out: "3.6"},
		},
		{
			id: "gpt-5-nano", created: 1_754_426_384, owner: system, halves: true,
			standard: tokens{in: "0.05", cached: "0.005", out: "0.4"},
		},
		{id: "gpt-5-pro", created: 1_759_469_822, owner: system, standard: tokens{in: "15", out: "120"}},
		{
			id: "gpt-4.1", created: 1_744_316_542, owner: system,
			standard: tokens{in: "2", cached: "0.5", out: "8"}, priority: tokens{in: "3.5", cached: "0.875", out: "14"},
		},
		{id: "gpt-4.1-2025-04-14", created: 1_744_315_746, owner: system},
		{
			id: "gpt-4.1-mini", created: 1_744_318_173, owner: system,
			standard: tokens{in: "0.4", cached: "0.1", out: "1.6"}, priority: tokens{in: "0.7", cached: "0.175", out: "2.8"},
		},
		{
			id: "gpt-4o", created: 1_715_367_049, owner: system,
			standard: tokens{in: "2.5", cached: "1.25", out: "10"}, priority: tokens{in: "4.25", cached: "2.125", out: "17"},
		},
		{
			id: "gpt-4o-2024-05-13", created: 1_715_368_132, owner: system,
			standard: tokens{in: "5", out: "15"}, priority: tokens{in: "8.75", out: "26.25"},
		},
		{id: "gpt-4o-2024-08-06", created: 1_722_814_719, owner: system},
		{
			id: "gpt-4o-mini", created: 1_721_172_741, owner: system,
			standard: tokens{in: "0.15", cached: "0.075", out: "0.6"}, priority: tokens{in: "0.25", cached: "0.125", out: "1"},
		},
		{id: "o1", created: 1_734_375_816, owner: system, standard: tokens{in: "15", cached: "7.5", out: "60"}},
		{
			id: "o3", created: 1_744_225_308, owner: system, halves: true,
			standard: tokens{in: "2", cached: "0.5", out: "8"}, priority: tokens{in: "3.5", cached: "0.875", out: "14"},
		},
		{id: "o3-mini", created: 1_737_146_383, owner: system, standard: tokens{in: "1.1", cached: "0.55", out: "4.4"}},
		{id: "gpt-4-32k", standard: tokens{in: "60", out: "120"}},
		{id: "gpt-3.5-turbo", created: 1_677_610_602, owner: openai, standard: tokens{in: "0.5", out: "1.5"}},
		{id: "davinci-002", created: 1_692_634_301, owner: system, standard: tokens{in: "2", out: "2"}},
		{id: "gpt-realtime", created: 1_756_271_701, owner: system},
		{id: "gpt-realtime-mini", created: 1_759_517_133, owner: system},
		{id: "gpt-image-1", created: 1_745_517_030, owner: system},
		{id: "sora-2", created: 1_759_708_615, owner: system},
		{id: "text-embedding-3-small", created: 1_705_948_997, owner: system},
		{id: "omni-moderation-latest", created: 1_731_689_265, owner: system},
		{id: "whisper-1", created: 1_677_532_384, owner: internal},
	}}
}

// spoken are the models whose tokens have modalities: a group of rows each.
var spoken = []spokenModel{
	{"gpt-realtime", []spokenRow{{"Audio", "32", "0.4", "64"}, {"Text", "4", "0.4", "16"}, {"Image", "5", "0.5", ""}}, false},
	{"gpt-realtime-mini", []spokenRow{{"Audio", "10", "0.3", "20"}, {"Text", "0.6", "0.06", "2.4"}, {"Image", "0.8", "0.08", ""}}, true},
	{"gpt-4o-mini-realtime-preview", []spokenRow{{"Audio", "10", "0.3", "20"}, {"Text", "0.6", "0.3", "2.4"}}, true},
}

type spokenModel struct {
	id     string
	rows   []spokenRow
	hidden bool // behind a button in the page's table; its data are there
}

type spokenRow struct{ modality, in, cached, out string }
