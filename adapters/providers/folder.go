package providers

import (
	"errors"
	"io/fs"
	"slices"

	"ratecard/domain"
)

// maxFile is far more than a provider has to say.
const maxFile = 1 << 20

// LoadDir gives the built-in providers and those of a folder's *.json files, in
// that order. A file with a built-in's id takes its place. Two files of one
// folder with the same id are refused, as is any file with a fault; the error
// names the file.
func LoadDir(folder fs.FS) ([]domain.Provider, error) {
	all, err := BuiltIn()
	if err != nil {
		return nil, err
	}
	names, err := fs.Glob(folder, "*.json")
	if err != nil {
		return nil, err
	}
	if _, err := fs.Stat(folder, "."); err != nil {
		return nil, domain.Wrap(domain.KindInvalid, err, "the folder of provider files cannot be read")
	}
	from := map[domain.ProviderID]string{}
	for _, name := range names {
		p, err := loadFile(folder, name)
		if err != nil {
			return nil, err
		}
		if other, taken := from[p.ID]; taken {
			return nil, domain.Errorf(domain.KindInvalid, "provider files %s and %s both describe %q: expected one", other, name, p.ID)
		}
		from[p.ID], p.Origin = name, domain.ProviderByFile
		if i := slices.IndexFunc(all, func(b domain.Provider) bool { return b.ID == p.ID }); i >= 0 {
			all[i] = p
		} else {
			all = append(all, p)
		}
	}
	return all, nil
}

func loadFile(folder fs.FS, name string) (domain.Provider, error) {
	info, err := fs.Stat(folder, name)
	if err != nil {
		return domain.Provider{}, domain.Wrap(domain.KindInvalid, err, "%s: it cannot be read", name)
	}
	if info.Size() > maxFile {
		return domain.Provider{}, domain.Errorf(domain.KindTooLarge, "%s: a provider file of %d bytes: expected at most %d", name, info.Size(), maxFile)
	}
	text, err := fs.ReadFile(folder, name)
	if err != nil {
		return domain.Provider{}, domain.Wrap(domain.KindInvalid, err, "%s: it cannot be read", name)
	}
	p, err := ParseFile(text)
	var fault *domain.Error
	if errors.As(err, &fault) {
		named := *fault
		named.Message = name + ": " + fault.Message
		return domain.Provider{}, &named
	}
	return p, err
}
