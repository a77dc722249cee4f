package federation

import (
	"fmt"
	"slices"
	"strings"

	"concord/negotiation"
)

// HubConfig returns, as nats-server configuration text, what keeps the
// participants apart on a hub: an account for each, with one nkey user. An
// account exports its own acts and heads, as streams, and answers its own
// fetches, as a service; it imports those of the others. What a participant
// publishes under any other subject stays in its own account.
//
// The text holds public keys only. [Hub] runs on exactly this text; for
// [External] it can be pasted into a server's own configuration. Participants
// are sorted; one that is no code of three capital letters is an error.
func HubConfig(neg negotiation.ActID, secret HubSecret, participants []negotiation.Code) (string, error) {
	codes := slices.Clone(participants)
	slices.Sort(codes)
	codes = slices.Compact(codes)
	for _, code := range codes {
		if _, err := negotiation.ParseCode(string(code)); err != nil {
			return "", fmt.Errorf("federation: hub configuration: %w", err)
		}
	}
	subjects := subjectsOf(neg)
	var b strings.Builder
	fmt.Fprintf(&b, "# concord hub of negotiation %s\n", neg)
	fmt.Fprintf(&b, "max_payload: %d\n", maxPayload)
	b.WriteString("accounts {\n")
	for _, code := range codes {
		fmt.Fprintf(&b, "  %q {\n    users [ { nkey: %q } ]\n", code, secret.PublicKey(neg, code))
		b.WriteString("    exports [\n")
		fmt.Fprintf(&b, "      { stream: %q }\n", subjects.acts(code))
		fmt.Fprintf(&b, "      { stream: %q }\n", subjects.heads(code))
		fmt.Fprintf(&b, "      { service: %q }\n", subjects.fetch(code))
		b.WriteString("    ]\n    imports [\n")
		for _, other := range codes {
			if other == code {
				continue
			}
			fmt.Fprintf(&b, "      { stream: { account: %q, subject: %q } }\n", other, subjects.acts(other))
			fmt.Fprintf(&b, "      { stream: { account: %q, subject: %q } }\n", other, subjects.heads(other))
			fmt.Fprintf(&b, "      { service: { account: %q, subject: %q } }\n", other, subjects.fetch(other))
		}
		b.WriteString("    ]\n  }\n")
	}
	b.WriteString("}\n")
	return b.String(), nil
}
