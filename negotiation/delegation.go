package negotiation

import (
	"cmp"
	"crypto/sha256"
	"maps"
	"slices"
	"strings"
	"time"

	"concord/negotiation/redline"
)

// An Unsigned act is complete but for its signature.
type Unsigned struct {
	Act   Act
	Files map[string][]byte // every file of its tree by path; none if it brings no text
}

// A Delegation composes the acts of one participant at one moment. Each method
// returns the next act of the right chain, or the [Fault] for which it would not be
// admissible as far as the ledger shows.
type Delegation struct {
	ledger *Ledger
	state  *State
	code   Code
	at     time.Time
}

// As returns the delegation of participant c, acting at an instant on the ledger
// as it then is.
func (l *Ledger) As(c Code, at time.Time) Delegation {
	return Delegation{l, l.Snapshot().State(), c, at.UTC().Truncate(time.Second)}
}

// State returns what the delegation has before it.
func (d Delegation) State() *State { return d.state }

// ConveneWith composes the first act of a new negotiation from a charter and a
// zero draft; its author is the chair whom the charter names.
func ConveneWith(charter Charter, text Text, at time.Time) (Unsigned, error) {
	d := NewLedger(ActID{}).As(charter.Chair, at)
	return d.compose(TextChain, "", Convene{charter.Title}, map[string][]byte{
		charterPath:        charter.Raw(),
		charter.TextFile(): text.Bytes(),
	})
}

// Join composes the first act of the delegation's record.
func (d Delegation) Join(key, recovery PublicKey) (Unsigned, error) {
	return d.record("", Join{Charter: d.ledger.last(TextChain).charter, Key: key, Recovery: recovery}, nil)
}

// Wording is what a delegation says when it words a proposal.
type Wording struct {
	Headline    string
	Explanation string
	Type        ProposalType // empty: told from the redline
	Base        uint64       // number of the revision that it amends
	OnBehalfOf  string
	Text        Text // the revision as it should read
}

// Propose composes a new proposal.
func (d Delegation) Propose(w Wording) (Unsigned, error) {
	id := ProposalID{d.code, d.state.tabled[d.code] + 1}
	return d.word(w, func(m Amendment) Content { return Propose{id, m} })
}

// Supersede composes a new wording of the delegation's own proposal.
func (d Delegation) Supersede(p ProposalID, w Wording) (Unsigned, error) {
	replaces, err := d.wording(p)
	if err != nil {
		return Unsigned{}, err
	}
	return d.word(w, func(m Amendment) Content { return Supersede{p, replaces, m} })
}

func (d Delegation) word(w Wording, content func(Amendment) Content) (Unsigned, error) {
	base, err := d.revision(w.Base)
	if err != nil {
		return Unsigned{}, err
	}
	if w.Headline, err = headline(w.Headline); err != nil {
		return Unsigned{}, err
	}
	r := redline.Compare(base.text.Paragraphs(), w.Text.Paragraphs())
	if w.Type == "" {
		w.Type = typeOf(r)
	}
	m := Amendment{Headline: w.Headline, Type: w.Type, Base: base.id, OnBehalfOf: w.OnBehalfOf}
	return d.record(w.Explanation, content(m), d.amended(base, w.Text, r))
}

// amended returns the files of base with its text replaced and the redline beside it.
func (d Delegation) amended(base Verified, text Text, r redline.Redline) map[string][]byte {
	files := withoutRedline(base.files)
	name := base.charter.TextFile()
	files[name] = text.Bytes()
	files[redlineFile(name)] = redline.Format(r)
	return files
}

func withoutRedline(files map[string][]byte) map[string][]byte {
	files = maps.Clone(files)
	maps.DeleteFunc(files, func(path string, _ []byte) bool { return strings.HasSuffix(path, redlineSuffix) })
	return files
}

// Withdraw composes the withdrawal of the delegation's own proposal.
func (d Delegation) Withdraw(p ProposalID, explanation string) (Unsigned, error) {
	wording, err := d.wording(p)
	if err != nil {
		return Unsigned{}, err
	}
	return d.record(explanation, Withdraw{p, wording}, nil)
}

// PositionOnProposal composes a position on the wording in force of a proposal.
func (d Delegation) PositionOnProposal(p ProposalID, s Stance, explanation string) (Unsigned, error) {
	wording, err := d.wording(p)
	if err != nil {
		return Unsigned{}, err
	}
	return d.record(explanation, TakePosition{Subject{Proposal: p, Act: wording}, s}, nil)
}

// PositionOnParagraph composes a position on a paragraph, counted from 1, of a revision.
func (d Delegation) PositionOnParagraph(revision, paragraph uint64, s Stance, explanation string) (Unsigned, error) {
	base, err := d.revision(revision)
	if err != nil {
		return Unsigned{}, err
	}
	return d.record(explanation, TakePosition{Subject{Paragraph: paragraph, Act: base.id}, s}, nil)
}

// Receive composes the receipt of an act of the text chain.
func (d Delegation) Receive(id ActID) (Unsigned, error) {
	return d.record("", Receipt{d.ledger.acts[id].act.Sequence, id}, nil)
}

// A Publication is what the chair says when it publishes a revision.
type Publication struct {
	Headline    string
	Explanation string
	Text        Text
	Accept      []ProposalID
	Reasons     map[ProposalID]string // of what is accepted; those without one are left out
	Decline     map[ProposalID]string // with the reason, which may be empty
}

