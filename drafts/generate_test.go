package drafts

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"concord/negotiation"
	"concord/negotiation/redline"
)

// unsynced is a disk that syncs nothing, for records that are made to be read.
type unsynced struct{ systemDisk }

func (unsynced) Sync([]file, []string) error { return nil }

// generated returns the directory and negotiation of a closed repository with n acts of eight
// participants: positions and receipts, and one in twenty a proposal. It is written
// without syncing and without folding states, which is what takes time otherwise.
func generated(t testing.TB, n int) (dir string, name negotiation.ActID) {
	t.Helper()
	codes := []negotiation.Code{aurelia, borealia, "XDA", "XEA", "XFA", "XGA", "XHA", "XIA"}
	text := "# A statement\n\n*Mindful* of threats,\n\n"
	for i := range 60 {
		text += fmt.Sprintf("1. States shall cooperate in matter %d, in good faith and with all means that they have, and report on it every year.\n\n", i)
	}
	raw := "title = \"A statement\"\nchair = \"XAU\"\nlanguages = [\"en\"]\n[rules]\nshortest_silence = \"72h\"\n"
	for _, c := range codes {
		raw += fmt.Sprintf("[[participant]]\ncode = %q\nname = \"State %s\"\nkey = %q\n", c, c, publicOf(c))
	}
	charter, err := negotiation.ParseCharter("charter.toml", []byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, t.TempDir(), negotiation.ActID{})
	r.store.disk = unsynced{}
	act(t, r, aurelia, func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charter, textOf(t, text), time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))
	})
	for _, c := range codes {
		act(t, r, c, func(d negotiation.Delegation) (negotiation.Unsigned, error) { return d.Join(publicOf(c), "") })
	}
	first := r.ledger.Head(negotiation.TextChain).Act
	base, _ := r.ledger.Act(first)
	var wordings []negotiation.ActID
	var proposals []negotiation.ProposalID
	made := map[negotiation.Code]uint64{}
	for i := len(codes) + 1; i < n; i++ {
		c := codes[i%len(codes)]
		f := forgery{by: c, chain: negotiation.RecordOf(c), author: c, content: negotiation.Receipt{Place: 1, Of: first}}
		if i%20 == 0 {
			made[c]++
			changed := textOf(t, strings.Replace(string(base.Text().Bytes()), fmt.Sprintf("matter %d,", i%60), fmt.Sprintf("matter %d of %d,", i%60, i), 1))
			proposals = append(proposals, negotiation.ProposalID{Author: c, Number: made[c]})
			f.content = negotiation.Propose{Proposal: proposals[len(proposals)-1], Amendment: negotiation.Amendment{Headline: "Another wording", Type: negotiation.Modify, Base: first}}
			f.files = map[string][]byte{
				"charter.toml": charter.Raw(), "statement.en.md": changed.Bytes(),
				"statement.en.redline": redline.Format(redline.Compare(base.Text().Paragraphs(), changed.Paragraphs())),
			}
		} else if len(wordings) > 0 && i%5 > 0 {
			at := i % len(wordings)
			f.content = negotiation.TakePosition{On: negotiation.Subject{Proposal: proposals[at], Act: wordings[at]}, Stance: negotiation.For}
		}
		v := entered(t, r, forge(t, r, f))
		if i%20 == 0 {
			wordings = append(wordings, v.ID())
		}
		if i%1000 == 0 || i == n-1 {
			r.mu.Lock()
			err := r.settle()
			r.mu.Unlock()
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	return r.Dir(), first
}

// entered takes the first act of a message as one that is signed here, for the next
// round.
func entered(t testing.TB, r *Repository, message []byte) negotiation.Verified {
	t.Helper()
	p, err := parseParcel(message)
	if err != nil {
		t.Fatal(err)
	}
	in, err := unpack(p.acts[0])
	if err != nil {
		t.Fatal(err)
	}
	v, err := r.sign(&in)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
