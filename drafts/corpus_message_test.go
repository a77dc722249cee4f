package drafts

import (
	"fmt"
	"strings"
	"testing"

	"concord/negotiation"
)

// hostileMessages say what acts can say in a way that would be read differently by
// people, by git and by programs, or in more words than anybody reads.
func hostileMessages(_ testing.TB, s scene) []hostile {
	const canonical, text, large = negotiation.ErrNotCanonical, negotiation.ErrText, negotiation.ErrTooLarge
	why := explained("Reasons were given.")
	say := func(words string) func(string) string { return replace("Reasons", words) }
	of := "Of: "
	return []hostile{
		{name: "a trailer in the explanation", want: canonical, f: forgery{act: why, message: replace("  Reasons", "Stance: for")}},
		{name: "a paragraph that is not set in", want: canonical, f: forgery{act: why, message: replace("  Reasons", "Reasons")}},
		{name: "trailers twice", want: canonical, f: forgery{message: func(m string) string { return m + "\n" + m[strings.Index(m, "Concord-Act"):] }}},
		{name: "a trailer twice", want: canonical, f: forgery{message: replace(of, "Of: 1 act:"+s.joined.String()+"\nOf: ")}},
		{name: "a trailer more", want: canonical, f: forgery{message: func(m string) string { return m + "Extra: x\n" }}},
		{name: "files that are none", want: canonical, f: forgery{message: func(m string) string { return m + "File: x\nFile: y\n" }}},
		{name: "a trailer less", want: canonical, f: forgery{message: func(m string) string { return m[:strings.Index(m, of)] }}},
		{name: "a trailer without a space", want: canonical, f: forgery{message: replace("Author: ", "Author:")}},
		{name: "trailers in another order", want: canonical, f: forgery{message: func(m string) string {
			i, j, k := strings.Index(m, "Author: "), strings.Index(m, "Time: "), strings.Index(m, of)
			return m[:i] + m[j:k] + m[i:j] + m[k:]
		}}},
		{name: "a first line that lies", want: canonical, f: forgery{message: replace("Receive act 2", "Receive act 1")}},
		{name: "a first line of nothing", want: large, f: forgery{message: replace("Receive act 2 of the text", "")}},
		{name: "a withdrawal that says it withdraws another", want: canonical, f: forgery{content: s.withdraw, message: replace("Withdraw XBO/2", "Withdraw XBO/1")}},
		{name: "a place with a zero before it", want: canonical, f: forgery{message: replace("Sequence: ", "Sequence: 0")}},
		{name: "a number with a zero before it", want: canonical, f: forgery{message: replace("Of: 2", "Of: 02")}},
		{name: "a number with a sign", want: canonical, f: forgery{message: replace("Of: 2", "Of: +2")}},
		{name: "two spaces in a trailer", want: canonical, f: forgery{message: replace("Of: 2 ", "Of: 2  ")}},
		{name: "a word more in a trailer", want: canonical, f: forgery{message: replace("Of: 2 ", "Of: 2 act:"+s.joined.String()+" ")}},
		{name: "a trailer of nothing", want: canonical, f: forgery{content: negotiation.Unknown{Name: "note/1", Subject: "Note"}, message: func(m string) string { return m + "Note: \n" }}},
		{name: "a name in capitals", want: canonical, f: forgery{message: func(m string) string {
			i := strings.Index(m, "Previous: ") + len("Previous: ")
			return m[:i] + strings.ToUpper(m[i:i+64]) + m[i+64:]
		}}},
		{name: "a time of another zone", want: canonical, f: forgery{message: replace("T00:00:00Z", "T00:00:00+00:00")}},
		{name: "a time that no calendar has", want: canonical, f: forgery{message: replace("2026-04-01", "2026-03-32")}},
		{name: "an hour that no day has", want: canonical, f: forgery{message: replace("T00:00:00Z", "T24:00:00Z")}},
		{name: "a day that no year 2100 has", want: canonical, f: forgery{message: replace("2026-04-01", "2100-02-29")}},
		{name: "lines that end as on Windows", want: canonical, f: forgery{message: func(m string) string { return strings.ReplaceAll(m, "\n", "\r\n") }}},
		{name: "no line feed at the end", want: canonical, f: forgery{message: func(m string) string { return strings.TrimSuffix(m, "\n") }}},
		{name: "an empty line at the end", want: large, f: forgery{message: func(m string) string { return m + "\n" }}},
		{name: "a space at the end of a line", want: canonical, f: forgery{act: why, message: replace("given.", "given. ")}},
		{name: "two empty lines", want: canonical, f: forgery{act: explained("One.\n\nTwo."), message: replace("One.\n\n", "One.\n\n\n")}},
		{name: "bytes that are not UTF-8", want: canonical, f: forgery{act: why, message: say("R\xe9asons")}},
		{name: "a letter in two parts", want: canonical, f: forgery{act: why, message: say("Re\u0301asons")}},
		{name: "accents in another order", want: canonical, f: forgery{act: why, message: say("Rx\u0301\u0323easons")}},
		{name: "a character that nobody has given out", want: text, f: forgery{act: why, message: say("Rea\u0378sons")}},
		{name: "a joiner that joins nothing", want: text, f: forgery{act: why, message: say("Rea\u200csons")}},
		{name: "more accents than there can be", want: text, f: forgery{act: why, message: say("Rea" + strings.Repeat("\u0316", 21) + "sons")}},
		{name: "a bell", want: text, f: forgery{act: why, message: say("Rea\asons")}},
		{name: "a tab", want: canonical, f: forgery{act: why, message: say("Rea\tsons")}},
		{name: "a reversal of the direction of writing", want: text, f: forgery{act: why, message: say("Rea\u202esons")}},
		{name: "a space of no width", want: text, f: forgery{act: why, message: say("Rea\u200bsons")}},
		{name: "a form of a letter that nobody sees", want: text, f: forgery{act: why, message: say("Rea\ufe0fsons")}},
		{name: "a filler that nobody sees", want: text, f: forgery{act: why, message: say("Rea\u115fsons")}},
		{name: "a mark of the order of bytes", want: text, f: forgery{act: why, message: say("\ufeffReasons")}},
		{name: "a first line too long", want: large, f: forgery{message: replace("of the text", strings.Repeat("x", 300))}},
		{name: "an explanation too long", want: large, f: forgery{act: why, message: say(strings.Repeat(strings.Repeat("x", 99)+"\n  ", 400))}},
		{name: "a message too long", want: large, f: forgery{act: why, message: say(strings.Repeat(strings.Repeat("x", 99)+"\n  ", 700))}},
		{name: "a trailer too long", want: large, f: forgery{message: func(m string) string { return m + "Extra: " + strings.Repeat("x", 1000) + "\n" }}},
		{name: "too many trailers", want: large, f: forgery{content: negotiation.Unknown{Name: "note/1", Subject: "Note"}, message: func(m string) string {
			var b strings.Builder
			for i := range 401 {
				fmt.Fprintf(&b, "Extra: %d\n", i)
			}
			return m + b.String()
		}}},
		{name: "a kind without a version", want: canonical, f: forgery{message: replace("receipt/1", "receipt")}},
		{name: "a kind of version 0", want: canonical, f: forgery{message: replace("receipt/1", "receipt/0")}},
	}
}

