//go:build unix

package main

import (
	"context"
	"crypto/tls"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"concord/federation"
	"concord/negotiation"
)

var (
	faultsLast = flag.Duration("faults", 20*time.Second, "how long TestFaults lets faults happen; go test -timeout must leave room for it")
	faultSeed  = flag.Uint64("fault-seed", 0, "of the faults of TestFaults; 0 for others each time")
)

const (
	stormLevel   = 3 * time.Minute // within which all are level when the faults are over
	stormAuthors = 5
)

var (
	stormStates = []string{"XAU", "XBO", "XCA", "XDE", "XEL", "XFA", "XGO", "XHI"} // the first has the chair
	withheld    = []string{"XCA", "XFA"}                                           // whose acts and heads one hub keeps from all others
	newcomer    = "XZZ"
)

// TestFaults lets eight nodes, each at two hubs over TLS, act while everything fails that
// can: lines are cut, refuse, stall and dawdle; hubs and nodes are stopped and killed, and
// hubs lose what they keep, while they run too. One of the hubs is a nats-server whose
// operator keeps from everybody what two states say. When the faults are over, all nodes come to
// the same state, and all that was acknowledged is in it on each of them. A node that is
// set up then, at no other hub than the one that withholds, gets the whole record.
func TestFaults(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	t.Parallel() // with others that wait most of the time
	seed := *faultSeed
	if seed == 0 {
		seed = rand.Uint64()
	}
	t.Logf("the faults are those of -fault-seed %d", seed)
	s := newStorm(t, seed)
	s.rage(*faultsLast)
	s.report()
	began := time.Now()
	s.level(stormStates)
	t.Logf("all were level %v after the faults", time.Since(began).Round(time.Millisecond))
	s.welcome()
	s.judge()
}

// A storm is eight nodes with their lines to two hubs.
type storm struct {
	site
	seed    uint64
	nodes   map[string]*process // by state
	address map[string]string   // of their pages
	hubs    [2]*process
	at2     string // URL of the second hub
	lines   []*line

	mu       sync.Mutex // guards below
	happened map[string]int
	acts     map[negotiation.ActID]bool // acknowledged
	proposed map[string]bool            // states that have tabled a proposal
}

// chance returns the chance of one part of the storm.
func (s *storm) chance(part uint64) *rand.Rand { return rand.New(rand.NewPCG(s.seed, part)) }

func (s *storm) count(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.happened[what]++
}

// newStorm sets eight nodes and two hubs up and starts them.
func newStorm(t *testing.T, seed uint64) *storm {
	t.Helper()
	s := &storm{
		site: newSite(t), seed: seed, nodes: map[string]*process{}, address: map[string]string{},
		happened: map[string]int{}, acts: map[negotiation.ActID]bool{}, proposed: map[string]bool{},
	}
	chair, second := stormStates[0], stormStates[1]
	s.convene("# A statement\n\n1. States shall cooperate.\n\n2. They meet.\n", append(slices.Clone(stormStates), newcomer)...)
	for _, code := range stormStates {
		s.address[code] = freeAddress(t)
		s.nodes[code] = s.process(code+".log", "concord", "serve", "--dir", code, "--http", s.address[code])
	}
	first := s.honestHub(chair)
	urls := map[string]string{}
	for _, code := range stormStates {
		urls[code] = s.through(first)
		if code != chair {
			s.concord("join", "--invitation", s.invite(chair, urls[code], code), "--key", code+".key", "--dir", code)
		}
	}
	s.concord("hub", "add", "--dir", chair, "--hub", urls[chair])
	for _, code := range []string{chair, second} {
		s.must(s.nodes[code].start())
	}
	s.level([]string{chair, second}) // the second state can make a hub when it has the record
	for _, code := range []string{chair, second} {
		s.must(s.nodes[code].end())
	}
	s.at2 = s.withholdingHub(second)
	for _, code := range stormStates {
		if url := s.through(s.at2); code == second {
			s.concord("hub", "add", "--dir", code, "--hub", url)
		} else {
			s.concord("hub", "add", "--dir", code, "--invitation", s.invite(second, url, code))
		}
		s.must(s.nodes[code].start())
	}
	s.level(stormStates) // all have joined
	return s
}

