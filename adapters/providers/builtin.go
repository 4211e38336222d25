package providers

import (
	"embed"
	"fmt"

	"ratecard/domain"
)

//go:embed files/*.json
var files embed.FS

// builtIn names the files of the providers that come with the program, in the
// order in which they are shown.
var builtIn = []string{"openai.json", "anthropic.json", "google.json", "xai.json"}

// BuiltIn gives the providers that come with the program.
func BuiltIn() ([]domain.Provider, error) {
	var all []domain.Provider
	for _, name := range builtIn {
		text, err := files.ReadFile("files/" + name)
		if err != nil {
			return nil, err
		}
		p, err := ParseFile(text)
		if err != nil {
			return nil, fmt.Errorf("built-in %s: %w", name, err)
		}
		p.Origin = domain.ProviderBuiltIn
		all = append(all, p)
	}
	return all, nil
}
