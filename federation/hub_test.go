package federation

import (
	"errors"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"concord/negotiation"
)

// Codes of three letters that are words of nats-server's configuration language.
func TestHubConfigQuotesCodes(t *testing.T) {
	config, err := FormatHubConfig(testSecret.Plan(testNegotiation, []negotiation.Code{"YES", "OFF", "XAU", "XAU"}))
	if err != nil {
		t.Fatal(err)
	}
	var options server.Options
	if err := options.ProcessConfigString(config); err != nil {
		t.Fatalf("%v in\n%s", err, config)
	}
	if n := len(options.Accounts); n != 3 {
		t.Errorf("%d accounts for three participants", n)
	}
}

func TestHubConfigTakesCodesOnly(t *testing.T) {
	for _, bad := range []negotiation.Code{"", "*", "xau", "XA>", "X U", "XAUX", `X"}`} {
		if _, err := FormatHubConfig(testSecret.Plan(testNegotiation, []negotiation.Code{"XAU", bad})); !errors.Is(err, negotiation.ErrNotCanonical) {
			t.Errorf("participant %q: %v", bad, err)
		}
	}
}
