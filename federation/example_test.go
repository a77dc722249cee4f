package federation_test

import (
	"fmt"
	"log"
	"time"

	"concord/federation"
	"concord/negotiation"
)

var (
	statement = negotiation.ActID{0x1f, 0x2e, 0x3d, 0x4c, 0x5b, 0x6a, 0x79, 0x88}
	revision  = negotiation.ActID{0xaa}
	proposal  = negotiation.ActID{0xbb}
)

func ExampleFormatHeads() {
	heads := federation.Heads{
		Negotiation: statement,
		Node:        "XBO",
		Time:        time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Tips: []negotiation.Head{
			{Chain: negotiation.TextChain, Sequence: 2, Act: revision},
			{Chain: negotiation.RecordOf("XBO"), Sequence: 17, Act: proposal},
		},
	}
	// What Sign returns for heads.SignedText() goes here.
	heads.Signature = []byte("-----BEGIN SSH SIGNATURE-----\nU1NIU0lHAAAAAQ==\n-----END SSH SIGNATURE-----\n")
	message, err := federation.FormatHeads(heads)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", message)
	// Output:
	// concord-heads 3
	// negotiation 1f2e3d4c5b6a7988000000000000000000000000000000000000000000000000
	// node XBO
	// time 2026-03-01T12:00:00Z
	// head text 2 aa00000000000000000000000000000000000000000000000000000000000000
	// head record/XBO 17 bb00000000000000000000000000000000000000000000000000000000000000
	//
	// -----BEGIN SSH SIGNATURE-----
	// U1NIU0lHAAAAAQ==
	// -----END SSH SIGNATURE-----
}

