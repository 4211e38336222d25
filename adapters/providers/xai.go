package providers

// xAI is OpenAI's dialect with a second list, which alone says by which other
// names a language model answers and what goes into it and comes out.
var xAI = func() dialect {
	d := openAI
	d.detail = "/v1/language-models"
	return d
}()
