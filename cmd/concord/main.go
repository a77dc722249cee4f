// Concord is a node on which a state negotiates one statement with others, the
// commands around it, and commands that compare and merge texts in files. Run it
// without arguments for their list.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"strings"
	"syscall"
)

// A command is one word after "concord".
type command struct {
	name  string
	usage string // arguments after the name
	short string // one line for the list
	run   func(ctx context.Context, c *call) error
}

// A call is a command with what it was given, what it reads and where it writes.
type call struct {
	flags  *flag.FlagSet
	args   []string
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
	words  []string // of which one comes first, where help is asked for without
}

// commands are those around a node, which end in good order when a signal says
// so.
func commands() []command {
	return []command{
		{"demo", "[--dir DIR] [--http ADDR]", "run four nodes with a sample negotiation", runDemo},
		{"keygen", "[--passphrase-file FILE | --no-passphrase] NAME", "make a signing key and a recovery key", runKeygen},
		{"passphrase", "[--passphrase-file FILE] [--new-passphrase-file FILE | --remove] KEYFILE", "lock a private key with a passphrase, or change or remove it", runPassphrase},
		{"charter", "cica", "print a charter to fill in", runCharter},
		{"convene", "--charter FILE --text FILE --key KEY [--recovery FILE] --dir DIR", "begin a negotiation, as its chair", runConvene},
		{"invite", "--dir DIR --hub URL CODE | --observer NAME", "print an invitation for a participant or an observer", runInvite},
		{"join", "--invitation FILE --key KEY [--recovery FILE] --dir DIR", "set up the node of an invited participant", runJoin},
		{"observe", "--invitation FILE --dir DIR", "set up the node of an observer: a read-only replica without a key", runObserve},
		{"key", "rotate|recover --dir DIR --new-key KEY [--recovery-key KEY]", "replace a participant's key, also one that was lost or stolen", runKey},
		{"chair", "hand-over|take-up|rekey|recognise|succeed --dir DIR [CODE]", "pass the chair, or let it go on", runChair},
		{"serve", "--dir DIR [--http ADDR]", "run a node", runServe},
		{"hub", "config|run|add|drop [--dir DIR] [--config FILE] [--invitation FILE] [NAME]", "make a hub and run it alone, have a node join one more, or shut an observer out", runHub},
		{"status", "--dir DIR [--act ACT] [--json]", "print a node's state digest, heads, hubs and peers, or whose nodes hold an act", runStatus},
		{"export", "--dir DIR [--since BUNDLE|rev-N] FILE", "write the record to a git bundle", runExport},
		{"import", "--dir DIR FILE", "take acts from a git bundle", runImport},
		{"evidence", "--dir DIR [CHAIN] FILE", "write the proof of a fork to a git bundle", runEvidence},
	}
}

// recordCommands ask a node's record, or a clone of it, whether the node runs or not.
// They change nothing, and a signal ends them at once.
func recordCommands() []command {
	return []command{
		{"log", "--dir DIR [--participant CODE] [--paragraph LABEL] [--since INSTANT|rev-N] [--json]", "list the acts, each after what it follows", runLog},
		{"since", "--dir DIR [--outage N | INSTANT] [--json]", "tell what passed by while no other node was heard", runSince},
		{"biography", "--dir DIR [--json] LABEL", "tell all that became of a paragraph, and why", runBiography},
		{"diff", "--dir DIR [--format FORMAT] [--context N] TEXT TEXT", "show what changed between revisions or proposals (rev-2, XCA/4)", runDiff},
		{"provenance", "--dir DIR [--format markdown|csv|json]", "print who contributed which words, how and why", runProvenance},
		{"verify", "[--json] [--negotiation ACT] PATH|BUNDLE", "check every act of a record, offline", runVerify},
	}
}

