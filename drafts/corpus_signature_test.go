package drafts

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"math/big"
	"slices"
	"strings"
	"testing"

	"concord/negotiation"
)

// hostileSignatures are signatures that are none, or are not Borealia's, or are in
// another encoding than the one that ssh-keygen prints.
func hostileSignatures(t testing.TB, s scene) []hostile {
	another := signatureOf(t, borealia, []byte("something else"))
	files := func(payload []byte) []byte {
		signature, err := negotiation.Sign(keyOf(borealia), "file", payload)
		if err != nil {
			t.Fatal(err)
		}
		return signature
	}
	blob := func(change func([]byte) []byte) func([]byte) []byte {
		return func(payload []byte) []byte {
			return armoured(change(unarmoured(signatureOf(t, borealia, payload))), 70)
		}
	}
	cases := map[string]forgery{
		"none":                {sign: func([]byte) []byte { return nil }},
		"of another key":      {by: aurelia},
		"of nobody's key":     {by: "ZZZ"},
		"of something else":   {sign: func([]byte) []byte { return another }},
		"for another purpose": {sign: files},
		"with SHA-256":        {sign: func(payload []byte) []byte { return armoured(signedOtherwise(payload), 70) }},
		"of OpenPGP": {sign: func([]byte) []byte {
			return []byte("-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n")
		}},
		"wrapped at 64 columns":    {sign: func(payload []byte) []byte { return armoured(unarmoured(signatureOf(t, borealia, payload)), 64) }},
		"on one line":              {sign: func(payload []byte) []byte { return armoured(unarmoured(signatureOf(t, borealia, payload)), 1000) }},
		"malleated":                {sign: blob(malleated)},
		"with bytes behind it":     {sign: blob(func(b []byte) []byte { return append(b, 0) })},
		"cut short":                {sign: blob(func(b []byte) []byte { return b[:len(b)-1] })},
		"with a bit turned":        {sign: blob(func(b []byte) []byte { b[len(b)-40] ^= 1; return b })},
		"with spare bits set":      {sign: spareBits(t)},
		"with a space in it":       {body: replace("\n U1NIU", "\n U1NI U")},
		"with an empty line in it": {body: replace("\n -----END", "\n \n -----END")},
		"of what was changed since": {act: explained("Reasons were given."),
			body: replace("Reasons", "Seasons")},
	}
	var all []hostile
	for name, f := range cases {
		all = append(all, hostile{name: name, f: f, want: negotiation.ErrSignature})
	}
	return append(all,
		hostile{name: "twice", want: negotiation.ErrNotCanonical,
			f: forgery{body: func(body string) string {
				i, j := strings.Index(body, "gpgsig "), strings.Index(body, "\n\n")
				return body[:j] + "\n" + body[i:j] + body[j:]
			}}},
		hostile{name: "before the author", want: negotiation.ErrNotCanonical,
			f: forgery{body: func(body string) string {
				i, j, at := strings.Index(body, "\ngpgsig "), strings.Index(body, "\n\n"), strings.Index(body, "\nauthor ")
				return body[:at] + body[i:j] + body[at:i] + body[j:]
			}}},
	)
}

func unarmoured(signature []byte) []byte {
	lines := strings.Split(strings.TrimSpace(string(signature)), "\n")
	raw, err := base64.StdEncoding.DecodeString(strings.Join(lines[1:len(lines)-1], ""))
	if err != nil {
		panic(err)
	}
	return raw
}

func armoured(blob []byte, columns int) []byte {
	return wrapped(base64.StdEncoding.EncodeToString(blob), columns)
}

func wrapped(text string, columns int) []byte {
	var b bytes.Buffer
	b.WriteString("-----BEGIN SSH SIGNATURE-----\n")
	for line := range slices.Chunk([]byte(text), columns) {
		b.Write(append(line, '\n'))
	}
	b.WriteString("-----END SSH SIGNATURE-----\n")
	return b.Bytes()
}

// spareBits sets a bit of base64 that encodes nothing: the bytes are the same.
func spareBits(t testing.TB) func([]byte) []byte {
	return func(payload []byte) []byte {
		text := base64.StdEncoding.EncodeToString(unarmoured(signatureOf(t, borealia, payload)))
		const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		last := strings.IndexByte(digits, text[len(text)-2])
		return wrapped(text[:len(text)-2]+string(digits[last+1])+"=", 70)
	}
}

// malleated adds the order of the group to S (RFC 8032, section 5.1.7, forbids it, and
// OpenSSH takes it): another signature that nobody made.
func malleated(blob []byte) []byte {
	order, _ := new(big.Int).SetString("7237005577332262213973186563042994240857116359379907606001950938285454250989", 10)
	s := slices.Clone(blob[len(blob)-32:])
	slices.Reverse(s)
	sum := new(big.Int).Add(new(big.Int).SetBytes(s), order).FillBytes(make([]byte, 32))
	slices.Reverse(sum)
	return append(slices.Clone(blob[:len(blob)-32]), sum...)
}

// signedOtherwise signs as ssh-keygen -Y sign -O hashalg=sha256 does.
func signedOtherwise(payload []byte) []byte {
	text := func(b []byte, s string) []byte {
		return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	sum := sha256.Sum256(payload)
	data := text(text(text(text([]byte("SSHSIG"), "git"), ""), "sha256"), string(sum[:]))
	key := keyOf(borealia)
	blob := binary.BigEndian.AppendUint32([]byte("SSHSIG"), 1)
	blob = text(blob, string(text(text(nil, "ssh-ed25519"), string(key.Public().(ed25519.PublicKey)))))
	blob = text(text(text(blob, "git"), ""), "sha256")
	return text(blob, string(text(text(nil, "ssh-ed25519"), string(ed25519.Sign(key, data)))))
}
