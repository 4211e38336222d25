package usage

import (
	"fmt"

	"ratecard/domain"
)

// split is tokens by what they stand for. What is none of these is text.
type split struct{ audio, image, video int64 }

func (s split) sum() int64 { return s.audio + s.image + s.video }

// prompt puts the tokens of a prompt on meters. Of both splits the whole is
// known: tokens contains cached, and each part of a prompt contains what of it
// was cached. cachedPath names the count of cached ones.
func (c *counts) prompt(u domain.Usage, tokens, cached int64, all, ofCached split, cachedPath string) {
	text := tokens - all.sum()
	if ofCached == (split{}) && all.audio == 0 && all.video == 0 {
		// xAI does not say what was cached. What exceeds the text was pictures,
		// which cost in a cache what the text there does unless they are priced apart.
		ofCached.image = min(max(cached-text, 0), all.image)
	}
	cachedText := cached - ofCached.sum()
	for _, p := range []struct {
		what        string
		all, cached int64
	}{{"text", text, cachedText}, {"audio", all.audio, ofCached.audio}, {"image", all.image, ofCached.image}, {"video", all.video, ofCached.video}} {
		if p.cached > p.all {
			c.wrong(cachedPath, fmt.Sprintf("says that %d %s tokens were cached, where the prompt has %d", p.cached, p.what, p.all))
			return
		}
	}
	u[domain.MeterInput] += text - cachedText
	u[domain.MeterInputAudio] += all.audio - ofCached.audio
	u[domain.MeterInputImage] += all.image - ofCached.image
	u[domain.MeterInputVideo] += all.video - ofCached.video
	u[domain.MeterCacheRead] += cachedText + ofCached.video // cached video is sold as text is
	u[domain.MeterCacheReadAudio] += ofCached.audio
	u[domain.MeterCacheReadImage] += ofCached.image
}

func output(u domain.Usage, tokens int64, of split) {
	u[domain.MeterOutput] += tokens - of.sum()
	u[domain.MeterOutputAudio] += of.audio
	u[domain.MeterOutputImage] += of.image
	u[domain.MeterOutputVideo] += of.video
}
