package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"

	"concord/drafts"
	"concord/negotiation"
)

// runKey runs the commands that change a participant's key. They sign in the data
// directory of a node that is stopped, for no private key travels to one that runs.
func runKey(ctx context.Context, c *call) error {
	word, err := c.subcommand("rotate", "recover")
	if err != nil {
		return err
	}
	c.flags.String("dir", "", "data `directory` of the node, which is stopped")
	newPlace := c.flags.String("new-key", "", "the new "+fmt.Sprintf(keyUsage, "the participant acts"))
	why := c.flags.String("why", "", "`explanation` for the others")
	source := c.passphrases()
	fresh := c.passphrasesFrom("new-passphrase-file", "`file` with the new key's passphrase", newPassphraseVariable)
	var recoveryPlace, nextRecovery, after *string
	needed := []string{"dir", "new-key"}
	if word == "recover" {
		recoveryPlace = c.flags.String("recovery-key", "", fmt.Sprintf(keyUsage, "the record is recovered"))
		nextRecovery = c.flags.String("new-recovery", "", "`file` with the next public recovery key; the same goes on without it")
		after = c.flags.String("after", "", "`act` of the record after which it goes on, by the first digits of its name; the last that counts without it")
		needed = append(needed, "recovery-key")
	}
	if _, err := c.parse(0, 0); err != nil {
		return err
	}
	if err := c.need(needed...); err != nil {
		return err
	}
	k, err := c.keyChange(ctx, *newPlace, fresh)
	if err != nil {
		return err
	}
	if word == "rotate" {
		return k.rotate(ctx, c, source, *why)
	}
	next := negotiation.PublicKey("")
	if *nextRecovery != "" {
		if next, err = readPublicKey(*nextRecovery); err != nil {
			return err
		}
	}
	old, err := findKey(*recoveryPlace)
	if err != nil {
		return err
	}
	recovery, err := old.open(ctx, source)
	if err != nil {
		return err
	}
	return k.recover(c, recovery, old.public, next, *after, *why)
}

// A keyChange is on its way to another key for the node in a data directory.
type keyChange struct {
	dir  dataDir
	id   identity
	next placedKey
	key  crypto.Signer // the next one, which has proved that it can be used
}

func (c *call) keyChange(ctx context.Context, place string, source *passphrases) (k keyChange, err error) {
	if k.dir, err = c.dir(); err != nil {
		return k, err
	}
	if k.id, err = k.dir.participant(); err != nil {
		return k, err
	}
	if k.next, err = findKey(place); err != nil {
		return k, err
	}
	if k.key, err = k.next.open(ctx, source); err != nil {
		return k, err
	}
	_, err = negotiation.Sign(k.key, negotiation.HeadsNamespace, []byte("can it sign?"))
	return k, err
}

// rotate signs the change with the key that the node has. The chair's text goes on
// under the new key by one act more. What an earlier run has done is not done again.
func (k keyChange) rotate(ctx context.Context, c *call, source *passphrases, why string) error {
	var old crypto.Signer
	now, err := findKey(k.id.key)
	if err == nil && now.public != k.next.public {
		old, err = now.open(ctx, source)
	}
	if err != nil {
		return err
	}
	return k.change(c, func(r *drafts.Repository) error {
		if key, joined := r.State().Key(k.id.code); joined && key == k.next.public {
			if _, ok := k.signedBefore(r.State()).Act().Content.(negotiation.Rotate); !ok {
				return k.same("concord key rotate")
			}
		} else if !joined {
			return refuse("Enter the new key in the charter, or ask the chair to.", "%s has not joined the negotiation, so its key is the charter's", k.id.code)
		} else {
			if old == nil {
				return refuse("Name another --new-key.", "%s is the key that the node has in node.toml", k.next.place)
			}
			if err := k.sign(c, r, old, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
				return d.Rotate(k.next.public, why)
			}); err != nil {
				return err
			}
		}
		state := r.State()
		if _, frozen := state.Fork(negotiation.TextChain); state.Chair != k.id.code || state.TextKey() == k.next.public || frozen {
			return nil
		}
		return k.sign(c, r, k.key, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Rekey(negotiation.ActID{}, why)
		})
	})
}

