package api

import (
	"net/http"
	"slices"

	"concord/negotiation"
)

// negotiationView is all that the acts held here come to, but for the text and
// the proposals.
type negotiationView struct {
	ID            negotiation.ActID            `json:"id"`
	Title         string                       `json:"title"`
	Charter       charterView                  `json:"charter"`
	CharterTOML   string                       `json:"charterToml"`
	Participants  []participantView            `json:"participants"`
	Chair         negotiation.Code             `json:"chair"`
	Passing       bool                         `json:"passing"`
	Revision      uint64                       `json:"revision"` // 0 while there is no text
	Heads         []negotiation.Head           `json:"heads"`
	StateDigest   string                       `json:"stateDigest"`
	NotUnderstood []negotiation.Newer          `json:"notUnderstood"`
	Rejections    []negotiation.Rejection      `json:"rejections"`
	Receipts      []negotiation.Acknowledgment `json:"receipts"`
}

type charterView struct {
	Title           string           `json:"title"`
	Chair           negotiation.Code `json:"chair"`
	Languages       []string         `json:"languages"`
	Public          bool             `json:"public"`
	ShortestSilence int64            `json:"shortestSilence"` // seconds
	Groups          []groupView      `json:"groups"`
}

type groupView struct {
	Code    string             `json:"code"`
	Name    string             `json:"name"`
	Members []negotiation.Code `json:"members"`
}

type participantView struct {
	Code   negotiation.Code      `json:"code"`
	Name   string                `json:"name"`
	Key    negotiation.PublicKey `json:"key"` // in force for its record; empty while it is not known
	Joined bool                  `json:"joined"`
	Chair  bool                  `json:"chair"`
}

func (s *server) negotiation(w http.ResponseWriter, _ *http.Request) error {
	st := s.Node.State()
	c := st.Charter
	view := negotiationView{
		ID: st.Negotiation, Title: c.Title, CharterTOML: string(c.Raw()),
		Charter: charterView{
			Title: c.Title, Chair: c.Chair, Languages: list(c.Languages), Public: c.Public,
			ShortestSilence: int64(c.ShortestSilence.Seconds()), Groups: []groupView{},
		},
		Participants: []participantView{}, Chair: st.Chair, Passing: st.Passing,
		Revision: uint64(len(st.Revisions)), Heads: list(st.Heads), StateDigest: st.Digest(),
		NotUnderstood: st.NotUnderstood, Rejections: st.Rejections, Receipts: st.Receipts,
	}
	for _, g := range c.Groups {
		view.Charter.Groups = append(view.Charter.Groups, groupView(g))
	}
	for _, p := range c.Participants {
		if key, joined := st.Key(p.Code); joined {
			p.Key = key
		}
		view.Participants = append(view.Participants, participantView{
			Code: p.Code, Name: p.Name, Key: p.Key,
			Joined: slices.Contains(st.Joined, p.Code), Chair: p.Code == st.Chair,
		})
	}
	return writeJSON(w, http.StatusOK, view)
}

// statusView is what a node says of itself.
type statusView struct {
	Participant *negotiation.Code  `json:"participant"` // null on an observer's node
	Observer    *string            `json:"observer"`    // null on a participant's node
	Negotiation negotiation.ActID  `json:"negotiation"`
	Digest      string             `json:"stateDigest"`
	Revision    uint64             `json:"revision"`
	Heads       []negotiation.Head `json:"heads"`
	Forks       []negotiation.Fork `json:"forks"`
	Link        Link               `json:"link"`
}

func (s *server) status(w http.ResponseWriter, _ *http.Request) error {
	st := s.Node.State()
	return writeJSON(w, http.StatusOK, statusView{
		orNull(s.Participant), orNull(s.Observer), st.Negotiation, st.Digest(), uint64(len(st.Revisions)), list(st.Heads), list(st.Forks), s.currentLink(),
	})
}

func (s *server) link(w http.ResponseWriter, _ *http.Request) error {
	return writeJSON(w, http.StatusOK, s.currentLink())
}

// currentLink returns the node's link with lists that are there, if empty.
func (s *server) currentLink() Link {
	l := s.Node.Link()
	l.Hubs = list(l.Hubs)
	l.Peers = list(slices.Clone(l.Peers))
	for i := range l.Peers {
		l.Peers[i].Chains = list(l.Peers[i].Chains)
		l.Peers[i].Differs = list(l.Peers[i].Differs)
		l.Peers[i].Heads = list(l.Peers[i].Heads)
	}
	l.Unsent, l.Outages = list(l.Unsent), list(l.Outages)
	return l
}

// orNull returns where s is, and nil, which is null in JSON, for an empty one.
func orNull[T ~string](s T) *T {
	if s == "" {
		return nil
	}
	return &s
}

// list returns s, and an empty list, which JSON does not call null, for none.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
