package drafts

import (
	"testing"

	"concord/negotiation"
)

// rekeyedScene is where every key has changed, and Cascadia has the chair by succession.
func rekeyedScene(t testing.TB) scene { return sceneOf(t, rekeyed(t)) }

// hostileKeys are acts with keys that once counted, or are kept for something else,
// and words about keys and the chair that are not so.
func hostileKeys(t testing.TB, s scene) []hostile {
	text, xca := negotiation.TextChain, negotiation.RecordOf(cascadia)
	note := negotiation.Unknown{Name: "note/1", Subject: "Note"}
	head := s.r.ledger.Head(text).Act
	joined := map[negotiation.Code]negotiation.ActID{}
	var recovered, recognised, rotated negotiation.ActID
	for _, v := range s.r.State().Log() {
		switch c := v.Act().Content.(type) {
		case negotiation.Join:
			joined[v.Act().Author] = v.ID()
		case negotiation.Recover:
			recovered = v.ID()
		case negotiation.Recognise:
			if v.Act().Author == aurelia {
				recognised = v.ID()
			}
		case negotiation.Rotate:
			if c.Key == publicOf(thirdXBO) {
				rotated = v.ID()
			}
		}
	}
	const signature = negotiation.ErrSignature
	fresh, anybodys := publicOf("fresh"), "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	return []hostile{
		{name: "a key that was rotated out", want: signature, f: forgery{by: borealia}},
		{name: "a key between the first and the last", want: signature, f: forgery{by: secondXBO}},
		{name: "a key that was recovered from", want: signature, f: forgery{chain: xca, author: cascadia, by: cascadia}},
		{name: "the recovery key for something else", want: signature, f: forgery{by: recoveryXBO}},
		{name: "recovering with the key itself", want: signature, f: forgery{by: thirdXBO, content: negotiation.Recover{Key: fresh}}},
		{name: "recovering with a recovery key that was replaced", want: signature, f: forgery{chain: xca, author: cascadia, by: recoveryXCA, content: negotiation.Recover{Key: fresh}}},
		{name: "recovering with another's recovery key", want: signature, f: forgery{by: recoveryXAU, content: negotiation.Recover{Key: fresh}}},
		{name: "rotating with the recovery key", want: signature, f: forgery{by: recoveryXBO, content: negotiation.Rotate{Key: fresh}}},
		{name: "rotating with a key that was rotated out", want: signature, f: forgery{by: secondXBO, content: negotiation.Rotate{Key: fresh}}},
		{name: "rotating back", want: negotiation.ErrInadmissible, f: forgery{by: thirdXBO, content: negotiation.Rotate{Key: publicOf(borealia)}}},
		{name: "rotating to the same key", want: negotiation.ErrInadmissible, f: forgery{by: thirdXBO, content: negotiation.Rotate{Key: publicOf(thirdXBO)}}},
		{name: "rotating to the recovery key", want: negotiation.ErrInadmissible, f: forgery{by: thirdXBO, content: negotiation.Rotate{Key: publicOf(recoveryXBO)}}},
		{name: "rotating to a key under which anybody can sign", want: negotiation.ErrNotCanonical, f: forgery{by: thirdXBO, content: negotiation.Rotate{Key: fresh}, message: replace(string(fresh), anybodys)}},
		{name: "a recovery key under which anybody can sign", want: negotiation.ErrNotCanonical, f: forgery{by: recoveryXBO, content: negotiation.Recover{Key: publicOf("next"), Recovery: fresh}, message: replace(string(fresh), anybodys)}},
		{name: "recovering to a key that was", want: negotiation.ErrInadmissible, f: forgery{by: recoveryXBO, content: negotiation.Recover{Key: publicOf(secondXBO)}}},
		{name: "a recovery key that is the key", want: negotiation.ErrInadmissible, f: forgery{by: recoveryXBO, content: negotiation.Recover{Key: fresh, Recovery: fresh}}},
		{name: "the chair whom another succeeded", want: negotiation.ErrNotChair, f: forgery{chain: text, by: thirdXBO, content: note}},
		{name: "the chair's key that was recovered from", want: signature, f: forgery{chain: text, author: cascadia, by: cascadia, content: note}},
		{name: "a new key for the chair that is the same", want: signature, f: forgery{chain: text, author: cascadia, by: secondXCA, content: negotiation.Rekey{Key: publicOf(secondXCA), Established: recovered}}},
		{name: "an old key for the chair", want: signature, f: forgery{chain: text, author: cascadia, by: cascadia, content: negotiation.Rekey{Key: publicOf(cascadia), Established: joined[cascadia]}}},
		{name: "another's key for the chair", want: negotiation.ErrNotParticipant, f: forgery{chain: text, author: cascadia, by: thirdXBO, content: negotiation.Rekey{Key: publicOf(thirdXBO), Established: rotated}}},
		{name: "succeeding by nobody's word", want: negotiation.ErrNotChair, f: forgery{chain: text, author: aurelia, by: aurelia, content: negotiation.Succeed{Key: publicOf(aurelia), Established: joined[aurelia]}}},
		{name: "succeeding by words for another", want: negotiation.ErrNotChair, f: forgery{chain: text, author: aurelia, by: aurelia,
			content: negotiation.Succeed{Key: publicOf(aurelia), Established: joined[aurelia], Recognised: []negotiation.ActID{recognised}}}},
		{name: "succeeding twice by the same words", want: negotiation.ErrNotChair, f: forgery{chain: text, author: cascadia, by: secondXCA,
			content: negotiation.Succeed{Key: publicOf(secondXCA), Established: recovered, Recognised: []negotiation.ActID{recognised}}}},
		{name: "recognising after what is not the text", want: negotiation.ErrUnknownAct, f: forgery{by: thirdXBO, content: negotiation.Recognise{Successor: aurelia, Text: joined[aurelia], Established: joined[aurelia]}}},
		{name: "recognising with another's key", want: negotiation.ErrNotParticipant, f: forgery{by: thirdXBO, content: negotiation.Recognise{Successor: aurelia, Text: head, Established: joined[borealia]}}},
	}
}
