package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"concord/drafts"
	"concord/negotiation"
)

func runVerify(ctx context.Context, c *call) error {
	asJSON := c.flags.Bool("json", false, "print JSON")
	named := c.flags.String("negotiation", "", "`name` of the negotiation that it must be")
	paths, err := c.parse(1, 1)
	if err != nil {
		return err
	}
	var name negotiation.ActID
	if *named != "" {
		if name, err = negotiation.ParseActID(*named); err != nil || name.IsZero() {
			return fmt.Errorf("%w: --negotiation cannot be %q: it takes the 64 digits of an act's name", errUsage, *named)
		}
	}
	path := paths[0]
	if inside := dataDir(path).repository(); there(inside) {
		path = inside
	}
	progress := new(drafts.Progress)
	shown := make(chan struct{})
	var bar sync.WaitGroup
	if f, ok := c.stderr.(*os.File); ok && isTerminal(f) {
		bar.Go(func() { showProgress(f, progress, shown) })
	}
	report, err := drafts.Audit(ctx, path, name, progress)
	close(shown)
	bar.Wait()
	if errors.Is(err, negotiation.ErrGap) {
		err = refuse("Import it, and verify the data directory.", "%s has only what came after another bundle, and what it builds on is not in it", paths[0])
	}
	if err != nil {
		return &exit{code: 2, cause: recordRefusal(bundleRefusal(err, paths[0]), path)}
	}
	if *asJSON {
		err = c.printJSON(verdict{report.OK(), report})
	} else {
		err = printReport(c.stdout, filepath.Clean(paths[0]), report)
	}
	if err == nil && !report.OK() {
		return &exit{code: 1}
	}
	return err
}

// A verdict is a report as JSON has it.
type verdict struct {
	Verifies bool `json:"verifies"`
	drafts.Report
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// showProgress draws a bar, when the work takes longer than a second, until done is closed.
func showProgress(w io.Writer, p *drafts.Progress, done <-chan struct{}) {
	const width = 40
	wait := time.NewTimer(time.Second)
	defer wait.Stop()
	drawn := false
	for {
		select {
		case <-done:
			if drawn {
				fmt.Fprint(w, "\r\x1b[K")
			}
			return
		case <-wait.C:
		}
		drawn = true
		found, judged := p.Found.Load(), p.Judged.Load()
		switch {
		case found == 0: // the objects of a bundle are all made before the first act is
			fmt.Fprint(w, "\r\x1b[Kreading the file")
		case judged == 0:
			fmt.Fprintf(w, "\r\x1b[K%d acts read", found)
		default:
			part := int(judged * width / max(found, judged))
			fmt.Fprintf(w, "\r\x1b[K[%s%s] %d of %d acts", strings.Repeat("#", part), strings.Repeat(".", width-part), judged, found)
		}
		wait.Reset(100 * time.Millisecond)
	}
}

const reportTime = "2006-01-02 15:04 UTC"

func printReport(out io.Writer, path string, r drafts.Report) error {
	if r.Title != "" {
		fmt.Fprintln(out, r.Title)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	if !r.Negotiation.IsZero() {
		fmt.Fprintf(w, "negotiation\t%s\nstate digest\t%s\n", r.Negotiation, r.StateDigest)
		if err := w.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	w = tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "chain\tacts\tfirst\tlast\tname of the last")
	for _, c := range r.Chains {
		if c.First == nil {
			fmt.Fprintf(w, "%s\t0\t–\t–\t–\n", c.Chain)
			continue
		}
		fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%.16s\n", c.Chain, c.Acts, c.First.Time.Format(reportTime), c.Last.Time.Format(reportTime), c.Last.Act)
	}
	fmt.Fprintln(w, "\nchain\tfrom act\tkey of\tkey\tsays")
	for _, c := range r.Chains {
		for _, k := range c.Keys {
			fmt.Fprintf(w, "%s\t%d\t%s\t%s\t%s, act %.16s\n", c.Chain, k.Since, k.Participant, k.Key, k.Kind, k.By)
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	fmt.Fprintln(out)
	return printFindings(out, path, r)
}

// printFindings says what does not verify, and from where on.
func printFindings(out io.Writer, path string, r drafts.Report) error {
	for _, c := range r.Chains {
		for _, f := range r.Findings {
			if f.Chain != c.Chain {
				continue
			}
			where := "an act whose place cannot be read"
			if f.Place > 0 {
				where = fmt.Sprintf("act %d", f.Place)
			}
			fmt.Fprintf(out, "%s: %s does not verify (%s): %s. In git it is %.16s.\n", c.Chain, where, f.Fault, strings.TrimSuffix(f.Reason, "."), f.Commit)
		}
		for _, f := range r.Forks {
			if f.Chain == c.Chain {
				fmt.Fprintln(out, forkSentence(f))
			}
		}
		if c.DivergesAt > 0 {
			fmt.Fprintf(out, "%s first diverges at act %d.\n", c.Chain, c.DivergesAt)
		}
		if c.Depending > 0 {
			fmt.Fprintf(out, "%s: %s not judged, because of building on what does not verify.\n", c.Chain, counted(c.Depending, "act was", "acts were"))
		}
	}
	what, next := "repository", "Make a whole copy with git clone --mirror --no-local, and verify that."
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() {
		what, next = "bundle", "Have it made again with concord export or git bundle create."
	}
	for _, d := range r.Damage {
		fmt.Fprintf(out, "The %s is not as git makes it (%s): %s.\n", what, d.Fault, strings.TrimSuffix(d.Reason, "."))
	}
	for _, name := range r.OtherRefs {
		fmt.Fprintf(out, "%q is no part of the record, and proves nothing.\n", name)
	}
	if r.OK() {
		_, err := fmt.Fprintf(out, "All %d acts verify.\n", r.Acts)
		return err
	}
	if len(r.Findings)+r.Acts == 0 {
		_, err := fmt.Fprintf(out, "%s does not verify, and no act was read. %s\n", path, next)
		return err
	}
	if len(r.Findings) == 0 && len(r.Damage) > 0 {
		_, err := fmt.Fprintf(out, "All %d acts verify, and the repository is damaged beside them. Clone it, and verify the clone.\n", r.Acts)
		return err
	}
	if len(r.Findings) == 0 {
		_, err := fmt.Fprintf(out, "All %d acts verify, and the record is forked: who holds the key has said two things in one place.\n", r.Acts)
		return err
	}
	_, err := fmt.Fprintf(out, "%s does not verify. What is listed above it verifies; ask another node for what does not.\n", path)
	return err
}

// forkSentence says what a fork is proof of, and what became of it.
func forkSentence(f negotiation.Fork) string {
	var sides []string
	for _, id := range f.Sides {
		sides = append(sides, fmt.Sprintf("%.16s", id))
	}
	s := fmt.Sprintf("%s is forked: %d acts stand at place %d, all signed with the key in force there (%s).", f.Chain, len(sides), f.Place, strings.Join(sides, ", "))
	if f.Frozen() {
		return s + " Nothing from there on counts until it is settled."
	}
	return s + fmt.Sprintf(" It was settled by act %.16s; what stands on the other side does not count.", f.SettledBy)
}

func counted(n int, one, more string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, more)
}
