package api

import (
	"fmt"
	"testing"
	"time"
)

// Since when a node holds an act is said no more exactly than it is known.
func TestHeldSince(t *testing.T) {
	at := func(seconds int64) *time.Time {
		instant := time.Unix(seconds, 0)
		return &instant
	}
	st := scene(t).State()
	for want, h := range map[string]Holder{
		"since 1000":                         {After: at(998), Since: at(1000), Stated: at(1000)},
		"by 1000":                            {Since: at(1000), Stated: at(1000)},
		"by 1000, not yet 100":               {After: at(100), Since: at(1000), Stated: at(1000)},
		"since 1000, by its own clock 87400": {After: at(998), Since: at(1000), Stated: at(87400)},
		"holds it":                           {},

		"does not hold it yet; last heard 1000":          {Holding: lacks, Connected: true, Heard: at(1000)},
		"was not known to hold it when last heard, 1000": {Holding: lacks, Heard: at(1000)},
	} {
		if h.Holding == "" {
			h.Holding = holds
		}
		h.Code = "XBO"
		v := h.Words(st, "XAU")
		got := v.Says
		if v.At != nil {
			got += fmt.Sprint(" ", v.At.Unix())
		}
		if v.Since != nil {
			got += fmt.Sprint(", ", v.More, " ", v.Since.Unix())
		}
		if got != want {
			t.Errorf("%+v is said as %q; want %q", h, got, want)
		}
	}
}
