package api

import (
	"io/fs"
	"net/http"
	"strings"

	"github.com/swaggest/swgui"
	"github.com/swaggest/swgui/v5/static"
	"github.com/swaggest/swgui/v5emb"

	"ratecard/domain"
)

const docsPath = "/docs"

// docsPolicy lets the documentation run its own scripts, and talk to this host
// alone.
const docsPolicy = "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// withDocs serves the API's description, and pages made of it, in front of the
// operations.
func (h *handler) withDocs(operations http.Handler) http.Handler {
	pages := v5emb.NewHandlerWithConfig(swgui.Config{
		Title:       "ratecard",
		SwaggerJSON: "/openapi.yaml",
		BasePath:    docsPath,
	})
	spec := packed("application/yaml; charset=utf-8", h.cfg.Spec)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch asset, inDocs := strings.CutPrefix(r.URL.Path, docsPath); {
		case r.URL.Path == "/openapi.yaml":
			h.getOnly(w, r, spec.send)
		case inDocs && (asset == "" || asset == "/" || isAsset(asset)):
			w.Header().Set("Content-Security-Policy", docsPolicy)
			h.getOnly(w, r, pages.ServeHTTP)
		default:
			operations.ServeHTTP(w, r)
		}
	})
}

// isAsset reports whether the documentation has such a file; the bigger ones
// are there compressed only.
func isAsset(path string) bool {
	name, below := strings.CutPrefix(path, "/")
	if !below {
		return false
	}
	for _, suffix := range []string{"", ".gz", ".br"} {
		if info, err := fs.Stat(static.FS, name+suffix); err == nil && !info.IsDir() {
			return true
		}
	}
	return false
}

func (h *handler) getOnly(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	if r.Method != http.MethodGet {
		h.methodNotAllowed(w, r, http.MethodGet)
		return
	}
	if r.URL.RawQuery != "" {
		h.write(w, r, domain.Errorf(domain.KindInvalid, "this takes no parameters"))
		return
	}
	serve(w, r)
}
