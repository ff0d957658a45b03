//go:build tools

// Package tools names the program that go.mod is for.
package tools

import _ "github.com/kubernetes-sigs/cri-tools/cmd/crictl"
