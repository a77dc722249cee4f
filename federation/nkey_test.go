package federation

import (
	"crypto/ed25519"
	"fmt"
	"strings"
	"testing"
)

// "123456789" has this checksum by definition of CRC-16/XMODEM.
func TestCRC16(t *testing.T) {
	if sum := crc16([]byte("123456789")); sum != 0x31c3 {
		t.Errorf("crc16 = %#04x, not 0x31c3", sum)
	}
}

// The pair is a published one, from the tests and documents of NATS.
func TestNkeyVector(t *testing.T) {
	const seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
	const public = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"
	key, err := parseSeed(seed)
	if err != nil {
		t.Fatal(err)
	}
	if got := encodePublic(key); got != public {
		t.Errorf("public key %s, not %s", got, public)
	}
	if got := encodeSeed(key); got != seed {
		t.Errorf("seed %s, not %s", got, seed)
	}
}

func TestSeedsAreTheParticipantsOwn(t *testing.T) {
	seen := make(map[string]bool)
	other := testNegotiation
	other[31] = 1
	for _, seed := range []string{
		testSecret.Seed(testNegotiation, "XAU"),
		testSecret.Seed(testNegotiation, "XBO"),
		testSecret.Seed(other, "XAU"),
		HubSecret{8}.Seed(testNegotiation, "XAU"),
	} {
		if seen[seed] {
			t.Error("two of hub, negotiation and participant share a key")
		}
		seen[seed] = true
	}
	if !seen[testSecret.Seed(testNegotiation, "XAU")] {
		t.Error("a seed is not the same the second time")
	}
	key, err := parseSeed(testSecret.Seed(testNegotiation, "XAU"))
	if err != nil {
		t.Fatal(err)
	}
	if encodePublic(key) != testSecret.PublicKey(testNegotiation, "XAU") {
		t.Error("PublicKey is not that of Seed")
	}
}

func TestWrongSeedsAreRefused(t *testing.T) {
	good := testSecret.Seed(testNegotiation, "XAU")
	account := encodeNkey(append([]byte{prefixSeed, 0}, make([]byte, ed25519.SeedSize)...))
	for _, bad := range []string{
		"", good[1:], good + "A", strings.ToLower(good), good[:57] + "=", "SUB" + good[3:], account,
		testSecret.PublicKey(testNegotiation, "XAU"), strings.Repeat("\n", len(good)),
	} {
		if _, err := parseSeed(bad); err == nil {
			t.Errorf("%q is taken for a user seed", bad)
		}
	}
}

func TestHubSecretIsNotPrinted(t *testing.T) {
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(format, struct{ Hub Hub }{Hub{Secret: testSecret}}); strings.Contains(text, "7") {
			t.Errorf("%s prints %s", format, text)
		}
	}
}
