package drafts

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/filemode"

	"concord/negotiation"
)

// TestReceiveRefuses: each kind of bad message has its named fault, and leaves no
// object behind.
func TestReceiveRefuses(t *testing.T) {
	from, messages := played(t)
	to := open(t, t.TempDir(), from.State().Negotiation)
	for _, m := range messages[:3] {
		if err := to.Receive(context.Background(), m); err != nil {
			t.Fatal(err)
		}
	}
	good, err := parseParcel(messages[3])
	if err != nil {
		t.Fatal(err)
	}
	edit := func(f func(act []object) []object) []byte {
		p := parcel{chain: good.chain, from: good.from}
		p.acts = [][]object{f(append([]object(nil), good.acts[0]...))}
		return p.format()
	}
	commit := func(old, new string) []byte {
		return edit(func(act []object) []object {
			if !bytes.Contains(act[0].body, []byte(old)) {
				t.Fatalf("the commit has no %q", old)
			}
			act[0].body = bytes.Replace(act[0].body, []byte(old), []byte(new), 1)
			return act
		})
	}
	misplaced := good
	misplaced.from = 9
	foreign := good
	foreign.chain = "record/XAU"
	for name, c := range map[string]struct {
		message []byte
		want    negotiation.Fault
	}{
		"empty":                    {nil, negotiation.ErrNotCanonical},
		"another format":           {[]byte("hello"), negotiation.ErrNotCanonical},
		"too large":                {make([]byte, MaxMessage+1), negotiation.ErrTooLarge},
		"cut short":                {messages[3][:len(messages[3])-9], negotiation.ErrNotCanonical},
		"a tampered explanation":   {commit("Reasons", "Seasons"), negotiation.ErrSignature},
		"an author who is another": {commit("author XBO", "author XAU"), negotiation.ErrNotCanonical},
		"another date":             {commit(" +0000", " +0100"), negotiation.ErrNotCanonical},
		"a header more":            {commit("gpgsig ", "encoding latin1\ngpgsig "), negotiation.ErrNotCanonical},
		"no signature":             {commit("gpgsig -----BEGIN SSH SIGNATURE-----", "gpgsig -----BEGIN SSH"), negotiation.ErrSignature},
		"armour wrapped anew":      {commit("\n U1NIU", " \n U1NIU"), negotiation.ErrSignature},
		"a foreign chain":          {foreign.format(), negotiation.ErrForeignChain},
		"another place":            {misplaced.format(), negotiation.ErrNotCanonical},
		"an object twice": {edit(func(act []object) []object {
			return append(act, act[len(act)-1])
		}), negotiation.ErrTree},
		"a gap":                     {messages[4], negotiation.ErrGap},
		"an act about one not here": {messages[5], negotiation.ErrGap},
		"a blob missing":            {edit(func(act []object) []object { return act[:len(act)-1] }), negotiation.ErrTree},
		"an object too many": {edit(func(act []object) []object {
			return append(act, object{plumbing.BlobObject, []byte("smuggled")})
		}), negotiation.ErrTree},
		"a tag that belongs nowhere": {edit(func(act []object) []object {
			return append(act, object{plumbing.TagObject, []byte("object 0\n")})
		}), negotiation.ErrTree},
		"a text that is another": {edit(func(act []object) []object {
			for i, o := range act {
				if o.kind == plumbing.BlobObject {
					act[i].body = append([]byte("x"), o.body...)
				}
			}
			return act
		}), negotiation.ErrTree},
	} {
		t.Run(name, func(t *testing.T) {
			digest, objects := to.State().Digest(), count(t, to)
			err := to.Receive(context.Background(), c.message)
			if !errors.Is(err, c.want) {
				t.Errorf("reading: error %v, not fault %q", err, c.want)
			}
			if to.State().Digest() != digest || count(t, to) != objects {
				t.Error("a refused message left something behind")
			}
		})
	}
	if err := to.Receive(context.Background(), messages[3]); err != nil {
		t.Errorf("the good message after all the bad ones: %v", err)
	}
}

// TestTreesRefused: trees that no act may have.
func TestTreesRefused(t *testing.T) {
	id := strings.Repeat("\x01", 20)
	for name, raw := range map[string]string{
		"a symbolic link":   "120000 a\x00" + id,
		"an executable":     "100755 a\x00" + id,
		"a submodule":       "160000 a\x00" + id,
		"not in order":      "100644 b\x00" + id + "100644 a\x00" + id,
		"a padded mode":     "040000 a\x00" + id,
		"cut short":         "100644 a\x00" + id[:10],
		"without a name":    "100644\x00" + id,
		"too many entries":  strings.Repeat("100644 a\x00"+id, maxTreeFiles+1),
		"something behind":  "100644 a\x00" + id + "x",
		"an unknown letter": "x",
	} {
		if entries, err := decodeTree([]byte(raw)); !errors.Is(err, negotiation.ErrTree) {
			t.Errorf("%s: %v, %v", name, entries, err)
		}
	}
}

// TestDeepTree: a tree that goes on and on is left at the depth that acts may have.
func TestDeepTree(t *testing.T) {
	set := objects{}
	id, err := set.add(object{plumbing.BlobObject, []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	entry := treeEntry{filemode.Regular, "x", id}
	reads := 0
	for range 1000 {
		if id, err = set.add(object{plumbing.TreeObject, encodeTree([]treeEntry{entry})}); err != nil {
			t.Fatal(err)
		}
		entry = treeEntry{filemode.Dir, "d", id}
	}
	_, _, err = readTree(id, func(_ plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
		reads++
		return set[id].body, nil
	})
	if !errors.Is(err, negotiation.ErrTree) || reads > maxTreeDepth+1 {
		t.Errorf("reading: error %v after %d objects", err, reads)
	}
}

func FuzzParseParcel(f *testing.F) {
	_, messages := played(f)
	for _, m := range messages {
		f.Add(m)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parseParcel(raw)
		if err != nil {
			if _, named := negotiation.FaultOf(err); !named {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		if !bytes.Equal(p.format(), raw) {
			t.Fatalf("accepted %q, prints %q", raw, p.format())
		}
	})
}

func FuzzDecodeCommit(f *testing.F) {
	_, messages := played(f)
	for _, m := range messages {
		p, err := parseParcel(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(p.acts[0][0].body)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		c, err := decodeCommit(raw)
		if err != nil {
			if _, named := negotiation.FaultOf(err); !named {
				t.Fatalf("an error without a name: %v", err)
			}
			return
		}
		if again, err := c.encode(c.signature); err != nil || !bytes.Equal(again, raw) {
			t.Fatalf("accepted %q, encodes %q (%v)", raw, again, err)
		}
	})
}
