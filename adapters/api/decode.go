package api

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"github.com/ogen-go/ogen/ogenerrors"
	"github.com/ogen-go/ogen/validate"

	"ratecard/domain"
	"ratecard/gen/oas"
)

// This file puts into words what ogen's decoders say of a request that they
// could not read.

// badRequest is where ogen brings the errors of its decoders.
func (h *handler) badRequest(ctx context.Context, w http.ResponseWriter, r *http.Request, err error) {
	var body *ogenerrors.DecodeRequestError
	if errors.As(err, &body) {
		if _, _, bad := mime.ParseMediaType(r.Header.Get("Content-Type")); bad != nil {
			err = validate.InvalidContentType(r.Header.Get("Content-Type"))
		}
	}
	h.write(w, r.WithContext(ctx), err)
}

// explainRequest gives the errors of ogen's decoders a kind, and nil for others.
func explainRequest(err error) *domain.Error {
	var (
		tooLarge *http.MaxBytesError
		media    *validate.InvalidContentTypeError
		param    *ogenerrors.DecodeParamError
		request  *ogenerrors.DecodeRequestError
	)
	switch {
	case errors.As(err, &tooLarge):
		return domain.Errorf(domain.KindTooLarge, "the body is larger than %d bytes", tooLarge.Limit)
	case errors.As(err, &media):
		return domain.Errorf(domain.KindUnsupportedMedia, "the body's content type is %.100q; expected application/json", media.ContentType)
	case errors.As(err, &param):
		return invalid(faults(param.Name, param.Err)...)
	case errors.As(err, &request):
		return invalid(bodyFaults(request)...)
	}
	return nil
}

// invalid is the error that names wrong fields.
func invalid(fields ...domain.FieldError) *domain.Error {
	detail := "the request is not valid"
	if len(fields) == 1 {
		detail = fields[0].Path + ": " + fields[0].Message
	}
	return &domain.Error{Kind: domain.KindInvalid, Message: detail, Fields: fields}
}

// wrong says what is wrong with one parameter or field.
func wrong(path, format string, args ...any) domain.FieldError {
	return domain.FieldError{Path: path, Message: fmt.Sprintf(format, args...)}
}

// bodies are the bodies that operations read, for the names of their fields.
var bodies = map[oas.OperationName]any{
	oas.ComputeCostsOperation:           oas.CostRequest{},
	oas.CreateKeyOperation:              oas.NewKey{},
	oas.EndManualRateOperation:          oas.ManualRateEnd{},
	oas.EnterManualRateOperation:        oas.NewManualRate{},
	oas.MakeAliasOperation:              oas.NewAlias{},
	oas.ApproveHeldChangeOperation:      oas.HeldDecision{},
	oas.RejectHeldChangeOperation:       oas.HeldDecision{},
	oas.ImportPricesOperation:           oas.PriceLists{},
	oas.PutSettingsOperation:            oas.NewSettings{},
	oas.StartSyncOperation:              oas.SyncRequest{},
	oas.ReplayOperation:                 oas.ReplayRequest{},
	oas.PutProviderOperation:            oas.NewProvider{},
	oas.PutScrapingConfigOperation:      oas.NewScrapingConfig{},
	oas.RollBackScrapingConfigOperation: oas.ScrapingRollback{},
	oas.TryScrapingConfigOperation:      oas.ScrapingTry{},
	oas.RotateKeyOperation:              oas.KeyRotation{},
	oas.EnterAdjustmentOperation:        oas.NewAdjustment{},
	oas.EndAdjustmentOperation:          oas.ManualRateEnd{},
}

var (
	inField    = regexp.MustCompile(`decode field "([^"]*)"`)
	unexpected = regexp.MustCompile(`unexpected field "((?:[^"\\]|\\.)*)"`)
)

