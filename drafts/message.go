package drafts

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

const (
	messageMagic = "concord-acts 1\n"

	// MaxMessage bounds an acts message, in bytes: what a NATS server takes by default.
	MaxMessage = 1 << 20
	// softMessage is where a message with several acts is cut.
	softMessage = 900 << 10
	maxActs     = 256
)

// The largest act that the rules admit fits one message, with its trees and tag.
const _ = uint(MaxMessage - (negotiation.MaxFiles + maxCommit + 32<<10))

// A parcel is the content of one acts message: consecutive acts of one chain, each
// with the objects that it brings.
type parcel struct {
	chain negotiation.Chain
	from  uint64 // place of the first act
	acts  [][]object
}

// format prints the message; see the package documentation.
func (p parcel) format() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%s%s %d %d\n", messageMagic, p.chain, p.from, len(p.acts))
	for _, act := range p.acts {
		for _, o := range act {
			fmt.Fprintf(&b, "%s %d\n", o.kind, len(o.body))
			b.Write(o.body)
			b.WriteByte('\n')
		}
	}
	return b.Bytes()
}

// parseParcel reads exactly what format prints. Nothing in it is believed.
func parseParcel(raw []byte) (parcel, error) {
	if len(raw) > MaxMessage {
		return parcel{}, negotiation.ErrTooLarge.Because("the message has %d bytes; the most is %d", len(raw), MaxMessage)
	}
	bad := func(what string) (parcel, error) {
		return parcel{}, negotiation.ErrNotCanonical.Because("not an acts message: %s", what)
	}
	rest, ok := bytes.CutPrefix(raw, []byte(messageMagic))
	if !ok {
		return bad("its first line")
	}
	head, rest, ok := bytes.Cut(rest, []byte("\n"))
	fields := strings.Split(string(head), " ")
	if !ok || len(fields) != 3 {
		return bad("its second line")
	}
	chain, err := negotiation.ParseChain(fields[0])
	if err != nil {
		return parcel{}, err
	}
	p := parcel{chain: chain}
	if p.from, err = strconv.ParseUint(fields[1], 10, 53); err != nil || p.from == 0 {
		return bad("the place of its first act")
	}
	count, err := strconv.Atoi(fields[2])
	if err != nil || count < 1 || count > maxActs {
		return bad("the number of its acts")
	}
	for len(rest) > 0 {
		var o object
		if o, rest, err = cutObject(rest); err != nil {
			return parcel{}, err
		}
		switch {
		case o.kind == plumbing.CommitObject:
			p.acts = append(p.acts, []object{o})
		case len(p.acts) == 0:
			return bad("it does not begin with a commit")
		default:
			last := &p.acts[len(p.acts)-1]
			*last = append(*last, o)
		}
	}
	if len(p.acts) != count || !bytes.Equal(p.format(), raw) {
		return bad("it is not in canonical form")
	}
	return p, nil
}

// cutObject takes one object off the front of b.
func cutObject(b []byte) (object, []byte, error) {
	head, rest, _ := bytes.Cut(b, []byte("\n"))
	kind, digits, _ := strings.Cut(string(head[:min(len(head), 20)]), " ")
	size, err := strconv.Atoi(digits)
	if err != nil || size < 0 || size >= len(rest) || rest[size] != '\n' {
		return object{}, nil, negotiation.ErrNotCanonical.Because("not an acts message: the size of an object")
	}
	kinds := []plumbing.ObjectType{plumbing.CommitObject, plumbing.TreeObject, plumbing.BlobObject, plumbing.TagObject}
	i := slices.IndexFunc(kinds, func(k plumbing.ObjectType) bool { return k.String() == kind })
	if i < 0 {
		return object{}, nil, negotiation.ErrNotCanonical.Because("not an acts message: the type of an object")
	}
	return object{kinds[i], rest[:size:size]}, rest[size+1:], nil
}
