package api

import (
	"net/http"

	"concord/negotiation"
)

type forksView struct {
	Forks []forkView `json:"forks"` // the text's first, then by record; in a chain by place
}

// forkView is a fork with the acts that prove it.
type forkView struct {
	negotiation.Fork
	Frozen bool       `json:"frozen"`
	Sides  []sideView `json:"sides"` // by name
}

// sideView is the first act of one side.
type sideView struct {
	Act      negotiation.LoggedAct `json:"act"`
	SignedBy negotiation.PublicKey `json:"signedBy"`
}

func (s *server) forks(w http.ResponseWriter, _ *http.Request) error {
	st := s.Node.State()
	logged := st.Logged()
	view := forksView{Forks: []forkView{}}
	for _, f := range st.Forks {
		fork := forkView{Fork: f, Frozen: f.Frozen(), Sides: []sideView{}}
		for _, id := range f.Sides {
			if v, ok := st.Act(id); ok {
				fork.Sides = append(fork.Sides, sideView{logged(v), v.SignedBy()})
			}
		}
		view.Forks = append(view.Forks, fork)
	}
	return writeJSON(w, http.StatusOK, view)
}
