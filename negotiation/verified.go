package negotiation

import (
	"bytes"
	"crypto/sha256"
	"slices"
	"strings"

	"concord/negotiation/redline"
)

const charterPath = "charter.toml"

// MaxFiles is the most that the files of one act's tree may have together, in
// bytes: a charter, a text and a redline of the largest size and some more.
const MaxFiles = 896 << 10

// Sealed is an act in canonical form whose signature fits it, by the key that the
// signature names. Whether that key counts at the act's place is for [Ledger.Verify].
type Sealed struct {
	id   ActID
	act  Act
	key  PublicKey
	size int // of payload and signature, in bytes
}

// ID returns the act's name.
func (s Sealed) ID() ActID { return s.id }

// Act returns what the act says. It may yet be out of place.
func (s Sealed) Act() Act { return s.act }

// Unseal reads an act as it comes from outside: payload is what was signed, a header
// that the keeping needs, an empty line and the act's message; signature is an SSH
// signature, armoured, in the namespace [ActNamespace]. It depends on nothing else, so
// many acts can be unsealed at once. The error is a [Fault]: [ErrTooLarge],
// [ErrNotCanonical], [ErrText] or [ErrSignature].
func Unseal(payload, signature []byte) (Sealed, error) {
	raw, ok := messageOf(payload)
	if !ok {
		return Sealed{}, ErrNotCanonical.Because("the act has no message")
	}
	act, err := ParseAct(raw)
	if err != nil {
		return Sealed{}, err
	}
	key, err := signatory(ActNamespace, payload, signature)
	if err != nil {
		return Sealed{}, err
	}
	return Sealed{IDOf(payload), act, key, len(payload) + len(signature)}, nil
}

// Verified is an act that passed [Ledger.Verify]: written by the owner of its
// chain, at its place, in canonical form, with texts that are what it says. There is no
// other way to one.
type Verified struct {
	id      ActID
	act     Act
	key     PublicKey
	charter Charter // of its tree, if it has one
	text    Text    // of its tree, if it has one
	redline redline.Redline
	files   map[string][]byte // of an act of the text chain, for those who build on it
	size    int               // of payload, signature and all files, in bytes

	// beyond says that the act is of a kind not known here, or builds on one that
	// is: it is genuine, and what it means is not understood.
	beyond bool

	settles bool      // it decides between the sides of a fork that it lies on
	after   *standing // what its chain has come to with it
}

// ID returns the act's name.
func (v Verified) ID() ActID { return v.id }

// Act returns what the act says.
func (v Verified) Act() Act { return v.act }

// SignedBy returns the key that signed the act: the one in force at its place, or the
// recovery key.
func (v Verified) SignedBy() PublicKey { return v.key }

// Text returns the text in the negotiating language that the act's tree has; empty when it brings none.
func (v Verified) Text() Text { return v.text }

// Redline returns the redline that a proposal or a revision carries.
func (v Verified) Redline() redline.Redline { return v.redline }

// redlineFile returns where the redline of a text file stands: beside it.
func redlineFile(text string) string { return strings.TrimSuffix(text, ".md") + redlineSuffix }

const redlineSuffix = ".redline"

// checkFiles checks the files against their sums.
func (v *Verified) checkFiles(files map[string][]byte) error {
	if len(files) != len(v.act.Files) {
		return ErrTree.Because("the tree has %d files; the act names %d", len(files), len(v.act.Files))
	}
	total := 0
	for _, f := range v.act.Files {
		content, ok := files[f.Path]
		if !ok {
			return ErrTree.Because("file %s is not in the tree", f.Path)
		}
		if total += len(content); total > MaxFiles {
			return ErrTooLarge.Because("the files have more than %d bytes", MaxFiles)
		}
		if sha256.Sum256(content) != f.SHA256 {
			return ErrTree.Because("file %s is not what the act says", f.Path)
		}
	}
	v.size += total
	if v.act.Chain == TextChain {
		v.files = files
	}
	return nil
}

// readFiles reads the charter, the text and the redline that acts of known kinds
// bring.
func (l *Ledger) readFiles(v *Verified, files map[string][]byte) error {
	raw, ok := files[charterPath]
	if !ok {
		return ErrTree.Because("file %s is missing", charterPath)
	}
	var err error
	if v.charter, err = l.readCharter(v.act, raw); err != nil {
		return err
	}
	name := v.charter.TextFile()
	if raw, ok = files[name]; !ok {
		return ErrTree.Because("file %s is missing", name)
	}
	if v.text, err = ParseText(name, raw); err != nil {
		return err
	}
	if raw, ok = files[redlineFile(name)]; ok {
		if v.redline, err = redline.Parse(raw); err != nil {
			return ErrRedline.Because("%s: %v", redlineFile(name), err)
		}
	}
	return nil
}

// readCharter reads the charter that an act brings, unless it is that of an act which it
// cites: then it has been read.
func (l *Ledger) readCharter(a Act, raw []byte) (Charter, error) {
	for _, id := range a.cited() {
		if known := l.acts[id].charter; len(raw) > 0 && bytes.Equal(known.raw, raw) {
			return known, nil
		}
	}
	return ParseCharter(charterPath, raw)
}

// onlyFiles refuses any other set of files.
func (v *Verified) onlyFiles(paths ...string) error {
	slices.Sort(paths)
	for i, f := range v.act.Files {
		if i >= len(paths) || f.Path != paths[i] {
			return ErrTree.Because("file %s does not belong to an act of this kind", f.Path)
		}
	}
	if n := len(v.act.Files); n < len(paths) {
		return ErrTree.Because("file %s is missing", paths[n])
	}
	return nil
}

// carriesFrom demands the files of base, with only those of changed free to
// differ and to be new. The redline of base is base's own and is not carried over.
func (v *Verified) carriesFrom(base Verified, changed ...string) error {
	want := map[string][32]byte{}
	for _, f := range base.act.Files {
		if !strings.HasSuffix(f.Path, redlineSuffix) {
			want[f.Path] = f.SHA256
		}
	}
	for _, path := range changed {
		want[path] = [32]byte{}
	}
	for _, f := range v.act.Files {
		sum, ok := want[f.Path]
		if !ok || sum != [32]byte{} && sum != f.SHA256 {
			return ErrTree.Because("file %s must be as it is in what the act builds on", f.Path)
		}
		delete(want, f.Path)
	}
	for path := range want {
		return ErrTree.Because("file %s is missing", path)
	}
	return nil
}

// checkRedline demands that the act's redline leads from base to the act's text.
func (v *Verified) checkRedline(base Text) error {
	got, err := v.redline.Apply(base.Paragraphs())
	if err != nil {
		return ErrRedline.Because("the redline does not fit what it amends: %v", err)
	}
	if !slices.Equal(got, v.text.Paragraphs()) {
		return ErrRedline.Because("the redline does not lead to the text beside it")
	}
	return nil
}

// messageOf returns the part of a signed payload that the act's author wrote.
func messageOf(payload []byte) ([]byte, bool) {
	_, m, ok := bytes.Cut(payload, []byte("\n\n"))
	return m, ok
}
