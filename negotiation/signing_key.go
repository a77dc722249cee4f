package negotiation

// A signingKey is a key that counts from the place after an act on.
type signingKey struct {
	key    PublicKey
	act    ActID       // of its owner's record, which established it; zero for the key of a convening
	before *signingKey // what it replaced; nil for the first
}

// descends reports whether the act established k, or a key that k has replaced.
func (k *signingKey) descends(act ActID) bool {
	for ; k != nil; k = k.before {
		if k.act == act {
			return true
		}
	}
	return false
}

// replaced reports whether k came after another key of the same record. The key of a
// convening is that of the chair's joining.
func (k *signingKey) replaced(other *signingKey) bool {
	for k = k.before; k != nil; k = k.before {
		if k.act == other.act || other.act.IsZero() && k.key == other.key {
			return true
		}
	}
	return false
}

// used reports whether a key is k or one that k has replaced.
func (k *signingKey) used(key PublicKey) bool {
	for ; k != nil; k = k.before {
		if k.key == key {
			return true
		}
	}
	return false
}

// established returns the key that an act of a participant's record established.
func (l *Ledger) established(id ActID, by Code, key PublicKey) (*signingKey, error) {
	v := l.acts[id]
	if v.act.Chain != RecordOf(by) || v.after.key.act != id || v.after.key.key != key {
		return nil, ErrNotParticipant.Because("%s has not joined with that key, or changed to it, in what is cited", by)
	}
	return v.after.key, nil
}

// keyFor returns the key that counts at an act's place, if its author may write there.
func (l *Ledger) keyFor(a Act, files map[string][]byte) (PublicKey, error) {
	if owner, isRecord := a.Chain.Owner(); isRecord {
		if a.Author != owner {
			return "", ErrForeignChain.Because("%s writes in the record of %s", a.Author, owner)
		}
		return l.recordKey(a)
	}
	if a.Sequence > 1 {
		key, err := l.chairKey(a)
		if err != nil {
			return "", err
		}
		return key.key, nil
	}
	// The convening act names its own key: the negotiation's name is the act's.
	charter, err := ParseCharter(charterPath, files[charterPath])
	if err != nil {
		return "", err
	}
	if a.Author != charter.Chair {
		return "", ErrNotChair.Because("%s convenes; the chair of the charter is %s", a.Author, charter.Chair)
	}
	chair, _ := charter.Participant(charter.Chair)
	return chair.Key, nil
}

// chairKey returns the key that counts at an act's place of the text chain.
func (l *Ledger) chairKey(a Act) (*signingKey, error) {
	if c, succeeds := a.Content.(Succeed); succeeds {
		return c.signedWith(l, a)
	}
	before := l.before(a)
	if a.Author != before.writer {
		return nil, ErrNotChair.Because("%s writes in the text chain; the chair is %s", a.Author, before.writer)
	}
	if c, rekeys := a.Content.(Rekey); rekeys {
		return c.signedWith(l, a)
	}
	return before.key, nil
}

// recordKey returns the key that counts at an act's place of a record.
func (l *Ledger) recordKey(a Act) (PublicKey, error) {
	if join, ok := a.Content.(Join); ok && a.Sequence == 1 {
		if cited := l.acts[join.Charter]; cited.act.Chain != TextChain || !cited.act.Content.bringsText() {
			return "", ErrNotParticipant.Because("%s does not cite an act with a charter", a.Author)
		}
		named, ok := l.acts[join.Charter].charter.Participant(a.Author)
		if !ok {
			return "", ErrUnknownChain.Because("the charter does not name %s", a.Author)
		}
		if named.Key != join.Key {
			return "", ErrNotParticipant.Because("the charter has another key for %s", a.Author)
		}
		return join.Key, nil
	}
	before := l.before(a)
	if _, recovers := a.Content.(Recover); recovers {
		if before.recovery == "" {
			return "", ErrInadmissible.Because("%s named no recovery key when it joined", a.Author)
		}
		return before.recovery, nil
	}
	return before.key.key, nil
}
