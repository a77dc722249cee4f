package negotiation

import (
	"embed"
	"fmt"
)

//go:embed templates/*.toml
var templates embed.FS

//go:embed templates/demo.md
var demoText string

// CharterTemplate returns a charter in which keys are still empty: "cica", with
// the 28 members of CICA and notes on every field, for a chair to fill in, or
// "demo", of four states that do not exist. There is no other name.
func CharterTemplate(name string) ([]byte, error) {
	raw, err := templates.ReadFile("templates/" + name + ".toml")
	if err != nil {
		return nil, fmt.Errorf("charter template: there is none called %q, only cica and demo", clip(name))
	}
	return raw, nil
}

// DemoText returns a statement for the charter template "demo" to be negotiated
// by, in canonical form.
func DemoText() []byte { return []byte(demoText) }
