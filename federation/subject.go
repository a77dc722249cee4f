package federation

import (
	"strconv"
	"strings"

	"concord/negotiation"
)

// subjects names the NATS subjects of one negotiation; see the package doc.
type subjects string

func subjectsOf(neg negotiation.ActID) subjects { return subjects("concord." + neg.String()[:16]) }

func (s subjects) acts(node negotiation.Code) string  { return s.of(node, "acts") }
func (s subjects) heads(node negotiation.Code) string { return s.of(node, "heads") }
func (s subjects) fetch(node negotiation.Code) string { return s.of(node, "fetch") }
func (s subjects) cache(node negotiation.Code) string { return s.of(node, "cache") }

// fetchBy is where a node is asked by an account of a hub that tells who asks.
func (s subjects) fetchBy(node negotiation.Code, requester string) string {
	return s.fetch(node) + "." + requester
}

// kept and keptBatch are where a node gives its account's stream the act of a chain at a
// place, and those from there on.
func (s subjects) kept(node negotiation.Code, chain negotiation.Chain, place uint64) string {
	return s.keptOf(node, chain) + "." + strconv.FormatUint(place, 10)
}

func (s subjects) keptBatch(node negotiation.Code, chain negotiation.Chain, from uint64) string {
	return s.kept(node, chain, from) + ".batch"
}

func (s subjects) keptOf(node negotiation.Code, chain negotiation.Chain) string {
	return s.of(node, "kept") + "." + strings.TrimPrefix(string(chain), "record/")
}

// stream is the name of a node's stream, and directGet where its account's JetStream
// answers what the stream has.
func (s subjects) stream(node negotiation.Code) string {
	return strings.ReplaceAll(string(s), ".", "-") + "-" + string(node)
}

func (s subjects) directGet(node negotiation.Code) string {
	return serverAPI + "DIRECT.GET." + s.stream(node)
}

func (s subjects) of(node negotiation.Code, what string) string {
	return string(s) + "." + string(node) + "." + what
}
