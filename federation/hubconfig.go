package federation

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"concord/negotiation"
)

// A HubPlan says whom a hub serves. There is no secret in it: whoever has it can
// run a hub, and cannot connect to it as anybody.
type HubPlan struct {
	// Negotiation is the name of the negotiation's first act.
	Negotiation negotiation.ActID

	// Members are the participants that have a place on the hub, by code.
	Members []Member

	// Observers are nkey user public keys ("U…"), in order, of nodes that hear and
	// fetch and can tell nobody anything.
	Observers []string

	// Cache is how many bytes of its acts the hub keeps for each participant, as a
	// stream that others can catch up from. Zero is for none; otherwise it is 2 MiB
	// to 1 TiB.
	Cache int64
}

// A Member is a participant's place on a hub.
type Member struct {
	Code negotiation.Code
	Key  string // its nkey user public key ("U…") on this hub
}

// Plan returns the plan of the hub that has this secret, without observers or cache.
func (s HubSecret) Plan(neg negotiation.ActID, participants []negotiation.Code) HubPlan {
	plan := HubPlan{Negotiation: neg}
	for _, code := range union(participants, nil) {
		plan.Members = append(plan.Members, Member{code, s.PublicKey(neg, code)})
	}
	return plan
}

const (
	hubMagic   = "# concord-hub 2"
	maxHubFile = 64 << 20 // bytes of a whole configuration
	maxMembers = maxChains - 1
	leastCache = 2 * MaxActs
	mostCache  = 1 << 40

	// brokerPayload is the largest message that a hub takes, leafPayload the largest
	// that a leaf does: to what the hub keeps it adds headers when it is read.
	brokerPayload = MaxActs + 4<<10
	leafPayload   = MaxActs + 64<<10

	// CacheDomain is the JetStream domain of a hub. Requests of a leaf node to the
	// JetStream of its hub carry a domain's name, or they end at the leaf.
	CacheDomain = "concord"
)

// FormatHubConfig returns, as nats-server configuration text, what keeps the
// participants apart on a hub: an account for each, with one nkey user. An account
// exports its own acts and heads, as streams, and answers its own fetches and
// what its cache is asked for, as services; it imports those of the others. What a
// participant publishes under any other subject stays in its own account, as does
// all that it asks of JetStream. Observers have accounts that import all this, and
// export nothing. A user publishes only what is for its node to say: nothing under the
// subjects of others whose acts and heads its account imports, so that its key brings
// its own node nothing in others' names. Each account has bounds: connections,
// subscriptions, the size of a message, what it may keep.
//
// The text begins with the plan, in comments. [RunHub] and [Hub] run on exactly this
// text; for a server of one's own it can be included in the configuration. Errors
// are those of a plan that [ParseHubConfig] would not take.
func FormatHubConfig(p HubPlan) (string, error) {
	if err := p.check(); err != nil {
		return "", err
	}
	var b strings.Builder
	p.writeHeader(&b)
	fmt.Fprintf(&b, "max_payload: %d\naccounts {\n", brokerPayload)
	for _, m := range p.Members {
		p.writeMember(&b, m)
	}
	for _, key := range p.Observers {
		p.writeUser(&b, key, key, nil, nil)
		p.writeLimits(&b)
		b.WriteString("    imports [\n")
		p.writeImports(&b, key)
		b.WriteString("    ]\n  }\n")
	}
	b.WriteString("}\n")
	return b.String(), nil
}

func (p HubPlan) writeHeader(b *strings.Builder) {
	fmt.Fprintf(b, "%s\n# negotiation %s\n# cache %d\n", hubMagic, p.Negotiation, p.Cache)
	for _, m := range p.Members {
		fmt.Fprintf(b, "# participant %s %s\n", m.Code, m.Key)
	}
	for _, key := range p.Observers {
		fmt.Fprintf(b, "# observer %s\n", key)
	}
	b.WriteString("\n")
}

