package federation

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"errors"

	"concord/negotiation"
)

// A HubSecret is what a hub derives its participants' NATS keys from: 32
// random bytes, made once a hub and kept there. The keys open the broker and
// nothing else; no act is signed with them.
type HubSecret [32]byte

// Seed returns the nkey user seed ("SU…") with which code joins the hub for
// negotiation neg. It needs no running hub, and is the same each time.
func (s HubSecret) Seed(neg negotiation.ActID, code negotiation.Code) string {
	return encodeSeed(s.userKey(neg, string(code)))
}

// PublicKey returns the nkey user public key ("U…") that belongs to Seed.
func (s HubSecret) PublicKey(neg negotiation.ActID, code negotiation.Code) string {
	return encodePublic(s.userKey(neg, string(code)))
}

// ObserverSeed returns the nkey user seed with which an observer joins the hub, once
// its ObserverKey is in the hub's plan. The name, of one line, is for telling
// observers apart.
func (s HubSecret) ObserverSeed(neg negotiation.ActID, name string) string {
	return encodeSeed(s.userKey(neg, "observer "+name))
}

// ObserverKey returns the nkey user public key that belongs to ObserverSeed.
func (s HubSecret) ObserverKey(neg negotiation.ActID, name string) string {
	return encodePublic(s.userKey(neg, "observer "+name))
}

// String keeps the secret out of logs.
func (HubSecret) String() string { return "hub secret" }

// MarshalText does as String, for logs in JSON.
func (s HubSecret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// GoString does as String.
func (HubSecret) GoString() string { return "federation.HubSecret{…}" }

// userKey is ed25519 from the seed HMAC-SHA256(s, "concord hub user 1\n" neg "\n" user),
// where user is a code, or "observer " and a name.
func (s HubSecret) userKey(neg negotiation.ActID, user string) ed25519.PrivateKey {
	mac := hmac.New(sha256.New, s[:])
	mac.Write([]byte("concord hub user 1\n" + neg.String() + "\n" + user))
	return ed25519.NewKeyFromSeed(mac.Sum(nil))
}

// The text form of nkeys, from github.com/nats-io/nkeys: prefix, key, CRC-16 of
// both (little endian), in base32 without padding. A seed has two prefixes,
// "seed" and the type of key, five bits each, in two bytes.
const (
	prefixSeed byte = 18 << 3
	prefixUser byte = 20 << 3
)

var (
	errSeed   = errors.New("is not an nkey user seed")
	errPublic = errors.New("is not an nkey user public key")
)

func encodePublic(key ed25519.PrivateKey) string {
	return encodeNkey(append([]byte{prefixUser}, key.Public().(ed25519.PublicKey)...))
}

func encodeSeed(key ed25519.PrivateKey) string {
	return encodeNkey(append([]byte{prefixSeed | prefixUser>>5, prefixUser & 31 << 3}, key.Seed()...))
}

func encodeNkey(raw []byte) string {
	raw = binary.LittleEndian.AppendUint16(raw, crc16(raw))
	return base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
}

// parseSeed reads a user seed. Its errors do not repeat it.
func parseSeed(seed string) (ed25519.PrivateKey, error) {
	raw, err := decodeNkey(seed, 2+ed25519.SeedSize)
	if err != nil {
		return nil, errSeed
	}
	key := ed25519.NewKeyFromSeed(raw[2:])
	if encodeSeed(key) != seed {
		return nil, errSeed
	}
	return key, nil
}

// parsePublic reads a user public key.
func parsePublic(text string) (ed25519.PublicKey, error) {
	raw, err := decodeNkey(text, 1+ed25519.PublicKeySize)
	if err != nil || encodeNkey(append([]byte{prefixUser}, raw[1:]...)) != text {
		return nil, errPublic
	}
	return raw[1:], nil
}

// decodeNkey returns the prefix and the key, so many bytes, without their checksum,
// which it does not check.
func decodeNkey(text string, length int) ([]byte, error) {
	encoding := base32.StdEncoding.WithPadding(base32.NoPadding)
	if len(text) != encoding.EncodedLen(length+2) {
		return nil, errors.New("of another length")
	}
	raw, err := encoding.DecodeString(text)
	if err != nil || len(raw) != length+2 {
		return nil, errors.New("not in base32")
	}
	return raw[:length], nil
}

// crc16 is CRC-16/XMODEM: polynomial 0x1021, initially zero, not reflected.
func crc16(data []byte) uint16 {
	var crc uint16
	for _, b := range data {
		crc ^= uint16(b) << 8
		for range 8 {
			if crc&0x8000 != 0 {
				crc = crc<<1 ^ 0x1021
			} else {
				crc <<= 1
			}
		}
	}
	return crc
}
