package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"concord/drafts"
	"concord/negotiation"
)

// runEvidence writes the proof of forks for somebody who has stock git and trusts
// nobody's software.
func runEvidence(ctx context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory`; its node may be running")
	plain, err := c.parse(1, 2)
	if err != nil {
		return err
	}
	var chain negotiation.Chain
	if len(plain) == 2 {
		if chain, err = negotiation.ParseChain(plain[0]); err != nil {
			return refuse("Name text or a record such as record/XBO.", "%q is no chain", plain[0])
		}
	}
	d, id, err := c.node()
	if err != nil {
		return err
	}
	path, err := filepath.Abs(plain[len(plain)-1])
	if err != nil {
		return err
	}
	forks, err := drafts.Evidence(ctx, d.repository(), id.negotiation, chain, path)
	if errors.Is(err, drafts.ErrNoFork) {
		return refuse("There is nothing to prove.", "no chain is forked, as far as this node knows")
	}
	if err != nil {
		return err
	}
	printEvidence(c.stdout, path, forks)
	return nil
}

// printEvidence says what the file proves, and how to check it.
func printEvidence(w io.Writer, path string, forks [][]drafts.Side) {
	signers := map[string]bool{}
	var lines, commits []string
	for _, sides := range forks {
		first := sides[0].Act.Act()
		fmt.Fprintf(w, "%s is forked at act %d. These acts were signed for that place:\n", first.Chain, first.Sequence)
		for _, side := range sides {
			fmt.Fprintf(w, "  %s  %s, signed with %s\n", side.Commit, side.Act.Act().Subject(), side.Act.SignedBy())
			commits = append(commits, side.Commit)
			if !signers[side.Signer] {
				signers[side.Signer] = true
				lines = append(lines, strings.TrimSuffix(side.Signer, "\n"))
			}
		}
	}
	fmt.Fprintf(w, "%s has them, with all that leads to them. Anybody can check it with git alone:\n\n", path)
	fmt.Fprintf(w, "git init --quiet --bare evidence.git && cd evidence.git\n")
	fmt.Fprintf(w, "git fetch --quiet %s 'refs/*:refs/*' && git fsck --strict\n", shellQuote(path))
	for i, line := range lines {
		fmt.Fprintf(w, "echo %s %s allowed_signers\n", shellQuote(line), []string{">", ">>"}[min(i, 1)])
	}
	fmt.Fprintf(w, "git -c gpg.format=ssh -c gpg.ssh.allowedSignersFile=allowed_signers verify-commit %s\n", strings.Join(commits, " "))
	fmt.Fprintf(w, "git log --no-walk --format=%%B %s\n", strings.Join(commits, " "))
	fmt.Fprint(w, "\nThe last command prints what was signed: acts of one fork have the same Chain, Sequence and Previous. Compare the keys with those\n"+
		"that the state has made known; its own act of joining, and those by which it changed its key, are in the file, too.\n")
}

// shellQuote writes a word so that a shell reads it as it is.
func shellQuote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }
