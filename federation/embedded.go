package federation

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// embedded is a NATS server in this process. Its only client is the link,
// over a connection in memory.
type embedded struct {
	server *server.Server
	log    *serverLog
}

// startEmbedded runs a server on options, made fit for being embedded.
func startEmbedded(options *server.Options, logger *slog.Logger) (embedded, error) {
	return startReporting(options, &serverLog{logger: logger})
}

// startReporting is startEmbedded with a log of its own.
func startReporting(options *server.Options, log *serverLog) (embedded, error) {
	embed(options)
	srv, err := server.NewServer(options)
	if err != nil {
		return embedded{}, fmt.Errorf("embedded server: %w", err)
	}
	srv.SetLoggerV2(log, log.watch != nil, false, false)
	srv.Start()
	e := embedded{srv, log}
	if !srv.ReadyForConnections(startTimeout) {
		e.stop()
		return embedded{}, fmt.Errorf("embedded server: not ready after %v: %s", startTimeout, log.fatal())
	}
	return e, nil
}

func embed(options *server.Options) {
	options.DontListen = true
	options.NoSigs = true
	options.NoLog = true
	options.PingInterval = pingInterval
	options.MaxPingsOut = mostPings
	options.MaxPending = max(mostPending, int64(2*options.MaxPayload))
	options.LeafNode.TLSTimeout = tlsTimeout.Seconds()
	options.LeafNode.AuthTimeout = tlsTimeout.Seconds()
	options.LeafNode.ReconnectInterval = reconnectWait
	options.LeafNode.Compression.Mode = server.CompressionOff
}

func (e embedded) stop() {
	e.server.Shutdown()
	e.server.WaitForShutdown()
}

func (e embedded) inProcess(options ...nats.Option) (string, []nats.Option) {
	return nats.DefaultURL, append(options, nats.InProcessServer(e.server))
}

// serverLog hands the server's reports on, at the levels at which they matter
// here, and keeps the last fatal one: with this logger, the server does not exit.
type serverLog struct {
	logger    *slog.Logger
	watch     func(format string, v []any) // is given errors and what is said for debugging, unless nil
	lastFatal atomic.Pointer[string]
}

func (l *serverLog) fatal() string {
	if text := l.lastFatal.Load(); text != nil {
		return *text
	}
	return "no reason given"
}

func (l *serverLog) Fatalf(format string, v ...any) {
	text := fmt.Sprintf(format, v...)
	l.lastFatal.Store(&text)
	l.logger.Error("nats server", "report", text)
}
func (l *serverLog) Errorf(format string, v ...any) {
	l.Debugf(format, v...)
	l.report(slog.LevelInfo, format, v)
}
func (l *serverLog) Warnf(format string, v ...any)   { l.report(slog.LevelInfo, format, v) }
func (l *serverLog) Noticef(format string, v ...any) { l.report(slog.LevelDebug, format, v) }
func (l *serverLog) Tracef(string, ...any)           {}
func (l *serverLog) Debugf(format string, v ...any) {
	if l.watch != nil {
		l.watch(format, v)
	}
}

func (l *serverLog) report(level slog.Level, format string, v []any) {
	l.logger.Log(context.Background(), level, "nats server", "report", fmt.Sprintf(format, v...))
}

// letIn returns the leaf node connections over which the other side has said what it
// wants to hear, which it does once it is let in.
func (e embedded) letIn() []*server.LeafInfo {
	leaves, err := e.server.Leafz(nil)
	if err != nil {
		return nil
	}
	return slices.DeleteFunc(leaves.Leafs, func(leaf *server.LeafInfo) bool { return leaf.NumSubs == 0 })
}

// joined is the sum of the ids of these. Ids are never used twice: it changes when a
// connection comes or goes.
func (e embedded) joined() (sum uint64) {
	for _, leaf := range e.letIn() {
		sum += leaf.ID
	}
	return sum
}
