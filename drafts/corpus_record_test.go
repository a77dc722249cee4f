package drafts

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"concord/negotiation"
)

var records = flag.Int("records", 2, "how many random good records docs/audit.sh is asked about")

// TestScriptPasses plays negotiations at random, in words of many scripts, and demands
// that docs/audit.sh passes all that the program has signed and verifies.
func TestScriptPasses(t *testing.T) {
	script := scriptOf(t)
	for seed := range *records {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			p := player{rand.New(rand.NewPCG(7, uint64(seed)))}
			dir, kinds := p.play(t, 60)
			if report := audited(t, dir); !report.OK() {
				t.Fatalf("findings %v, damage %v", report.Findings, report.Damage)
			}
			if len(kinds) < 4 {
				t.Errorf("too few kinds of acts to show anything: %v", kinds)
			}
			if out, code := script(t, dir); code != 0 {
				t.Errorf("docs/audit.sh: exit code %d of %v\n%s", code, kinds, out)
			}
		})
	}
}

// TestScriptPassesKinds: acts of kinds to come may say what they like in the trailers of
// their own, under whatever names. The door takes them, and both find nothing.
func TestScriptPassesKinds(t *testing.T) {
	script := scriptOf(t)
	s := staged(t)
	own := []negotiation.Trailer{{Key: "Sequence", Value: "x"}, {Key: "Author", Value: "someone"}, {Key: "Previous", Value: "1"}, {Key: "Concord-Act", Value: "9"},
		{Key: "Negotiation", Value: "y"}, {Key: "Chain", Value: "record/XAU"}, {Key: "Time", Value: "noon"}, {Key: "Key", Value: "k"}, {Key: "Previous", Value: "act:" + s.joined.String()}}
	tag := negotiation.Trailer{Key: "Tag", Value: "a" + strings.Repeat("1", 99)}
	record := s.borealia(forgery{content: negotiation.Unknown{Name: "share/2", Subject: "Share", Rest: own}})
	text := forgery{by: aurelia, chain: negotiation.TextChain, author: aurelia, content: negotiation.Unknown{Name: "adopt/1", Subject: "Adopt", Rest: append(own, tag)}}
	for _, f := range []forgery{record, text} {
		message := forge(t, s.r, f)
		if out, code := script(t, smuggled(t, s.r, message)); code != 0 {
			t.Errorf("docs/audit.sh: exit code %d of an act in %s\n%s", code, f.chain, out)
		}
		if err := s.r.Receive(t.Context(), message); err != nil {
			t.Errorf("receiving an act in %s: %v", f.chain, err)
		}
	}
	if report := audited(t, s.r.Dir()); !report.OK() {
		t.Errorf("findings %v, damage %v", report.Findings, report.Damage)
	}
	if out, code := script(t, s.r.Dir()); code != 0 {
		t.Errorf("docs/audit.sh: exit code %d of both\n%s", code, out)
	}
}

// A player does at random what a negotiation allows.
type player struct{ *rand.Rand }

// words are such as texts have, with what is hard to read for a script: marks in an order
// of their own, joiners, letters beyond 16 bits, syllables that are composed by counting, and
// the signs of Markdown.
var words = strings.Fields(`States shall cooperate in good faith, naïve œuvre Straße Ångström Việt-Nam
	Государства сотрудничают ещё йод държави Κράτη συνεργάζονται ᾧ πρὸς الدول تتعاون مع بعضها نَصٌّ
	می` + "\u200c" + `خواهم کشورها מדינות שָׁלוֹם राज्य सहयोग क्` + "\u200d" + `ष क्षेत्र র` + "\u200d" + `্যাব রাষ্ট্র அரசுகள் രാജ്യങ്ങൾ ශ්` + "\u200d" + `රී รัฐต้องร่วมมือ ที่ ລັດ
	ประเทศ រដ្ឋ ပြည်နယ် 各国应当合作 国々は協力する が ポ 국가는 협력한다 각 ሀገራት Մասնակից სახელმწიფო монгол ᠮᠣᠩᠭᠣᠯ 𠮷野 𐐷 e̱̍ ạ̈
	*kept* **agreed** ` + "`code`" + ` [ITU](https://www.itu.int/) “quoted” 50% (a) & < 2 “as – is” no break 1990s … § №`)

func (p player) word() string { return words[p.IntN(len(words))] }

func (p player) sentence() string {
	said := make([]string, 2+p.IntN(12))
	for i := range said {
		said[i] = p.word()
	}
	return "Of " + strings.Join(said, " ") + "."
}

