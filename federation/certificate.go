package federation

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net"
	"net/url"
	"strings"
	"time"
)

// NewCertificate makes a certificate and its key for a hub, each as a PEM block. It
// is signed by itself: who connects knows it by its [Fingerprint], and asks for
// neither name nor date.
func NewCertificate() (certificate, key []byte, err error) {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, nil, fmt.Errorf("federation: making a certificate: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{CommonName: "Concord hub"},
		NotBefore:    time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), // RFC 5280: no expiry
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, private.Public(), private)
	if err != nil {
		return nil, nil, fmt.Errorf("federation: making a certificate: %w", err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		return nil, nil, fmt.Errorf("federation: making a certificate: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), nil
}

// Fingerprint returns what stands behind the # of a hub's URL, so that who connects
// knows the hub by its key: "sha256:" and, in unpadded URL-safe base64, the SHA-256
// of the certificate's SubjectPublicKeyInfo (RFC 7469). It is the same for every
// certificate of one key.
func Fingerprint(certificate tls.Certificate) (string, error) {
	if len(certificate.Certificate) == 0 {
		return "", errors.New("federation: there is no certificate")
	}
	parsed, err := x509.ParseCertificate(certificate.Certificate[0])
	if err != nil {
		return "", fmt.Errorf("federation: reading a certificate: %w", err)
	}
	return fingerprint(parsed), nil
}

const fingerprintPrefix = "sha256:"

func fingerprint(certificate *x509.Certificate) string {
	sum := sha256.Sum256(certificate.RawSubjectPublicKeyInfo)
	return fingerprintPrefix + base64.RawURLEncoding.EncodeToString(sum[:])
}

func checkFingerprint(text string) error {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(text, fingerprintPrefix))
	if err != nil || len(raw) != sha256.Size || !strings.HasPrefix(text, fingerprintPrefix) {
		return fmt.Errorf("%q is not the fingerprint of a hub's key", text)
	}
	return nil
}

// trust is how a hub at a URL is known: by the fingerprint that the URL carries, or
// else by its name and one of the system's authorities.
func trust(hub *url.URL) *tls.Config {
	config := &tls.Config{MinVersion: tls.VersionTLS13, ServerName: hub.Hostname()}
	if hub.Fragment == "" {
		return config
	}
	config.InsecureSkipVerify = true // in favour of what follows
	config.VerifyConnection = func(state tls.ConnectionState) error {
		found := fingerprint(state.PeerCertificates[0])
		if subtle.ConstantTimeCompare([]byte(found), []byte(hub.Fragment)) != 1 {
			return fmt.Errorf("%w: %s, not the %s of the invitation", errOtherKey, found, hub.Fragment)
		}
		return nil
	}
	return config
}

// serverTLS is what a hub with a certificate offers.
func serverTLS(certificate tls.Certificate) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{certificate}}
}

// errPlain says that something would pass in plain text over a network.
var errPlain = errors.New("is not on this machine, and what passes would not be encrypted")

// isLoopback reports whether a host is this machine.
func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