func (p HubPlan) writeMember(b *strings.Builder, m Member) {
	subjects := subjectsOf(p.Negotiation)
	own := []string{
		subjects.acts(m.Code), subjects.heads(m.Code), subjects.of(m.Code, "kept") + ".>",
		serverReplies + ">",
	}
	for _, api := range []string{streamAPI, serverAPI} {
		own = append(own, api+"INFO")
		for _, request := range []string{"STREAM.CREATE.", "STREAM.DELETE.", "DIRECT.GET."} {
			own = append(own, api+request+subjects.stream(m.Code))
		}
	}
	p.writeUser(b, string(m.Code), m.Key, own, []string{subjects.fetch(m.Code)})
	p.writeLimits(b)
	if p.Cache > 0 {
		fmt.Fprintf(b, "    jetstream { max_memory: 0, max_file: %d, max_streams: 1, max_consumers: 1, max_bytes_required: true }\n", p.Cache+storeSlack)
	}
	b.WriteString("    exports [\n")
	fmt.Fprintf(b, "      { stream: %q }\n", subjects.acts(m.Code))
	fmt.Fprintf(b, "      { stream: %q }\n", subjects.heads(m.Code))
	for _, other := range p.Members {
		if other.Code != m.Code {
			writeService(b, subjects.fetchBy(m.Code, string(other.Code)))
		}
	}
	for _, key := range p.Observers {
		writeService(b, subjects.fetchBy(m.Code, key))
	}
	if p.Cache > 0 {
		writeService(b, subjects.directGet(m.Code))
	}
	b.WriteString("    ]\n    imports [\n")
	p.writeImports(b, string(m.Code))
	b.WriteString("    ]\n  }\n")
}

// writeUser begins an account and says what its user may publish: what it asks of
// others, and own, but nothing of none.
func (p HubPlan) writeUser(b *strings.Builder, account, key string, own, none []string) {
	subjects := subjectsOf(p.Negotiation)
	allow := append([]string{subjects.fetch("*"), subjects.cache("*")}, own...)
	fmt.Fprintf(b, "  %q {\n    users [ { nkey: %q, permissions { publish {\n", account, key)
	fmt.Fprintf(b, "      allow: %s\n", quoted(allow))
	if len(none) > 0 {
		fmt.Fprintf(b, "      deny: %s\n", quoted(none))
	}
	b.WriteString("    } } } ]\n")
}

// quoted is a list as configurations have it.
func quoted(list []string) string {
	var b strings.Builder
	for i, s := range list {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", s)
	}
	return "[ " + b.String() + " ]"
}

// answerWithin is how long a server remembers whose question is to be answered. It is
// longer than anybody waits, and bounds what questions cost that get no answer.
const answerWithin = 10 * time.Second

func writeService(b *strings.Builder, subject string) {
	fmt.Fprintf(b, "      { service: %q, response_threshold: %q }\n", subject, answerWithin)
}

// writeLimits bounds what one account can take of the server. A node has one leaf
// connection, or two as a client, and twice as many while old ones are dying.
func (p HubPlan) writeLimits(b *strings.Builder) {
	fmt.Fprintf(b, "    limits { max_connections: 4, max_leafnodes: 4, max_subscriptions: %d, max_payload: %d }\n",
		4*len(p.Members)+64, MaxActs)
}

// writeImports gives an account, named as its participant or its observer's key, what
// is others'. Its fetches carry its name, so that who answers them tells them apart.
func (p HubPlan) writeImports(b *strings.Builder, own string) {
	subjects := subjectsOf(p.Negotiation)
	for _, m := range p.Members {
		if string(m.Code) == own {
			continue
		}
		fmt.Fprintf(b, "      { stream: { account: %q, subject: %q } }\n", m.Code, subjects.acts(m.Code))
		fmt.Fprintf(b, "      { stream: { account: %q, subject: %q } }\n", m.Code, subjects.heads(m.Code))
		fmt.Fprintf(b, "      { service: { account: %q, subject: %q }, to: %q }\n", m.Code, subjects.fetchBy(m.Code, own), subjects.fetch(m.Code))
		if p.Cache > 0 {
			fmt.Fprintf(b, "      { service: { account: %q, subject: %q }, to: %q }\n", m.Code, subjects.directGet(m.Code), subjects.cache(m.Code))
		}
	}
}

