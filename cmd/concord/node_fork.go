package main

import (
	"log/slog"

	"concord/negotiation"
)

// A forkLog tells whoever watches a node's log of forks, each once when it freezes a
// chain and once when it is settled.
type forkLog struct {
	logger *slog.Logger
	told   map[negotiation.Head]negotiation.ActID // what settled each, by the chain and place of the fork
}

func newForkLog(logger *slog.Logger) forkLog {
	return forkLog{logger, map[negotiation.Head]negotiation.ActID{}}
}

func (l forkLog) note(forks []negotiation.Fork) {
	for _, f := range forks {
		at := negotiation.Head{Chain: f.Chain, Sequence: f.Place}
		settled, told := l.told[at]
		if told && settled == f.SettledBy {
			continue
		}
		l.told[at] = f.SettledBy
		if f.Frozen() {
			l.logger.Warn("a chain is forked: nothing from there on counts until it is settled", "chain", f.Chain, "place", f.Place, "sides", len(f.Sides))
		} else {
			l.logger.Info("a fork is settled", "chain", f.Chain, "place", f.Place, "by", f.SettledBy)
		}
	}
}
