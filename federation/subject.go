package federation

import "concord/negotiation"

// subjects names the NATS subjects of one negotiation; see the package doc.
type subjects string

func subjectsOf(neg negotiation.ActID) subjects { return subjects("concord." + neg.String()[:16]) }

func (s subjects) acts(node negotiation.Code) string  { return s.of(node, "acts") }
func (s subjects) heads(node negotiation.Code) string { return s.of(node, "heads") }
func (s subjects) fetch(node negotiation.Code) string { return s.of(node, "fetch") }

func (s subjects) of(node negotiation.Code, what string) string {
	return string(s) + "." + string(node) + "." + what
}
