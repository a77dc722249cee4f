package federation

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"concord/negotiation"
)

const (
	headsMagic   = "concord-heads 3"
	maxChains    = 1 + 256  // the text and the records
	maxTips      = 66       // of one chain
	maxSignature = 4 << 10  // bytes of armour
	maxHeadsSize = 64 << 10 // bytes of a whole heads message
	maxSequence  = 1<<53 - 1

	armourBegin = "-----BEGIN SSH SIGNATURE-----\n"
	armourEnd   = "\n-----END SSH SIGNATURE-----\n"
)

// Heads is what one node says it holds: all that leads to the tips of its chains.
type Heads struct {
	Negotiation negotiation.ActID
	Node        negotiation.Code
	Time        time.Time          // by that node's clock, whole seconds, UTC
	Answers     Nonce              // of the challenge that this answers; zero in heads that a node publishes
	Tips        []negotiation.Head // by chain, the text first, then by name; in a chain by place, then act
	Signature   []byte             // armoured SSHSIG over SignedText
}

// SignedText returns the part of the message that is signed: all before the
// empty line.
func (h Heads) SignedText() []byte {
	var b bytes.Buffer
	b.Grow(256 + 128*len(h.Tips))
	fmt.Fprintf(&b, "%s\nnegotiation %s\nnode %s\ntime %s\n",
		headsMagic, h.Negotiation, h.Node, h.Time.UTC().Format(time.RFC3339))
	if h.Answers != (Nonce{}) {
		fmt.Fprintf(&b, "answers %s\n", h.Answers)
	}
	for _, tip := range h.Tips {
		b.Write(appendHead(b.AvailableBuffer(), tip))
	}
	return b.Bytes()
}

// FormatHeads returns the heads message, or the fault that would make
// [ParseHeads] refuse it.
func FormatHeads(h Heads) ([]byte, error) {
	message := slices.Concat(h.SignedText(), []byte("\n"), h.Signature)
	if _, err := ParseHeads(message); err != nil {
		return nil, err
	}
	return message, nil
}

// ParseHeads reads a heads message. It does not verify the signature. Faults:
// [negotiation.ErrTooLarge], and [negotiation.ErrNotCanonical] for all that
// FormatHeads does not write.
func ParseHeads(message []byte) (Heads, error) {
	if len(message) > maxHeadsSize {
		return Heads{}, negotiation.ErrTooLarge.Because("heads: %d bytes are more than %d", len(message), maxHeadsSize)
	}
	text, armour, ok := strings.Cut(string(message), "\n\n")
	if !ok {
		return Heads{}, malformedHeads("no empty line")
	}
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] != headsMagic {
		return Heads{}, malformedHeads("does not begin with " + headsMagic + " and its three lines")
	}
	h := Heads{Signature: []byte(armour)}
	if err := h.parseOpening(lines[1:4]); err != nil {
		return Heads{}, err
	}
	lines = lines[4:]
	if nonce, answers := strings.CutPrefix(strings.Join(lines[:min(1, len(lines))], ""), "answers "); answers {
		var err error
		if h.Answers, err = parseNonce(nonce); err != nil {
			return Heads{}, malformedHeads(err.Error())
		}
		lines = lines[1:]
	}
	for _, line := range lines {
		tip, err := parseHead(line)
		if err != nil {
			return Heads{}, err
		}
		h.Tips = append(h.Tips, tip)
	}
	if err := checkTips(h.Tips); err != nil {
		return Heads{}, err
	}
	if err := checkArmour(armour); err != nil {
		return Heads{}, err
	}
	if !bytes.Equal(slices.Concat(h.SignedText(), []byte("\n"), h.Signature), message) {
		return Heads{}, malformedHeads("is not in canonical form")
	}
	return h, nil
}

func (h *Heads) parseOpening(lines []string) (err error) {
	if h.Negotiation, err = negotiation.ParseActID(strings.TrimPrefix(lines[0], "negotiation ")); err != nil {
		return malformedHeads(err.Error())
	}
	if h.Node, err = negotiation.ParseCode(strings.TrimPrefix(lines[1], "node ")); err != nil {
		return malformedHeads(err.Error())
	}
	at, err := time.Parse(time.RFC3339, strings.TrimPrefix(lines[2], "time "))
	if err != nil {
		return malformedHeads("time is not RFC 3339")
	}
	h.Time = at.UTC()
	return nil
}

func parseHead(line string) (negotiation.Head, error) {
	fields := strings.Split(line, " ")
	if len(fields) != 4 || fields[0] != "head" {
		return negotiation.Head{}, malformedHeads("a head is: head CHAIN SEQUENCE ACT")
	}
	chain, err := negotiation.ParseChain(fields[1])
	if err != nil {
		return negotiation.Head{}, malformedHeads(err.Error())
	}
	sequence, err := parseSequence(fields[2])
	if err != nil {
		return negotiation.Head{}, malformedHeads(err.Error())
	}
	act, err := negotiation.ParseActID(fields[3])
	if err != nil {
		return negotiation.Head{}, malformedHeads(err.Error())
	}
	return negotiation.Head{Chain: chain, Sequence: sequence, Act: act}, nil
}

// parseSequence reads 1 to 2^53-1, which every reader of JSON holds exactly.
func parseSequence(s string) (uint64, error) {
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n < 1 || n > maxSequence || strconv.FormatUint(n, 10) != s {
		return 0, fmt.Errorf("a sequence number is 1 to %d", uint64(maxSequence))
	}
	return n, nil
}

// checkArmour bounds the signature; that it is one is for Verify to say.
func checkArmour(armour string) error {
	if len(armour) > maxSignature {
		return negotiation.ErrTooLarge.Because("heads: signature of %d bytes", len(armour))
	}
	body, begins := strings.CutPrefix(armour, armourBegin)
	body, ends := strings.CutSuffix(body, armourEnd)
	if !begins || !ends || strings.Contains(body, "\n\n") {
		return malformedHeads("no armoured SSH signature")
	}
	for _, b := range []byte(body) {
		if b != '\n' && (b < ' ' || b > '~') {
			return malformedHeads("signature is not ASCII")
		}
	}
	return nil
}

func malformedHeads(reason string) error {
	return negotiation.ErrNotCanonical.Because("heads: %s", reason)
}

// checkTips demands the order of the heads message, and its bounds.
func checkTips(tips []negotiation.Head) error {
	chains, ofChain := 0, 0
	for i, tip := range tips {
		switch {
		case i > 0 && compareTips(tips[i-1], tip) >= 0:
			return malformedHeads("heads are not in order, or one is there twice")
		case i > 0 && tips[i-1].Chain == tip.Chain:
			ofChain++
		default:
			chains, ofChain = chains+1, 1
		}
		if chains > maxChains || ofChain > maxTips {
			return negotiation.ErrTooLarge.Because("heads: more than %d chains, or than %d heads of %s", maxChains, maxTips, tip.Chain)
		}
	}
	return nil
}
