package drafts

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strconv"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"concord/negotiation"
)

// The faults of a repository's objects, beside those of package negotiation.
const (
	ErrMissing negotiation.Fault = "missing" // an object that something leads to is not there
	ErrDamaged negotiation.Fault = "damaged" // an object or a ref is not what its name says
)

// ErrNoRecord says that there is no record of a negotiation where one was looked for.
var ErrNoRecord = errors.New("no record of a negotiation")

// A source is where a record is read from. Any number of goroutines may read it.
type source interface {
	// object returns an object that has been checked against its name. The error is
	// [ErrMissing], [ErrDamaged], [negotiation.ErrTooLarge] or
	// [negotiation.ErrTree], or the disk's.
	object(plumbing.Hash) (object, error)
	// refs returns where all refs point; symbolic ones are left out. A torn one that
	// should lead to a chain is [ErrDamaged].
	refs() (map[string]plumbing.Hash, error)
}

// A folder is a repository on disk, with loose objects and packed ones. Any number of
// goroutines may read it; packs are read by one at a time.
type folder struct {
	dir string // git's

	mu     sync.Mutex // guards all below
	looked bool       // for packs
	packs  []*pack
	broken error // why the first pack that cannot be read cannot
}

// openFolder opens the repository in dir, to be read and not written. The error is what
// [checkLayout] finds.
func openFolder(dir string) (*folder, error) {
	if err := checkLayout(dir); err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	return &folder{dir: dir}, nil
}

func (f *folder) object(id plumbing.Hash) (object, error) {
	o, err := f.loose(id, MaxMessage)
	if errors.Is(err, fs.ErrNotExist) {
		o, err = f.packed(id)
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = ErrMissing.Because("object %s is not there", id)
	}
	if err == nil {
		err = checkName(o, id)
	}
	if err != nil {
		return object{}, fmt.Errorf("repository: reading %s: %w", id, err)
	}
	return o, nil
}

// checkName demands that an object has the name that it goes by.
func checkName(o object, id plumbing.Hash) error {
	is, err := o.id()
	if err == nil && is != id {
		err = ErrDamaged.Because("object %s is damaged", id)
	}
	return err
}

// loose reads a loose object of at most so many bytes, compressed or not.
func (f *folder) loose(id plumbing.Hash, most int) (object, error) {
	name := id.String()
	file, err := openRegular(filepath.Join(f.dir, "objects", name[:2], name[2:]))
	if err != nil {
		return object{}, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, int64(most)+1))
	if err != nil {
		return object{}, err
	}
	if len(raw) > most {
		return object{}, tooLarge(id)
	}
	return inflate(raw, id, most)
}

func tooLarge(id plumbing.Hash) error {
	return negotiation.ErrTooLarge.Because("object %s is larger than any of an act", id)
}

// inflaters are zlib readers, each of which is costly to make.
var inflaters sync.Pool

// inflate reads a loose object: its kind, its size of at most so many bytes, and as many
// bytes, and nothing behind them.
func inflate(raw []byte, id plumbing.Hash, most int) (object, error) {
	damaged := ErrDamaged.Because("object %s is damaged", id)
	var z io.ReadCloser
	var err error
	in := bytes.NewReader(raw)
	if pooled, ok := inflaters.Get().(io.ReadCloser); ok {
		z, err = pooled, pooled.(zlib.Resetter).Reset(in, nil)
	} else {
		z, err = zlib.NewReader(in)
	}
	if err != nil {
		return object{}, damaged
	}
	defer inflaters.Put(z)
	var first [32]byte
	n, err := io.ReadFull(z, first[:])
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return object{}, damaged
	}
	head, begin, ok := bytes.Cut(first[:n], []byte{0})
	kind, digits, _ := bytes.Cut(head, []byte(" "))
	size, err := strconv.Atoi(string(digits))
	if !ok || err != nil || strconv.Itoa(size) != string(digits) || size < 0 {
		return object{}, damaged
	}
	if size > most {
		return object{}, tooLarge(id)
	}
	var o object
	if o.kind, err = plumbing.ParseObjectType(string(kind)); err != nil || o.kind.IsDelta() || len(begin) > size {
		return object{}, damaged
	}
	if o.body, err = readSized(io.MultiReader(bytes.NewReader(bytes.Clone(begin)), z), size); err != nil {
		return object{}, damaged
	}
	if n, err := z.Read(first[:1]); n > 0 || !errors.Is(err, io.EOF) || in.Len() > 0 {
		return object{}, damaged
	}
	return o, nil
}

// readFrom returns the content of an object that is of a kind.
func readFrom(from source, kind plumbing.ObjectType, id plumbing.Hash) ([]byte, error) {
	o, err := from.object(id)
	if err != nil {
		return nil, err
	}
	if o.kind != kind {
		return nil, ErrDamaged.Because("object %s is a %s; a %s belongs there", id, o.kind, kind)
	}
	return o.body, nil
}
