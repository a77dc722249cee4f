package bracket

import (
	"strings"
	"testing"

	"golang.org/x/text/language"
)

// reserved are regions of CLDR that ISO 3166-1 does not list, or no more.
const reserved = "AC AN CP CQ CS DG EA EZ IC NT PC SU TA UN XK YU"

// The countries are those of CLDR, as golang.org/x/text has it.
func TestCountries(t *testing.T) {
	known := map[string]bool{}
	for code := range strings.FieldsSeq(countries) {
		known[code] = true
		if r, err := language.ParseRegion(code); err != nil || !r.IsCountry() || r.ISO3() != code {
			t.Errorf("there is no country %s", code)
		}
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			r, err := language.ParseRegion(string([]rune{a, b}))
			if err == nil && r.IsCountry() && !strings.Contains(reserved, r.String()) && r.Canonicalize() == r && !known[r.ISO3()] {
				t.Errorf("%s, %s, is missing", r, r.ISO3())
			}
		}
	}
}