// Revise composes the chair's next revision.
func (d Delegation) Revise(p Publication) (Unsigned, error) {
	before, err := d.text()
	if err != nil {
		return Unsigned{}, err
	}
	if p.Headline, err = headline(p.Headline); err != nil {
		return Unsigned{}, err
	}
	c := Revise{Headline: p.Headline, Revision: d.ledger.last(TextChain).revision + 1}
	decide := func(r Ruling, id ProposalID, reason string) error {
		wording, err := d.wording(id)
		c.Decisions = append(c.Decisions, Decision{r, id, wording, reason})
		return err
	}
	for _, id := range p.Accept {
		if err := decide(Accept, id, p.Reasons[id]); err != nil {
			return Unsigned{}, err
		}
	}
	for _, id := range slices.SortedFunc(maps.Keys(p.Decline), compareProposals) {
		if err := decide(Decline, id, p.Decline[id]); err != nil {
			return Unsigned{}, err
		}
	}
	r := d.state.RedlineTo(p.Text, p.Accept...)
	return d.compose(TextChain, p.Explanation, c, d.amended(before, p.Text, r))
}

// Amend composes the chair's change of the charter.
func (d Delegation) Amend(charter Charter, what, explanation string) (Unsigned, error) {
	before, err := d.text()
	if err != nil {
		return Unsigned{}, err
	}
	if what, err = headline(what); err != nil {
		return Unsigned{}, err
	}
	files := withoutRedline(before.files)
	files[charterPath] = charter.Raw()
	return d.compose(TextChain, explanation, Amend{what}, files)
}

// HandOver composes the chair's passing of the text chain to another participant.
func (d Delegation) HandOver(to Code, explanation string) (Unsigned, error) {
	key := d.ledger.last(RecordOf(to)).key
	if key == nil {
		return Unsigned{}, ErrNotParticipant.Because("%s has not joined", to)
	}
	return d.compose(TextChain, explanation, HandOver{to, key.key, key.act}, nil)
}

// TakeUp composes the incoming chair's first act.
func (d Delegation) TakeUp() (Unsigned, error) { return d.compose(TextChain, "", TakeUp{}, nil) }

func (d Delegation) record(explanation string, c Content, files map[string][]byte) (Unsigned, error) {
	return d.compose(RecordOf(d.code), explanation, c, files)
}

// compose completes an act at the end of its chain's line and tries it.
func (d Delegation) compose(chain Chain, explanation string, c Content, files map[string][]byte) (Unsigned, error) {
	if err := d.state.checkFrozen(chain); err != nil {
		return Unsigned{}, err
	}
	return d.composeAfter(d.ledger.Head(chain), explanation, c, files)
}

// composeAfter completes an act that follows another and tries it against the ledger.
func (d Delegation) composeAfter(head Head, explanation string, c Content, files map[string][]byte) (Unsigned, error) {
	explanation, err := CanonProse(explanation)
	if err != nil {
		return Unsigned{}, err
	}
	u := Unsigned{Files: files, Act: Act{
		Negotiation: d.ledger.negotiation,
		Chain:       head.Chain,
		Sequence:    head.Sequence + 1,
		Previous:    head.Act,
		Author:      d.code,
		Time:        d.at,
		Explanation: explanation,
		Content:     c,
	}}
	for _, path := range slices.Sorted(maps.Keys(files)) {
		u.Act.Files = append(u.Act.Files, FileSum{path, sha256.Sum256(files[path])})
	}
	return u, d.try(u)
}

// try decides whether an act would be admissible if its author signed it now.
func (d Delegation) try(u Unsigned) error {
	raw, err := FormatAct(u.Act)
	if err != nil {
		return err
	}
	v := Verified{id: IDOf(raw), act: u.Act}
	if err := d.ledger.CheckPlace(v.id, v.act); err != nil {
		return err
	}
	if _, err := d.ledger.keyFor(v.act, u.Files); err != nil {
		return err
	}
	if err := d.ledger.verifyContent(&v, u.Files); err != nil {
		return err
	}
	return d.state.admit(v)
}

// wording returns the wording in force of a proposal that has not been withdrawn.
func (d Delegation) wording(id ProposalID) (ActID, error) {
	p, err := d.state.Proposal(id)
	if err != nil {
		return ActID{}, err
	}
	return p.Wording(), d.state.inForce(id, p.Wording())
}

// text returns the act of the text chain that the next one builds on.
func (d Delegation) text() (Verified, error) {
	v := d.ledger.acts[d.ledger.last(TextChain).tree]
	switch {
	case len(v.files) == 0:
		return v, ErrUnknownBase.Because("there is no text yet")
	case v.beyond:
		return v, ErrInadmissible.Because("the text has been changed by an act that this version of the program does not understand; update it first")
	}
	return v, nil
}

// maxHeadline leaves room in a subject for what stands before a headline.
const maxHeadline = MaxSubject - 60

// headline brings the words over an act into canonical form.
func headline(s string) (string, error) {
	s, err := CanonProse(s)
	switch {
	case err != nil:
		return "", err
	case s == "":
		return "", ErrText.Because("the headline is missing")
	case strings.Contains(s, "\n"):
		return "", ErrText.Because("the headline has more than one line")
	case len(s) > maxHeadline:
		return "", ErrTooLarge.Because("the headline has %d bytes; the most is %d", len(s), maxHeadline)
	}
	return s, nil
}

// revision returns the act that published a revision.
func (d Delegation) revision(number uint64) (Verified, error) {
	r, err := d.state.Revision(number)
	return d.state.act(r.Act), err
}

// typeOf tells the type of a proposal from what its redline does.
func typeOf(r redline.Redline) ProposalType {
	for _, t := range []ProposalType{Add, Delete, Move} {
		if only, _ := t.soleKind(); slices.Equal(r.Kinds(), []redline.Kind{only}) {
			return t
		}
	}
	return Modify
}

func compareProposals(a, b ProposalID) int {
	return cmp.Or(cmp.Compare(a.Author, b.Author), cmp.Compare(a.Number, b.Number))
}
