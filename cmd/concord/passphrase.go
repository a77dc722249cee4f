package main

import (
	"context"
	"crypto/ed25519"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Environment variables in which a passphrase may stand.
const (
	passphraseVariable    = "CONCORD_PASSPHRASE"
	newPassphraseVariable = "CONCORD_NEW_PASSPHRASE"
)

const maxPassphrase = 1024 // bytes

// passphrases is where a command has a passphrase from: the file that an option
// names, else an environment variable, else a person at the terminal.
type passphrases struct {
	option   string
	file     string // what the option says
	variable string
	terminal *terminal // nil where nobody can be asked
}

// passphrases adds the option for the passphrase that opens the key.
func (c *call) passphrases() *passphrases {
	return c.passphrasesFrom("passphrase-file", "`file` with the key's passphrase", passphraseVariable)
}

func (c *call) passphrasesFrom(option, usage, variable string) *passphrases {
	p := &passphrases{option: option, variable: variable, terminal: terminalOf(c.stdin, c.stderr)}
	c.flags.StringVar(&p.file, option, "", fmt.Sprintf("%s; else it is taken from %s, or asked for", usage, variable))
	return p
}

// given returns the passphrase from the file or the variable, and none when there is
// neither.
func (p *passphrases) given() (secret, error) {
	if p.file != "" {
		raw, info, err := readBounded(p.file, maxPassphrase+2) // and CR LF
		if err == nil {
			err = checkPrivate(p.file, info)
		}
		if err != nil {
			return secret{}, fmt.Errorf("reading the passphrase: %w", err)
		}
		return onePassphrase(string(raw), p.file)
	}
	if text, ok := os.LookupEnv(p.variable); ok {
		return onePassphrase(text, p.variable)
	}
	return secret{}, nil
}

// onePassphrase takes the end of the line from a passphrase that stood somewhere.
func onePassphrase(text, where string) (secret, error) {
	text = strings.TrimSuffix(strings.TrimSuffix(text, "\n"), "\r")
	switch {
	case text == "":
		return secret{}, refuse("Put a passphrase there, or use none.", "%s is empty, and an empty passphrase protects nothing", where)
	case len(text) > maxPassphrase, strings.ContainsAny(text, "\n\x00"):
		return secret{}, refuse("Put the passphrase there alone.", "%s does not hold one line of at most %d bytes, as a passphrase is", where, maxPassphrase)
	}
	return newSecret(text), nil
}

// current returns the passphrase with which a key was locked.
func (p *passphrases) current(ctx context.Context, key string) (secret, error) {
	s, err := p.given()
	switch {
	case err != nil || !s.none():
		return s, err
	case p.terminal == nil:
		return s, refuse(p.ways(), "%s is locked with a passphrase, and none was given", key)
	}
	return p.terminal.ask(ctx, "Passphrase of "+key)
}

// fresh returns a new passphrase for keys. A person is asked twice. There is none when
// the person wants none, or when there is nobody to ask.
func (p *passphrases) fresh(ctx context.Context, keys string) (secret, error) {
	s, err := p.given()
	if err != nil || !s.none() || p.terminal == nil {
		return s, err
	}
	if s, err = p.terminal.ask(ctx, "New passphrase for "+keys); err != nil || s.none() {
		return s, err
	}
	again, err := p.terminal.ask(ctx, "The same again")
	if err == nil && again.reveal() != s.reveal() {
		err = refuse(startAgain, "these are two different passphrases")
	}
	return s, err
}

// ways says how a passphrase can be given.
func (p *passphrases) ways() string {
	return fmt.Sprintf("Name a file that has it with --%s, put it into %s, or start the command at a terminal.", p.option, p.variable)
}

func runPassphrase(ctx context.Context, c *call) error {
	old := c.passphrases()
	next := c.passphrasesFrom("new-passphrase-file", "`file` with the new passphrase", newPassphraseVariable)
	remove := c.flags.Bool("remove", false, "leave the key without a passphrase")
	args, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	if *remove && next.file != "" {
		return fmt.Errorf("%w: --remove and --new-passphrase-file exclude one another", errUsage)
	}
	name, err := filepath.EvalSymlinks(args[0])
	if err != nil {
		return fmt.Errorf("reading the key: %w", err)
	}
	kept, err := findKey(name)
	if err != nil {
		return err
	}
	private, err := kept.unlock(ctx, old)
	if err != nil {
		return err
	}
	var fresh secret
	if !*remove {
		if fresh, err = next.fresh(ctx, args[0]); err != nil {
			return err
		}
		if fresh.none() {
			return refuse(next.ways()+" To have none, use --remove.", "no new passphrase was given")
		}
	}
	content, err := formatKey(ed25519.PrivateKey(private.reveal()), fresh)
	if err != nil {
		return err
	}
	if err := replaceFile(name, string(content)); err != nil {
		return err
	}
	if err := syncDir(filepath.Dir(name)); err != nil {
		return err
	}
	if fresh.none() {
		fmt.Fprintf(c.stdout, "%s has no passphrase now: whoever gets the file can sign with it.\n", args[0])
		return nil
	}
	fmt.Fprintf(c.stdout, "%s is locked with the new passphrase.\nCopies that were made of it before are as they were.\n", args[0])
	return nil
}