func (p player) paragraphs(n int) string {
	var text strings.Builder
	for range n {
		text.WriteString(p.sentence() + "\n\n")
	}
	return text.String()
}

// explanation is one of no, one or more paragraphs.
func (p player) explanation() string { return strings.TrimSpace(p.paragraphs(p.IntN(3))) }

// altered returns a text with a few changes to its paragraphs, of which the first is its title.
func (p player) altered(t *testing.T, text negotiation.Text) negotiation.Text {
	paragraphs := strings.Split(strings.TrimSpace(string(text.Bytes())), "\n\n")
	for range 1 + p.IntN(3) {
		i := 1 + p.IntN(len(paragraphs)-1)
		switch said := strings.Fields(paragraphs[i]); p.IntN(6) {
		case 0:
			paragraphs[i] += "\n\n" + p.sentence()
		case 1:
			if len(paragraphs) > 2 {
				paragraphs = append(paragraphs[:i], paragraphs[i+1:]...)
			}
		case 2:
			j := 1 + p.IntN(len(paragraphs)-1)
			paragraphs[i], paragraphs[j] = paragraphs[j], paragraphs[i]
		case 3:
			if at := 1 + p.IntN(len(said)); at < len(said) {
				paragraphs[i] = strings.Join(said[:at], " ") + "\n\nOf " + strings.Join(said[at:], " ")
			}
		default:
			paragraphs[i] = strings.Replace(paragraphs[i], said[len(said)-1], p.word(), 1)
		}
	}
	return textOf(t, strings.Join(paragraphs, "\n\n")+"\n")
}

// play tries so many acts after those of joining, and returns where, and how many of each kind.
func (p player) play(t *testing.T, acts int) (dir string, kinds map[string]int) {
	r := open(t, t.TempDir(), negotiation.ActID{})
	r.store.disk = unsynced{}
	codes := []negotiation.Code{aurelia, borealia, cascadia}
	keys := map[negotiation.Code]negotiation.Code{}
	act(t, r, aurelia, func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charterWith(t, publicOf(cascadia)), textOf(t, "# On "+p.word()+"\n\n"+p.paragraphs(2+p.IntN(6))), actTime(0))
	})
	for _, c := range codes {
		keys[c] = c
		act(t, r, c, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Join(publicOf(c), publicOf("recovery "+c))
		})
	}
	kinds = map[string]int{}
	for n := range acts {
		c := codes[p.IntN(len(codes))]
		fresh := negotiation.Code(fmt.Sprint(c, " ", n))
		v, _, err := r.Sign(c, keyOf(keys[c]), actTime(len(r.State().Log())), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return p.choose(t, d, publicOf(fresh))
		})
		if err != nil {
			continue // not every act is possible at each time
		}
		kinds[v.Act().Content.Kind()]++
		if v.Act().Content.Kind() == "rotate/1" {
			keys[c] = fresh
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return r.Dir(), kinds
}

// choose composes an act of some kind.
func (p player) choose(t *testing.T, d negotiation.Delegation, fresh negotiation.PublicKey) (negotiation.Unsigned, error) {
	state := d.State()
	current := state.Current()
	var proposals []negotiation.ProposalID
	for _, one := range state.Proposals {
		proposals = append(proposals, one.ID)
	}
	some := negotiation.ProposalID{Author: borealia, Number: 1}
	if len(proposals) > 0 {
		some = proposals[p.IntN(len(proposals))]
	}
	stances := []negotiation.Stance{negotiation.For, negotiation.Against, negotiation.Reserve, negotiation.Flexible}
	stance := stances[p.IntN(len(stances))]
	wording := negotiation.Wording{Headline: p.sentence(), Explanation: p.explanation(), Base: current.Number, Text: p.altered(t, current.Text)}
	switch p.IntN(12) {
	case 0, 1:
		return d.Propose(wording)
	case 2:
		return d.Supersede(some, wording)
	case 3:
		return d.Withdraw(some, p.explanation())
	case 4:
		return d.PositionOnProposal(some, stance, p.explanation())
	case 5:
		return d.PositionOnParagraph(current.Number, 1, stance, p.explanation())
	case 6:
		return d.Receive(state.Revisions[p.IntN(len(state.Revisions))].Act)
	case 7:
		return d.Rotate(fresh, p.explanation())
	}
	return d.Revise(negotiation.Publication{Headline: p.sentence(), Explanation: p.explanation(), Text: wording.Text,
		Decline: map[negotiation.ProposalID]string{some: p.sentence()}})
}
