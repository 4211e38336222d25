package api

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"ratecard/app"
	"ratecard/domain"
	"ratecard/gen/oas"
)

// CompareModels answers GET /api/compare.
func (h *handler) CompareModels(ctx context.Context, params oas.CompareModelsParams) (*oas.Comparison, error) {
	asked, w, err := h.comparison(ctx, params)
	if err != nil {
		return nil, err
	}
	compared, err := h.cfg.Comparer.Compare(ctx, asked)
	if err != nil {
		return nil, err
	}
	return encodeComparison(compared, w), nil
}

// comparison reads what is compared by what, and where the page begins.
func (h *handler) comparison(ctx context.Context, params oas.CompareModelsParams) (app.Comparison, walk, error) {
	usage, err := decodeUsage(params.Usage)
	if err != nil {
		return app.Comparison{}, walk{}, err
	}
	workload := app.Workload{
		Usage: usage, Requests: params.Requests.Value, Tier: domain.Tier(params.Tier.Value), Region: domain.Region(params.Region.Value),
	}
	filters := oas.ListModelsParams{
		Provider: params.Provider, Classification: params.Classification, Usability: params.Usability, Capability: params.Capability,
		MinContextWindow: params.MinContextWindow, MaxInputCost: params.MaxInputCost, MaxOutputCost: params.MaxOutputCost, Q: params.Q,
	}
	w, err := h.rankedWalk(ctx, params, question(workload, filters))
	if err != nil {
		return app.Comparison{}, w, err
	}
	models, err := filtersOf(filters)
	w.ask(&models, params.Limit)
	return app.Comparison{Workload: workload, Models: models}, w, err
}

// rankedWalk reads where a ranking begins, or goes on.
func (h *handler) rankedWalk(ctx context.Context, params oas.CompareModelsParams, question uint64) (walk, error) {
	w, err := h.walkFrom(ctx, params.Cursor, params.At, params.KnownAt)
	switch {
	case err != nil:
		return w, err
	case w.after == nil:
		w.question = question
	case w.question == 0: // another list's
		return w, notOurs()
	case w.question != question:
		return w, invalid(wrong("cursor", "is of another workload, or of other filters; give the same as for the first page, or leave it out to start again"))
	}
	return w, nil
}

// question names a workload and filters: where they are others the order is
// another, and what came behind a model in it means nothing.
func question(w app.Workload, filters oas.ListModelsParams) uint64 {
	h := sha256.New()
	for _, meter := range slices.Sorted(maps.Keys(w.Usage)) {
		_, _ = fmt.Fprintf(h, "%q %d\n", meter, w.Usage[meter]) // a hash takes everything
	}
	_, _ = fmt.Fprintf(h, "%d %q %q\n%q %q %q %q\n%v %v %v %v", w.Requests, w.Tier, w.Region,
		filters.Provider, filters.Classification, filters.Usability, filters.Capability,
		filters.MinContextWindow, filters.MaxInputCost, filters.MaxOutputCost, filters.Q)
	return binary.BigEndian.Uint64(h.Sum(nil)) | 1 // 0 names none
}

var wholeNumber = regexp.MustCompile(`^-?\d{1,18}$`)

// decodeUsage reads meter:count, each meter once.
func decodeUsage(given []string) (map[string]int64, error) {
	usage := map[string]int64{}
	var faults []domain.FieldError
	for i, text := range given {
		path := fmt.Sprintf("usage[%d]", i)
		meter, count, both := strings.Cut(text, ":")
		_, twice := usage[meter]
		switch {
		case !both:
			faults = append(faults, wrong(path, "%q has no count; expected meter:count, such as input:12000", clip(text)))
		case !wholeNumber.MatchString(count):
			faults = append(faults, wrong(path, "%q is not a count; expected a whole number from 0 to %d", clip(count), int64(domain.MostUsage)))
		case twice:
			faults = append(faults, wrong(path, "%q is given twice", clip(meter)))
		default:
			usage[meter], _ = strconv.ParseInt(count, 10, 64) // 18 digits always are one
		}
	}
	if faults != nil {
		return nil, invalid(faults...)
	}
	return usage, nil
}
