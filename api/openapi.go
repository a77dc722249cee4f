package api

import (
	_ "embed"
	"net/http"
)

// openAPIDocument describes every route under /api/v1 (OpenAPI 3.1). It is kept by
// hand; the tests hold it against the routes and against what they answer.
//
//go:embed openapi.json
var openAPIDocument []byte

func (s *server) openAPI(w http.ResponseWriter, _ *http.Request) error {
	return write(w, http.StatusOK, "application/json", openAPIDocument)
}
