package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"regexp"

	"concord/drafts"
	"concord/negotiation"
)

func runExport(ctx context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory`; its node may be running")
	since := c.flags.String("since", "", "leave out what an earlier `bundle` has, or what a revision like rev-2 followed from")
	plain, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	d, _, err := c.node()
	if err != nil {
		return err
	}
	acts, err := drafts.Export(ctx, d.repository(), basis(*since), plain[0])
	if err != nil {
		return exportRefusal(err, *since)
	}
	if *since == "" {
		fmt.Fprintf(c.stdout, "%s has the whole record, %s. Stock git takes it: git clone %s\n", plain[0], counted(acts, "act", "acts"), plain[0])
		return nil
	}
	fmt.Fprintf(c.stdout, "%s has %s, for those who have %s\n", plain[0], counted(acts, "act", "acts"), *since)
	return nil
}

var revisionTag = regexp.MustCompile(`^rev-[1-9][0-9]*$`)

// basis reads the value of --since.
func basis(since string) drafts.Basis {
	if revisionTag.MatchString(since) {
		return drafts.Basis{Tag: since}
	}
	return drafts.Basis{Bundle: since}
}

func exportRefusal(err error, since string) error {
	switch {
	case errors.Is(err, drafts.ErrNothingNew) && since == "":
		return refuse("Run the node until it has the record.", "this node holds no acts yet")
	case errors.Is(err, drafts.ErrNothingNew):
		return refuse("There is nothing to pass on.", "there is nothing new since %s", since)
	case errors.Is(err, drafts.ErrOtherRecord):
		return refuse("Name one that concord export made of this negotiation.", "nothing that %s leads to is in this record", since)
	case errors.Is(err, fs.ErrNotExist) && basis(since).Tag != "":
		return refuse("Name one that there is.", "there is no revision %s here", since)
	}
	return err
}

func runImport(ctx context.Context, c *call) error {
	c.flags.String("dir", "", "data `directory`; its node must not be running")
	plain, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	d, id, err := c.node()
	if err != nil {
		return err
	}
	r, mended, err := openMended(ctx, d, id.negotiation, plain[0])
	if errors.Is(err, drafts.ErrInUse) {
		return refuse("Stop it, import, and start it again.", "the node in %s is running, and an import needs its data directory to itself", d)
	}
	if err != nil {
		return err
	}
	if mended > 0 {
		fmt.Fprintf(c.stdout, "%s put right with %s. The whole record verifies.\n", manyParts(mended), plain[0])
		if info, err := os.Stat(plain[0]); err == nil && info.IsDir() {
			return r.Close() // a clone mends, and is not imported
		}
	}
	report, err := r.Import(ctx, plain[0])
	if err := errors.Join(err, r.Close()); err != nil {
		return importRefusal(err, plain[0])
	}
	if !printImport(c.stdout, report) {
		return nil
	}
	return &exit{1, nil}
}

// openMended opens the repository in a data directory. When it is damaged, it is put right
// before, as far as the copy of the record at path has what it lacks; mended says how many
// parts of it were.
func openMended(ctx context.Context, d dataDir, name negotiation.ActID, path string) (r *drafts.Repository, mended int, err error) {
	r, err = drafts.Open(d.repository(), name)
	if err == nil {
		return r, 0, nil
	}
	if _, fault := negotiation.FaultOf(err); fault {
		if mended, err = drafts.Mend(ctx, d.repository(), path); err != nil {
			return nil, mended, importRefusal(err, path)
		}
	}
	r, err = d.open(name) // says what is wrong in a person's words
	if mended > 0 && err != nil {
		err = &said{fmt.Sprintf("%s put right with %s, which is kept, and more is wrong: %v. Import another copy for the rest.", manyParts(mended), path, rootOf(err))}
	}
	return r, mended, err
}

func manyParts(n int) string {
	return counted(n, "damaged or missing part of the record was", "damaged or missing parts of the record were")
}

// printImport says what became of each chain, and reports whether an act was refused.
func printImport(w io.Writer, report []drafts.Imported) (refused bool) {
	taken := 0
	for _, chain := range report {
		fmt.Fprintf(w, "%s: %s taken, %d here already", chain.Chain, counted(chain.Taken, "act", "acts"), chain.Had)
		if chain.Err != nil {
			refused = true
			fmt.Fprintf(w, ", %d refused: %v", chain.Refused, rootOf(chain.Err))
		}
		fmt.Fprintln(w)
		taken += chain.Taken
	}
	switch {
	case refused:
		fmt.Fprintln(w, "What was taken is kept; of what was refused, nothing is. An act that lacks another can be taken with a fuller bundle.")
	case taken == 0:
		fmt.Fprintln(w, "Nothing in it is new.")
	}
	return refused
}

// importRefusal says what is wrong with a bundle as a whole.
func importRefusal(err error, path string) error {
	switch {
	case errors.Is(err, context.Canceled):
		return &said{fmt.Sprintf("the import was ended. What it had taken of %s is verified and kept, and nothing else is. Import it again for the rest.", path)}
	case errors.Is(err, negotiation.ErrGap):
		return refuse("Take the bundle that it builds on first, or a fuller one.", "%s builds on acts that are not here", path)
	}
	return bundleRefusal(err, path)
}

// bundleRefusal says which file it is that cannot be read as a bundle.
func bundleRefusal(err error, path string) error {
	if errors.Is(err, drafts.ErrBundle) || errors.Is(err, negotiation.ErrTree) {
		return refuse("Have it made again with concord export or git bundle create.", "%s cannot be read: %v", path, rootOf(err))
	}
	return err
}