// check demands what the text has no way to say otherwise.
func (p HubPlan) check() error {
	switch {
	case p.Negotiation.IsZero():
		return malformedHub("names no negotiation")
	case len(p.Members) == 0 || len(p.Members) > maxMembers || len(p.Observers) > maxMembers:
		return malformedHub("has %d participants and %d observers; 1 to %d and up to %d are possible", len(p.Members), len(p.Observers), maxMembers, maxMembers)
	case !increasing(p.Members, func(a, b Member) int { return cmp.Compare(a.Code, b.Code) }), !increasing(p.Observers, strings.Compare):
		return malformedHub("names are not in order, or one is there twice")
	}
	if err := checkCache(p.Cache); err != nil {
		return malformedHub("%v", err)
	}
	seen := make(map[string]bool)
	for _, m := range p.Members {
		if _, err := negotiation.ParseCode(string(m.Code)); err != nil {
			return malformedHub("%v", err)
		}
		if _, err := parsePublic(m.Key); err != nil || seen[m.Key] {
			return malformedHub("the key of %s is not an nkey user's own", m.Code)
		}
		seen[m.Key] = true
	}
	for _, key := range p.Observers {
		if _, err := parsePublic(key); err != nil || seen[key] {
			return malformedHub("%q is not an nkey user's own", key)
		}
	}
	return nil
}

func checkCache(bytes int64) error {
	if bytes != 0 && bytes < leastCache || bytes > mostCache {
		return fmt.Errorf("a hub keeps nothing of a participant's acts, or %d to %d bytes, not %d", leastCache, int64(mostCache), bytes)
	}
	return nil
}

func increasing[T any](list []T, compare func(a, b T) int) bool {
	for i := range list {
		if i > 0 && compare(list[i-1], list[i]) >= 0 {
			return false
		}
	}
	return true
}

// ParseHubConfig reads what [FormatHubConfig] wrote, and nothing else: a file that
// says more or less than a plan is no hub's. Faults: [negotiation.ErrTooLarge],
// [negotiation.ErrNotCanonical].
func ParseHubConfig(text string) (HubPlan, error) {
	if len(text) > maxHubFile {
		return HubPlan{}, negotiation.ErrTooLarge.Because("hub configuration: %d bytes are more than %d", len(text), maxHubFile)
	}
	header, _, _ := strings.Cut(text, "\n\n")
	var p HubPlan
	for i, line := range strings.Split(header, "\n") {
		if i == 0 && line != hubMagic {
			return HubPlan{}, malformedHub("does not begin with %q", hubMagic)
		}
		if i > 0 {
			if err := p.parseLine(line); err != nil {
				return HubPlan{}, err
			}
		}
	}
	again, err := FormatHubConfig(p)
	if err != nil {
		return HubPlan{}, err
	}
	if again != text {
		return HubPlan{}, malformedHub("it was changed after it was made")
	}
	return p, nil
}

func (p *HubPlan) parseLine(line string) (err error) {
	switch fields := strings.Fields(strings.TrimPrefix(line, "#")); {
	case len(fields) == 2 && fields[0] == "negotiation":
		p.Negotiation, err = negotiation.ParseActID(fields[1])
	case len(fields) == 2 && fields[0] == "cache":
		p.Cache, err = strconv.ParseInt(fields[1], 10, 64)
	case len(fields) == 3 && fields[0] == "participant":
		p.Members = append(p.Members, Member{negotiation.Code(fields[1]), fields[2]})
	case len(fields) == 2 && fields[0] == "observer":
		p.Observers = append(p.Observers, fields[1])
	default:
		return malformedHub("has a line that is none of a plan: %.60q", line)
	}
	if err != nil {
		return malformedHub("%v", err)
	}
	return nil
}

func malformedHub(format string, v ...any) error {
	return negotiation.ErrNotCanonical.Because("hub configuration: "+format, v...)
}