// recover signs the change with the recovery key, whose public one is given, too.
func (k keyChange) recover(c *call, recovery crypto.Signer, public, next negotiation.PublicKey, after, why string) error {
	return k.change(c, func(r *drafts.Repository) error {
		if key, joined := r.State().Key(k.id.code); joined && key == k.next.public {
			return k.recovered(r.State(), public, next, after)
		}
		before, chain := r.State(), negotiation.RecordOf(k.id.code)
		place, err := goOnAfter(before, chain, after)
		if err != nil {
			return err
		}
		v, _, err := r.Sign(k.id.code, recovery, time.Now(), func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Recover(k.next.public, next, place, why)
		})
		if err != nil {
			return err
		}
		printAct(c, v)
		if !r.State().Counts(v.ID()) {
			fmt.Fprintf(c.stdout, "It does not count yet: the record has been recovered on another side, too, and this only levels that.\n"+
				"Make another key with concord keygen, and recover once more, after this act: --after %.16s\n", v.ID())
			return nil
		}
		printPutAside(c.stdout, before, r.State(), chain)
		if r.State().Chair == k.id.code {
			fmt.Fprintf(c.stdout, "You have the chair. To let the text go on under the new key:\n  concord chair rekey --dir %s\n", k.dir)
		}
		return nil
	})
}

// recovered returns no error where an earlier run has signed this very recovery.
func (k keyChange) recovered(state *negotiation.State, recovery, next negotiation.PublicKey, after string) error {
	signed := k.signedBefore(state)
	content, ok := signed.Act().Content.(negotiation.Recover)
	if !ok || signed.SignedBy() != recovery || content.Recovery != next || !strings.HasPrefix(signed.Act().Previous.String(), after) {
		return k.same("concord key recover")
	}
	return nil
}

// signedBefore returns the act that put the next key in force already; none where the
// record is forked, which that act has not settled.
func (k keyChange) signedBefore(state *negotiation.State) (last negotiation.Verified) {
	chain := negotiation.RecordOf(k.id.code)
	if _, frozen := state.Fork(chain); frozen {
		return negotiation.Verified{}
	}
	for _, v := range state.Log() {
		if v.Act().Chain != chain || !state.Counts(v.ID()) {
			continue
		}
		switch v.Act().Content.(type) {
		case negotiation.Rotate, negotiation.Recover:
			last = v
		}
	}
	return last
}

func (k keyChange) same(command string) error {
	return refuse("Make another key with concord keygen, and give it to "+command+" with --new-key.",
		"%s is the key in force for %s already, so nothing was signed", k.next.place, k.id.code)
}

// change opens the repository, lets sign do what is to be signed, and then makes the
// next key the node's. A crash before the last step is mended by the same command.
func (k keyChange) change(c *call, sign func(*drafts.Repository) error) error {
	setting, err := k.next.setting()
	if err != nil {
		return err
	}
	if !there(k.dir.repository()) {
		return errNoneYet
	}
	repository, err := k.dir.open(k.id.negotiation)
	if errors.Is(err, drafts.ErrInUse) {
		return refuse("Stop the node, change the key, and start it again.", "the node in %s is running, and no private key is sent to it", k.dir)
	}
	if err != nil {
		return err
	}
	if err := errors.Join(sign(repository), repository.Close()); err != nil {
		return err
	}
	if err := k.dir.setKey(setting); err != nil {
		return err
	}
	fmt.Fprintf(c.stdout, "The node of %s signs with %s now. The others learn of it when it runs.\n", k.id.code, k.next.place)
	return nil
}

func (k keyChange) sign(c *call, r *drafts.Repository, key crypto.Signer, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) error {
	v, _, err := r.Sign(k.id.code, key, time.Now(), compose)
	if err != nil {
		return err
	}
	printAct(c, v)
	return nil
}

func printAct(c *call, v negotiation.Verified) {
	fmt.Fprintf(c.stdout, "%s: act %d of %s, %.16s\n", v.Act().Subject(), v.Act().Sequence, v.Act().Chain, v.ID())
}

// setKey has node.toml name another key, durably.
func (d dataDir) setKey(place string) error {
	s, err := d.settings()
	if err != nil {
		return err
	}
	s.Key = place
	raw, err := toml.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing node.toml: %w", err)
	}
	if err := replaceFile(d.file(settingsFile), string(raw)); err != nil {
		return err
	}
	return syncDir(filepath.Dir(d.file(settingsFile)))
}