func (s *storm) must(err error) {
	s.Helper()
	if err != nil {
		s.Fatal(err)
	}
}

// certify lays the certificate of a hub and its key down in a directory, and returns the
// hub's URL.
func (s *storm) certify(dir, address string) string {
	s.Helper()
	certificate, key, err := federation.NewCertificate()
	s.must(err)
	s.must(os.MkdirAll(s.at(dir), 0o700))
	s.write(filepath.Join(dir, "hub.crt"), string(certificate))
	s.write(filepath.Join(dir, "hub.key"), string(key))
	pair, err := tls.X509KeyPair(certificate, key)
	s.must(err)
	known, err := federation.Fingerprint(pair)
	s.must(err)
	return "tls://" + address + "#" + known
}

// honestHub starts a hub that is nobody's node, made by a state.
func (s *storm) honestHub(by string) (url string) {
	s.Helper()
	address := freeAddress(s.T)
	url = s.certify("one", address)
	s.write("one/hub.conf", s.concord("hub", "config", "--dir", by))
	s.hubs[0] = s.process("one.log", "concord", "hub", "run", "--config", "one/hub.conf", "--dir", "one", "--listen", address, "--tls-cert", "one/hub.crt", "--tls-key", "one/hub.key")
	s.must(s.hubs[0].start())
	return url
}

// withholdingHub starts a nats-server on the configuration in docs/hub, with the accounts
// of a hub made by a state, of which its operator has taken out that anybody hears what
// those withheld say, asks them, or reads what is kept of theirs.
func (s *storm) withholdingHub(by string) (url string) {
	s.Helper()
	address := freeAddress(s.T)
	url = s.certify("two", address)
	config, err := os.ReadFile("../../docs/hub/hub.conf")
	s.must(err)
	s.write("two/hub.conf", strings.NewReplacer("0.0.0.0:7422", address, "0.0.0.0:4222", freeAddress(s.T)).Replace(string(config)))
	accounts := ""
	for line := range strings.Lines(s.concord("hub", "config", "--dir", by)) {
		if !slices.ContainsFunc(withheld, func(code string) bool { return strings.Contains(line, fmt.Sprintf("account: %q", code)) }) {
			accounts += line
		}
	}
	s.write("two/accounts.conf", accounts)
	s.hubs[1] = s.process("two.log", "nats-server", "-c", "hub.conf")
	s.hubs[1].dir = s.at("two")
	s.must(s.hubs[1].start())
	return url
}

// through puts a line up before a hub, and returns the hub's URL through it.
func (s *storm) through(hub string) (url string) {
	s.Helper()
	address, known, _ := strings.Cut(strings.TrimPrefix(hub, "tls://"), "#")
	l := newLine(s.T, address, s.chance(uint64(100+len(s.lines))))
	s.lines = append(s.lines, l)
	return "tls://" + l.address() + "#" + known
}

// rage lets authors act and everything fail for some time, and then makes all whole.
func (s *storm) rage(lasts time.Duration) {
	s.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), lasts)
	defer cancel()
	var storm sync.WaitGroup
	part := uint64(0)
	begin := func(do func(context.Context, *rand.Rand)) {
		part++
		chance := s.chance(part)
		storm.Go(func() { do(ctx, chance) })
	}
	for _, l := range s.lines {
		begin(func(ctx context.Context, chance *rand.Rand) { s.disturbLine(ctx, chance, l) })
	}
	for _, code := range stormStates {
		begin(func(ctx context.Context, chance *rand.Rand) { s.disturbNode(ctx, chance, code) })
	}
	begin(s.disturbHubs)
	for range stormAuthors {
		begin(s.author)
	}
	storm.Wait()
	if s.Failed() {
		s.FailNow()
	}
}

