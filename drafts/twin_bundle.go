package drafts

import (
	"context"
	"errors"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// receiveFrom is Receive, with the twins that acts of the message name taken from the bundle.
func (r *Repository) receiveFrom(ctx context.Context, b *Bundle, message []byte) error {
	var asked []negotiation.Head
	for {
		err := r.Receive(ctx, message)
		var lacks *lacking
		if !errors.As(err, &lacks) || slices.Equal(lacks.Lacks(), asked) {
			return err
		}
		asked = lacks.Lacks()
		for _, one := range lacks.acts {
			o, found, unreadable := b.find(one.commit)
			if unreadable != nil {
				return unreadable
			}
			if !found || o.kind != plumbing.CommitObject || len(o.body) > maxCommit {
				return err
			}
			a := one.of.Act()
			if err := r.Receive(ctx, parcel{a.Chain, a.Sequence, [][]object{{o}}}.format()); err != nil {
				return err
			}
		}
	}
}

// taggedTwin returns the commit of an act that its tag is of: of several, one comes with it.
func (b *Bundle) taggedTwin(commit, tag object, act negotiation.ActID) (object, error) {
	id, ok := tagTarget(tag.body)
	if !ok {
		return commit, nil
	}
	twin, found, err := b.find(id)
	if err != nil || !found {
		return commit, err
	}
	if payload, ok := payloadOf(twin.body); !ok || negotiation.IDOf(payload) != act {
		return commit, nil
	}
	return twin, nil
}