// hostileCommits are commits that say in git's words what their message does not.
func hostileCommits(_ testing.TB, s scene) []hostile {
	r := s.r
	again := r.commits[s.wording].commit
	cases := map[string]forgery{
		"an author who is another":      {commit: func(c *commit) { c.author = aurelia }},
		"a committer who is another":    {payload: replace("committer XBO <xbo@", "committer XAU <xau@")},
		"another date":                  {commit: func(c *commit) { c.at = c.at.AddDate(0, 0, 1) }},
		"a zone of time":                {payload: replace(" +0000\ncommitter", " +0100\ncommitter")},
		"another address":               {payload: replace("author XBO <xbo@concord.invalid>", "author XBO <mail@example.org>")},
		"another name at the address":   {payload: replace("author XBO <", "author Borealia <")},
		"a header more":                 {payload: replace("\n\n", "\nencoding latin1\n\n")},
		"a header that nobody knows":    {payload: replace("\n\n", "\nX-Note smuggled\n\n")},
		"a header behind the message's": {body: replace("\ngpgsig ", "\nx y\ngpgsig ")},
		"a parent less":                 {commit: func(c *commit) { c.parents = c.parents[:1] }},
		"a parent more":                 {commit: func(c *commit) { c.parents = append(c.parents, again) }},
		"a parent twice":                {commit: func(c *commit) { c.parents = append(c.parents, c.parents[1]) }},
	}
	var all []hostile
	for name, f := range cases {
		all = append(all, hostile{name: name, f: f, want: negotiation.ErrNotCanonical})
	}
	return append(all,
		hostile{name: "parents in another order", want: negotiation.ErrNotCanonical,
			f: forgery{commit: func(c *commit) { c.parents[0], c.parents[1] = c.parents[1], c.parents[0] }}},
		hostile{name: "too many parents", want: negotiation.ErrTooLarge, f: forgery{commit: func(c *commit) {
			for range maxParents {
				c.parents = append(c.parents, again)
			}
		}}},
		hostile{name: "a commit too large", want: negotiation.ErrTooLarge,
			f: forgery{payload: replace("\n\n", "\nx "+strings.Repeat("x", maxCommit)+"\n\n")}},
	)
}