// fileCommands are those on files. They need no node, and a signal ends them at
// once.
func fileCommands() []command {
	return []command{
		{"redline", "[--format FORMAT] [--context N] OLD NEW", "show what changed from one text to another", runRedline},
		{"merge", "[-o OUT] [--conflicts brackets|git] BASE OURS THEIRS", "merge two texts, word by word", runMerge},
		{"rolling", "--base BASE [--format FORMAT] NAME=FILE...", "lay the texts of several parties beside one another", runRolling},
		{"accept", "--base BASE --take NAME,... NAME=FILE...", "print the text with what some parties want", runAccept},
		{"blame", "[--deleted] [--format text|json] FILE... | --dir DIR [--revision N | --proposal XCA/4]", "say of every word which text brought it in; with --dir, who", runBlame},
	}
}

func main() {
	os.Exit(mainWith(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// mainWith runs one command and returns the exit code: 0 done, 1 not done, 2 not
// understood, or what an [exit] says.
func mainWith(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	if len(args) == 0 {
		printUsage(stderr)
		return 2
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		printUsage(stdout)
		return 0
	}
	named := func(cmd command) bool { return cmd.name == args[0] }
	once := append(recordCommands(), fileCommands()...)
	if i := slices.IndexFunc(once, named); i >= 0 {
		return once[i].exec(context.Background(), args[1:], stdin, stdout, stderr)
	}
	if i := slices.IndexFunc(commands(), named); i >= 0 {
		ctx, stop := untilSignal()
		defer stop()
		return commands()[i].exec(ctx, args[1:], stdin, stdout, stderr)
	}
	fmt.Fprintln(stderr, unrepeated(fmt.Sprintf("concord: there is no command %q", args[0]), args))
	printUsage(stderr)
	return 2
}

// exec runs cmd and returns the exit code.
func (cmd command) exec(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &call{flags: flag.NewFlagSet(cmd.name, flag.ContinueOnError), args: args, stdin: stdin, stdout: stdout, stderr: stderr}
	c.flags.SetOutput(io.Discard)
	c.flags.Usage = func() {}
	err := cmd.run(ctx, c)
	code := 1
	if e := (*exit)(nil); errors.As(err, &e) {
		code, err = e.code, e.cause
		if err == nil {
			return code
		}
	}
	switch {
	case err == nil:
		return 0
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprintf(stdout, "concord %s: %s\n\nusage: concord %s %s\n\n", cmd.name, cmd.short, cmd.name, cmd.usage)
		var options strings.Builder
		c.flags.SetOutput(&options)
		c.flags.PrintDefaults()
		fmt.Fprint(stdout, longOption.ReplaceAllString(options.String(), "  --$1"))
		for _, word := range c.words {
			fmt.Fprintf(stdout, "concord %s %s --help lists its options.\n", cmd.name, word)
		}
		return 0
	case errors.Is(err, errUsage):
		fmt.Fprintf(stderr, "concord %s: %s\nusage: concord %s %s\n", cmd.name, unrepeated(plain(err), args), cmd.name, cmd.usage)
		return 2
	}
	fmt.Fprintf(stderr, "concord %s: %s\n", cmd.name, unrepeated(plain(err), args))
	return code
}

// longOption is how package flag begins an option of several letters, which the
// documents write with two dashes.
var longOption = regexp.MustCompile(`(?m)^  -(\w[\w-]+)`)

// An exit is how a command ends that has an exit code of its own.
type exit struct {
	code  int
	cause error // nil when the command has said everything itself
}

func (e *exit) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// untilSignal returns a context that the first signal to end cancels. A second one
// ends the process as it would any.
func untilSignal() (context.Context, context.CancelFunc) {
	signals := []os.Signal{os.Interrupt, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signals = append(signals, syscall.SIGHUP)
	}
	ctx, stop := signal.NotifyContext(context.Background(), signals...)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}

func printUsage(w io.Writer) {
	fmt.Fprint(w, "Concord: states negotiate one statement, each on a node of its own.\n")
	list := func(title string, commands []command) {
		fmt.Fprintf(w, "\n%s:\n", title)
		for _, cmd := range commands {
			fmt.Fprintf(w, "  concord %-10s %s\n", cmd.name, cmd.short)
		}
	}
	list("Negotiating", commands())
	list("Asking a record, with or without its node", recordCommands())
	list("Working on files, without a node", fileCommands())
	fmt.Fprint(w, "\nThe exit code is 0 when it is done, 1 when it is not, and 2 when the words are not understood.\n"+
		"Of verify it is 1 when an act does not verify or a fork is not settled, 2 when there is no record\n"+
		"to read; of import 1 when an act is refused; of merge 1 with conflicts, 2 after an error.\n"+
		"\nEach command explains itself with --help. To see it at work: concord demo\n")
}

// errUsage says that the words of a command are off.
var errUsage = errors.New("usage")

// anyNumber of arguments is no limit to what parse takes.
const anyNumber = math.MaxInt

// parse reads the flags, which may stand before, between and after the plain
// arguments, of which the command takes at least and at most so many. What stands
// behind -- is plain.
func (c *call) parse(least, most int) ([]string, error) {
	var plain []string
	for rest := c.args; len(rest) > 0; {
		if err := c.flags.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %s", errUsage, flagReason(err))
		}
		read := len(rest) - c.flags.NArg()
		if read > 0 && rest[read-1] == "--" {
			plain = append(plain, c.flags.Args()...)
			break
		}
		if rest = c.flags.Args(); len(rest) > 0 {
			plain, rest = append(plain, rest[0]), rest[1:]
		}
	}
	switch {
	case len(plain) >= least && len(plain) <= most:
		return plain, nil
	case least == most:
		return nil, fmt.Errorf("%w: %s given, %d wanted", errUsage, counted(len(plain), "argument", "arguments"), least)
	case len(plain) > most:
		return nil, fmt.Errorf("%w: %s given, at most %d wanted", errUsage, counted(len(plain), "argument", "arguments"), most)
	}
	return nil, fmt.Errorf("%w: %s given, at least %d wanted", errUsage, counted(len(plain), "argument", "arguments"), least)
}

// subcommand takes the first argument, which is one of some words.
func (c *call) subcommand(words ...string) (string, error) {
	if len(c.args) == 0 || !slices.Contains(words, c.args[0]) {
		if slices.Contains(c.args, "--help") || slices.Contains(c.args, "-h") {
			c.words = words
			return "", flag.ErrHelp
		}
		return "", fmt.Errorf("%w: one of %s comes first", errUsage, strings.Join(words, ", "))
	}
	word := c.args[0]
	c.args = c.args[1:]
	return word, nil
}

// flagReason puts what package flag says into the words of this program.
func flagReason(err error) string {
	reason := err.Error()
	if name, ok := strings.CutPrefix(reason, "flag provided but not defined: -"); ok {
		return "there is no option --" + strings.TrimPrefix(name, "-")
	}
	if name, ok := strings.CutPrefix(reason, "flag needs an argument: -"); ok {
		return "--" + strings.TrimPrefix(name, "-") + " needs a value"
	}
	if wrong, ok := strings.CutPrefix(reason, "invalid value "); ok {
		value, rest, _ := strings.Cut(wrong, " for flag -")
		name, why, _ := strings.Cut(rest, ": ")
		if why == "parse error" {
			why = "it takes a whole number"
		}
		return fmt.Sprintf("--%s cannot be %s: %s", name, value, why)
	}
	return reason
}

// given reports whether a flag stands in the command's words.
func (c *call) given(name string) bool {
	found := false
	c.flags.Visit(func(f *flag.Flag) { found = found || f.Name == name })
	return found
}

// need demands that flags were given a value.
func (c *call) need(names ...string) error {
	for _, name := range names {
		if c.flags.Lookup(name).Value.String() == "" {
			return fmt.Errorf("%w: --%s is missing", errUsage, name)
		}
	}
	return nil
}

// choice adds a flag that takes one of the values, and returns where it goes.
func (c *call) choice(name, usage, value string, values ...string) *string {
	list := strings.Join(values, ", ")
	c.flags.Func(name, fmt.Sprintf("%s: `one` of %s (default: %s)", usage, list, value), func(s string) error {
		if !slices.Contains(values, s) {
			return fmt.Errorf("it takes one of %s", list)
		}
		value = s
		return nil
	})
	return &value
}
