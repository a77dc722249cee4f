package drafts

import (
	"testing"

	"concord/negotiation"
)

// hostilePlaces are acts, genuine as such, that stand where they do not belong.
func hostilePlaces(_ testing.TB, s scene) []hostile {
	xau, xca := negotiation.RecordOf(aurelia), negotiation.RecordOf(cascadia)
	nobody := negotiation.ActID{1}
	return []hostile{
		{name: "in another negotiation", want: negotiation.ErrNegotiation, f: forgery{act: func(a *negotiation.Act) { a.Negotiation = nobody }}},
		{name: "behind a gap", want: negotiation.ErrGap, f: forgery{act: func(a *negotiation.Act) { a.Sequence++ }}},
		{name: "at a place far off", want: negotiation.ErrGap, f: forgery{act: func(a *negotiation.Act) { a.Sequence = 1 << 50 }}},
		{name: "after an act of another chain", want: negotiation.ErrPredecessor, found: negotiation.ErrForeignChain, hides: true, f: forgery{act: func(a *negotiation.Act) { a.Previous = s.text.Act }}},
		{name: "after an act of another place", want: negotiation.ErrPredecessor, found: negotiation.ErrGap, hides: true, f: forgery{act: func(a *negotiation.Act) { a.Previous = s.joined }}},
		{name: "after nothing that is here", want: negotiation.ErrPredecessor, f: forgery{act: func(a *negotiation.Act) { a.Previous = nobody }}},
		{name: "about an act that is not here", want: negotiation.ErrGap, f: forgery{content: negotiation.Receipt{Place: 2, Of: nobody}}},
		{name: "in another's record", want: negotiation.ErrForeignChain, f: forgery{chain: xau}},
		{name: "in another's name", want: negotiation.ErrSignature, f: forgery{chain: xau, author: aurelia, by: borealia}},
		{name: "in the record of nobody", want: negotiation.ErrUnknownChain,
			f: forgery{chain: "record/ZZZ", author: "ZZZ", content: negotiation.Join{Charter: s.text.Act, Key: publicOf("ZZZ")}}},
		{name: "in a record that has not begun", want: negotiation.ErrNotParticipant, f: forgery{chain: xca, author: cascadia}},
		{name: "of a state, in the text", want: negotiation.ErrForeignChain, f: forgery{chain: negotiation.TextChain, author: aurelia}},
		{name: "of the chair, in a record", want: negotiation.ErrNotChair, f: forgery{content: negotiation.TakeUp{}}},
		{name: "of the chair, by another", want: negotiation.ErrNotChair, f: forgery{chain: negotiation.TextChain, content: negotiation.TakeUp{}}},
		{name: "of the chair, with another's key", want: negotiation.ErrSignature, f: forgery{chain: negotiation.TextChain, author: aurelia, by: borealia,
			content: negotiation.HandOver{To: borealia, Key: publicOf(borealia), Joined: s.joined}}},
		{name: "joining twice", want: negotiation.ErrInadmissible, f: forgery{content: negotiation.Join{Charter: s.text.Act, Key: publicOf(borealia)}}},
		{name: "joining with a thief's key", want: negotiation.ErrNotParticipant, f: forgery{chain: xca, author: cascadia, by: "ZZZ",
			content: negotiation.Join{Charter: s.text.Act, Key: publicOf("ZZZ")}}},
		{name: "joining with a thief's signature", want: negotiation.ErrSignature, f: forgery{chain: xca, author: cascadia, by: "ZZZ",
			content: negotiation.Join{Charter: s.text.Act, Key: publicOf(cascadia)}}},
		{name: "joining by what is no charter", want: negotiation.ErrNotParticipant, f: forgery{chain: xca, author: cascadia,
			content: negotiation.Join{Charter: s.joined, Key: publicOf(cascadia)}}},
		{name: "joining with the recovery key", want: negotiation.ErrInadmissible, f: forgery{chain: xca, author: cascadia,
			content: negotiation.Join{Charter: s.text.Act, Key: publicOf(cascadia), Recovery: publicOf(cascadia)}}},
	}
}

// hostileAfterHandover are acts of a chair who has it no more.
func hostileAfterHandover(_ testing.TB, s scene) []hostile {
	more := negotiation.Unknown{Name: "note/1", Subject: "Note"}
	return []hostile{
		{name: "the old chair goes on", want: negotiation.ErrNotChair, f: forgery{chain: negotiation.TextChain, author: aurelia, content: more}},
		{name: "the old chair in the new one's name", want: negotiation.ErrSignature, f: forgery{chain: negotiation.TextChain, author: borealia, by: aurelia, content: more}},
		{name: "taking up twice", want: negotiation.ErrInadmissible, f: forgery{chain: negotiation.TextChain, content: negotiation.TakeUp{}}},
		{name: "the old chair hands over again", want: negotiation.ErrNotChair, f: forgery{chain: negotiation.TextChain, author: aurelia,
			content: negotiation.HandOver{To: borealia, Key: publicOf(borealia), Joined: s.joined}}},
	}
}

// hostileWhilePassing are acts between handing over and taking up.
func hostileWhilePassing(_ testing.TB, s scene) []hostile {
	return []hostile{
		{name: "the new chair acts before taking up", want: negotiation.ErrInadmissible, f: forgery{chain: negotiation.TextChain, content: negotiation.Unknown{Name: "note/1", Subject: "Note"}}},
		{name: "the old chair takes up", want: negotiation.ErrNotChair, f: forgery{chain: negotiation.TextChain, author: aurelia, content: negotiation.TakeUp{}}},
		{name: "somebody else takes up", want: negotiation.ErrNotChair, f: forgery{chain: negotiation.TextChain, author: cascadia, content: negotiation.TakeUp{}}},
	}
}
