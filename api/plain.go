package api

import (
	"fmt"
	"net/http"
	"strings"

	"concord/negotiation"
)

// writeHTML sends the lines of a text as plain HTML without a frame, for programs
// to take up: h1 to h6, and p with the kind and level of the paragraph as classes.
func (s *server) writeHTML(w http.ResponseWriter, lines []string) error {
	var b strings.Builder
	for _, line := range lines {
		kind, depth, n := kindOf(line)
		tag := "p"
		if kind == negotiation.Title || kind == negotiation.Heading {
			tag = fmt.Sprintf("h%d", depth)
		}
		words := s.site.markdown.words(piece{text: line[n:]})
		fmt.Fprintf(&b, "<%s class=\"%s depth-%d\" dir=\"auto\">%s</%s>\n", tag, kind, depth, words, tag)
	}
	return write(w, http.StatusOK, "text/html; charset=utf-8", []byte(b.String()))
}
