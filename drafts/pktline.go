package drafts

import (
	"errors"
	"fmt"
	"io"
	"strconv"

	"concord/negotiation"
)

// ErrRequest says that what a client sent is not a request in git's pack protocol, or
// asks for what is not given.
const ErrRequest negotiation.Fault = "git-request"

// A packetKind is what a pkt-line is (gitprotocol-common): data, or one of the marks.
type packetKind int

const (
	dataPacket packetKind = iota
	flushPacket
	delimPacket
	endOfInput // nothing more comes
)

const (
	maxPacket = 65520 // of a pkt-line, with its length
	// maxBand is the most that a pkt-line of side-band-64k carries, without length and band.
	maxBand      = maxPacket - 5
	maxSmallBand = 1000 - 5

	// maxRequest bounds a request, in bytes: some eighty thousand haves.
	maxRequest = 4 << 20
)

// A packetReader reads the pkt-lines of one request.
type packetReader struct {
	r      io.Reader
	left   int // bytes that may still come
	buffer []byte
}

func newPacketReader(r io.Reader) *packetReader { return &packetReader{r: r, left: maxRequest} }

// next reads one pkt-line; a line feed at its end is left away. The bytes are good until
// next is called again.
func (p *packetReader) next() (packetKind, string, error) {
	var digits [4]byte
	if err := p.fill(digits[:]); errors.Is(err, io.EOF) {
		return endOfInput, "", nil
	} else if err != nil {
		return 0, "", err
	}
	size, err := strconv.ParseUint(string(digits[:]), 16, 17)
	switch {
	case err != nil || size > maxPacket || size == 3 || size == 2:
		return 0, "", ErrRequest.Because("a pkt-line has no length that one can have")
	case size == 0:
		return flushPacket, "", nil
	case size == 1:
		return delimPacket, "", nil
	}
	if p.buffer == nil {
		p.buffer = make([]byte, maxPacket)
	}
	line := p.buffer[:size-4]
	if err := p.fill(line); errors.Is(err, io.EOF) {
		return 0, "", ErrRequest.Because("the request is broken off")
	} else if err != nil {
		return 0, "", err
	}
	if n := len(line); n > 0 && line[n-1] == '\n' {
		line = line[:n-1]
	}
	return dataPacket, string(line), nil
}

// fill reads as much as b takes; nothing at all is [io.EOF].
func (p *packetReader) fill(b []byte) error {
	if p.left -= len(b); p.left < 0 {
		return ErrRequest.Because("the request has more than %d bytes", maxRequest)
	}
	_, err := io.ReadFull(p.r, b)
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrRequest.Because("the request is broken off")
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("git request: reading: %w", err)
	}
	return err
}

// A packetWriter writes pkt-lines. After an error it writes nothing.
type packetWriter struct {
	w   io.Writer
	err error
}

// line writes one pkt-line of text.
func (p *packetWriter) line(format string, args ...any) {
	text := fmt.Sprintf(format, args...) + "\n"
	p.raw(fmt.Appendf(nil, "%04x%s", len(text)+4, text))
}

func (p *packetWriter) flush() { p.raw([]byte("0000")) }

func (p *packetWriter) raw(b []byte) {
	if p.err == nil {
		_, p.err = p.w.Write(b)
	}
}

// A band is one of the streams that share an answer (side-band-64k): data in the first,
// what ends it in the third. It gathers what it carries until a pkt-line is full.
type band struct {
	out    *packetWriter
	most   int    // that a pkt-line carries; 0 when the pack stands there without pkt-lines
	filled []byte // of the pkt-line to come
}

// Write implements [io.Writer].
func (b *band) Write(p []byte) (int, error) {
	if b.most == 0 {
		b.out.raw(p)
		return len(p), b.out.err
	}
	for rest := p; len(rest) > 0; {
		n := min(len(rest), b.most-len(b.filled))
		b.filled, rest = append(b.filled, rest[:n]...), rest[n:]
		if len(b.filled) == b.most {
			b.send(1, b.filled)
			b.filled = b.filled[:0]
		}
	}
	return len(p), b.out.err
}

// end sends what is left of the data, or in place of it why there is no more, and the end.
func (b *band) end(failure string) {
	switch {
	case b.most == 0:
		return
	case failure != "":
		b.send(3, []byte(failure))
	case len(b.filled) > 0:
		b.send(1, b.filled)
	}
	b.out.flush()
}

func (b *band) send(number byte, data []byte) {
	b.out.raw(append(fmt.Appendf(nil, "%04x%c", len(data)+5, number), data...))
}
