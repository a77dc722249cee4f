package negotiation

// A standing is what a chain has come to after one of its acts: all by which an act
// that follows is judged. It depends on that act and those before it alone, so an act
// is judged alike wherever its chain may be forked. It does not change.
type standing struct {
	writer Code        // who may write next: the record's owner, or the chair
	key    *signingKey // and with which key
	rank   uint64      // of the acts that settle, roughly: what matters most has the highest

	// Of a record alone:
	recovery   PublicKey // "" when there is none
	recoveries uint64    // how often it was recovered

	// Of the text chain alone:
	passing  bool       // the chair was handed over and is not taken up yet
	revision uint64     // number of the newest revision
	tree     ActID      // the newest act with files of its own
	charter  ActID      // the newest act whose charter is understood
	tags     *takenTags // that its acts have come with
}

// succeeded is a rank above that of every recovery.
const succeeded = 1 << 53

type takenTags struct {
	name   string
	before *takenTags
}

func (t *takenTags) has(name string) bool {
	for ; t != nil; t = t.before {
		if t.name == name {
			return true
		}
	}
	return false
}

// after returns what the chain has come to when v follows s. Most acts of a record
// change nothing by which the next one is judged.
func (s *standing) after(l *Ledger, v *Verified) *standing {
	t := *s
	if v.act.Chain == TextChain {
		s.afterText(v, &t)
	}
	if v.beyond {
		return s.changed(&t)
	}
	switch c := v.act.Content.(type) {
	case Convene:
		chair, _ := v.charter.Participant(v.charter.Chair)
		t.writer, t.key, t.revision = chair.Code, &signingKey{key: chair.Key}, 1
	case Revise:
		t.revision = c.Revision
	case HandOver:
		t.writer, t.key, t.passing = c.To, l.acts[c.Joined].after.key, true
	case TakeUp:
		t.passing = false
	case Rekey:
		t.key = l.acts[c.Established].after.key
		t.rank = max(s.rank, l.acts[c.Established].after.recoveries)
	case Succeed:
		t.rank = max(s.rank, succeeded) + 1
		t.writer, t.key, t.passing = v.act.Author, l.acts[c.Established].after.key, false
	case Join:
		t.writer, t.key, t.recovery = v.act.Author, &signingKey{c.Key, v.id, nil}, c.Recovery
	case Rotate:
		t.key = &signingKey{c.Key, v.id, s.key}
	case Recover:
		t.key = &signingKey{c.Key, v.id, s.key}
		t.recoveries++
		t.rank = t.recoveries
		if c.Recovery != "" {
			t.recovery = c.Recovery
		}
	}
	return s.changed(&t)
}

// afterText notes the files and the tag that an act of the text chain brings.
func (s *standing) afterText(v *Verified, t *standing) {
	if len(v.act.Files) > 0 {
		t.tree = v.id
		if !v.beyond {
			t.charter = v.id
		}
	}
	if name, tagged := v.act.Tag(); tagged {
		t.tags = &takenTags{name, s.tags}
	}
}

// changed returns t, or s itself when t is the same.
func (s *standing) changed(t *standing) *standing {
	if *s == *t {
		return s
	}
	return t
}
