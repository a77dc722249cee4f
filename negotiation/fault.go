package negotiation

import (
	"errors"
	"fmt"
)

// A Fault is the name of a rule that something broke. It is the same in Go
// (errors.Is), in the API's problem documents, in logs and in recorded
// rejections.
type Fault string

// The faults, in the order in which what comes in is checked.
const (
	ErrTooLarge        Fault = "too-large"       // over a limit of size, count or depth
	ErrNotCanonical    Fault = "not-canonical"   // does not re-encode to the same bytes
	ErrNegotiation     Fault = "negotiation"     // belongs to another negotiation
	ErrUnknownChain    Fault = "unknown-chain"   // of nobody whom the charter names
	ErrForeignChain    Fault = "foreign-chain"   // written by somebody to whom the chain does not belong
	ErrSequence        Fault = "sequence"        // it is here already
	ErrGap             Fault = "gap"             // an act before it, or one that it cites, is missing here
	ErrPredecessor     Fault = "predecessor"     // follows none of the acts at the place before; its side may begin further back
	ErrForked          Fault = "forked"          // its chain is forked, or it is about an act that does not count
	ErrSignature       Fault = "signature"       // not signed with the key in force at its place
	ErrTree            Fault = "tree"            // carries files that it must not, or lacks some
	ErrText            Fault = "text"            // a text that is not acceptable; see [LineError]
	ErrCharter         Fault = "charter"         // a charter that is not acceptable; see [LineError]
	ErrRedline         Fault = "redline"         // does not lead from its base to its text
	ErrEmptyRedline    Fault = "empty-redline"   // changes nothing
	ErrNotChair        Fault = "not-chair"       // an act that only the chair may do
	ErrNotParticipant  Fault = "not-participant" // not (or not yet) a participant
	ErrUnknownBase     Fault = "unknown-revision"
	ErrUnknownAct      Fault = "unknown-act"
	ErrUnknownProposal Fault = "unknown-proposal"
	ErrNotAuthor       Fault = "not-author" // the proposal is another state's
	ErrWithdrawn       Fault = "withdrawn"  // the proposal has been withdrawn
	ErrSuperseded      Fault = "superseded" // the wording has been replaced by its author
	ErrNumber          Fault = "number"     // not the next number of its row
	ErrCollision       Fault = "collision"  // proposals that cannot be accepted together; see [Collision]
	ErrBehind          Fault = "behind"     // this node lacks acts of its own, and must not sign before it has them
	ErrKey             Fault = "key"        // the key that signs is not at hand: an ssh-agent is to sign, and does not
	ErrInadmissible    Fault = "inadmissible"
)

// Error returns the fault's name.
func (f Fault) Error() string { return string(f) }

// Because returns an error that is f (errors.Is) and says what broke the rule.
func (f Fault) Because(format string, args ...any) error {
	return &because{f, fmt.Sprintf(format, args...)}
}

type because struct {
	fault  Fault
	detail string
}

func (e *because) Error() string { return e.detail }
func (e *because) Unwrap() error { return e.fault }

// FaultOf returns the fault that err is; false when it is none.
func FaultOf(err error) (Fault, bool) {
	var f Fault
	ok := errors.As(err, &f)
	return f, ok
}

// A LineError says which line of a file a fault is on.
type LineError struct {
	Fault  Fault  // ErrText, ErrTooLarge or ErrCharter
	File   string // as the caller named it
	Line   int    // counted from 1
	Reason string
}

// Error returns "file:line: reason".
func (e *LineError) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// Unwrap returns the fault.
func (e *LineError) Unwrap() error { return e.Fault }
