package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"os"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

func runCharter(_ context.Context, c *call) error {
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	raw, err := negotiation.CharterTemplate(args[0])
	if err != nil {
		return fmt.Errorf("%w: there is no charter %q to fill in; cica is one", errUsage, args[0])
	}
	_, err = c.stdout.Write(raw)
	return err
}

func runConvene(ctx context.Context, c *call) error {
	charterFile := c.flags.String("charter", "", "charter `file`; see concord charter cica")
	textFile := c.flags.String("text", "", "zero draft, a Markdown `file`")
	place := c.flags.String("key", "", fmt.Sprintf(keyUsage, "the chair acts"))
	source := c.passphrases()
	recovery := c.flags.String("recovery", "", "`file` with the chair's public recovery key (optional)")
	dir := c.flags.String("dir", "", "data `directory` to make")
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need("charter", "text", "key", "dir"); err != nil {
		return err
	}
	charter, err := readCharter(*charterFile)
	if err != nil {
		return err
	}
	text, err := readText(*textFile)
	if err != nil {
		return err
	}
	for _, w := range text.Warnings() {
		fmt.Fprintf(c.stderr, "note: paragraph %d, %q: %s\n", w.Paragraph+1, w.Word, w.Reason)
	}
	s, key, err := newSettings(string(charter.Chair), *place, *recovery)
	if err != nil {
		return err
	}
	d, err := c.dir()
	if err != nil {
		return err
	}
	if chair, _ := charter.Participant(charter.Chair); chair.Key != key.public {
		return refuse("Name the chair's key with --key, or enter this one in the charter.", "%s is not the key that the charter has for %s", *place, charter.Chair)
	}
	signer, err := key.open(ctx, source)
	if err != nil {
		return err
	}
	name, err := convene(d, s, signer, charter, text)
	if err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "Convened: %s\nnegotiation %s\n\nRun the node:       concord serve --dir %s --listen 0.0.0.0:7422\nInvite the others:  concord invite --dir %s --hub tls://HOST:7422 CODE > CODE.invitation\n",
		charter.Title, name, *dir, *dir)
	return nil
}

// convene makes the data directory of a new negotiation's chair, with the first
// act and the chair's joining. When it fails, nothing is left behind.
func convene(d dataDir, s settings, key crypto.Signer, charter negotiation.Charter, text negotiation.Text) (name negotiation.ActID, err error) {
	now := time.Now()
	if _, err := negotiation.ConveneWith(charter, text, now); err != nil {
		return name, err
	}
	err = d.create(func(staged dataDir) error {
		if name, err = firstActs(staged.repository(), key, s, charter, text, now); err != nil {
			return err
		}
		s.Negotiation, s.Inviter = name.String(), s.Participant
		return errors.Join(staged.makeHubSecret(), staged.settle(s))
	})
	if err != nil {
		return name, err
	}
	// Opening it where it now stands sets right what git is told of its place.
	repository, err := drafts.Open(d.repository(), name)
	if err != nil {
		return name, err
	}
	return name, repository.Close()
}

// firstActs makes the repository with the convening and the chair's joining.
func firstActs(dir string, key crypto.Signer, s settings, charter negotiation.Charter, text negotiation.Text, now time.Time) (negotiation.ActID, error) {
	repository, err := drafts.Open(dir, negotiation.ActID{})
	if err != nil {
		return negotiation.ActID{}, err
	}
	defer repository.Close()
	v, _, err := repository.Sign(charter.Chair, key, now, func(negotiation.Delegation) (negotiation.Unsigned, error) {
		return negotiation.ConveneWith(charter, text, now)
	})
	if err != nil {
		return negotiation.ActID{}, err
	}
	_, _, err = repository.Sign(charter.Chair, key, now, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
		return d.Join(publicKey(key), negotiation.PublicKey(s.Recovery))
	})
	return v.ID(), err
}

// newSettings checks the keys of a node that is being set up, and returns the one that
// it acts with.
func newSettings(participant, place, recoveryFile string) (settings, placedKey, error) {
	s := settings{Participant: participant}
	key, err := findKey(place)
	if err != nil {
		return s, key, err
	}
	if key.held() {
		if err := inAgent(key.public); err != nil {
			return s, key, refuse("Add it to the ssh-agent with ssh-add, or name the private key's file.", "%s leaves signing to an ssh-agent: %v", place, rootOf(err))
		}
	}
	if s.Key, err = key.setting(); err != nil {
		return s, key, err
	}
	if recoveryFile != "" {
		recovery, err := readPublicKey(recoveryFile)
		if err != nil {
			return s, key, err
		}
		s.Recovery = string(recovery)
	}
	return s, key, nil
}

func readCharter(name string) (negotiation.Charter, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return negotiation.Charter{}, fmt.Errorf("reading the charter: %w", err)
	}
	return negotiation.ParseCharter(name, raw)
}

func readText(name string) (negotiation.Text, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return negotiation.Text{}, fmt.Errorf("reading the text: %w", err)
	}
	return negotiation.CanonText(name, raw)
}
