package drafts

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"sync"

	git "github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/storer"

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

// A folder is a repository on disk. Loose objects are read here, as many at once as there
// are goroutines; packed ones by go-git, one at a time.
type folder struct {
	dir string // git's

	mu    sync.Mutex // guards what go-git does, which may not be done twice at once
	packs storer.EncodedObjectStorer
}

func openFolder(dir string) (*folder, error) {
	repo, err := git.PlainOpen(dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		return nil, fmt.Errorf("repository: opening %s: %w", dir, ErrNoRecord)
	}
	if err != nil {
		return nil, fmt.Errorf("repository: opening: %w", err)
	}
	return &folder{dir: dir, packs: repo.Storer}, nil
}

func (f *folder) object(id plumbing.Hash) (object, error) {
	o, err := f.loose(id)
	if errors.Is(err, fs.ErrNotExist) {
		o, err = f.packed(id)
	}
	if err != nil {
		return object{}, fmt.Errorf("repository: reading %s: %w", id, err)
	}
	is, err := o.id()
	if err != nil {
		return object{}, err
	}
	if is != id {
		return object{}, ErrDamaged.Because("object %s is damaged", id)
	}
	return o, nil
}

func (f *folder) loose(id plumbing.Hash) (object, error) {
	name := id.String()
	file, err := os.Open(filepath.Join(f.dir, "objects", name[:2], name[2:]))
	if err != nil {
		return object{}, err
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, MaxMessage+1))
	if err != nil {
		return object{}, err
	}
	if len(raw) > MaxMessage {
		return object{}, tooLarge(id)
	}
	return inflate(raw, id)
}

func tooLarge(id plumbing.Hash) error {
	return negotiation.ErrTooLarge.Because("object %s is larger than any of an act", id)
}

// inflaters are zlib readers, each of which is costly to make.
var inflaters sync.Pool

// inflate reads a loose object: its kind, its size, and as many bytes.
func inflate(raw []byte, id plumbing.Hash) (object, error) {
	damaged := ErrDamaged.Because("object %s is damaged", id)
	var z io.ReadCloser
	var err error
	if pooled, ok := inflaters.Get().(io.ReadCloser); ok {
		z, err = pooled, pooled.(zlib.Resetter).Reset(bytes.NewReader(raw), nil)
	} else {
		z, err = zlib.NewReader(bytes.NewReader(raw))
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
	if !ok || err != nil || size < 0 {
		return object{}, damaged
	}
	if size > MaxMessage {
		return object{}, tooLarge(id)
	}
	o := object{body: make([]byte, size)}
	if o.kind, err = plumbing.ParseObjectType(string(kind)); err != nil || len(begin) > size {
		return object{}, damaged
	}
	if _, err := io.ReadFull(z, o.body[copy(o.body, begin):]); err != nil {
		return object{}, damaged
	}
	if n, err := z.Read(first[:1]); n > 0 || !errors.Is(err, io.EOF) {
		return object{}, damaged
	}
	return o, nil
}

func (f *folder) packed(id plumbing.Hash) (object, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	encoded, err := f.packs.EncodedObject(plumbing.AnyObject, id)
	if errors.Is(err, plumbing.ErrObjectNotFound) {
		return object{}, ErrMissing.Because("object %s is not there", id)
	}
	if err != nil {
		return object{}, ErrDamaged.Because("object %s cannot be read from its pack: %v", id, err)
	}
	if encoded.Size() > MaxMessage {
		return object{}, tooLarge(id)
	}
	body, err := contents(encoded)
	return object{encoded.Type(), body}, err
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
