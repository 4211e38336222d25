package ports

import (
	"time"

	"ratecard/domain"
)

// Export is what is written in the format of another tool.
type Export struct {
	At     time.Time   // the instant at which the rates are in force
	Models []ModelView // deprecated ones too, in any order
}

// Exporter writes what is believed in the formats of other tools: what a format
// cannot say is left out of it, and what it says is what is believed. The same
// export has the same bytes.
type Exporter interface {
	// Export writes a format; KindInvalid where that is not known. Of a format that
	// tells the past, models have every rate that began by Export.At, else those
	// in force then.
	Export(format domain.ExportFormat, of Export) ([]byte, error)
}