// between waits for some time by chance; false when the storm is over before.
func between(ctx context.Context, chance *rand.Rand, least, most time.Duration) bool {
	select {
	case <-time.After(least + time.Duration(chance.Int64N(int64(most-least)))):
		return true
	case <-ctx.Done():
		return false
	}
}

// disturbLine has one line fail now and then, at times for longer than a server's
// patience with a peer that says nothing.
func (s *storm) disturbLine(ctx context.Context, chance *rand.Rand, l *line) {
	for between(ctx, chance, 300*time.Millisecond, 6*time.Second) {
		most := 5 * time.Second
		if chance.IntN(15) == 0 {
			most = 45 * time.Second
		}
		last := func() { between(ctx, chance, 100*time.Millisecond, most) }
		switch chance.IntN(9) {
		case 0, 1, 2:
			s.count("cuts")
			l.cut()
		case 3, 4:
			s.count("refusals")
			l.refuse(true)
			last()
			l.refuse(false)
		case 5, 6:
			s.count("slow lines")
			l.dawdle(true)
			last()
			l.dawdle(false)
		default:
			directions := [][]int{{toHub}, {fromHub}, {toHub, fromHub}}[chance.IntN(3)]
			s.count(fmt.Sprintf("stalls of %d directions", len(directions)))
			resume := l.stall(directions...)
			last()
			resume()
		}
	}
}

// disturbNode kills or stops one node now and then, and lets it go on.
func (s *storm) disturbNode(ctx context.Context, chance *rand.Rand, code string) {
	node := s.nodes[code]
	for between(ctx, chance, 2*time.Second, 16*time.Second) {
		if chance.IntN(2) == 0 {
			s.count("stopped nodes")
			s.pause(ctx, chance, node)
			continue
		}
		s.count("killed nodes")
		if err := node.kill(); err != nil {
			s.Error(err)
			return
		}
		between(ctx, chance, 0, 4*time.Second)
		if err := node.start(); err != nil {
			s.Error(err)
			return
		}
	}
}

// pause stops a process for a while, in the midst of what it does.
func (s *storm) pause(ctx context.Context, chance *rand.Rand, p *process) {
	if err := p.running.Process.Signal(syscall.SIGSTOP); err != nil {
		s.Error(err)
	}
	between(ctx, chance, 300*time.Millisecond, 5*time.Second)
	if err := p.running.Process.Signal(syscall.SIGCONT); err != nil {
		s.Error(err)
	}
}

// disturbHubs has one hub or both fail now and then, or lose what they keep.
func (s *storm) disturbHubs(ctx context.Context, chance *rand.Rand) {
	for between(ctx, chance, time.Second, 6*time.Second) {
		chosen := [][]int{{0}, {1}, {0, 1}}[chance.IntN(3)]
		what := chance.IntN(5)
		for _, i := range chosen {
			switch what {
			case 0:
				s.wipe(i)
			case 1:
				s.count("stopped hubs")
				s.pause(ctx, chance, s.hubs[i])
			default:
				s.count("killed hubs")
				if err := s.hubs[i].kill(); err != nil {
					s.Error(err)
					return
				}
			}
		}
		if what < 2 {
			continue
		}
		between(ctx, chance, 0, 4*time.Second)
		for _, i := range chosen {
			if chance.IntN(2) == 0 {
				s.wipe(i)
			}
			if err := s.hubs[i].start(); err != nil {
				s.Error(err)
				return
			}
		}
	}
}

// wipe deletes all that a hub keeps, though it may be writing there.
func (s *storm) wipe(hub int) {
	s.count("wiped hubs")
	kept := s.at([]string{"one/cache", "two/cache"}[hub])
	err := os.RemoveAll(kept)
	for range 10 {
		if !errors.Is(err, syscall.ENOTEMPTY) { // what was written meanwhile
			break
		}
		err = os.RemoveAll(kept)
	}
	if err != nil {
		s.Error(err)
	}
}
