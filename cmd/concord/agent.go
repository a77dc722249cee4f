package main

import (
	"crypto"
	"fmt"
	"io"
	"net"
	"os"
	"slices"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"concord/negotiation"
)

// agentPatience is how long an ssh-agent has to answer. It is short, since a node
// waits for it, and a person who would have to agree each time is not foreseen.
const agentPatience = 5 * time.Second

// An agentKey is a key that an ssh-agent holds, which signs and does not give it out.
// The agent is found anew each time, so that one which was gone serves again once it
// is back at its address. Its errors are [negotiation.ErrKey].
type agentKey struct {
	public ssh.PublicKey
}

func newAgentKey(key negotiation.PublicKey) (agentKey, error) {
	public, _, _, _, err := ssh.ParseAuthorizedKey([]byte(key))
	if err != nil {
		return agentKey{}, fmt.Errorf("reading a public key: %w", err)
	}
	return agentKey{public}, nil
}

// Public implements [crypto.Signer].
func (k agentKey) Public() crypto.PublicKey { return k.public.(ssh.CryptoPublicKey).CryptoPublicKey() }

// Sign implements [crypto.Signer].
func (k agentKey) Sign(_ io.Reader, message []byte, _ crypto.SignerOpts) (signature []byte, err error) {
	err = withAgent(func(a agent.Agent, at string) error {
		s, err := a.Sign(k.public, message)
		if err != nil {
			return negotiation.ErrKey.Because("the ssh-agent at %s does not sign with the key %s: it is locked, hangs, or does not hold it", at, ssh.FingerprintSHA256(k.public))
		}
		if err := k.public.Verify(message, s); err != nil {
			return negotiation.ErrKey.Because("the ssh-agent at %s gives signatures that are not of the key %s", at, ssh.FingerprintSHA256(k.public))
		}
		signature = s.Blob
		return nil
	})
	return signature, err
}

// inAgent demands that the agent holds a key.
func inAgent(key negotiation.PublicKey) error {
	k, err := newAgentKey(key)
	if err != nil {
		return err
	}
	_, err = agentKeyWith(ssh.FingerprintSHA256(k.public))
	return err
}

// agentKeyWith returns the ed25519 key in the agent that has a fingerprint.
func agentKeyWith(fingerprint string) (found negotiation.PublicKey, err error) {
	err = withAgent(func(a agent.Agent, at string) error {
		keys, err := a.List()
		i := slices.IndexFunc(keys, func(k *agent.Key) bool { return ssh.FingerprintSHA256(k) == fingerprint })
		if err != nil || i < 0 {
			return negotiation.ErrKey.Because("the ssh-agent at %s is locked, or does not hold a key %s", at, fingerprint)
		}
		found, err = negotiation.ParsePublicKey(keys[i].String())
		return err
	})
	return found, err
}

// withAgent talks to the ssh-agent at SSH_AUTH_SOCK.
func withAgent(talk func(a agent.Agent, at string) error) error {
	at := os.Getenv("SSH_AUTH_SOCK")
	if at == "" {
		return negotiation.ErrKey.Because("SSH_AUTH_SOCK does not say where the ssh-agent is that signs")
	}
	connection, err := net.DialTimeout("unix", at, agentPatience)
	if err != nil {
		return negotiation.ErrKey.Because("there is no ssh-agent at %s", at)
	}
	defer connection.Close()
	if err := connection.SetDeadline(time.Now().Add(agentPatience)); err != nil {
		return fmt.Errorf("asking the ssh-agent: %w", err)
	}
	// Without Close, the client asks one thing at a time and needs no goroutine.
	return talk(agent.NewClient(struct{ io.ReadWriter }{connection}), at)
}
