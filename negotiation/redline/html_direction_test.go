package redline

import "testing"

// A paragraph runs as its own words do, whoever is named in it.
func TestDirection(t *testing.T) {
	for words, want := range map[string]string{
		"*وإذ نؤكد* أهمية": "rtl",
		"(a) להחליט":       "ltr",
		"«ו":               "rtl",
		"Recalling «وإذ»":  "ltr",
		"ยืนยัน":           "ltr",
		"… – 12":           "auto",
	} {
		if got := direction([]Piece{{Text: "1. "}, {Text: words}}); got != want {
			t.Errorf("direction of %q is %s, want %s", words, got, want)
		}
	}
}
