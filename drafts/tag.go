package drafts

import (
	"bytes"
	"fmt"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// tagPayload returns the part of a revision's tag that is signed: all of it but the
// signature, which follows. It is determined by the act.
func tagPayload(name string, id plumbing.Hash, a negotiation.Act) []byte {
	return fmt.Appendf(nil, "object %s\ntype commit\ntag %s\ntagger %s <%s> %d +0000\n\n%s\n",
		id, name, a.Author, address(a.Author), a.Time.Unix(), a.Subject())
}

// checkTag demands that raw is the signed tag of a revision.
func checkTag(raw []byte, name string, id plumbing.Hash, v negotiation.Verified) error {
	payload := tagPayload(name, id, v.Act())
	signature, ok := bytes.CutPrefix(raw, payload)
	if !ok {
		return negotiation.ErrNotCanonical.Because("the tag of revision %s is not in canonical form", name)
	}
	return negotiation.VerifySignature(v.SignedBy(), negotiation.ActNamespace, payload, signature)
}
