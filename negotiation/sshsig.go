package negotiation

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/sha512"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// A PublicKey is an ed25519 key as OpenSSH writes it, without a comment:
// "ssh-ed25519 AAAA…". Equal keys are equal strings.
type PublicKey string

const (
	sshKeyType    = "ssh-ed25519"
	armourBegin   = "-----BEGIN SSH SIGNATURE-----\n"
	armourEnd     = "-----END SSH SIGNATURE-----\n"
	armourColumns = 70 // what ssh-keygen -Y sign prints
	sshsigMagic   = "SSHSIG"
	sshsigHash    = "sha512"
)

// The namespaces of Concord's signatures: one made for one purpose verifies
// for no other.
const (
	ActNamespace   = "git"           // acts: what git itself uses for commits
	HeadsNamespace = "concord-heads" // the heads that a node attests to
)

// PublicKeyOf returns the OpenSSH form of an ed25519 key.
func PublicKeyOf(key ed25519.PublicKey) PublicKey {
	return PublicKey(sshKeyType + " " + base64.StdEncoding.EncodeToString(keyBlob(key)))
}

// ParsePublicKey reads "ssh-ed25519 AAAA…", with or without a comment after it.
// Anything else is [ErrNotCanonical], and so is a key of small order, under which anybody
// can sign. Bytes that are no point of the curve are a key, which nothing verifies under.
func ParsePublicKey(s string) (PublicKey, error) {
	fields := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == '\t' || r == '\r' || r == '\n' })
	if len(fields) < 2 || fields[0] != sshKeyType {
		return "", ErrNotCanonical.Because("%q is not an ssh-ed25519 public key", clip(s))
	}
	key := PublicKey(fields[0] + " " + fields[1])
	raw, ok := key.ed25519()
	if !ok || PublicKeyOf(raw) != key {
		return "", ErrNotCanonical.Because("%q is not an ssh-ed25519 public key", clip(s))
	}
	if ofSmallOrder(raw) {
		return "", ErrNotCanonical.Because("%q is a key under which anybody can sign", clip(s))
	}
	return key, nil
}

// smallOrder are the y-coordinates that a key can have (RFC 8032, section 5.1.2: 255 bits,
// the lowest byte first) of the eight points P of the curve with 8·P = 0. The equation that
// a signature must fulfil leaves such a key out of account: it has the term h·P, which is 0
// for one h of eight at least, and whoever signs can try until it is.
var smallOrder = [...]string{
	"0000000000000000000000000000000000000000000000000000000000000000", // 0: order 4
	"0100000000000000000000000000000000000000000000000000000000000000", // 1: order 1
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05", // order 8: d·y⁴ + 2y² = 1
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a", // order 8: the other y
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p-1: order 2
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p, which is 0 again
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f", // p+1, which is 1
}

// ofSmallOrder reports whether a key is one of these, with either sign of x.
func ofSmallOrder(key ed25519.PublicKey) bool {
	y := bytes.Clone(key)
	y[len(y)-1] &= 0x7f
	return slices.Contains(smallOrder[:], hex.EncodeToString(y))
}

func (k PublicKey) ed25519() (ed25519.PublicKey, bool) {
	encoded, ok := strings.CutPrefix(string(k), sshKeyType+" ")
	if !ok {
		return nil, false
	}
	blob, err := base64.StdEncoding.DecodeString(encoded)
	prefix := sshString(nil, sshKeyType)
	if err != nil || len(blob) != len(prefix)+4+ed25519.PublicKeySize {
		return nil, false
	}
	return ed25519.PublicKey(blob[len(blob)-ed25519.PublicKeySize:]), true
}

// Sign signs message for namespace and returns the armoured SSH signature, as
// ssh-keygen -Y sign would print it (PROTOCOL.sshsig of OpenSSH). The key may be
// held elsewhere, as by an ssh-agent: its error is returned. Sign does not check
// what the key gives it. A key that is not ed25519 is refused.
func Sign(key crypto.Signer, namespace string, message []byte) ([]byte, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("signing: the key is not an ed25519 key")
	}
	raw, err := key.Sign(nil, signedData(namespace, message), crypto.Hash(0))
	if err != nil {
		return nil, fmt.Errorf("signing: %w", err)
	}
	return armour(public, namespace, raw), nil
}

// VerifySignature checks an armoured SSH signature of message by key. Only the
// one canonical encoding of a signature is accepted, so that nobody but the
// signer can make a second one; every other outcome is [ErrSignature].
func VerifySignature(key PublicKey, namespace string, message, signature []byte) error {
	by, err := signatory(namespace, message, signature)
	if err != nil {
		return err
	}
	if by != key {
		return ErrSignature.Because("the signature is not by the key in force at this place")
	}
	return nil
}

// signatory returns the key that an armoured SSH signature of message names, once
// the signature proves to be that key's and in canonical form; else [ErrSignature].
func signatory(namespace string, message, signature []byte) (PublicKey, error) {
	const most = 600 // bytes; a canonical one has 294 with the shortest namespace
	if len(signature) > most {
		return "", ErrSignature.Because("the signature has %d bytes, more than any", len(signature))
	}
	body, ok := bytes.CutPrefix(signature, []byte(armourBegin))
	if !ok {
		return "", ErrSignature.Because("no SSH signature")
	}
	body, ok = bytes.CutSuffix(body, []byte(armourEnd))
	if !ok {
		return "", ErrSignature.Because("the SSH signature has no end")
	}
	blob, err := base64.StdEncoding.DecodeString(strings.ReplaceAll(string(body), "\n", ""))
	begin := len(sshsigMagic) + 4 + 4 + len(keyBlob(nil)) // magic, version, the key blob's length and its own head
	if err != nil || len(blob) < begin+ed25519.PublicKeySize+ed25519.SignatureSize {
		return "", ErrSignature.Because("the SSH signature is not base64, or too short")
	}
	public := ed25519.PublicKey(blob[begin : begin+ed25519.PublicKeySize])
	raw := blob[len(blob)-ed25519.SignatureSize:]
	if !bytes.Equal(signature, armour(public, namespace, raw)) {
		return "", ErrSignature.Because("the signature is of another purpose, or not in canonical form")
	}
	if !ed25519.Verify(public, signedData(namespace, message), raw) {
		return "", ErrSignature.Because("the signature does not fit what it signs")
	}
	return PublicKeyOf(public), nil
}

func signedData(namespace string, message []byte) []byte {
	sum := sha512.Sum512(message)
	data := []byte(sshsigMagic)
	data = sshString(data, namespace)
	data = sshString(data, "")
	data = sshString(data, sshsigHash)
	return sshString(data, string(sum[:]))
}

func armour(key ed25519.PublicKey, namespace string, raw []byte) []byte {
	blob := []byte(sshsigMagic)
	blob = binary.BigEndian.AppendUint32(blob, 1)
	blob = sshString(blob, string(keyBlob(key)))
	blob = sshString(blob, namespace)
	blob = sshString(blob, "")
	blob = sshString(blob, sshsigHash)
	blob = sshString(blob, string(sshString(sshString(nil, sshKeyType), string(raw))))

	out := []byte(armourBegin)
	for text := base64.StdEncoding.EncodeToString(blob); text != ""; {
		n := min(armourColumns, len(text))
		out = append(append(out, text[:n]...), '\n')
		text = text[n:]
	}
	return append(out, armourEnd...)
}

func keyBlob(key ed25519.PublicKey) []byte {
	return sshString(sshString(nil, sshKeyType), string(key))
}

// sshString appends s as RFC 4251, section 5, writes a string.
func sshString(b []byte, s string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}
