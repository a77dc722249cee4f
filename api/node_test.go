package api

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	"concord/negotiation"
)

const token = "a-token-for-tests-only"

// A table is one negotiation that several nodes share, as if every act reached
// all of them at once. Its acts are signed and verified as those on disk are.
type table struct {
	mu      sync.Mutex
	ledger  *negotiation.Ledger
	state   *negotiation.State
	changed chan struct{}
	link    Link
	now     time.Time                               // goes on by a second with each act
	keys    map[negotiation.Code]ed25519.PrivateKey // of those who have rotated theirs
	away    map[negotiation.Code]time.Time          // who has got nothing since when
}

// A seat is the node of one participant at a table, or without a code an observer's.
type seat struct {
	*table
	code negotiation.Code
}

// keyOf returns the key of a participant; the same in every run.
func keyOf(code negotiation.Code) ed25519.PrivateKey {
	seed := sha256.Sum256([]byte("key of " + code))
	return ed25519.NewKeyFromSeed(seed[:])
}

// convene returns the table of the charter and text in testdata, which XAU chairs
// and XAU, XBO and XCA have joined; XDE has a key but has not.
func convene(t testing.TB) *table {
	t.Helper()
	statement, err := os.ReadFile("testdata/statement.md")
	if err != nil {
		t.Fatal(err)
	}
	return conveneOn(t, statement)
}

// conveneOn is convene with another text.
func conveneOn(t testing.TB, statement []byte) *table {
	t.Helper()
	raw, err := os.ReadFile("testdata/charter.toml")
	if err != nil {
		t.Fatal(err)
	}
	var charter negotiation.Charter
	codes := []negotiation.Code{"XAU", "XBO", "XCA", "XDE"}
	for _, code := range codes {
		if charter, err = negotiation.ParseCharter("charter.toml", raw); err != nil {
			t.Fatal(err)
		}
		if raw, err = charter.WithKey(code, publicKeyOf(code)); err != nil {
			t.Fatal(err)
		}
	}
	if charter, err = negotiation.ParseCharter("charter.toml", raw); err != nil {
		t.Fatal(err)
	}
	text, err := negotiation.ParseText("statement.md", statement)
	if err != nil {
		t.Fatal(err)
	}
	tb := &table{
		ledger:  negotiation.NewLedger(negotiation.ActID{}),
		changed: make(chan struct{}),
		now:     time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC),
	}
	tb.state = negotiation.Fold(tb.ledger)
	first, err := negotiation.ConveneWith(charter, text, tb.now)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tb.sign("XAU", first); err != nil {
		t.Fatal(err)
	}
	for _, code := range codes[:3] {
		tb.seat(code).mustAct(t, func(d negotiation.Delegation) (negotiation.Unsigned, error) {
			return d.Join(publicKeyOf(code), "")
		})
	}
	return tb
}

func publicKeyOf(code negotiation.Code) negotiation.PublicKey {
	return negotiation.PublicKeyOf(keyOf(code).Public().(ed25519.PublicKey))
}

func (tb *table) seat(code negotiation.Code) seat { return seat{tb, code} }

// sign adds an act to the ledger through its door. The caller holds mu, or is alone.
func (tb *table) sign(code negotiation.Code, u negotiation.Unsigned) (negotiation.Verified, error) {
	message, err := negotiation.FormatAct(u.Act)
	if err != nil {
		return negotiation.Verified{}, err
	}
	payload := fmt.Appendf(nil, "author %s\n\n%s", code, message)
	key, rotated := tb.keys[code]
	if !rotated {
		key = keyOf(code)
	}
	signature, err := negotiation.Sign(key, negotiation.ActNamespace, payload)
	if err != nil {
		return negotiation.Verified{}, err
	}
	sealed, err := negotiation.Unseal(payload, signature)
	if err != nil {
		return negotiation.Verified{}, err
	}
	v, err := tb.ledger.Verify(sealed, u.Files)
	if err != nil {
		return negotiation.Verified{}, err
	}
	if err := tb.ledger.Append(v); err != nil {
		return negotiation.Verified{}, err
	}
	tb.state = negotiation.Fold(tb.ledger)
	tb.now = tb.now.Add(time.Second)
	tb.announce()
	return v, nil
}

func (tb *table) announce() {
	close(tb.changed)
	tb.changed = make(chan struct{})
}

func (tb *table) State() *negotiation.State {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.state
}

func (tb *table) Changed() <-chan struct{} {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.changed
}

func (tb *table) Link() Link {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.link
}

// setLink changes how the nodes stand with the others.
func (tb *table) setLink(l Link) {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.link = l
	tb.announce()
}

// delivery has each state that has joined hold an act since a second after it was made, by
// all clocks, and tell so every two seconds.
func (s seat) delivery(v negotiation.Verified) []Holder {
	st := s.State()
	s.mu.Lock()
	defer s.mu.Unlock()
	var holders []Holder
	for _, p := range st.Charter.Participants {
		since := v.Act().Time.Add(time.Second)
		before := since.Add(-2 * time.Second)
		left, away := s.away[p.Code]
		h := Holder{Code: p.Code, Holding: unknown, Connected: !away && slices.Contains(st.Joined, p.Code)}
		switch {
		case !slices.Contains(st.Joined, p.Code):
		case away && left.Before(since):
			h.Holding, h.Heard = lacks, &left
		default:
			h.Holding, h.Since, h.Stated, h.After, h.Heard = holds, &since, &since, &before, &since
		}
		if p.Code != s.code {
			holders = append(holders, h)
		}
	}
	return holders
}

func (s seat) Act(ctx context.Context, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) (negotiation.Verified, error) {
	if err := ctx.Err(); err != nil {
		return negotiation.Verified{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	u, err := compose(s.ledger.As(s.code, s.now))
	if err != nil {
		return negotiation.Verified{}, err
	}
	return s.sign(s.code, u)
}

func (s seat) mustAct(t testing.TB, compose func(negotiation.Delegation) (negotiation.Unsigned, error)) negotiation.Verified {
	t.Helper()
	v, err := s.Act(t.Context(), compose)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// serve starts the server of a seat over a real connection.
func (s seat) serve(t testing.TB) *httptest.Server {
	t.Helper()
	hs := s.server(t)
	hs.Start()
	return hs
}

// server returns the server of a seat, not started yet.
func (s seat) server(t testing.TB) *httptest.Server {
	t.Helper()
	config := Config{
		Node: s, Delivery: s.delivery, Participant: s.code, Token: token, Hosts: []string{"concord.example"},
		Logger: slog.New(slog.DiscardHandler),
	}
	if s.code == "" {
		config.Observer = "archive"
	}
	server, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	hs := httptest.NewUnstartedServer(server)
	hs.Config.RegisterOnShutdown(server.Close)
	t.Cleanup(func() {
		server.Close()
		hs.Close()
	})
	return hs
}

// authorize sets the bearer token of every test server.
func authorize(r *http.Request) *http.Request {
	r.Header.Set("Authorization", "Bearer "+token)
	return r
}
