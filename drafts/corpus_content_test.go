package drafts

import (
	"regexp"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// hostileContents are acts that say of others what these are not.
func hostileContents(t testing.TB, s scene) []hostile {
	zero := s.r.ledger.Chain(negotiation.TextChain)[0]
	second := negotiation.ProposalID{Author: borealia, Number: 2}
	third := negotiation.ProposalID{Author: borealia, Number: 3}
	fit := strings.Replace(string(s.base.Text().Bytes()), "every year", "each year", 1)
	files := func(text, redlined string) map[string][]byte {
		r := redline.Compare(s.base.Text().Paragraphs(), textOf(t, redlined).Paragraphs())
		return map[string][]byte{"charter.toml": s.charter(), "statement.en.md": []byte(text), "statement.en.redline": redline.Format(r)}
	}
	propose := func(id negotiation.ProposalID, kind negotiation.ProposalType, base negotiation.ActID) negotiation.Propose {
		return negotiation.Propose{Proposal: id, Amendment: negotiation.Amendment{Headline: "Each", Type: kind, Base: base}}
	}
	good := propose(third, negotiation.Modify, s.text.Act)
	without := func(path string) map[string][]byte {
		all := files(fit, fit)
		delete(all, path)
		return all
	}
	with := func(path, content string) map[string][]byte {
		all := files(fit, fit)
		all[path] = []byte(content)
		return all
	}
	unchanged := string(s.base.Text().Bytes())
	// The first word that is kept is changed into itself; a word is inserted in two parts.
	same, twice, redlined := files(fit, fit), files(fit, fit), files(fit, fit)["statement.en.redline"]
	same["statement.en.redline"] = regexp.MustCompile(`(?m)^(change \d+\n) (\S+)( .*\n)`).ReplaceAll(redlined, []byte("$1-$2\n+$2\n $3"))
	twice["statement.en.redline"] = []byte(replace("\n+each\n", "\n+ea\n+ch\n")(string(redlined)))
	position := func(on negotiation.Subject) forgery {
		return forgery{content: negotiation.TakePosition{On: on, Stance: negotiation.For}}
	}
	revise := func(c negotiation.Revise, files map[string][]byte) forgery {
		return forgery{chain: negotiation.TextChain, author: aurelia, content: c, files: files}
	}
	return []hostile{
		{name: "withdrawing what is no wording", want: negotiation.ErrUnknownProposal, f: forgery{content: negotiation.Withdraw{Proposal: second, Wording: s.joined}}},
		{name: "withdrawing by another's wording", want: negotiation.ErrUnknownProposal, f: forgery{content: negotiation.Withdraw{Proposal: second, Wording: s.wording}}},
		{name: "withdrawing another's proposal", want: negotiation.ErrNotAuthor, f: forgery{chain: negotiation.RecordOf(aurelia), author: aurelia, content: s.withdraw}},
		{name: "a receipt of what is not the text", want: negotiation.ErrUnknownAct, f: forgery{content: negotiation.Receipt{Place: 1, Of: s.joined}}},
		{name: "a receipt of another place", want: negotiation.ErrUnknownAct, f: forgery{content: negotiation.Receipt{Place: 1, Of: s.text.Act}}},
		{name: "a position on no proposal", want: negotiation.ErrUnknownProposal, f: position(negotiation.Subject{Proposal: second, Act: s.joined})},
		{name: "a position on no revision", want: negotiation.ErrUnknownBase, f: position(negotiation.Subject{Paragraph: 1, Act: s.joined})},
		{name: "a position on a paragraph that is not there", want: negotiation.ErrUnknownBase, f: position(negotiation.Subject{Paragraph: 99, Act: s.text.Act})},
		{name: "a stance that is none", want: negotiation.ErrNotCanonical, f: func() forgery {
			f := position(negotiation.Subject{Proposal: second, Act: s.withdraw.Wording})
			f.message = func(m string) string {
				return strings.ReplaceAll(strings.ReplaceAll(m, ": for\n", ": yes\n"), "Stance: for", "Stance: yes")
			}
			return f
		}()},
		{name: "a proposal in another's row", want: negotiation.ErrNotAuthor, f: forgery{chain: negotiation.RecordOf(aurelia), author: aurelia, content: good, files: files(fit, fit)}},
		{name: "a proposal on no revision", want: negotiation.ErrUnknownBase, f: forgery{content: propose(third, negotiation.Modify, s.joined), files: files(fit, fit)}},
		{name: "a redline of another revision", want: negotiation.ErrRedline, f: forgery{content: propose(third, negotiation.Modify, zero.ID()), files: files(fit, fit)}},
		{name: "a redline that leads elsewhere", want: negotiation.ErrRedline, f: forgery{content: good, files: files(strings.Replace(unchanged, "every year", "no year", 1), fit)}},
		{name: "a redline that is none", want: negotiation.ErrRedline, f: forgery{content: good, files: with("statement.en.redline", "hello\n")}},
		{name: "a redline that is missing", want: negotiation.ErrTree, f: forgery{content: good, files: without("statement.en.redline")}},
		{name: "a proposal that changes nothing", want: negotiation.ErrEmptyRedline, f: forgery{content: good, files: files(unchanged, unchanged)}},
		{name: "a proposal that does not do what its type says", want: negotiation.ErrInadmissible, f: forgery{content: propose(third, negotiation.Delete, s.text.Act), files: files(fit, fit)}},
		{name: "a proposal with another charter", want: negotiation.ErrTree, f: forgery{content: good, files: with("charter.toml", string(s.charter())+"# mine\n")}},
		{name: "a proposal without a charter", want: negotiation.ErrTree, f: forgery{content: good, files: without("charter.toml")}},
		{name: "a proposal with a file more", want: negotiation.ErrTree, f: forgery{content: good, files: with("more.md", "# More\n")}},
		{name: "a proposal without files", want: negotiation.ErrTree, f: forgery{content: good, files: files(fit, fit), message: func(m string) string { return m[:strings.Index(m, "File: ")] }}},
		{name: "a text with raw HTML", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.Replace(fit, "each", "<b>each</b>", 1))}},
		{name: "a text with characters that cannot be seen", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.Replace(fit, "each", "ea\u200bch", 1))}},
		{name: "a text that is not UTF-8", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.Replace(fit, "each", "ea\xffch", 1))}},
		{name: "a text with a letter in two parts", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.Replace(fit, "each", "e\u0301ach", 1))}},
		{name: "a text with a joiner that joins nothing", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.Replace(fit, "each", "ea\u200dch", 1))}},
		{name: "a text with a character that nobody has given out", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.Replace(fit, "each", "ea\u0378ch", 1))}},
		{name: "a text with two spaces", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.Replace(fit, " each", "  each", 1))}},
		{name: "a text with an item below none", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", fit+"\n## Then\n\n   - Below.\n")}},
		{name: "a text that does not end", want: negotiation.ErrText, f: forgery{content: good, files: with("statement.en.md", strings.TrimSuffix(fit, "\n"))}},
		{name: "a redline that changes words into the same", want: negotiation.ErrRedline, f: forgery{content: good, files: same}},
		{name: "a redline that says one thing in two runs", want: negotiation.ErrRedline, f: forgery{content: good, files: twice}},
		{name: "on behalf of no group", want: negotiation.ErrNotParticipant, f: func() forgery {
			c := good
			c.OnBehalfOf = "RIVERS"
			return forgery{content: c, files: files(fit, fit)}
		}()},
		{name: "replacing another's wording", want: negotiation.ErrUnknownProposal, f: forgery{files: files(fit, fit),
			content: negotiation.Supersede{Proposal: second, Replaces: s.wording, Amendment: good.Amendment}}},
		{name: "a revision out of its row", want: negotiation.ErrNumber, f: revise(negotiation.Revise{Headline: "Ninth", Revision: 9}, files(fit, fit))},
		{name: "a revision that changes nothing", want: negotiation.ErrEmptyRedline, f: revise(negotiation.Revise{Headline: "Third", Revision: 3}, files(unchanged, unchanged))},
		{name: "a decision on no proposal", want: negotiation.ErrUnknownProposal, f: revise(negotiation.Revise{Headline: "Third", Revision: 3,
			Decisions: []negotiation.Decision{{Ruling: negotiation.Accept, Proposal: second, Wording: s.joined}}}, files(fit, fit))},
		{name: "two decisions on one proposal", want: negotiation.ErrNotCanonical, f: revise(negotiation.Revise{Headline: "Third", Revision: 3,
			Decisions: []negotiation.Decision{{Ruling: negotiation.Accept, Proposal: second, Wording: s.withdraw.Wording}, {Ruling: negotiation.Decline, Proposal: second, Wording: s.withdraw.Wording}}}, files(fit, fit))},
		{name: "handing over with another key", want: negotiation.ErrNotParticipant, f: forgery{chain: negotiation.TextChain, author: aurelia, content: negotiation.HandOver{To: borealia, Key: publicOf(aurelia), Joined: s.joined}}},
		{name: "handing over to who has not joined", want: negotiation.ErrNotParticipant, f: forgery{chain: negotiation.TextChain, author: aurelia, content: negotiation.HandOver{To: cascadia, Key: publicOf(cascadia), Joined: s.joined}}},
		{name: "handing over to oneself", want: negotiation.ErrInadmissible, f: forgery{chain: negotiation.TextChain, author: aurelia,
			content: negotiation.HandOver{To: aurelia, Key: publicOf(aurelia), Joined: s.r.ledger.Chain(negotiation.RecordOf(aurelia))[0].ID()}}},
		{name: "taking up what was not handed over", want: negotiation.ErrInadmissible, f: forgery{chain: negotiation.TextChain, author: aurelia, content: negotiation.TakeUp{}}},
	}
}

