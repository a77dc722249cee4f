package main

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"net"
	"path/filepath"
	"sync"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"concord/negotiation"
)

// A liar signs with another key than it was asked to.
type liar struct {
	agent.Agent
	other ssh.PublicKey
}

func (l liar) Sign(_ ssh.PublicKey, data []byte) (*ssh.Signature, error) {
	return l.Agent.Sign(l.other, data)
}

// serveAgent serves an agent where SSH_AUTH_SOCK says.
func serveAgent(t *testing.T, a agent.Agent) {
	t.Helper()
	at := filepath.Join(t.TempDir(), "agent")
	listener, err := net.Listen("unix", at)
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv("SSH_AUTH_SOCK", at)
	var serving sync.WaitGroup
	serving.Go(func() {
		for connection, err := listener.Accept(); err == nil; connection, err = listener.Accept() {
			agent.ServeAgent(a, connection) // until the client has gone
			connection.Close()
		}
	})
	t.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
}

func TestAgentKey(t *testing.T) {
	keyring := agent.NewKeyring()
	var held []ssh.PublicKey
	for range 2 {
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		if err := keyring.Add(agent.AddedKey{PrivateKey: private}); err != nil {
			t.Fatal(err)
		}
		public, err := ssh.NewPublicKey(private.Public())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, public)
	}
	key := agentKey{held[0]}
	message := []byte("message")

	serveAgent(t, keyring)
	signature, err := negotiation.Sign(key, negotiation.ActNamespace, message)
	if err != nil {
		t.Fatal(err)
	}
	if err := negotiation.VerifySignature(publicKey(key), negotiation.ActNamespace, message, signature); err != nil {
		t.Error(err)
	}
	if err := keyring.Lock([]byte("passphrase")); err != nil {
		t.Fatal(err)
	}
	if _, err := negotiation.Sign(key, negotiation.ActNamespace, message); !errors.Is(err, negotiation.ErrKey) {
		t.Errorf("an agent that is locked: %v", err)
	}
	if err := keyring.Unlock([]byte("passphrase")); err != nil {
		t.Fatal(err)
	}
	serveAgent(t, liar{keyring, held[1]})
	if _, err := negotiation.Sign(key, negotiation.ActNamespace, message); !errors.Is(err, negotiation.ErrKey) {
		t.Errorf("an agent that signs with another key: %v", err)
	}
}
