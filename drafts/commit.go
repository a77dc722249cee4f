package drafts

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	gitobject "github.com/go-git/go-git/v5/plumbing/object"

	"concord/negotiation"
)

// maxCommit bounds a commit object, in bytes: the message, its header and signature.
const maxCommit = negotiation.MaxMessage + 24<<10

// maxParents bounds what one act may be about; each costs 48 bytes of the commit.
const maxParents = 400

// A commit is the git form of one act.
type commit struct {
	tree      plumbing.Hash
	parents   []plumbing.Hash
	author    negotiation.Code
	at        time.Time
	message   []byte
	signature []byte // armoured; nil while unsigned
}

// payload returns the bytes that are signed: the commit without its signature.
func (c commit) payload() ([]byte, error) { return c.encode(nil) }

// payloadOf returns what is signed of an object; false when it is no commit of an act.
func payloadOf(body []byte) ([]byte, bool) {
	c, err := decodeCommit(body)
	if err != nil {
		return nil, false
	}
	payload, err := c.payload()
	return payload, err == nil
}

// encode returns the commit object with this signature.
func (c commit) encode(signature []byte) ([]byte, error) {
	who := gitobject.Signature{Name: string(c.author), Email: address(c.author), When: c.at.UTC()}
	git := gitobject.Commit{
		Author:       who,
		Committer:    who,
		TreeHash:     c.tree,
		ParentHashes: c.parents,
		PGPSignature: string(signature),
		Message:      string(c.message),
	}
	var out plumbing.MemoryObject
	if err := git.Encode(&out); err != nil {
		return nil, fmt.Errorf("commit: encoding: %w", err)
	}
	return contents(&out)
}

// decodeCommit reads a commit object, and refuses any that encode would not have
// written with [negotiation.ErrNotCanonical].
func decodeCommit(raw []byte) (commit, error) {
	if len(raw) > maxCommit {
		return commit{}, negotiation.ErrTooLarge.Because("the act has %d bytes; the most is %d", len(raw), maxCommit)
	}
	if n := bytes.Count(raw, []byte("\nparent ")); n > maxParents {
		return commit{}, negotiation.ErrTooLarge.Because("the act is about more than %d others", maxParents)
	}
	var in plumbing.MemoryObject
	in.SetType(plumbing.CommitObject)
	if _, err := in.Write(raw); err != nil {
		return commit{}, fmt.Errorf("commit: decoding: %w", err)
	}
	var git gitobject.Commit
	if err := git.Decode(&in); err != nil {
		return commit{}, negotiation.ErrNotCanonical.Because("the act is not a git commit: %v", err)
	}
	author, err := negotiation.ParseCode(git.Author.Name)
	if err != nil {
		return commit{}, err
	}
	c := commit{
		tree:      git.TreeHash,
		parents:   git.ParentHashes,
		author:    author,
		at:        git.Author.When.UTC(),
		message:   []byte(git.Message),
		signature: []byte(git.PGPSignature),
	}
	again, err := c.encode(c.signature)
	if err != nil {
		return commit{}, err
	}
	if !bytes.Equal(again, raw) {
		return commit{}, negotiation.ErrNotCanonical.Because("the commit is not in canonical form")
	}
	return c, nil
}

// address is the e-mail address that git wants; .invalid is never delivered (RFC 2606).
func address(c negotiation.Code) string { return strings.ToLower(string(c)) + "@concord.invalid" }

func contents(o plumbing.EncodedObject) (body []byte, err error) {
	r, err := o.Reader()
	if err != nil {
		return nil, fmt.Errorf("object: reading: %w", err)
	}
	defer r.Close()
	if body, err = io.ReadAll(r); err != nil {
		return nil, fmt.Errorf("object: reading: %w", err)
	}
	return body, nil
}
