package redline

import "unicode"

// direction tells in which direction a paragraph runs: that of its first letter. A
// browser cannot tell, since it passes over isolated words and would go by the names
// of the parties.
func direction(pieces []Piece) string {
	for _, p := range pieces {
		for _, r := range p.Text {
			switch {
			case unicode.In(r, unicode.Arabic, unicode.Hebrew, unicode.Syriac, unicode.Thaana, unicode.Nko, unicode.Adlam):
				return "rtl"
			case unicode.IsLetter(r):
				return "ltr"
			}
		}
	}
	return "auto"
}