// charter returns the charter in force, as its author wrote it.
func (s scene) charter() []byte { return s.r.State().Charter.Raw() }

// hostileCharters are changes of the charter that only others than the chair can make,
// or nobody.
func hostileCharters(_ testing.TB, s scene) []hostile {
	charter, text := string(s.charter()), string(s.base.Text().Bytes())
	amend := func(charter, text string) forgery {
		files := map[string][]byte{"charter.toml": []byte(charter), "statement.en.md": []byte(text)}
		for path, content := range files {
			if len(content) == 0 {
				delete(files, path)
			}
		}
		return forgery{chain: negotiation.TextChain, author: aurelia, content: negotiation.Amend{Headline: "Change"}, files: files}
	}
	changed := func(old, new string) forgery { return amend(replace(old, new)(charter), text) }
	german := changed(`["en"]`, `["de"]`)
	german.files["statement.de.md"] = german.files["statement.en.md"]
	delete(german.files, "statement.en.md")
	return []hostile{
		{name: "a charter without a text", want: negotiation.ErrTree, f: amend(charter+"# more\n", "")},
		{name: "a text without a charter", want: negotiation.ErrTree, f: amend("", text)},
		{name: "a charter as it was", want: negotiation.ErrCharter, f: amend(charter, text)},
		{name: "another text with it", want: negotiation.ErrTree, f: amend(charter+"# more\n", zeroDraft)},
		{name: "a participant taken out", want: negotiation.ErrCharter, f: amend(strings.Split(charter, "[[participant]]\ncode = \"XCA\"")[0], text)},
		{name: "another key", want: negotiation.ErrCharter, f: changed(string(publicOf(borealia)), string(publicOf("ZZZ")))},
		{name: "a key taken out", want: negotiation.ErrCharter, f: changed(string(publicOf(borealia)), "")},
		{name: "another chair", want: negotiation.ErrCharter, f: changed(`chair = "XAU"`, `chair = "XBO"`)},
		{name: "another language", want: negotiation.ErrTree, f: german},
		{name: "a key that two have", want: negotiation.ErrCharter, f: amend(charter+"[[participant]]\ncode = \"XDE\"\nname = \"Delta\"\nkey = \""+string(publicOf(aurelia))+"\"\n", text)},
		{name: "a key under which anybody can sign", want: negotiation.ErrCharter, f: amend(charter+"[[participant]]\ncode = \"XZZ\"\nname = \"Z\"\nkey = \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIO3/////////////////////////////////////////\"\n", text)},
		{name: "a key that is a space", want: negotiation.ErrCharter, f: amend(charter+"[[participant]]\ncode = \"XZZ\"\nname = \"Z\"\nkey = \" \"\n", text)},
		{name: "a participant named twice", want: negotiation.ErrCharter, f: amend(charter+"[[participant]]\ncode = \"XBO\"\nname = \"Again\"\n", text)},
		{name: "a charter with a letter written as a number", want: negotiation.ErrCharter, f: amend(charter+"[[group]]\ncode = \"AB\"\nname = \"\\u0041\"\nmembers = [\"XAU\"]\n", text)},
		{name: "a charter with a letter in two parts", want: negotiation.ErrCharter, f: amend(charter+"# e\u0301\n", text)},
		{name: "a charter with a group of nobody", want: negotiation.ErrCharter, f: amend(charter+"[[group]]\ncode = \"AB\"\nname = \"A\"\nmembers = []\n", text)},
		{name: "a charter with a silence of none", want: negotiation.ErrCharter, f: changed(`shortest_silence = "72h"`, `shortest_silence = "0s"`)},
		{name: "what is no charter", want: negotiation.ErrCharter, f: amend("hello\n", text)},
		{name: "a charter that is not TOML", want: negotiation.ErrCharter, f: amend(charter+"[[participant\n", text)},
	}
}

