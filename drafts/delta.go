package drafts

const (
	// smallestDelta is of how many bytes git takes no fewer for one.
	smallestDelta = 4
	// maxDeltaSize bounds each of the two sizes that a delta begins with, in bytes.
	maxDeltaSize = 9
)

// applyDelta rebuilds an object from its base and git's instructions: the sizes of
// both, then pieces to copy from the base and bytes to insert (gitformat-pack, "Deltified
// representation"). It makes exactly size bytes or fails with [ErrBundle]; size is what
// the caller has found bearable.
func applyDelta(base, delta []byte, size int) ([]byte, error) {
	bad := func(what string) ([]byte, error) { return nil, ErrBundle.Because("a delta in the pack %s", what) }
	if len(delta) < smallestDelta {
		return bad("is broken off")
	}
	from, delta, ok := deltaSize(delta)
	if !ok || from != uint64(len(base)) {
		return bad("is for another object than its base")
	}
	to, delta, ok := deltaSize(delta)
	if !ok || to == 0 || to != uint64(size) { // git takes none of nothing
		return bad("does not say how much it makes")
	}
	out := make([]byte, 0, size)
	for len(delta) > 0 {
		op := delta[0]
		delta = delta[1:]
		var piece []byte
		switch {
		case op&0x80 != 0:
			var at, n int
			if at, n, delta, ok = deltaCopy(op, delta); !ok || at > len(base) || n > len(base)-at {
				return bad("copies what its base does not have")
			}
			piece = base[at : at+n]
		case op == 0 || int(op) > len(delta):
			return bad("is broken off")
		default:
			piece, delta = delta[:op], delta[op:]
		}
		if len(piece) > size-len(out) {
			return bad("makes more than it says")
		}
		out = append(out, piece...)
	}
	if len(out) != size {
		return bad("makes less than it says")
	}
	return out, nil
}

// deltaTarget returns how many bytes a delta says that it makes.
func deltaTarget(delta []byte) (uint64, bool) {
	_, delta, ok := deltaSize(delta)
	if !ok {
		return 0, false
	}
	size, _, ok := deltaSize(delta)
	return size, ok
}

// deltaSize takes a size off the front of a delta: seven bits a byte, the lowest first.
func deltaSize(b []byte) (size uint64, rest []byte, ok bool) {
	for i := 0; i < len(b) && i < maxDeltaSize; i++ {
		size |= uint64(b[i]&0x7f) << (7 * i)
		if b[i]&0x80 == 0 {
			return size, b[i+1:], true
		}
	}
	return 0, nil, false
}

// deltaCopy reads which piece of the base an instruction copies.
func deltaCopy(op byte, b []byte) (at, n int, rest []byte, ok bool) {
	var field [7]byte // four bytes of the offset, three of the length
	for i := range field {
		if op&(1<<i) == 0 {
			continue
		}
		if len(b) == 0 {
			return 0, 0, nil, false
		}
		field[i], b = b[0], b[1:]
	}
	at = int(field[0]) | int(field[1])<<8 | int(field[2])<<16 | int(field[3])<<24
	n = int(field[4]) | int(field[5])<<8 | int(field[6])<<16
	if n == 0 {
		n = 0x10000
	}
	return at, n, b, true
}