func bodyFaults(request *ogenerrors.DecodeRequestError) []domain.FieldError {
	if errors.Is(request.Err, validate.ErrBodyRequired) {
		return []domain.FieldError{wrong("body", "is missing; expected a JSON object")}
	}
	var (
		checked *validate.Error
		unread  *ogenerrors.DecodeBodyError
		absent  []string
	)
	isChecked, isUnread := errors.As(request.Err, &checked), errors.As(request.Err, &unread)
	if isChecked {
		for _, f := range checked.Fields {
			absent = append(absent, f.Name)
		}
	}
	if isUnread {
		if found := misfits(unread.Body, bodies[request.Name], absent); found != nil {
			return byPath(found)
		}
	}
	if isChecked {
		return faults("", checked)
	}
	if !isUnread {
		return []domain.FieldError{wrong("body", "could not be read to its end")}
	}
	text := unread.Err.Error()
	var path []string
	for _, m := range inField.FindAllStringSubmatch(text, -1) {
		path = append(path, m[1])
	}
	if m := unexpected.FindStringSubmatch(text); m != nil {
		message := "is not known"
		if len(path) == 0 {
			message += "; expected " + strings.Join(fieldNames(bodies[request.Name]), ", ")
		}
		return []domain.FieldError{{Path: clip(strings.Join(append(path, m[1]), ".")), Message: message}}
	}
	if len(path) == 0 {
		return []domain.FieldError{wrong("body", "is not a JSON object that can be read: %s", reason(text))}
	}
	return []domain.FieldError{wrong(clip(strings.Join(path, ".")), "%s", reason(text))}
}

// fieldNames are the JSON names of a struct's fields.
func fieldNames(body any) []string {
	var names []string
	for i, t := 0, reflect.TypeOf(body); t != nil && i < t.NumField(); i++ {
		name, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		names = append(names, name)
	}
	return names
}

// faults takes the errors of a validation apart, one for each field.
func faults(path string, err error) []domain.FieldError {
	var (
		fields *validate.Error
		long   *validate.MaxLengthError
		short  *validate.MinLengthError
		number *strconv.NumError
	)
	switch {
	case errors.As(err, &fields):
		var out []domain.FieldError
		for _, f := range fields.Fields {
			out = append(out, faults(join(path, f.Name), f.Error)...)
		}
		return out
	case errors.Is(err, validate.ErrFieldRequired), err.Error() == fmt.Sprintf("query parameter %q not set", path):
		return []domain.FieldError{wrong(path, "is missing")}
	case errors.As(err, &long):
		return []domain.FieldError{wrong(path, "has a length of %d, at most %d is allowed", long.Len, long.MaxLength)}
	case errors.As(err, &short):
		return []domain.FieldError{wrong(path, "has a length of %d, at least %d is needed", short.Len, short.MinLength)}
	case errors.As(err, &number) && number.Func == "ParseBool":
		return []domain.FieldError{wrong(path, "%q is not true or false", clip(number.Num))}
	case errors.As(err, &number) && errors.Is(number.Err, strconv.ErrRange):
		return []domain.FieldError{wrong(path, "%q is out of range", clip(number.Num))}
	case errors.As(err, &number):
		return []domain.FieldError{wrong(path, "%q is not a whole number", clip(number.Num))}
	}
	return []domain.FieldError{wrong(path, "%s", reason(err.Error())+allowed(path))}
}

func join(path, name string) string {
	if path == "" || strings.HasPrefix(name, "[") {
		return path + name
	}
	return path + "." + name
}

// reason is the innermost part of a chain of error texts.
func reason(text string) string {
	if i := strings.Index(text, "invalid value: "); i >= 0 {
		return fmt.Sprintf("%q is not known", clip(text[i+len("invalid value: "):]))
	}
	if i := strings.LastIndex(text, ": "); i >= 0 {
		text = text[i+2:]
	}
	return clip(text)
}

var index = regexp.MustCompile(`\[\d+\]$`)

// allowed tells the values of the fields that have only a few.
func allowed(path string) string {
	var values []string
	switch index.ReplaceAllString(path, "") {
	case "classification":
		values = words(oas.Classification("").AllValues())
	case "usability":
		values = words(oas.Usability("").AllValues())
	case "scope":
		values = words(oas.Scope("").AllValues())
	case "by":
		values = words(oas.GetPriceTrendsBy("").AllValues())
	case "interval":
		values = words(oas.GetPriceTrendsInterval("").AllValues())
	case "layer":
		values = words(oas.GetPriceTrendsLayer("").AllValues())
	case "format":
		values = words(oas.GetPriceTrendsFormat("").AllValues())
	case "direction":
		values = words(oas.GetMoversDirection("").AllValues())
	}
	if values == nil {
		return ""
	}
	return "; expected one of " + strings.Join(values, ", ")
}

func words[T ~string](values []T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}

// clip keeps what a caller sent from filling our answer.
func clip(s string) string {
	const most = 100
	if len(s) <= most {
		return s
	}
	return strings.ToValidUTF8(s[:most], "") + "…"
}
