// Concord is a node on which a state negotiates one statement with others, and
// the commands around it. Run it without arguments for their list.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
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

// A call is a command with what it was given and where it writes.
type call struct {
	flags  *flag.FlagSet
	args   []string
	stdout io.Writer
	stderr io.Writer
}

func commands() []command {
	return []command{
		{"demo", "[--dir DIR] [--http ADDR]", "run four nodes with a sample negotiation", runDemo},
		{"keygen", "NAME", "make a signing key and a recovery key", runKeygen},
		{"charter", "cica", "print a charter to fill in", runCharter},
		{"convene", "--charter FILE --text FILE --key FILE --dir DIR", "begin a negotiation, as its chair", runConvene},
		{"invite", "--dir DIR --hub URL CODE", "print an invitation for a participant", runInvite},
		{"join", "--invitation FILE --key FILE --dir DIR", "set up the node of an invited participant", runJoin},
		{"serve", "--dir DIR [--http ADDR]", "run a node", runServe},
		{"status", "--dir DIR", "print a node's state digest, heads and peers", runStatus},
	}
}

func main() {
	os.Exit(mainWith(os.Args[1:], os.Stdout, os.Stderr))
}

// mainWith runs one command and returns the exit code: 0 done, 1 not done, 2 not
// understood.
func mainWith(args []string, stdout, stderr io.Writer) int {
	ctx, stop := untilSignal()
	defer stop()
	if len(args) == 0 {
		printUsage(stderr)
		return 2
	}
	if args[0] == "help" || args[0] == "-h" || args[0] == "--help" {
		printUsage(stdout)
		return 0
	}
	for _, cmd := range commands() {
		if cmd.name != args[0] {
			continue
		}
		c := &call{flags: flag.NewFlagSet(cmd.name, flag.ContinueOnError), args: args[1:], stdout: stdout, stderr: stderr}
		c.flags.SetOutput(io.Discard)
		c.flags.Usage = func() {}
		err := cmd.run(ctx, c)
		switch {
		case err == nil:
			return 0
		case errors.Is(err, flag.ErrHelp):
			fmt.Fprintf(stdout, "concord %s: %s\n\nusage: concord %s %s\n\n", cmd.name, cmd.short, cmd.name, cmd.usage)
			c.flags.SetOutput(stdout)
			c.flags.PrintDefaults()
			return 0
		case errors.Is(err, errUsage):
			fmt.Fprintf(stderr, "concord %s: %s\nusage: concord %s %s\n", cmd.name, plain(err), cmd.name, cmd.usage)
			return 2
		}
		fmt.Fprintf(stderr, "concord %s: %s\n", cmd.name, plain(err))
		return 1
	}
	fmt.Fprintf(stderr, "concord: there is no command %q\n", args[0])
	printUsage(stderr)
	return 2
}

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
	fmt.Fprint(w, "Concord: states negotiate one statement, each on a node of its own.\n\n")
	for _, cmd := range commands() {
		fmt.Fprintf(w, "  concord %-9s %s\n", cmd.name, cmd.short)
	}
	fmt.Fprint(w, "\nEach command explains itself with --help. To see it at work: concord demo\n")
}

// errUsage says that the words of a command are off.
var errUsage = errors.New("usage")

// parse reads the flags, which may stand before, between and after the n plain
// arguments that the command takes.
func (c *call) parse(n int) ([]string, error) {
	var plain []string
	for rest := c.args; ; {
		if err := c.flags.Parse(rest); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, fmt.Errorf("%w: %s", errUsage, flagReason(err))
		}
		if rest = c.flags.Args(); len(rest) == 0 {
			break
		}
		plain, rest = append(plain, rest[0]), rest[1:]
	}
	if len(plain) != n {
		return nil, fmt.Errorf("%w: %d arguments given, %d wanted", errUsage, len(plain), n)
	}
	return plain, nil
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