// hostileTags are tags that are not what their act implies.
func hostileTags(t testing.TB, s scene) []hostile {
	adopt := negotiation.Unknown{Name: "adopt/1", Subject: "Adopt", Rest: []negotiation.Trailer{{Key: "Tag", Value: "adopted"}}}
	tagged := func(change func(tag *object)) forgery {
		return forgery{chain: negotiation.TextChain, author: aurelia, content: adopt, tag: func(_ string, tag *object) { change(tag) }}
	}
	words := func(old, new string) forgery {
		return tagged(func(tag *object) { tag.body = []byte(replace(old, new)(string(tag.body))) })
	}
	named := func(name string) forgery { // the act says so, and so does its tag
		f := tagged(func(tag *object) {
			payload, _, _ := strings.Cut(replace("tag adopted", "tag "+name)(string(tag.body)), "-----BEGIN")
			tag.body = append([]byte(payload), signatureOf(t, aurelia, []byte(payload))...)
		})
		f.message = replace("Tag: adopted", "Tag: "+name)
		return f
	}
	return []hostile{
		{name: "signed by another", want: negotiation.ErrSignature, f: tagged(func(tag *object) {
			payload, _, _ := strings.Cut(string(tag.body), "-----BEGIN")
			tag.body = append([]byte(payload), signatureOf(t, borealia, []byte(payload))...)
		})},
		{name: "signed for something else", want: negotiation.ErrSignature, f: tagged(func(tag *object) {
			payload, _, _ := strings.Cut(string(tag.body), "-----BEGIN")
			tag.body = append([]byte(payload), signatureOf(t, aurelia, []byte("something else"))...)
		})},
		{name: "not signed", want: negotiation.ErrSignature, f: tagged(func(tag *object) {
			payload, _, _ := strings.Cut(string(tag.body), "-----BEGIN")
			tag.body = []byte(payload)
		})},
		{name: "of another name", want: negotiation.ErrNotCanonical, f: words("tag adopted", "tag refused"), found: ErrMissing},
		{name: "of another act", want: negotiation.ErrNotCanonical, found: ErrMissing, f: tagged(func(tag *object) {
			old, _, _ := strings.Cut(strings.TrimPrefix(string(tag.body), "object "), "\n")
			tag.body = []byte(strings.Replace(string(tag.body), old, s.r.commits[s.text.Act].commit.String(), 1))
		})},
		{name: "by another", want: negotiation.ErrNotCanonical, f: words("tagger XAU <xau@", "tagger XBO <xbo@")},
		{name: "with other words", want: negotiation.ErrNotCanonical, f: words("\n\nAdopt\n", "\n\nAdopt all\n")},
		{name: "in a record", want: negotiation.ErrTree, f: forgery{objects: []object{{plumbing.TagObject, []byte("x")}}}, wire: "at rest it is an object to which nothing leads"},
		{name: "named as a revision's", want: negotiation.ErrNotCanonical, f: forgery{chain: negotiation.TextChain, author: aurelia,
			content: adopt, message: replace("Tag: adopted", "Tag: rev-9")}},
		{name: "of a name one byte too long", want: negotiation.ErrTooLarge, f: named("a" + strings.Repeat("1", 100))},
		{name: "of a name too long for a file", want: negotiation.ErrTooLarge, f: named("a" + strings.Repeat("1", 300)), wire: "no file can have that name"},
	}
}
