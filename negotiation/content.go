package negotiation

// The kinds of act, with their versions. A new version of a kind is a new kind.
const (
	kindConvene   = "convene/1"
	kindAmend     = "amend/1"
	kindRevise    = "revise/1"
	kindHandOver  = "hand-over/1"
	kindTakeUp    = "take-up/1"
	kindRekey     = "rekey/1"
	kindSucceed   = "succeed/1"
	kindJoin      = "join/1"
	kindPropose   = "propose/1"
	kindSupersede = "supersede/1"
	kindWithdraw  = "withdraw/1"
	kindPosition  = "position/1"
	kindReceipt   = "receipt/1"
	kindRotate    = "rotate/1"
	kindRecover   = "recover/1"
	kindRecognise = "recognise/1"
)

// parseContent reads the trailers of one kind; what is wrong stays in r.
func parseContent(kind, subject string, r *trailerReader) Content {
	var c Content
	switch kind {
	case kindConvene:
		c = parseConvene(subject)
	case kindAmend:
		c = parseAmend(subject)
	case kindRevise:
		c = parseRevise(subject, r)
	case kindHandOver:
		c = parseHandOver(r)
	case kindTakeUp:
		c = TakeUp{}
	case kindRekey:
		c = parseRekey(r)
	case kindSucceed:
		c = parseSucceed(r)
	case kindJoin:
		c = parseJoin(r)
	case kindPropose:
		c = parsePropose(subject, r)
	case kindSupersede:
		c = parseSupersede(subject, r)
	case kindWithdraw:
		c = parseWithdraw(r)
	case kindPosition:
		c = parsePosition(r)
	case kindReceipt:
		c = parseReceipt(r)
	case kindRotate:
		c = parseRotate(r)
	case kindRecover:
		c = parseRecover(r)
	case kindRecognise:
		c = parseRecognise(r)
	default:
		return parseUnknown(kind, subject, r)
	}
	if r.err == nil && len(r.rest) > 0 {
		r.err = ErrNotCanonical.Because("an act of kind %s has no trailer %s", kind, r.rest[0].Key)
	}
	return c
}
