package drafts

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"errors"
	"io"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// agent is how a node names itself to git.
const agent = "agent=concord"

// capabilities are what versions 0 and 1 of the protocol are told that is done here.
// Shallow and partial clones are not among it: half a record proves nothing.
const capabilities = "multi_ack multi_ack_detailed side-band side-band-64k no-progress include-tag object-format=sha1 " + agent

// offer returns what the public refs lead to now: as they stood together when an act was
// last acknowledged.
func (r *Repository) offer(ctx context.Context) (offer, error) {
	var refs []ref
	r.mu.Lock()
	closed, held := r.closed, r.durable.Load()
	for name, id := range r.refsOf(held, held.Chains()...) {
		refs = append(refs, ref{name, id})
	}
	r.mu.Unlock()
	if closed {
		return offer{}, ErrClosed
	}
	return r.gallery.look(ctx, refs)
}

// Advertise writes what answers git's GET of info/refs?service=git-upload-pack in a
// version of the pack protocol, 0 to 2 (gitprotocol-http): the public refs, or in
// version 2 what can be asked.
func (r *Repository) Advertise(ctx context.Context, version int, w io.Writer) error {
	o, err := r.offer(ctx)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriter(w)
	out := &packetWriter{w: buffer}
	if version == 2 {
		for _, line := range []string{"version 2", agent, "ls-refs", "fetch", "object-format=sha1"} {
			out.line("%s", line)
		}
	} else {
		out.line("# service=git-upload-pack")
		out.flush()
		if version == 1 {
			out.line("version 1")
		}
		o.advertise(out)
	}
	out.flush()
	if out.err == nil {
		out.err = buffer.Flush()
	}
	return out.err
}

// advertise writes the refs as versions 0 and 1 have them.
func (o offer) advertise(out *packetWriter) {
	told := "\x00" + capabilities
	if head, ok := o.head(); ok {
		out.line("%s HEAD%s symref=HEAD:%s", head, told, headRef)
		told = ""
	}
	for _, r := range o.refs {
		out.line("%s %s%s", r.id, r.name, told)
		told = ""
		if commit, tag := o.peeled[r.id]; tag {
			out.line("%s %s^{}", commit, r.name)
		}
	}
	if told != "" {
		out.line("%s capabilities^{}%s", plumbing.ZeroHash, told)
	}
}

const headRef = headsPrefix + string(negotiation.TextChain)

// head returns where HEAD leads; false before there is a text.
func (o offer) head() (plumbing.Hash, bool) {
	for _, r := range o.refs {
		if r.name == headRef {
			return r.id, true
		}
	}
	return plumbing.ZeroHash, false
}

// UploadPack answers one POST to git-upload-pack in a version of the pack protocol, 0 to 2.
// A request that is not one, or asks for what is not given, gets git's own answer to such
// and is no error. What is given is what the public refs led to when the request came.
func (r *Repository) UploadPack(ctx context.Context, version int, request io.Reader, w io.Writer) error {
	o, err := r.offer(ctx)
	if err != nil {
		return err
	}
	var answer bytes.Buffer // until all that was asked has been read
	u := &upload{offer: o, in: newPacketReader(request), out: &packetWriter{w: &answer}, wants: idSet{}, haves: idSet{}}
	send := false
	if version == 2 {
		send, err = u.command()
	} else {
		send, err = u.negotiate()
	}
	if errors.Is(err, ErrRequest) {
		answer.Reset()
		u.out.line("ERR upload-pack: %v", err)
		send, err = false, nil
	}
	if err != nil {
		return err
	}
	if _, err := w.Write(answer.Bytes()); err != nil || !send {
		return err
	}
	return r.gallery.send(ctx, u, w)
}

// An upload is one request and its answer.
type upload struct {
	offer
	in  *packetReader
	out *packetWriter

	wants, haves idSet // of the offer; what else the client has is of no use
	includeTag   bool
	most         int // that a pkt-line of the pack carries; 0 when it stands there bare
}

// id reads the name of an object.
func (u *upload) id(digits string) (plumbing.Hash, error) {
	if len(digits) != 40 || !plumbing.IsHash(digits) {
		return plumbing.ZeroHash, ErrRequest.Because("not the name of an object")
	}
	return plumbing.NewHash(digits), nil
}

// want takes down what the client wants: commits and tags that the public refs lead to,
// and nothing else, whether it is here or not.
func (u *upload) want(digits string) error {
	id, err := u.id(digits)
	if err != nil {
		return err
	}
	if !u.offer.has(id) {
		return ErrRequest.Because("not our ref %s", id)
	}
	u.wants.add(id)
	return nil
}

// have takes down what the client has, and reports whether it is of the offer and was not
// said before.
func (u *upload) have(digits string) (id plumbing.Hash, common bool, err error) {
	id, err = u.id(digits)
	if err != nil || !u.offer.has(id) || u.haves.has(id) {
		return id, false, err
	}
	u.haves.add(id)
	return id, true, nil
}

// send writes what the client lacks.
func (g *gallery) send(ctx context.Context, u *upload, w io.Writer) error {
	lacks := g.missing(u.offer, u.wants, u.haves, u.includeTag)
	from, err := openFolder(g.dir)
	if err != nil {
		return err
	}
	buffer := bufio.NewWriterSize(w, maxPacket)
	b := &band{out: &packetWriter{w: buffer}, most: u.most}
	failure := ""
	if err = writePack(ctx, b, from, lacks.objects); err != nil {
		failure = "the node cannot read its record; its log says why\n"
	}
	b.end(failure)
	return cmp.Or(err, b.out.err, buffer.Flush())
}

// refuseLine says that a line asks for what is not given, or is none at all.
func refuseLine(line string) error {
	word, _, _ := strings.Cut(line, " ")
	switch {
	case word == "shallow" || strings.HasPrefix(word, "deepen"):
		return ErrRequest.Because("a record is given whole: clone it without --depth")
	case word == "filter":
		return ErrRequest.Because("a record is given whole: clone it without --filter")
	case word == "want-ref":
		return ErrRequest.Because("refs are wanted by what they lead to")
	}
	return ErrRequest.Because("a line that is not understood")
}