func ExampleFormatRequest() {
	message, err := federation.FormatRequest(federation.Request{
		Negotiation: statement, Chain: negotiation.RecordOf("XBO"), From: 12,
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", message)
	// Output:
	// concord-fetch 2
	// negotiation 1f2e3d4c5b6a7988000000000000000000000000000000000000000000000000
	// chain record/XBO
	// from 12
}

func ExampleFormatChallenge() {
	message, err := federation.FormatChallenge(federation.Challenge{
		Negotiation: statement, Nonce: federation.Nonce{0xcc}, // 16 random bytes, outside of examples
	})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("%s", message)
	// Output:
	// concord-challenge 1
	// negotiation 1f2e3d4c5b6a7988000000000000000000000000000000000000000000000000
	// nonce cc000000000000000000000000000000
}

func ExampleFormatHubConfig() {
	secret := federation.HubSecret{7} // 32 random bytes, outside of examples
	plan := secret.Plan(statement, []negotiation.Code{"XAU", "XBO"})
	plan.Cache = 64 << 20
	config, err := federation.FormatHubConfig(plan)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Print(config)
	// Output:
	// # concord-hub 2
	// # negotiation 1f2e3d4c5b6a7988000000000000000000000000000000000000000000000000
	// # cache 67108864
	// # participant XAU UAGTTTSW4WVQGIWW5PIRSC35PALE5KVXAA447OBMTCDW4UVHE3LDHXUX
	// # participant XBO UBR4YRGV46ZDB2OBSPIWU4TZR65FUG34XSFIMQ5K74BXYCHDDFS2EPAF
	//
	// max_payload: 1052672
	// accounts {
	//   "XAU" {
	//     users [ { nkey: "UAGTTTSW4WVQGIWW5PIRSC35PALE5KVXAA447OBMTCDW4UVHE3LDHXUX", permissions { publish {
	//       allow: [ "concord.1f2e3d4c5b6a7988.*.fetch", "concord.1f2e3d4c5b6a7988.*.cache", "concord.1f2e3d4c5b6a7988.XAU.acts", "concord.1f2e3d4c5b6a7988.XAU.heads", "concord.1f2e3d4c5b6a7988.XAU.kept.>", "_R_.>", "$JS.concord.API.INFO", "$JS.concord.API.STREAM.CREATE.concord-1f2e3d4c5b6a7988-XAU", "$JS.concord.API.STREAM.DELETE.concord-1f2e3d4c5b6a7988-XAU", "$JS.concord.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XAU", "$JS.API.INFO", "$JS.API.STREAM.CREATE.concord-1f2e3d4c5b6a7988-XAU", "$JS.API.STREAM.DELETE.concord-1f2e3d4c5b6a7988-XAU", "$JS.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XAU" ]
	//       deny: [ "concord.1f2e3d4c5b6a7988.XAU.fetch" ]
	//     } } } ]
	//     limits { max_connections: 4, max_leafnodes: 4, max_subscriptions: 72, max_payload: 1048576 }
	//     jetstream { max_memory: 0, max_file: 71303168, max_streams: 1, max_consumers: 1, max_bytes_required: true }
	//     exports [
	//       { stream: "concord.1f2e3d4c5b6a7988.XAU.acts" }
	//       { stream: "concord.1f2e3d4c5b6a7988.XAU.heads" }
	//       { service: "concord.1f2e3d4c5b6a7988.XAU.fetch.XBO", response_threshold: "10s" }
	//       { service: "$JS.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XAU", response_threshold: "10s" }
	//     ]
	//     imports [
	//       { stream: { account: "XBO", subject: "concord.1f2e3d4c5b6a7988.XBO.acts" } }
	//       { stream: { account: "XBO", subject: "concord.1f2e3d4c5b6a7988.XBO.heads" } }
	//       { service: { account: "XBO", subject: "concord.1f2e3d4c5b6a7988.XBO.fetch.XAU" }, to: "concord.1f2e3d4c5b6a7988.XBO.fetch" }
	//       { service: { account: "XBO", subject: "$JS.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XBO" }, to: "concord.1f2e3d4c5b6a7988.XBO.cache" }
	//     ]
	//   }
	//   "XBO" {
	//     users [ { nkey: "UBR4YRGV46ZDB2OBSPIWU4TZR65FUG34XSFIMQ5K74BXYCHDDFS2EPAF", permissions { publish {
	//       allow: [ "concord.1f2e3d4c5b6a7988.*.fetch", "concord.1f2e3d4c5b6a7988.*.cache", "concord.1f2e3d4c5b6a7988.XBO.acts", "concord.1f2e3d4c5b6a7988.XBO.heads", "concord.1f2e3d4c5b6a7988.XBO.kept.>", "_R_.>", "$JS.concord.API.INFO", "$JS.concord.API.STREAM.CREATE.concord-1f2e3d4c5b6a7988-XBO", "$JS.concord.API.STREAM.DELETE.concord-1f2e3d4c5b6a7988-XBO", "$JS.concord.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XBO", "$JS.API.INFO", "$JS.API.STREAM.CREATE.concord-1f2e3d4c5b6a7988-XBO", "$JS.API.STREAM.DELETE.concord-1f2e3d4c5b6a7988-XBO", "$JS.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XBO" ]
	//       deny: [ "concord.1f2e3d4c5b6a7988.XBO.fetch" ]
	//     } } } ]
	//     limits { max_connections: 4, max_leafnodes: 4, max_subscriptions: 72, max_payload: 1048576 }
	//     jetstream { max_memory: 0, max_file: 71303168, max_streams: 1, max_consumers: 1, max_bytes_required: true }
	//     exports [
	//       { stream: "concord.1f2e3d4c5b6a7988.XBO.acts" }
	//       { stream: "concord.1f2e3d4c5b6a7988.XBO.heads" }
	//       { service: "concord.1f2e3d4c5b6a7988.XBO.fetch.XAU", response_threshold: "10s" }
	//       { service: "$JS.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XBO", response_threshold: "10s" }
	//     ]
	//     imports [
	//       { stream: { account: "XAU", subject: "concord.1f2e3d4c5b6a7988.XAU.acts" } }
	//       { stream: { account: "XAU", subject: "concord.1f2e3d4c5b6a7988.XAU.heads" } }
	//       { service: { account: "XAU", subject: "concord.1f2e3d4c5b6a7988.XAU.fetch.XBO" }, to: "concord.1f2e3d4c5b6a7988.XAU.fetch" }
	//       { service: { account: "XAU", subject: "$JS.API.DIRECT.GET.concord-1f2e3d4c5b6a7988-XAU" }, to: "concord.1f2e3d4c5b6a7988.XAU.cache" }
	//     ]
	//   }
	// }
}
