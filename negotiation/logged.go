package negotiation

import "time"

// A LoggedAct is an act as the log shows it.
type LoggedAct struct {
	ID          ActID     `json:"id"`
	Chain       Chain     `json:"chain"`
	Sequence    uint64    `json:"sequence"`
	Author      Code      `json:"author"`
	Time        time.Time `json:"time"`
	Kind        string    `json:"kind"`
	Subject     string    `json:"subject"`
	Explanation string    `json:"explanation"`
	References  []ActID   `json:"references"` // not nil
	Verdict     Verdict   `json:"verdict"`
}

// A Verdict says what became of an act; one that was rejected, or stands beside the line
// of its chain by a fork, with the rule and the reason.
type Verdict struct {
	Outcome string `json:"outcome"` // accepted, rejected, beside or not-understood
	Fault   Fault  `json:"fault,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// Logged returns what shows an act of s as the log does. It takes time in the number of
// acts that are not simply accepted.
func (s *State) Logged() func(Verified) LoggedAct {
	verdicts := map[ActID]Verdict{}
	for _, n := range s.NotUnderstood {
		verdicts[n.Act] = Verdict{Outcome: "not-understood"}
	}
	for _, r := range s.WithoutEffect() {
		outcome := "rejected"
		if !s.Counts(r.Act) {
			outcome = "beside"
		}
		verdicts[r.Act] = Verdict{outcome, r.Fault, r.Reason}
	}
	return func(v Verified) LoggedAct {
		a := v.act
		verdict, exceptional := verdicts[v.id]
		if !exceptional {
			verdict.Outcome = "accepted"
		}
		return LoggedAct{v.id, a.Chain, a.Sequence, a.Author, a.Time, a.Content.Kind(),
			a.Subject(), a.Explanation, append([]ActID{}, a.References()...), verdict}
	}
}
